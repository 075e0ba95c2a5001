package dev.kindling.train;

import dev.kindling.tensor.Heap;
import dev.kindling.tensor.HeapException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The vectors that training holds at once, each as long as the model's flat vector, counted before
 * the first of them is taken. What comes on top, activations and rows, is not counted: that depends
 * on the batch. Immutable.
 *
 * @param length elements of a vector
 * @param parts what the vectors are for
 */
public record VectorMemory(long length, List<Part> parts) {

  /**
   * Vectors of one kind.
   *
   * @param what they hold, for messages
   * @param vectors how many
   */
  public record Part(String what, int vectors) {
    @Override
    public String toString() {
      return what + " " + vectors;
    }
  }

  /** Copies the list. */
  public VectorMemory {
    parts = List.copyOf(parts);
  }

  /** No vector yet. */
  public static VectorMemory of(FlatLayout layout) {
    return new VectorMemory(layout.length(), List.of());
  }

  /** These and some more. */
  public VectorMemory with(String what, int vectors) {
    List<Part> more = new ArrayList<>(parts);
    more.add(new Part(what, vectors));
    return new VectorMemory(length, more);
  }

  /** How many there are. */
  public int vectors() {
    return parts.stream().mapToInt(Part::vectors).sum();
  }

  /** What they take together. */
  public long bytes() {
    return Float.BYTES * length * vectors();
  }

  /**
   * Checks that they fit the heap together.
   *
   * @throws HeapException naming how many there are and of what, what they need, what the heap has
   *     and what to do
   */
  public void require() {
    String kinds =
        parts.stream()
            .filter(part -> part.vectors > 0)
            .map(Part::toString)
            .collect(Collectors.joining(", "));
    Heap.require(
        "a model of %d elements in %d vectors of that length (%s)"
            .formatted(length, vectors(), kinds),
        bytes());
  }
}
