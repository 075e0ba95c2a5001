package dev.kindling.spark.cli;

import dev.kindling.ps.Secret;
import dev.kindling.ps.checkpoint.CheckpointStores;
import dev.kindling.ps.server.StandaloneServer;
import dev.kindling.ps.server.StatusServer;
import dev.kindling.spark.config.ConfigException;
import dev.kindling.spark.config.TlsConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Holds the parameters of runs whose drivers ask for it, outside of Spark, until TERM or Ctrl-C.
 */
@Command(
    name = "server",
    mixinStandardHelpOptions = true,
    description = "Serves parameters outside of Spark, for runs with servers.placement: external.")
final class ServerCommand implements Callable<Integer> {
  private static final long STOP_SECONDS = 90;

  private final CountDownLatch asked = new CountDownLatch(1);
  private final CountDownLatch stopped = new CountDownLatch(1);

  @Option(
      names = "--port",
      defaultValue = "7420",
      description = "Port for workers and drivers; 0 for any free one. Default: ${DEFAULT-VALUE}.")
  private int port;

  @Option(
      names = "--host",
      defaultValue = "0.0.0.0",
      description = "Local address to listen on; ${DEFAULT-VALUE}.")
  private String host;

  @Option(
      names = "--shards",
      paramLabel = "N",
      description = "Threads that receive, add and apply; as many as processors by default.")
  private Integer shards;

  @Option(names = "--secret-file", paramLabel = "FILE", description = "Holds the secret.")
  private Path secretFile;

  @Option(
      names = "--secret-env",
      paramLabel = "VARIABLE",
      description = "The environment variable that holds the secret, instead of a file.")
  private String secretVariable;

  @Option(
      names = "--checkpoint-dir",
      paramLabel = "DIR",
      description = "Checkpoints go there, a folder a run; without it there are none.")
  private Path checkpoints;

  @Option(
      names = "--http-port",
      defaultValue = "0",
      description = "Port for /health and /metrics; any free one by default.")
  private int httpPort;

  @Option(
      names = "--http-host",
      defaultValue = "127.0.0.1",
      description = "Local address for /health and /metrics; ${DEFAULT-VALUE}.")
  private String httpHost;

  @Option(
      names = "--tls-certificates",
      paramLabel = "PEM",
      description = "TLS 1.3 with this certificate, followed by those that signed it.")
  private Path certificates;

  @Option(names = "--tls-key", paramLabel = "PEM", description = "Its private key, PKCS #8.")
  private Path key;

  @Option(
      names = "--tls-key-store",
      paramLabel = "FILE",
      description = "Certificate and key in a JKS or PKCS #12 file instead.")
  private Path keyStore;

  @Option(
      names = "--tls-password-file",
      paramLabel = "FILE",
      description = "Holds the key store's password.")
  private Path passwordFile;

  @Option(names = "--verbose", description = "Shows the stack trace of an error.")
  private boolean isVerbose;

  @Override
  public Integer call() throws IOException, InterruptedException {
    try (StandaloneServer server =
            new StandaloneServer(
                secret(),
                host,
                port,
                shards == null ? Runtime.getRuntime().availableProcessors() : shards,
                tls().server().orElse(null),
                Optional.ofNullable(checkpoints).map(CheckpointStores::below));
        StatusServer status = new StatusServer(server, httpHost, httpPort)) {
      Runtime.getRuntime().addShutdownHook(new Thread(this::signalled, "kindling-stop"));
      System.out.printf(
          "serving parameters on %s:%d, health and metrics on http://%s:%d%n",
          host, server.port(), httpHost, status.port());
      asked.await();
    }
    System.out.println("stopped");
    stopped.countDown();
    return ExitCode.DONE;
  }

  /**
   * TERM or Ctrl-C: holds the end of the JVM until everything is kept. A JVM that ends by a signal
   * would not return 0 by itself.
   */
  private void signalled() {
    asked.countDown();
    try {
      boolean isClean = stopped.await(STOP_SECONDS, TimeUnit.SECONDS);
      Runtime.getRuntime().halt(isClean ? ExitCode.DONE : ExitCode.FAILED);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Secret secret() throws IOException {
    if (secretFile != null) {
      return Secret.fromFile(secretFile);
    }
    if (secretVariable != null) {
      return Secret.fromEnvironment(System.getenv(), secretVariable);
    }
    throw new ConfigException(
        "no secret: give --secret-file FILE (e.g. from: openssl rand -hex 32), or --secret-env"
            + " VARIABLE");
  }

  private TlsConfig tls() {
    if (passwordFile != null && keyStore == null) {
      throw new ConfigException(
          "--tls-password-file without --tls-key-store, whose password it holds; give both for TLS,"
              + " or neither");
    }
    return new TlsConfig(
        Optional.ofNullable(certificates),
        Optional.ofNullable(key),
        Optional.ofNullable(keyStore),
        Optional.empty(),
        Optional.empty(),
        Optional.ofNullable(passwordFile));
  }
}
