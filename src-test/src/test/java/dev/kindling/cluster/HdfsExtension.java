package dev.kindling.cluster;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** One {@link Hdfs} for all tests that ask for it. */
final class HdfsExtension implements BeforeAllCallback {
  private Hdfs hdfs;

  /** The running file system. */
  Hdfs get() {
    return hdfs;
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    hdfs = Shared.of(context, Hdfs.class.getName(), HdfsExtension::start, Hdfs.class);
  }

  private static Hdfs start(String key) throws Exception {
    Path parent = Files.createDirectories(Path.of("target", "clusters").toAbsolutePath());
    return new Hdfs(Files.createTempDirectory(parent, "hdfs"));
  }
}
