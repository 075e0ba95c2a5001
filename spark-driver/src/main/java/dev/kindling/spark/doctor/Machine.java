package dev.kindling.spark.doctor;

import dev.kindling.kernel.Kernels;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.hadoop.util.VersionInfo;
import org.apache.spark.SparkBuildInfo;

/** This process and the machine under it. Starts nothing. */
public final class Machine {
  /** What a run of the examples needs, with room to spare. */
  private static final long ENOUGH_BYTES = 1L << 30;

  private final Map<String, String> environment;

  /**
   * The machine as this process sees it.
   *
   * @param environment the process's environment variables
   */
  public Machine(Map<String, String> environment) {
    this.environment = Map.copyOf(environment);
  }

  /** Looks at everything, in the order in which it would get in the way. */
  public List<Finding> look() {
    return List.of(
        java(), libraries(), kernels(), heap(), scratch(), hostName(), loopback(), hadoop());
  }

  private static Finding java() {
    return Finding.ok(
        "Java",
        "%s, %s, %s %s, %d cores"
            .formatted(
                Runtime.version(),
                System.getProperty("java.vendor"),
                System.getProperty("os.name"),
                System.getProperty("os.arch"),
                Runtime.getRuntime().availableProcessors()));
  }

  private static Finding libraries() {
    return Finding.ok(
        "Libraries",
        "Spark %s, Hadoop %s".formatted(SparkBuildInfo.spark_version(), VersionInfo.getVersion()));
  }

  private static Finding kernels() {
    Kernels best = Kernels.best();
    return best == Kernels.scalar()
        ? Finding.warn(
            "Kernels",
            best.name(),
            "start the JVM with --add-modules=jdk.incubator.vector and without"
                + " -Dkindling.kernels=scalar for several times the speed")
        : Finding.ok("Kernels", best.name());
  }

  private static Finding heap() {
    long bytes = Runtime.getRuntime().maxMemory();
    String found = size(bytes);
    return bytes < ENOUGH_BYTES
        ? Finding.warn("Heap", found, "give more with KINDLING_HEAP=2g, or --driver-memory 2g")
        : Finding.ok("Heap", found);
  }

  private Finding scratch() {
    Path folder = scratchFolder();
    try {
      Path file = Files.createTempFile(folder, "kindling", null);
      Files.delete(file);
      long free = Files.getFileStore(folder).getUsableSpace();
      String found = "%s, %s free".formatted(folder, size(free));
      return free < ENOUGH_BYTES
          ? Finding.warn("Local disk", found, "make room, or point SPARK_LOCAL_DIRS elsewhere")
          : Finding.ok("Local disk", found);
    } catch (IOException e) {
      return Finding.fail(
          "Local disk",
          "%s cannot be written (%s)".formatted(folder, e),
          "point SPARK_LOCAL_DIRS at a folder that can");
    }
  }

  private Path scratchFolder() {
    String folders =
        environment.getOrDefault("SPARK_LOCAL_DIRS", System.getProperty("java.io.tmpdir"));
    return Path.of(folders.split(",", 2)[0]);
  }

  private static Finding hostName() {
    try {
      InetAddress here = InetAddress.getLocalHost();
      return Finding.ok("Host name", "%s is %s".formatted(here.getHostName(), address(here)));
    } catch (IOException e) {
      return Finding.warn(
          "Host name",
          "cannot be resolved (%s)".formatted(e.getMessage()),
          "local[N] works; for a cluster add it to /etc/hosts or set SPARK_LOCAL_IP");
    }
  }

  private static String address(InetAddress host) {
    return host.getHostAddress() + (host.isLoopbackAddress() ? " (loopback only)" : "");
  }

  private static Finding loopback() {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Socket client = new Socket(server.getInetAddress(), server.getLocalPort());
        Socket accepted = server.accept()) {
      return Finding.ok("Sockets", "a port was opened on " + accepted.getLocalAddress());
    } catch (IOException e) {
      return Finding.fail(
          "Sockets",
          "no connection on the loopback (%s)".formatted(e),
          "let this process open ports: Spark and the parameter server need them");
    }
  }

  private Finding hadoop() {
    String folder = environment.get("HADOOP_CONF_DIR");
    if (folder == null) {
      return Finding.ok("Hadoop", "HADOOP_CONF_DIR is not set: paths are local by default");
    }
    return Files.isRegularFile(Path.of(folder, "core-site.xml"))
        ? Finding.ok("Hadoop", "core-site.xml in " + folder)
        : Finding.warn(
            "Hadoop",
            "HADOOP_CONF_DIR is %s, which has no core-site.xml".formatted(folder),
            "point it at the cluster's configuration, or unset it");
  }

  static String size(long bytes) {
    return String.format(Locale.ROOT, "%.1f GiB", (double) bytes / (1 << 30));
  }
}
