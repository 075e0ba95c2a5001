package dev.kindling.cluster;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/**
 * One {@link StandaloneCluster} for all tests of a class. When a test fails, the logs of every
 * process are printed; they stay below {@code target/clusters}.
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
  private StandaloneCluster cluster;

  ClusterExtension(int workers, int cores) {
    this(workers, cores, Map.of());
  }

  ClusterExtension(int workers, int cores, Map<String, String> conf) {
    this.workers = workers;
    this.cores = cores;
    this.conf = conf;
  }

  /** The running cluster. */
  StandaloneCluster get() {
    return cluster;
  }

  @Override
  public void beforeAll(ExtensionContext context) throws Exception {
    Path parent = Files.createDirectories(Path.of("target", "clusters").toAbsolutePath());
    Path folder = Files.createTempDirectory(parent, context.getRequiredTestClass().getSimpleName());
    cluster = StandaloneCluster.start(Distribution.built(), folder, workers, cores, conf);
  }

  @Override
  public void afterAll(ExtensionContext context) {
    if (cluster != null) {
      cluster.close();
    }
  }

  @Override
  public void handleTestExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    System.err.println("Logs of the cluster, as " + context.getDisplayName() + " failed:");
    System.err.println(cluster.logs());
    throw failure;
  }
}
