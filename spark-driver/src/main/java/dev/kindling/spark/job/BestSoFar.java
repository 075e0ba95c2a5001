package dev.kindling.spark.job;

import dev.kindling.ps.checkpoint.CheckpointException;
import dev.kindling.ps.checkpoint.CheckpointStore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import java.util.zip.CRC32C;

/**
 * What the driver knows of the evaluations of a run: the state of its early stopping after each
 * evaluation, and the parameters of the best one where they are wanted. Goes into every checkpoint,
 * as the file {@code early-stopping} beside it:
 *
 * <pre>f64 best | i64 step of the best | i32 bad epochs | i32 n | f32[n] parameters | i64 CRC32C
 * </pre>
 *
 * big-endian; the checksum is over all before it. Thread-safe.
 */
final class BestSoFar {
  private static final String FILE = "/early-stopping";

  private final EarlyStopping rule;

  /** By the version that was evaluated; a checkpoint may be written long after its step. */
  private final TreeMap<Long, Entry> entries = new TreeMap<>();

  private LongConsumer keeper = version -> {};

  private record Entry(EarlyStopping.State state, float[] values) {}

  BestSoFar(EarlyStopping rule) {
    this.rule = rule;
    entries.put(-1L, new Entry(rule.start(), new float[0]));
  }

  /** A version has been evaluated, perhaps a second time; returns the state then. */
  synchronized EarlyStopping.State evaluated(
      long version, TestSums test, Supplier<float[]> values) {
    if (!rule.isOn()) {
      return rule.start();
    }
    Entry before = entries.lowerEntry(version).getValue();
    EarlyStopping.State state = rule.next(before.state, version, test);
    boolean isBest = rule.restoreBest() && state.bestStep() == version;
    entries.put(version, new Entry(state, isBest ? values.get() : before.values));
    keeper.accept(version);
    return state;
  }

  /** Told of each version that has been evaluated, once it is seen here. */
  synchronized void keepBy(LongConsumer other) {
    keeper = other;
  }

  /** The state after the evaluations of all versions before this one. */
  synchronized EarlyStopping.State before(long version) {
    return entries.lowerEntry(version).getValue().state;
  }

  /**
   * What the run gives: the best parameters where they are wanted, else the last ones. Those are
   * asked for in any case: a server elsewhere tells of every evaluation before it answers, but the
   * workers do not wait until that is heard here.
   */
  float[] result(Supplier<float[]> last) {
    float[] newest = last.get();
    synchronized (this) {
      float[] best = entries.lastEntry().getValue().values;
      return rule.restoreBest() && best.length > 0 ? best : newest;
    }
  }

  /** Writes what belongs to a checkpoint, before it is committed. */
  void write(CheckpointStore store, long version) throws IOException {
    if (rule.isOn()) {
      byte[] bytes = encode(entryOf(version));
      store.write("step-" + version + FILE, out -> out.write(bytes));
    }
  }

  /** Writes the state after the evaluation of a version into a folder of its own. */
  void writeEvaluated(CheckpointStore store, String folder, long version) throws IOException {
    byte[] bytes = encode(entryAt(version));
    store.write(folder + FILE, out -> out.write(bytes));
  }

  /** Older ones are needed no more: checkpoints are written in their order. */
  private synchronized Entry entryOf(long version) {
    Map.Entry<Long, Entry> found = entries.lowerEntry(version);
    entries.headMap(found.getKey()).clear();
    return found.getValue();
  }

  /** The one before stays: workers that are started again may evaluate this version once more. */
  private synchronized Entry entryAt(long version) {
    entries.headMap(entries.lowerKey(version)).clear();
    return entries.get(version);
  }

  private static byte[] encode(Entry entry) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeDouble(entry.state.best());
    out.writeLong(entry.state.bestStep());
    out.writeInt(entry.state.bad());
    out.writeInt(entry.values.length);
    for (float value : entry.values) {
      out.writeFloat(value);
    }
    out.writeLong(checksum(bytes.toByteArray(), bytes.size()));
    return bytes.toByteArray();
  }

  private static long checksum(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, length);
    return crc.getValue();
  }

  /**
   * Goes on from a checkpoint.
   *
   * @throws CheckpointException naming the file, if it is missing or damaged
   */
  synchronized void read(CheckpointStore store, long version) throws IOException {
    if (rule.isOn() && version > 0) {
      readFrom(store, "step-" + version);
    }
  }

  /**
   * Whether a run could go on from what belongs to a checkpoint.
   *
   * @throws CheckpointException naming the file, if it is missing or damaged
   */
  void verify(CheckpointStore store, long version) throws IOException {
    if (rule.isOn() && version > 0) {
      entryIn(store, "step-" + version);
    }
  }

  /**
   * Goes on from what a folder holds.
   *
   * @throws CheckpointException naming the file, if it is missing or damaged
   */
  synchronized void readFrom(CheckpointStore store, String folder) throws IOException {
    Entry entry = entryIn(store, folder);
    entries.clear();
    entries.put(-1L, entry);
  }

  private static Entry entryIn(CheckpointStore store, String folder) throws IOException {
    String path = folder + FILE;
    if (!store.list(folder).contains(FILE.substring(1))) {
      throw new CheckpointException(
          path + " is missing: the checkpoint is of a run without early stopping");
    }
    try (InputStream in = store.open(path)) {
      return decode(in.readAllBytes(), path);
    }
  }

  private static Entry decode(byte[] bytes, String path) throws IOException {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
    int body = bytes.length - Long.BYTES;
    if (body < 0 || checksum(bytes, body) != stored(bytes, body)) {
      throw new CheckpointException(
          "%s: %d bytes whose checksum is wrong: the file is damaged"
              .formatted(path, bytes.length));
    }
    EarlyStopping.State state =
        new EarlyStopping.State(in.readDouble(), in.readLong(), in.readInt());
    float[] values = new float[in.readInt()];
    for (int i = 0; i < values.length; i++) {
      values[i] = in.readFloat();
    }
    return new Entry(state, values);
  }

  private static long stored(byte[] bytes, int at) throws IOException {
    return new DataInputStream(new ByteArrayInputStream(bytes, at, Long.BYTES)).readLong();
  }
}
