package dev.kindling.spark.metrics;

import dev.kindling.io.Safetensors;
import dev.kindling.io.StoredTensor;
import dev.kindling.train.FlatLayout;
import dev.kindling.train.FlatLayout.Slot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a finished run leaves: {@code model.safetensors} and {@code summary.json}.
 *
 * @param layout what stands where
 * @param values the trained vector
 */
public record RunSummary(FlatLayout layout, float[] values) {

  /** Writes the parameters under PyTorch's names. */
  public void writeModel(RunDirectory directory) {
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    for (Slot slot : layout.slots()) {
      if (slot.kind() != FlatLayout.Kind.METRIC) {
        int offset = Math.toIntExact(slot.offset());
        tensors.put(slot.name(), StoredTensor.of(values, offset, slot.length(), slot.shape()));
      }
    }
    try {
      Safetensors.write(directory.model(), tensors);
    } catch (IOException e) {
      throw new UncheckedIOException(
          directory.model() + " cannot be written: " + e.getMessage(), e);
    }
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
    summary.put("parameters", layout.parameters());
    summary.put("parameters_sha256", sha256());
    directory.write(directory.summary(), MetricsFile.json(summary) + "\n");
  }

  /** SHA-256 over the float32 little-endian bytes of all parameters, in the order of the model. */
  public String sha256() {
    MessageDigest digest = sha256Digest();
    for (Slot slot : layout.parameterSlots()) {
      ByteBuffer bytes =
          ByteBuffer.allocate(slot.length() * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asFloatBuffer().put(values, Math.toIntExact(slot.offset()), slot.length());
      digest.update(bytes);
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
