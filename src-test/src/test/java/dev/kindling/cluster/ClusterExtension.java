package dev.kindling.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/**
 * One {@link StandaloneCluster} for all tests of a class, or of all classes that share one. When a
 * test fails, the logs of every process are printed; they stay below {@code target/clusters}.
 *
 * <pre>{@code
 * @RegisterExtension static final ClusterExtension cluster = new ClusterExtension(2, 1);
 * }</pre>
 */
final class ClusterExtension
    implements BeforeAllCallback, AfterAllCallback, TestExecutionExceptionHandler {
  private final int workers;
  private final int cores;
  private final Map<String, String> conf;
  private final boolean isShared;
  private StandaloneCluster cluster;

  ClusterExtension(int workers, int cores) {
    this(workers, cores, Map.of());
  }

  ClusterExtension(int workers, int cores, Map<String, String> conf) {
    this(workers, cores, conf, false);
  }

  private ClusterExtension(int workers, int cores, Map<String, String> conf, boolean isShared) {
    this.workers = workers;
    this.cores = cores;
    this.conf = conf;
    this.isShared = isShared;
  }

  /** The cluster of this size that other classes use too: they leave it as it was. */
  static ClusterExtension shared(int workers, int cores) {
    return new ClusterExtension(workers, cores, Map.of(), true);
  }

  /** The running cluster. */
  StandaloneCluster get() {
    return cluster;
  }

  @Override
  public void beforeAll(ExtensionContext context) throws IOException {
    cluster =
        isShared
            ? Shared.of(
                context,
                "shared-%d-%d".formatted(workers, cores),
                this::start,
                StandaloneCluster.class)
            : start(context.getRequiredTestClass().getSimpleName());
  }

  private StandaloneCluster start(String name) throws IOException {
    Path parent = Files.createDirectories(Path.of("target", "clusters").toAbsolutePath());
    Path folder = Files.createTempDirectory(parent, name);
    return StandaloneCluster.start(Distribution.built(), folder, workers, cores, conf);
  }

  @Override
  public void afterAll(ExtensionContext context) {
    if (cluster == null) {
      return;
    }
    if (!isShared) {
      cluster.close();
    }
    assertThat(cluster.hasLeaked()).as("a buffer was lost: %s", cluster.logs()).isFalse();
  }

  @Override
  public void handleTestExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    System.err.println("Logs of the cluster, as " + context.getDisplayName() + " failed:");
    System.err.println(cluster.logs());
    throw failure;
  }
}
