package dev.kindling.nn;

import dev.kindling.kernel.Philox;
import dev.kindling.spec.Spec;
import dev.kindling.spec.SpecException;
import dev.kindling.tensor.Shape;
import java.util.List;

/**
 * Standard deviation {@code gain / sqrt(fan)}, uniform or normal around 0 (He et al., 2015), where
 * the gain keeps the variance through an activation: 1 for {@code linear} and {@code sigmoid}, 5/3
 * for {@code tanh}, {@code sqrt(2)} for {@code relu}, {@code sqrt(2 / (1 + slope^2))} for {@code
 * leaky_relu}.
 *
 * @param isUniform uniform, in +-sqrt(3) standard deviations, or normal
 * @param nonlinearity what follows the layer; {@code leaky_relu} unless written
 * @param slope of the leaky ReLU below 0; 0 unless written
 * @param isFanOut whether the fan is that of the outputs, which keeps the variance of gradients
 */
public record Kaiming(boolean isUniform, String nonlinearity, double slope, boolean isFanOut)
    implements Initializer {
  private static final List<String> NONLINEARITIES =
      List.of("linear", "sigmoid", "tanh", "relu", "leaky_relu");

  /** Checks the name. */
  public Kaiming {
    if (!NONLINEARITIES.contains(nonlinearity)) {
      throw SpecException.unknown("Kaiming", "nonlinearity", nonlinearity, NONLINEARITIES);
    }
  }

  /** For a layer before a ReLU, by its inputs. */
  public static Kaiming uniform() {
    return new Kaiming(true, "leaky_relu", 0, false);
  }

  /** For a layer before a ReLU, by its inputs. */
  public static Kaiming normal() {
    return new Kaiming(false, "leaky_relu", 0, false);
  }

  static Kaiming of(Spec spec, boolean isUniform) {
    spec.allow("nonlinearity", "slope", "mode");
    return new Kaiming(
        isUniform,
        spec.text("nonlinearity", "leaky_relu"),
        spec.number("slope", 0),
        spec.choice("mode", "fan_in", "fan_in", "fan_out").equals("fan_out"));
  }

  @Override
  public void fill(float[] array, int offset, Shape shape, Philox random) {
    of(shape).fill(array, offset, shape, random);
  }

  @Override
  public Elementwise of(Shape whole) {
    Fans fans = Fans.of(whole);
    return Xavier.around(isUniform, gain() / Math.sqrt(isFanOut ? fans.out() : fans.in()));
  }

  private double gain() {
    return switch (nonlinearity) {
      case "tanh" -> 5.0 / 3;
      case "relu" -> Math.sqrt(2);
      case "leaky_relu" -> Math.sqrt(2 / (1 + slope * slope));
      default -> 1;
    };
  }

  @Override
  public Spec toSpec() {
    return Spec.of(isUniform ? "KaimingUniform" : "KaimingNormal")
        .with("nonlinearity", nonlinearity, "leaky_relu")
        .with("slope", slope, 0.0)
        .with("mode", isFanOut ? "fan_out" : "fan_in", "fan_in");
  }
}
