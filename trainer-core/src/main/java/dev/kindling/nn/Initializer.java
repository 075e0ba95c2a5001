package dev.kindling.nn;

import dev.kindling.kernel.Philox;
import dev.kindling.tensor.Shape;
import java.io.Serializable;
import java.util.Arrays;

/** How a parameter's elements start. Immutable; the random numbers come from a counter. */
public sealed interface Initializer extends Serializable
    permits Initializer.Constant, Initializer.Uniform, Initializer.Normal {

  /** Fills {@code shape.elements()} elements from {@code offset} on. */
  void fill(float[] array, int offset, Shape shape, Philox random);

  /** Every element {@code value}. */
  record Constant(float value) implements Initializer {
    @Override
    public void fill(float[] array, int offset, Shape shape, Philox random) {
      Arrays.fill(array, offset, offset + shape.elements(), value);
    }
  }

  /** Uniform in [low, high). */
  record Uniform(float low, float high) implements Initializer {
    @Override
    public void fill(float[] array, int offset, Shape shape, Philox random) {
      random.fillUniform(array, offset, shape.elements(), low, high);
    }

    /** PyTorch's default of layers with {@code fanIn} inputs: +-1 / sqrt(fanIn). */
    public static Uniform ofFanIn(int fanIn) {
      float bound = (float) (1 / StrictMath.sqrt(fanIn));
      return new Uniform(-bound, bound);
    }
  }

  /** Normal with the given mean and standard deviation. */
  record Normal(float mean, float deviation) implements Initializer {
    @Override
    public void fill(float[] array, int offset, Shape shape, Philox random) {
      random.fillNormal(array, offset, shape.elements(), mean, deviation);
    }
  }
}
