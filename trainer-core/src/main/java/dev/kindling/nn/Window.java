package dev.kindling.nn;

import dev.kindling.autograd.ops.Axis;
import dev.kindling.spec.Spec;
import dev.kindling.spec.SpecException;
import java.io.Serializable;
import java.util.List;

/**
 * The window of a convolution or pooling: its size, how far it moves, what is put around the input,
 * and how far apart the inputs it reads stand. Each is one number for all dimensions or one for
 * each. Immutable.
 *
 * <pre>{@code
 * Window.of(5).padding(2)                     // 5x5, moves by 1, two zeros on each side
 * Window.of(3).stride(2).padding("same")
 * }</pre>
 *
 * @param kernel inputs that an output reads
 * @param stride how far apart windows start; 1 unless given
 * @param padding zeros before and after the input: numbers, or a word
 * @param dilation how far apart the inputs of a window stand; 1 unless given
 */
public record Window(
    List<Integer> kernel, List<Integer> stride, Padding padding, List<Integer> dilation)
    implements Serializable {
  private static final List<Integer> ONE = List.of(1);

  /**
   * Zeros around the input, by number or by word: {@code narrow} (none: windows lie inside), {@code
   * same} (as many outputs as inputs, at stride 1), {@code full} (every window that touches an
   * input).
   *
   * @param word the word, or null where there are numbers
   * @param amounts the numbers, empty where there is a word
   */
  public record Padding(String word, List<Integer> amounts) implements Serializable {
    private static final Padding NONE = new Padding(null, List.of(0));
    private static final List<String> WORDS = List.of("narrow", "same", "full");

    private static Padding of(String word) {
      if (!WORDS.contains(word)) {
        throw SpecException.unknown("window", "padding", word, WORDS);
      }
      return new Padding(word, List.of());
    }

    private static Padding read(Spec spec) {
      if (!spec.has("padding")) {
        return NONE;
      }
      return spec.arguments().get("padding") instanceof String word
          ? of(word)
          : new Padding(null, spec.integers("padding"));
    }

    private Object written() {
      return word != null ? word : Window.written(amounts);
    }

    /** Zeros before and after a dimension together, and before it. */
    private int[] around(int dimension, int span) {
      if (word == null) {
        int amount = at(amounts, dimension);
        return new int[] {2 * amount, amount};
      }
      int both = word.equals("full") ? 2 * (span - 1) : word.equals("same") ? span - 1 : 0;
      return new int[] {both, both / 2};
    }
  }

  /** A window of so many inputs in every dimension, or a number for each. */
  public static Window of(Integer... kernel) {
    return new Window(List.of(kernel), ONE, Padding.NONE, ONE);
  }

  /** This, moving by so much. */
  public Window stride(Integer... stride) {
    return new Window(kernel, List.of(stride), padding, dilation);
  }

  /** This, with so many zeros on either side. */
  public Window padding(Integer... amounts) {
    return new Window(kernel, stride, new Padding(null, List.of(amounts)), dilation);
  }

  /** This, padded {@code narrow}, {@code same} or {@code full}. */
  public Window padding(String word) {
    return new Window(kernel, stride, Padding.of(word), dilation);
  }

  /** This, reading inputs so far apart. */
  public Window dilation(Integer... dilation) {
    return new Window(kernel, stride, padding, List.of(dilation));
  }

  /** Reads {@code kernel}, {@code stride}, {@code padding} and {@code dilation}. */
  static Window read(Spec spec) {
    return read(spec, ONE);
  }

  /** The same, with another default stride. */
  static Window read(Spec spec, List<Integer> defaultStride) {
    return new Window(
        spec.integers("kernel"),
        spec.has("stride") ? spec.integers("stride") : defaultStride,
        Padding.read(spec),
        spec.has("dilation") ? spec.integers("dilation") : ONE);
  }

  /** Adds the arguments that are not their defaults. */
  Spec write(Spec spec, List<Integer> defaultStride) {
    return spec.with("kernel", written(kernel), null)
        .with("stride", written(stride), written(defaultStride))
        .with("padding", padding.written(), 0)
        .with("dilation", written(dilation), 1);
  }

  private static Object written(List<Integer> numbers) {
    return numbers.size() == 1 ? (Object) numbers.get(0) : numbers;
  }

  /** How the window slides along a dimension of the image. */
  Axis axis(int dimension) {
    Axis bare =
        new Axis(at(kernel, dimension), at(stride, dimension), 0, 0, at(dilation, dimension));
    int[] zeros = padding.around(dimension, bare.span());
    return new Axis(bare.kernel(), bare.stride(), zeros[1], zeros[0] - zeros[1], bare.dilation());
  }

  /** Inputs that a window reads, over so many dimensions. */
  int size(int dimensions) {
    int size = 1;
    for (int d = 0; d < dimensions; d++) {
      size *= at(kernel, d);
    }
    return size;
  }

  private static int at(List<Integer> numbers, int dimension) {
    return numbers.size() == 1 ? numbers.get(0) : numbers.get(dimension);
  }
}
