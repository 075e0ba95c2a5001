package dev.kindling.nn;

import dev.kindling.kernel.Philox;
import dev.kindling.spec.Spec;
import dev.kindling.spec.SpecException;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.ShapeException;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;

/** How a parameter's elements start. Immutable; the random numbers come from a counter. */
public sealed interface Initializer extends Serializable
    permits Initializer.Elementwise, Xavier, Kaiming, Orthogonal, Sparse {

  /** The types that can be written. */
  List<String> TYPES =
      List.of(
          "Zeros",
          "Ones",
          "Constant",
          "Uniform",
          "Normal",
          "XavierUniform",
          "XavierNormal",
          "KaimingUniform",
          "KaimingNormal",
          "Orthogonal",
          "Sparse");

  /** One in which no element depends on another, so that any row of a matrix can be drawn alone. */
  sealed interface Elementwise extends Initializer permits Constant, Uniform, Normal {
    /** Words of the generator that each element takes. */
    int words();

    @Override
    default Elementwise of(Shape whole) {
      return this;
    }
  }

  /**
   * This for one parameter, where no element depends on another.
   *
   * @throws ShapeException where they do
   */
  default Elementwise of(Shape whole) {
    throw new ShapeException(
        "%s makes elements of %s that depend on each other, and the rows of a table are drawn one by one; start it as Normal"
            .formatted(toSpec(), whole));
  }

  /** Fills {@code shape.elements()} elements from {@code offset} on. */
  void fill(float[] array, int offset, Shape shape, Philox random);

  /** The written form, read back by {@link #of(Spec)}. */
  Spec toSpec();

  /**
   * Reads an initialiser from its written form.
   *
   * @throws SpecException naming an unknown type or argument and the nearest known one
   */
  static Initializer of(Spec spec) {
    return switch (spec.type()) {
      case "Zeros" -> constant(spec, 0);
      case "Ones" -> constant(spec, 1);
      case "Constant" -> Constant.of(spec);
      case "Uniform" -> Uniform.of(spec);
      case "Normal" -> Normal.of(spec);
      case "XavierUniform" -> Xavier.of(spec, true);
      case "XavierNormal" -> Xavier.of(spec, false);
      case "KaimingUniform" -> Kaiming.of(spec, true);
      case "KaimingNormal" -> Kaiming.of(spec, false);
      case "Orthogonal" -> Orthogonal.of(spec);
      case "Sparse" -> Sparse.of(spec);
      default -> throw SpecException.unknown("init", "initialiser", spec.type(), TYPES);
    };
  }

  private static Initializer constant(Spec spec, float value) {
    spec.allow();
    return new Constant(value);
  }

  /** Every element {@code value}. */
  record Constant(float value) implements Elementwise {
    static Constant of(Spec spec) {
      return new Constant((float) spec.allow("value").number("value"));
    }

    @Override
    public int words() {
      return 0;
    }

    @Override
    public void fill(float[] array, int offset, Shape shape, Philox random) {
      Arrays.fill(array, offset, offset + shape.elements(), value);
    }

    @Override
    public Spec toSpec() {
      return Spec.of("Constant", "value", (double) value);
    }
  }

  /** Uniform in [low, high); [0, 1) unless written. */
  record Uniform(float low, float high) implements Elementwise {
    static Uniform of(Spec spec) {
      spec.allow("low", "high");
      return new Uniform((float) spec.number("low", 0), (float) spec.number("high", 1));
    }

    @Override
    public int words() {
      return 1;
    }

    @Override
    public void fill(float[] array, int offset, Shape shape, Philox random) {
      random.fillUniform(array, offset, shape.elements(), low, high);
    }

    /** PyTorch's default of layers with {@code fanIn} inputs: +-1 / sqrt(fanIn). */
    public static Uniform ofFanIn(int fanIn) {
      float bound = (float) (1 / StrictMath.sqrt(fanIn));
      return new Uniform(-bound, bound);
    }

    @Override
    public Spec toSpec() {
      return Spec.of("Uniform", "low", (double) low, "high", (double) high);
    }
  }

  /** Normal with the given mean and standard deviation; 0 and 1 unless written. */
  record Normal(float mean, float deviation) implements Elementwise {
    static Normal of(Spec spec) {
      spec.allow("mean", "std");
      return new Normal((float) spec.number("mean", 0), (float) spec.number("std", 1));
    }

    @Override
    public int words() {
      return 2;
    }

    @Override
    public void fill(float[] array, int offset, Shape shape, Philox random) {
      random.fillNormal(array, offset, shape.elements(), mean, deviation);
    }

    @Override
    public Spec toSpec() {
      return Spec.of("Normal", "mean", (double) mean, "std", (double) deviation);
    }
  }
}
