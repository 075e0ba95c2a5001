package dev.kindling.train;

import dev.kindling.data.Slice;
import dev.kindling.optim.ExponentialLR;
import dev.kindling.optim.Optimizer;
import dev.kindling.optim.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * The learning rate range test (Smith, 2017): trains from the start while the rate grows at every
 * step, until the loss diverges.
 *
 * <pre>
 * rate(i)      from * (to / from)^(i / (steps - 1))
 * smoothed(i)  mean of the batches' losses so far, the weight falling by 0.9 a step
 * suggestion   the rate where smoothed falls most steeply over log(rate), to its least value so far
 * ends         after all steps, or where smoothed exceeds 4 times its least value so far
 * </pre>
 *
 * <p>The schedule of the configuration and its rate are left aside; the rates of parameter groups
 * keep their proportions. Immutable.
 *
 * @param from first rate, above 0
 * @param to last rate, above {@code from}
 * @param steps at least 3
 */
public record RangeTest(double from, double to, int steps) {
  private static final double DECAY = 0.9;
  private static final double DIVERGED = 4;

  /** The smoothed loss of the first tenth of the steps is the mean of too few batches. */
  private static final int UNSTEADY = 10;

  /**
   * One step.
   *
   * @param lr its learning rate
   * @param loss mean loss of its batch, before the update
   * @param smoothed over the steps so far
   */
  public record Point(double lr, double loss, double smoothed) {}

  /**
   * What a test has shown.
   *
   * @param points its steps; their losses are finite
   * @param diverged whether it ended before the last rate
   */
  public record Result(List<Point> points, boolean diverged) {
    /** Copies the list. */
    public Result {
      points = List.copyOf(points);
    }

    /** The rate of the steepest fall; empty where the loss never fell. */
    public OptionalDouble suggestion() {
      int begin = Math.max(1, points.size() / UNSTEADY);
      double steepest = 0;
      double least = Double.POSITIVE_INFINITY; // a fall back from a leap is no progress
      OptionalDouble lr = OptionalDouble.empty();
      for (int i = 0; i < points.size() - 1; i++) {
        double next = points.get(i + 1).smoothed;
        least = Math.min(least, points.get(i).smoothed);
        double slope = i < begin ? 0 : next - points.get(i - 1).smoothed;
        if (slope < steepest && next < least) {
          steepest = slope;
          lr = OptionalDouble.of(points.get(i).lr);
        }
      }
      return lr;
    }
  }

  /** Checks the range. */
  public RangeTest {
    if (!(from > 0 && to > from && Double.isFinite(to)) || steps < 3) {
      throw new IllegalArgumentException(
          "range test: from %s to %s in %d steps; the rates must rise from above 0, in 3 steps at least"
              .formatted(from, to, steps));
    }
  }

  /** Trains on the rows of every replica. */
  public Result run(TrainingConfig config, List<Slice> slices) {
    LocalTrainer trainer = new LocalTrainer(rising(config), slices, List.of());
    long rows = slices.stream().mapToLong(Slice::size).sum();
    long stepsPerEpoch = config.stepsPerEpoch(rows);
    List<Point> points = new ArrayList<>();
    double sum = 0;
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < steps; i++) {
      double loss = loss(trainer, i % stepsPerEpoch == 0);
      sum = DECAY * sum + (1 - DECAY) * loss;
      double smoothed = sum / (1 - StrictMath.pow(DECAY, i + 1));
      if (!(smoothed <= DIVERGED * least)) {
        requireAny(points, loss);
        return new Result(points, true);
      }
      least = Math.min(least, Math.abs(smoothed));
      points.add(new Point(lr(i), loss, smoothed));
    }
    return new Result(points, false);
  }

  private static void requireAny(List<Point> points, double loss) {
    if (points.isEmpty()) {
      throw new IllegalArgumentException(
          "range test: the loss of the first batch is %s, before any update; look at the data and the layers"
              .formatted(loss));
    }
  }

  private double lr(int step) {
    return from * StrictMath.pow(to / from, step / (steps - 1.0));
  }

  private TrainingConfig rising(TrainingConfig config) {
    double gamma = StrictMath.pow(to / from, 1 / (steps - 1.0));
    return new TrainingConfig(
        config.model(),
        config.loss(),
        Optimizer.of(config.optimizer().toSpec().with("lr", from, null)),
        new ExponentialLR(gamma, Span.steps(1)),
        config.batchSize(),
        config.epochs(),
        config.replicas(),
        config.seed(),
        config.transforms(),
        config.detectAnomaly(),
        config.wire());
  }

  /** Takes a step; the epoch's sums grow by its batch, or begin with it. */
  private static double loss(LocalTrainer trainer, boolean beginsEpoch) {
    MetricSums before = beginsEpoch ? new MetricSums(0, 0, 0) : trainer.trainMetrics();
    trainer.step();
    MetricSums after = trainer.trainMetrics();
    return (after.lossSum() - before.lossSum()) / (after.count() - before.count());
  }
}
