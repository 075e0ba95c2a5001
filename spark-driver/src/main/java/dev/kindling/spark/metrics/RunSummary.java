package dev.kindling.spark.metrics;

import dev.kindling.io.AtomicFile;
import dev.kindling.io.FloatBytes;
import dev.kindling.train.FlatLayout.Slot;
import dev.kindling.train.FlatParameters;
import dev.kindling.train.StoredModel;
import dev.kindling.train.table.TrainedTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a finished run leaves: {@code model.safetensors} and {@code summary.json}.
 *
 * @param trained the network with its parameters
 */
public record RunSummary(StoredModel trained) {

  /** Writes the parameters under PyTorch's names. */
  public void writeModel(RunDirectory directory) {
    try {
      AtomicFile.write(directory.model(), trained::write);
    } catch (IOException e) {
      throw new UncheckedIOException(
          directory.model() + " cannot be written: " + e.getMessage(), e);
    }
  }

  /** Number of elements that training moves. */
  public long parameters() {
    return trained.model().parameterCount();
  }

  /** Writes the figures of the last epoch, and the times of all. */
  public void writeSummary(RunDirectory directory, MetricsFile metrics) {
    List<Map<String, Object>> epochs = metrics.epochs();
    Map<String, Object> last = epochs.get(epochs.size() - 1);
    double seconds = 0;
    double samples = 0;
    for (Map<String, Object> epoch : epochs) {
      double ofEpoch = MetricsFile.number(epoch, "train_seconds");
      seconds += ofEpoch;
      samples += ofEpoch * MetricsFile.number(epoch, "samples_per_second");
    }
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("test_accuracy", last.get("test_accuracy"));
    summary.put("test_loss", last.get("test_loss"));
    summary.put("epochs", last.get("epoch"));
    summary.put("steps", last.get("step"));
    summary.put("train_seconds", seconds);
    summary.put("samples_per_second", samples / seconds);
    summary.put("parameters", parameters());
    summary.put("parameters_sha256", sha256());
    directory.write(directory.summary(), MetricsFile.json(summary) + "\n");
  }

  /**
   * SHA-256 over the little-endian bytes of all parameters in float32, in the order of the model;
   * then of each row-sparse table the keys of its changed rows in 64 bits, and these rows.
   */
  public String sha256() {
    MessageDigest digest = sha256Digest();
    for (Slot slot : FlatParameters.layoutOf(trained.model()).parameterSlots()) {
      int offset = Math.toIntExact(slot.offset());
      FloatBytes.forEachChunk(
          FloatBuffer.wrap(trained.values(), offset, slot.length()), digest::update);
    }
    for (TrainedTable table : trained.tables()) {
      ByteBuffer key = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      for (long each : table.changed().keys()) {
        digest.update(key.putLong(0, each).rewind());
      }
      FloatBytes.forEachChunk(FloatBuffer.wrap(table.changed().values()), digest::update);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256Digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
