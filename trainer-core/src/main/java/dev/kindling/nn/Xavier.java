package dev.kindling.nn;

import dev.kindling.kernel.Philox;
import dev.kindling.spec.Spec;
import dev.kindling.tensor.Shape;

/**
 * Standard deviation {@code gain * sqrt(2 / (fan in + fan out))}, uniform or normal around 0
 * (Glorot and Bengio, 2010).
 *
 * @param isUniform uniform, in +-sqrt(3) standard deviations, or normal
 * @param gain 1 unless written
 */
public record Xavier(boolean isUniform, double gain) implements Initializer {
  private static final double SPREAD = Math.sqrt(3);

  static Xavier of(Spec spec, boolean isUniform) {
    return new Xavier(isUniform, spec.allow("gain").number("gain", 1));
  }

  @Override
  public void fill(float[] array, int offset, Shape shape, Philox random) {
    of(shape).fill(array, offset, shape, random);
  }

  @Override
  public Elementwise of(Shape whole) {
    Fans fans = Fans.of(whole);
    return around(isUniform, gain * Math.sqrt(2.0 / (fans.in() + fans.out())));
  }

  /** Elements of the given standard deviation around 0. */
  static Elementwise around(boolean isUniform, double deviation) {
    float bound = (float) (SPREAD * deviation);
    return isUniform ? new Uniform(-bound, bound) : new Normal(0, (float) deviation);
  }

  @Override
  public Spec toSpec() {
    return Spec.of(isUniform ? "XavierUniform" : "XavierNormal").with("gain", gain, 1.0);
  }
}
