package dev.kindling.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run leaves for TensorBoard, read record by record. */
class TensorBoardRunTest {
  @TempDir Path folder;

  private List<String> events(String run) throws IOException {
    List<String> events = new ArrayList<>();
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(folder.resolve(run), "events.out.tfevents.*")) {
      for (Path file : files) {
        ByteBuffer all = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        while (all.hasRemaining()) {
          byte[] event = new byte[(int) all.getLong()];
          all.getInt();
          all.get(event);
          all.getInt();
          events.add(new String(event, StandardCharsets.ISO_8859_1));
        }
      }
    }
    return events;
  }

  @Test
  void hyperparametersComeFirstThenScalarsAndHistogramsOfEachEpoch() throws IOException {
    CommandLineRun runs = CommandLineRun.prepare(folder);
    CommandLineRun.Result result =
        runs.train(
            "run",
            "--set",
            "train.epochs=2",
            "--set",
            "train.histograms=true",
            "--set",
            "train.evaluate_every_steps=8");
    assertThat(result.errors()).isEmpty();
    List<String> events = events("run");
    assertThat(events.get(0)).contains("brain.Event:2");
    assertThat(events.get(1)).contains("_hparams_/experiment", "optimizer.lr", "batch_size");
    assertThat(events.get(2)).contains("_hparams_/session_start_info", "Adam");
    List<String> parameters = List.of("1.weight", "1.bias", "3.weight", "3.bias");
    for (String parameter : parameters) {
      assertThat(events).filteredOn(e -> e.contains("weights/" + parameter)).hasSize(2);
      assertThat(events).filteredOn(e -> e.contains("gradients/" + parameter)).hasSize(2);
    }
    assertThat(events).filteredOn(e -> e.contains("loss/train")).hasSize(3); // and what it is for
    assertThat(events).filteredOn(e -> e.contains("metrics/f1_macro")).hasSize(4);
    assertThat(events).filteredOn(e -> e.contains("f1/9")).hasSize(4);
    assertThat(events.get(events.size() - 1)).contains("_hparams_/session_end_info");
  }
}
