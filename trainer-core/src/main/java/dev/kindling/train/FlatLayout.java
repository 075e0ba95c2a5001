package dev.kindling.train;

import dev.kindling.tensor.Heap;
import dev.kindling.tensor.HeapException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * Where everything that travels stands in the one flat vector: first the parameters in the order of
 * the model, then the running statistics, last the metrics of the epoch.
 *
 * <p>Immutable.
 *
 * @param slots the named ranges, without gaps, from offset zero
 */
public record FlatLayout(List<Slot> slots) implements Serializable {

  /** The metrics at the end of every vector: {@code loss_sum, correct, count}. */
  public static final String METRICS = "metrics";

  /** What happens to a range when the sum over all replicas is complete. */
  public enum Kind {
    /** A parameter: the optimizer's rule. */
    PARAMETER,
    /** A running statistic: moves toward the mean of the replicas' values. */
    STATISTIC,
    /** A sum over the epoch: added up, and started again at its first step. */
    METRIC
  }

  /**
   * One named range.
   *
   * @param name PyTorch's name, e.g. {@code 1.weight}
   * @param shape the tensor's sizes
   * @param offset of its first element in the vector
   * @param length number of elements
   * @param kind which rule applies
   * @param momentum weight of the newest value in a running statistic; 0 for what is none
   */
  public record Slot(
      String name, List<Integer> shape, long offset, int length, Kind kind, float momentum)
      implements Serializable {
    /** One past the last element. */
    public long end() {
      return offset + length;
    }
  }

  /** Checks that the slots stand without gaps. */
  public FlatLayout {
    slots = List.copyOf(slots);
    long at = 0;
    for (Slot slot : slots) {
      if (slot.offset() != at) {
        throw new IllegalArgumentException(
            "layout: %s starts at %d; the slot before it ends at %d"
                .formatted(slot.name(), slot.offset(), at));
      }
      at = slot.end();
    }
  }

  /** Number of elements of the whole vector. */
  public long length() {
    return slots.isEmpty() ? 0 : slots.get(slots.size() - 1).end();
  }

  /**
   * A new vector of zeros.
   *
   * @throws HeapException where it fits no array, or not the heap; before memory is taken
   */
  public float[] vector() {
    long length = length();
    if (length > Heap.LONGEST) {
      throw new HeapException(
          "a model of %d elements: one vector holds all of them, %d at most; make its layers smaller"
              .formatted(length, Heap.LONGEST));
    }
    Heap.require("a model's vector of %d elements".formatted(length), length * Float.BYTES);
    return new float[(int) length];
  }

  /** Number of elements that are parameters. */
  public long parameters() {
    return slots.stream().filter(s -> s.kind() == Kind.PARAMETER).mapToLong(Slot::length).sum();
  }

  /** The slots that are parameters, in the order of the model. */
  public List<Slot> parameterSlots() {
    return slots(Kind.PARAMETER);
  }

  /** The slots of one kind, in order. */
  public List<Slot> slots(Kind kind) {
    return slots.stream().filter(s -> s.kind() == kind).toList();
  }

  /** The place of the epoch's metrics. */
  public long metricsOffset() {
    return length() - MetricSums.LENGTH;
  }

  /** Collects slots one after the other. */
  public static final class Builder {
    private final List<Slot> slots = new ArrayList<>();
    private long length;

    /** Appends a parameter or the metrics. */
    public Builder add(String name, List<Integer> shape, Kind kind) {
      return add(name, shape, kind, 0);
    }

    /** Appends a running statistic. */
    public Builder addStatistic(String name, List<Integer> shape, float momentum) {
      return add(name, shape, Kind.STATISTIC, momentum);
    }

    private Builder add(String name, List<Integer> shape, Kind kind, float momentum) {
      int size = shape.stream().reduce(1, Math::multiplyExact);
      slots.add(new Slot(name, List.copyOf(shape), length, size, kind, momentum));
      length += size;
      return this;
    }

    /** Appends the metrics and ends the layout. */
    public FlatLayout build() {
      add(METRICS, List.of(MetricSums.LENGTH), Kind.METRIC);
      return new FlatLayout(slots);
    }
  }
}
