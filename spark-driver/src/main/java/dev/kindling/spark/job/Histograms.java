package dev.kindling.spark.job;

import dev.kindling.train.Buckets;
import dev.kindling.train.FlatLayout;
import dev.kindling.train.FlatLayout.Slot;
import dev.kindling.train.GradientSink;
import dev.kindling.train.ValueHistogram;
import dev.kindling.train.table.SparseRows;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A histogram for each parameter of a model, of its values or of its gradients. Each node of the
 * replica tree that a worker sends counts for itself: with one worker the gradients are those of
 * the step, with more those of the workers' shares of the batch. Not thread-safe.
 */
final class Histograms {
  private final List<Slot> slots;
  private final Buckets buckets;
  private final ValueHistogram[] each;

  /** Of nothing. */
  Histograms(FlatLayout layout) {
    slots = layout.parameterSlots();
    buckets = Buckets.of(layout.length());
    each = new ValueHistogram[slots.size()];
    clear();
  }

  /** From added numbers. */
  Histograms(FlatLayout layout, double[] numbers) {
    this(layout);
    int length = ValueHistogram.LENGTH;
    Arrays.setAll(
        each, i -> new ValueHistogram(Arrays.copyOfRange(numbers, i * length, (i + 1) * length)));
  }

  /** Numbers that travel for a model. */
  static int length(FlatLayout layout) {
    return layout.parameterSlots().size() * ValueHistogram.LENGTH;
  }

  /** Begins anew. */
  void clear() {
    Arrays.setAll(each, i -> new ValueHistogram());
  }

  /** Counts a range of the flat vector, from {@code from} to before {@code to}. */
  void add(float[] vector, long from, long to, double scale) {
    for (int i = 0; i < each.length; i++) {
      Slot slot = slots.get(i);
      long first = Math.max(from, slot.offset());
      long end = Math.min(to, slot.end());
      if (first < end) {
        each[i].add(vector, Math.toIntExact(first), Math.toIntExact(end - first), scale);
      }
    }
  }

  /** Counts the gradients on their way to a sink. */
  GradientSink before(GradientSink sink) {
    return new Counting(sink);
  }

  /** Rows of tables pass uncounted. */
  private final class Counting implements GradientSink {
    private final GradientSink sink;

    Counting(GradientSink sink) {
      this.sink = sink;
    }

    @Override
    public void push(long step, int bucket, int lo, int hi, float[] sums, double weight) {
      if (weight > 0) {
        add(sums, buckets.from(bucket), buckets.to(bucket), 1 / weight);
      }
      sink.push(step, bucket, lo, hi, sums, weight);
    }

    @Override
    public void pullRows(long version, int table, long[] keys, float[] into) {
      sink.pullRows(version, table, keys, into);
    }

    @Override
    public void pushRows(long step, int table, int lo, int hi, SparseRows sums, double weight) {
      sink.pushRows(step, table, lo, hi, sums, weight);
    }
  }

  /** What travels. */
  double[] numbers() {
    return Arrays.stream(each)
        .flatMapToDouble(histogram -> Arrays.stream(histogram.numbers()))
        .toArray();
  }

  /** By the parameters' names; those of nothing are left out. */
  Map<String, ValueHistogram> byName() {
    Map<String, ValueHistogram> named = new LinkedHashMap<>();
    for (int i = 0; i < each.length; i++) {
      if (each[i].count() > 0) {
        named.put(slots.get(i).name(), each[i]);
      }
    }
    return named;
  }
}
