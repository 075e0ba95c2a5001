package dev.kindling.nn;

import dev.kindling.autograd.ops.Standardize;
import dev.kindling.spec.Spec;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.ShapeException;
import dev.kindling.tensor.Tensor;
import java.util.Arrays;

/**
 * {@code y = (x - mean) / sqrt(variance + eps) * weight + bias}, mean and variance over each of
 * {@code groups} groups of neighbouring channels of each sample (Wu and He, 2018). Shapes [n, c,
 * ...] -> the same; {@code weight} [c] starts at 1, {@code bias} [c] at 0, {@code eps} is 1e-5
 * unless given.
 */
public final class GroupNorm extends Module {
  private static final long serialVersionUID = 1L;
  private static final double EPS = 1e-5;

  private final int groups;
  private final int channels;
  private final double eps;
  private final Affine affine;

  /** With eps 1e-5, weight and bias. */
  public GroupNorm(int groups, int channels) {
    this(groups, channels, EPS, true);
  }

  /** With or without weight and bias. */
  public GroupNorm(int groups, int channels, double eps, boolean isAffine) {
    if (groups < 1 || channels % groups != 0) {
      throw new IllegalArgumentException(
          "GroupNorm: %d channels cannot be cut into %d groups".formatted(channels, groups));
    }
    this.groups = groups;
    this.channels = channels;
    this.eps = eps;
    affine = isAffine ? new Affine(Shape.of(channels)) : null;
    if (isAffine) {
      register("weight", affine.weight());
      register("bias", affine.bias());
    }
  }

  static GroupNorm of(Spec spec) {
    spec.allow("groups", "channels", "eps", "affine");
    return new GroupNorm(
        spec.integer("groups"),
        spec.integer("channels"),
        spec.number("eps", EPS),
        spec.flag("affine", true));
  }

  @Override
  public Tensor forward(Tensor x) {
    if (x.shape().rank() < 2 || x.size(1) != channels) {
      throw new ShapeException(
          "%s: input %s does not have the %d channels as its second size; change channels, or permute"
              .formatted(toSpec(), x.shape(), channels));
    }
    Tensor y = Standardize.rows(x, x.shape().elements() / (x.size(0) * groups), eps);
    return affine == null ? y : affine.of(y, perChannel(x.shape().rank()));
  }

  private Shape perChannel(int rank) {
    int[] sizes = new int[rank - 1];
    Arrays.fill(sizes, 1);
    sizes[0] = channels;
    return Shape.of(sizes);
  }

  @Override
  protected Spec describe() {
    return Spec.of("GroupNorm", "groups", groups, "channels", channels)
        .with("eps", eps, EPS)
        .with("affine", affine != null, true);
  }
}
