package dev.kindling.spark.checkpoint;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.ps.checkpoint.CheckpointStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a store promises, on a local disk and on a table of mounts. */
class HadoopCheckpointStoreTest {
  @TempDir Path folder;

  private CheckpointStore store(String scheme) throws IOException {
    Configuration configuration = new Configuration();
    configuration.set(
        "fs.viewfs.mounttable.disks.link./first", folder.resolve("disk").toUri().toString());
    Files.createDirectories(folder.resolve("disk"));
    String root =
        scheme.equals("viewfs") ? "viewfs://disks/first/runs" : folder.resolve("runs").toUri() + "";
    return new HadoopCheckpointStore(root, configuration);
  }

  private static String text(CheckpointStore store, String path) throws IOException {
    try (InputStream in = store.open(path)) {
      return new String(in.readAllBytes(), UTF_8);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"file", "viewfs"})
  void whatIsWrittenIsThereWholeAndMayBeReplaced(String scheme) throws IOException {
    CheckpointStore store = store(scheme);
    assertThat(store.list("")).isEmpty();
    store.write("step-1/a", out -> out.write("first".getBytes(UTF_8)));
    store.write("step-1/a", out -> out.write("second".getBytes(UTF_8)));
    store.write("step-1/b", out -> out.write(new byte[100]));
    assertThat(store.list("step-1")).containsExactlyInAnyOrder("a", "b");
    assertThat(text(store, "step-1/a")).isEqualTo("second");
    assertThat(store.size("step-1/b")).isEqualTo(100);
    store.delete("step-1");
    assertThat(store.list("step-1")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"file", "viewfs"})
  void aWriteThatFailsLeavesWhatWasThere(String scheme) throws IOException {
    CheckpointStore store = store(scheme);
    store.write("kept", out -> out.write("before".getBytes(UTF_8)));
    assertThatThrownBy(
            () ->
                store.write(
                    "kept",
                    out -> {
                      out.write("half".getBytes(UTF_8));
                      throw new IOException("no space is left");
                    }))
        .hasMessage("no space is left");
    assertThat(text(store, "kept")).isEqualTo("before");
    assertThat(store.list("")).containsExactly("kept");
  }
}
