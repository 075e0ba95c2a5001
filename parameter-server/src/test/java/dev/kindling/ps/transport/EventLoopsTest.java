package dev.kindling.ps.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.epoll.Epoll;
import java.io.File;
import java.lang.reflect.Method;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class EventLoopsTest {
  /** Its library for both is among the dependencies of the tests. */
  @Test
  @EnabledOnOs(
      value = OS.LINUX,
      architectures = {"amd64", "aarch64"})
  void linuxHasEpoll() {
    assertThat(EventLoops.best()).as("%s", Epoll.unavailabilityCause()).isEqualTo(EventLoops.EPOLL);
  }

  @Test
  void withoutANativeLibraryItIsNio() throws Exception {
    assertThat(bestWithout("netty-transport-native-.*")).isEqualTo("NIO");
  }

  @Test
  void withoutTheClassesOfNativeTransportsItIsNio() throws Exception {
    assertThat(bestWithout("netty-transport-(native|classes)-.*")).isEqualTo("NIO");
  }

  /** What a class path like this one, but for some jars, has to offer. */
  private static String bestWithout(String jars) throws Exception {
    try (URLClassLoader other =
        new URLClassLoader(urlsWithout(jars), ClassLoader.getPlatformClassLoader())) {
      Method best = other.loadClass(EventLoops.class.getName()).getDeclaredMethod("best");
      best.setAccessible(true);
      return best.invoke(null).toString();
    }
  }

  private static URL[] urlsWithout(String jars) throws MalformedURLException {
    List<URL> urls = new ArrayList<>();
    int left = 0;
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      Path path = Path.of(entry);
      if (path.getFileName().toString().matches(jars)) {
        left++;
      } else {
        urls.add(path.toUri().toURL());
      }
    }
    assertThat(left).as("jars of the class path named " + jars).isPositive();
    return urls.toArray(URL[]::new);
  }
}
