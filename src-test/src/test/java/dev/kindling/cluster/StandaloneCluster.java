package dev.kindling.cluster;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * A real Spark standalone cluster on loopback: a Master, Workers and what is submitted, each in a
 * JVM of its own, started from the distribution; the Workers start the executors. Ports are chosen
 * by the system. Every process dies with this one ({@link Leash}), executors with their Worker.
 */
final class StandaloneCluster implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(60);

  /** A Master or Worker starts sooner than code could be optimised that runs once. */
  private static final List<String> DAEMON =
      List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

  private static final String PARANOID = "-Dio.netty.leakDetection.level=paranoid";
  private static final List<String> DRIVER = List.of("-Xmx512m", "-XX:+UseSerialGC", PARANOID);

  /** A report that a buffer was lost on whose way is a class of ours. */
  private static final Pattern LEAK =
      Pattern.compile("LEAK: (?:(?!LEAK: )[\\s\\S])*?\n\tdev\\.kindling\\.");

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Distribution distribution;
  private final Path folder;
  private final Path leash;
  private final List<JvmProcess> processes = new ArrayList<>();
  private final List<JvmProcess> workers = new ArrayList<>();
  private final JvmProcess master;
  private final String masterUrl;
  private final URI state;

  private StandaloneCluster(
      Distribution distribution, Path folder, int workerCount, int cores, Map<String, String> conf)
      throws IOException {
    this.distribution = distribution;
    this.folder = folder;
    this.leash = ClassesJar.write(folder.resolve("leash.jar"), Leash.class);
    writeConfiguration(conf);
    this.master = startMaster();
    this.masterUrl = master.awaitLog("Starting Spark master at (spark://\\S+)", START);
    this.state = URI.create(master.awaitLog("started at (http://\\S+)", START) + "/json/");
    for (int i = 0; i < workerCount; i++) {
      workers.add(startWorker(i, cores));
    }
    workers.forEach(worker -> worker.awaitLog("Successfully registered with (master) ", START));
  }

  /**
   * Starts a cluster and waits until every Worker is registered.
   *
   * @param distribution the SPARK_HOME and the JDK
   * @param folder for logs, work directories and configuration; must exist
   * @param workers the number of Workers
   * @param cores of each Worker
   * @param conf Spark settings for Master, Workers and all that is submitted
   */
  static StandaloneCluster start(
      Distribution distribution, Path folder, int workers, int cores, Map<String, String> conf) {
    try {
      return new StandaloneCluster(distribution, folder, workers, cores, conf);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot prepare a cluster in " + folder, e);
    }
  }

  private void writeConfiguration(Map<String, String> conf) throws IOException {
    Files.createDirectories(configuration());
    Properties all = new Properties();
    all.putAll(
        Map.of(
            "spark.ui.enabled",
            "false",
            "spark.executor.memory",
            "512m",
            "spark.executor.extraJavaOptions",
            PARANOID));
    all.putAll(conf);
    try (var out = Files.newBufferedWriter(properties())) {
      all.store(out, null);
    }
    try (InputStream quiet = StandaloneCluster.class.getResourceAsStream("log4j2.xml")) {
      Files.copy(quiet, configuration().resolve("log4j2.xml"));
    }
  }

  private JvmProcess startMaster() {
    return launch(
        "master",
        DAEMON,
        "org.apache.spark.deploy.master.Master",
        List.of(
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--webui-port",
            "0",
            "--properties-file",
            properties().toString()));
  }

  private JvmProcess startWorker(int number, int cores) {
    return launch(
        "worker-" + number,
        DAEMON,
        "org.apache.spark.deploy.worker.Worker",
        List.of(
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--webui-port",
            "0",
            "--cores",
            String.valueOf(cores),
            "--memory",
            "2g",
            "--work-dir",
            folder.resolve("work-" + number).toString(),
            "--properties-file",
            properties().toString(),
            masterUrl));
  }

  /** Submits the application in client mode: its driver is the returned process. */
  JvmProcess submit(Application application) {
    List<String> arguments = new ArrayList<>(List.of("--properties-file", properties().toString()));
    arguments.addAll(application.submitArguments(masterUrl));
    return launch(
        "submit-" + processes.size(), DRIVER, "org.apache.spark.deploy.SparkSubmit", arguments);
  }

  private JvmProcess launch(
      String name, List<String> options, String mainClass, List<String> arguments) {
    List<String> command =
        Stream.concat(
                distribution.java(options, configuration(), leash),
                Stream.concat(Stream.of(Leash.class.getName(), mainClass), arguments.stream()))
            .toList();
    JvmProcess process =
        JvmProcess.start(name, command, environment(), folder.resolve(name + ".log"));
    processes.add(process);
    return process;
  }

  private Map<String, String> environment() {
    return Map.of(
        "SPARK_HOME", distribution.home().toString(),
        "SPARK_SCALA_VERSION", "2.13",
        "SPARK_CONF_DIR", configuration().toString(),
        "SPARK_LOCAL_IP", "127.0.0.1",
        "JAVA_HOME", distribution.javaHome().toString());
  }

  /** The {@code spark://} address of the Master. */
  String masterUrl() {
    return masterUrl;
  }

  /** The running executors of a Worker. */
  List<ProcessHandle> executorsOf(int worker) {
    return workers.get(worker).handle().children().filter(ProcessHandle::isAlive).toList();
  }

  /** The running executors of all Workers. */
  List<ProcessHandle> executors() {
    return workers.stream()
        .flatMap(worker -> worker.handle().children())
        .filter(ProcessHandle::isAlive)
        .toList();
  }

  /** {@code kill -9} of an executor; returns when the process is gone. */
  static void kill(ProcessHandle executor) {
    executor.destroyForcibly();
    executor.onExit().join();
  }

  /** {@code kill -9} of a Worker; its executors follow by themselves. */
  void killWorker(int worker) {
    workers.get(worker).kill();
  }

  /** Starts one more Worker, waits until it is registered and returns its number. */
  int addWorker(int cores) {
    JvmProcess worker = startWorker(workers.size(), cores);
    workers.add(worker);
    worker.awaitLog("Successfully registered with (master) ", START);
    return workers.size() - 1;
  }

  /** Waits until the Master counts so many Workers alive. */
  void awaitWorkers(int count) {
    await("the Master to count " + count + " workers")
        .atMost(START)
        .until(() -> state().path("aliveworkers").asInt() == count);
  }

  private JsonNode state() throws IOException {
    try (InputStream page = state.toURL().openStream()) {
      return JSON.readTree(page);
    }
  }

  /** The names of the applications that the Master knows as running. */
  List<String> runningApplications() throws IOException {
    JsonNode applications = state().path("activeapps");
    return StreamSupport.stream(applications.spliterator(), false)
        .map(application -> application.path("name").asText())
        .toList();
  }

  /** The logs of all processes, executors included, each below its name. */
  String logs() {
    try (Stream<Path> files = Files.walk(folder)) {
      StringBuilder all = new StringBuilder();
      for (Path file : files.filter(StandaloneCluster::isLog).sorted().toList()) {
        all.append("==== ")
            .append(folder.relativize(file))
            .append('\n')
            .append(Files.readString(file));
      }
      return all.toString();
    } catch (IOException e) {
      throw new UncheckedIOException("logs below " + folder, e);
    }
  }

  /** Whether a process has reported that a buffer of ours was lost. */
  boolean hasLeaked() {
    return LEAK.matcher(logs()).find();
  }

  private static boolean isLog(Path file) {
    String name = file.getFileName().toString();
    return name.endsWith(".log") || name.equals("stderr") || name.equals("stdout");
  }

  private Path configuration() {
    return folder.resolve("conf");
  }

  private Path properties() {
    return configuration().resolve("spark-defaults.conf");
  }

  /** Kills every process. */
  @Override
  public void close() {
    for (int i = processes.size() - 1; i >= 0; i--) {
      processes.get(i).close();
    }
  }
}
