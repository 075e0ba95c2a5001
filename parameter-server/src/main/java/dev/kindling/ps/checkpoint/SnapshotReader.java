package dev.kindling.ps.checkpoint;

import dev.kindling.io.Safetensors;
import dev.kindling.ps.RunSpec;
import dev.kindling.ps.shard.ShardShare;
import dev.kindling.train.Buckets;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Takes from a file that a process has written what belongs to the buckets of another, which may be
 * the same. What is read goes to its place at once: no memory but that of the share.
 */
final class SnapshotReader implements Safetensors.FloatVisitor {
  private final ShardShare writer;
  private final Snapshot into;
  private final Buckets buckets;
  private final String file;
  private final Map<String, Place> places = new HashMap<>();
  private double[] plateau = {};

  /** Where a tensor's values, or a piece's, belong. */
  private record Place(float[] vector, Piece piece) {}

  /** A file of one process, in the way that {@link Snapshot#tensors} writes it. */
  SnapshotReader(RunSpec run, ShardShare writer, Snapshot into, String file) {
    this.writer = writer;
    this.into = into;
    this.buckets = run.buckets();
    this.file = file;
    into.forEach(run, writer, (vector, name, piece) -> places.put(name, new Place(vector, piece)));
  }

  /** What the schedule had seen. */
  double[] plateau() {
    return plateau;
  }

  @Override
  public void header(Map<String, List<Integer>> shapes, Map<String, String> metadata)
      throws CheckpointException {
    checkWriter(metadata.getOrDefault(Snapshot.SHARE, ""));
    plateau = plateau(metadata.get(Snapshot.PLATEAU));
    for (Map.Entry<String, Place> place : places.entrySet()) {
      check(place.getKey(), place.getValue().piece.shape(), shapes.get(place.getKey()));
    }
  }

  private void checkWriter(String written) throws CheckpointException {
    if (!written.equals(Snapshot.name(writer))) {
      throw new CheckpointException(
          "%s holds %s of a run; %s is wanted: start as many processes as wrote it, in their order, or begin anew"
              .formatted(
                  file,
                  written.isEmpty() ? "all" : "share " + written,
                  writer.isAll() ? "all" : "share " + Snapshot.name(writer)));
    }
  }

  private double[] plateau(String words) throws CheckpointException {
    try {
      return words == null
          ? new double[0]
          : Arrays.stream(words.split(" ", -1)).mapToDouble(Double::parseDouble).toArray();
    } catch (NumberFormatException e) {
      throw new CheckpointException(
          "%s: '%s' is not what a schedule has seen; four numbers belong there"
              .formatted(file, words));
    }
  }

  private void check(String name, List<Integer> wanted, List<Integer> found)
      throws CheckpointException {
    if (!wanted.equals(found)) {
      throw new CheckpointException(
          "%s: tensor '%s' should have the shape %s and %s; is it a checkpoint of another model or optimizer?"
              .formatted(file, name, wanted, found == null ? "is missing" : "has " + found));
    }
  }

  @Override
  public void values(String tensor, int from, FloatBuffer values) {
    Place place = places.get(tensor);
    if (place != null) {
      put(place.vector, place.piece.from() + from, values);
    }
  }

  private void put(float[] vector, long from, FloatBuffer values) {
    long at = from;
    while (values.hasRemaining()) {
      int bucket = buckets.holding(at);
      int count = (int) Math.min(values.remaining(), buckets.to(bucket) - at);
      if (into.share().owns(bucket)) {
        int offset = into.share().offset(buckets, bucket) + (int) (at - buckets.from(bucket));
        values.get(vector, offset, count);
      } else {
        values.position(values.position() + count);
      }
      at += count;
    }
  }
}
