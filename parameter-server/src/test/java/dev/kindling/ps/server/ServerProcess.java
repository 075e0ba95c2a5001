package dev.kindling.ps.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.kindling.ps.Relay;
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

/** A standalone server in a JVM of its own, which can be killed and started again in its place. */
final class ServerProcess implements Machine {
  private static final String SECRET = "known to all of the processes";

  private final Path folder;
  private final List<String> options;
  private final Relay relay;
  private Process process;

  private ServerProcess(Path folder, List<String> options) throws IOException {
    this.folder = folder;
    this.options = options;
    relay = new Relay(run());
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
    return new ServerProcess(folder, List.of(options));
  }

  /** Starts the process; returns its port. */
  private int run() throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(option -> option.startsWith("--add-"))
        .forEach(command::add);
    command.addAll(options);
    command.add("-Dio.netty.leakDetection.level=paranoid");
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(ServerProcess.class.getName(), folder.toString()));
    Path log = folder.resolve("log.txt");
    Path port = folder.resolve("port");
    Files.deleteIfExists(port);
    process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    await().atMost(Duration.ofMinutes(2)).until(() -> Files.exists(port) || !process.isAlive());
    if (!process.isAlive()) {
      throw new IOException(Files.readString(log));
    }
    return Integer.parseInt(Files.readString(port));
  }

  @Override
  public Place place() {
    return place(relay.port());
  }

  /** Of a server in this JVM that holds the same secret. */
  static Place place(int port) {
    return new Place(new Address("127.0.0.1", port), secret(), null);
  }

  /** kill -9. */
  @Override
  public void kill() {
    process.destroyForcibly().onExit().join();
  }

  @Override
  public void startAgain() throws IOException {
    relay.turnTo(run());
  }

  @Override
  public void close() throws IOException {
    kill();
    relay.close();
    assertThat(folder.resolve("log.txt")).content().doesNotContain("LEAK: ");
  }
}
