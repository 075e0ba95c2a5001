package dev.kindling.ps.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.kindling.ps.Secret;
import dev.kindling.ps.ServerLocation.Address;
import dev.kindling.ps.checkpoint.CheckpointStores;
import dev.kindling.ps.server.RemoteServer.Place;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/** A standalone server in a JVM of its own. */
final class ServerProcess implements AutoCloseable {
  private static final String SECRET = "known to all of the processes";

  private final Process process;
  private final Path log;
  private final int port;

  private ServerProcess(Process process, Path log, int port) {
    this.process = process;
    this.log = log;
    this.port = port;
  }

  /** Serves until it is killed; writes its port to a file. */
  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]);
    StandaloneServer server =
        new StandaloneServer(
            secret(),
            "127.0.0.1",
            0,
            1,
            null,
            Optional.of(CheckpointStores.below(folder.resolve("checkpoints"))));
    Path written = folder.resolve("port.new");
    Files.writeString(written, Integer.toString(server.port()));
    Files.move(written, folder.resolve("port"));
    new CountDownLatch(1).await();
  }

  private static Secret secret() {
    return Secret.of(SECRET, "the test");
  }

  static ServerProcess start(Path folder) throws IOException {
    return start(folder, "-Xmx256m");
  }

  /** The same with a heap of its own, or again in the same folder. */
  static ServerProcess start(Path folder, String... options) throws IOException {
    Files.createDirectories(folder);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(option -> option.startsWith("--add-"))
        .forEach(command::add);
    command.addAll(List.of(options));
    command.add("-Dio.netty.leakDetection.level=paranoid");
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(ServerProcess.class.getName(), folder.toString()));
    Path log = folder.resolve("log.txt");
    Files.deleteIfExists(folder.resolve("port"));
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    Path port = folder.resolve("port");
    await().atMost(Duration.ofMinutes(2)).until(() -> Files.exists(port) || !process.isAlive());
    if (!process.isAlive()) {
      throw new IOException(Files.readString(log));
    }
    return new ServerProcess(process, log, Integer.parseInt(Files.readString(port)));
  }

  Place place() {
    return place(port);
  }

  /** Of a server in this JVM that holds the same secret. */
  static Place place(int port) {
    return new Place(new Address("127.0.0.1", port), secret(), null);
  }

  /** kill -9. */
  void kill() {
    process.destroyForcibly().onExit().join();
  }

  @Override
  public void close() {
    kill();
    assertThat(log).content().doesNotContain("LEAK: ");
  }
}
