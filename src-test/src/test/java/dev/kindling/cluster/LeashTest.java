package dev.kindling.cluster;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A leashed JVM does not outlive the one that started it. */
class LeashTest {
  @TempDir Path folder;

  @Test
  void killingTheStarterEndsTheLeashedProcess() {
    try (JvmProcess starter =
        JvmProcess.start("starter", java(Starter.class), Map.of(), folder.resolve("starter.log"))) {
      ProcessHandle leashed = process(starter.awaitLog("leashed (\\d+)\n", ofSeconds(60)));
      assertThat(leashed.isAlive()).isTrue();
      starter.kill();
      await("the end of the leashed process").atMost(ofSeconds(60)).until(() -> !leashed.isAlive());
    }
  }

  private static ProcessHandle process(String id) {
    return ProcessHandle.of(Long.parseLong(id)).orElseThrow();
  }

  private static List<String> java(Class<?> main, String... arguments) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-cp",
        Path.of(LeashTest.class.getProtectionDomain().getCodeSource().getLocation().getPath())
            .toString(),
        main.getName(),
        arguments.length > 0 ? arguments[0] : "");
  }

  /** Starts a leashed process, tells its number, and waits. */
  static final class Starter {
    public static void main(String[] args) throws IOException, InterruptedException {
      Process leashed =
          new ProcessBuilder(java(Leash.class, Waiter.class.getName()))
              .inheritIO()
              .redirectInput(ProcessBuilder.Redirect.PIPE)
              .start();
      System.out.println("leashed " + leashed.pid());
      new CountDownLatch(1).await();
    }
  }

  /** Waits for ever. */
  public static final class Waiter {
    public static void main(String[] args) throws InterruptedException {
      new CountDownLatch(1).await();
    }
  }
}
