package dev.kindling.nn;

import dev.kindling.autograd.ops.Standardize;
import dev.kindling.spec.Spec;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.ShapeException;
import dev.kindling.tensor.Tensor;
import java.util.Arrays;

/**
 * {@code y = (x - mean) / sqrt(variance + eps) * weight + bias} for each channel of [n, c, ...]
 * (Ioffe and Szegedy, 2015). In training mean and variance are those of the replica's share of the
 * batch, and {@code running_mean} and {@code running_var} (unbiased) move toward them; in
 * evaluation those are used. A channel with a single value in the share is normalised to the bias.
 *
 * <p>{@code weight} [c] starts at 1, {@code bias} [c] at 0, {@code eps} is 1e-5 and {@code
 * momentum} 0.1 unless given; {@code affine: false} leaves weight and bias out.
 */
public abstract sealed class BatchNorm extends Module permits BatchNorm1d, BatchNorm2d {
  private static final long serialVersionUID = 1L;

  /** Added to the variance unless given. */
  public static final double EPS = 1e-5;

  /** Weight of the newest batch in the running statistics unless given. */
  public static final double MOMENTUM = 0.1;

  private final int features;
  private final double eps;
  private final double momentum;
  private final Affine affine;
  private final RunningStatistic runningMean;
  private final RunningStatistic runningVar;

  BatchNorm(int features, double eps, double momentum, boolean isAffine) {
    this.features = features;
    this.eps = eps;
    this.momentum = momentum;
    affine = isAffine ? new Affine(Shape.of(features)) : null;
    if (isAffine) {
      register("weight", affine.weight());
      register("bias", affine.bias());
    }
    Shape shape = Shape.of(features);
    runningMean = register("running_mean", new RunningStatistic(shape, 0, (float) momentum));
    runningVar = register("running_var", new RunningStatistic(shape, 1, (float) momentum));
  }

  BatchNorm(Spec spec) {
    this(
        spec.allow("features", "eps", "momentum", "affine").integer("features"),
        spec.number("eps", EPS),
        spec.number("momentum", MOMENTUM),
        spec.flag("affine", true));
  }

  /** Whether inputs may have so many dimensions. */
  abstract boolean allows(int rank);

  @Override
  public final Tensor forward(Tensor x) {
    if (!allows(x.shape().rank()) || x.size(1) != features) {
      throw new ShapeException(
          "%s: input %s does not have the %d channels as its second size; %s"
              .formatted(toSpec(), x.shape(), features, mend(x.shape())));
    }
    Tensor y = isTraining() ? standardized(x) : withRunningStatistics(x);
    return affine == null ? y : affine.of(y, perChannel(x));
  }

  private String mend(Shape x) {
    if (allows(x.rank())) {
      return "set features to %d, or permute".formatted(x.size(1));
    }
    return switch (x.rank()) {
      case 2, 3 -> "use BatchNorm1d";
      case 4 -> "use BatchNorm2d";
      default -> "reshape it";
    };
  }

  private Tensor standardized(Tensor x) {
    Standardize.Channels batch = Standardize.channels(x, eps);
    int values = x.shape().elements() / features;
    double unbiased = values > 1 ? values / (values - 1.0) : 1;
    observe(runningMean, batch.mean());
    observe(runningVar, batch.variance().mul(unbiased));
    return batch.y();
  }

  private Tensor withRunningStatistics(Tensor x) {
    Shape perChannel = perChannel(x);
    Tensor mean = runningMean.tensor().reshape(perChannel.toArray());
    Tensor variance = runningVar.tensor().reshape(perChannel.toArray());
    return x.sub(mean).div(variance.add(eps).sqrt());
  }

  /** [1, c, 1, ...]. */
  private Shape perChannel(Tensor x) {
    int[] sizes = new int[x.shape().rank()];
    Arrays.fill(sizes, 1);
    sizes[1] = features;
    return Shape.of(sizes);
  }

  @Override
  protected final Spec describe() {
    return Spec.of(getClass().getSimpleName(), "features", features)
        .with("eps", eps, EPS)
        .with("momentum", momentum, MOMENTUM)
        .with("affine", affine != null, true);
  }
}
