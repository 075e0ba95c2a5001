package dev.kindling.train;

import dev.kindling.data.augment.Transform;
import dev.kindling.kernel.FloatFormat;
import dev.kindling.nn.Loss;
import dev.kindling.nn.Module;
import dev.kindling.optim.Optimizer;
import dev.kindling.optim.Schedule;
import dev.kindling.train.table.TableSpec;
import java.io.Serializable;
import java.util.List;

/**
 * What is trained and how: all that decides the bits of the result, beside the data. Where and by
 * how many workers it is computed does not belong here.
 *
 * @param model the network's description
 * @param loss of a sample
 * @param optimizer the update rule
 * @param schedule the learning rate of each step
 * @param batchSize samples of a step, over all replicas
 * @param epochs passes over the data
 * @param replicas logical replicas: fixed shares of every batch
 * @param seed of the initial parameters, the order of the samples and every random operation
 * @param transforms random changes of the training images, in order; none by default
 * @param detectAnomaly whether the result of every operation is checked for NaN and infinity, which
 *     takes about as long as computing it; the bits stay the same
 * @param wire what gradients and parameters are rounded to between replicas; float32 by default
 */
public record TrainingConfig(
    Module model,
    Loss loss,
    Optimizer optimizer,
    Schedule schedule,
    int batchSize,
    int epochs,
    int replicas,
    long seed,
    List<Transform> transforms,
    boolean detectAnomaly,
    FloatFormat wire)
    implements Serializable {

  /** Without transforms and without a search for anomalies. */
  public TrainingConfig(
      Module model,
      Loss loss,
      Optimizer optimizer,
      Schedule schedule,
      int batchSize,
      int epochs,
      int replicas,
      long seed) {
    this(
        model,
        loss,
        optimizer,
        schedule,
        batchSize,
        epochs,
        replicas,
        seed,
        List.of(),
        false,
        FloatFormat.FLOAT32);
  }

  /** Checks the counts. */
  public TrainingConfig {
    transforms = List.copyOf(transforms);
    atLeastOne("epochs", epochs);
    atLeastOne("replicas", replicas);
    if (batchSize < replicas) {
      throw new IllegalArgumentException(
          "train.batch_size is %d and train.replicas is %d: every replica needs a sample of a full"
                  .formatted(batchSize, replicas)
              + " batch; raise the batch size or lower the replicas");
    }
  }

  /** This, with every result checked for NaN and infinity. */
  public TrainingConfig detectingAnomalies() {
    return new TrainingConfig(
        model,
        loss,
        optimizer,
        schedule,
        batchSize,
        epochs,
        replicas,
        seed,
        transforms,
        true,
        wire);
  }

  /** This, with the training images changed at random as they are gathered, in this order. */
  public TrainingConfig transforming(Transform... transforms) {
    return new TrainingConfig(
        model,
        loss,
        optimizer,
        schedule,
        batchSize,
        epochs,
        replicas,
        seed,
        List.of(transforms),
        detectAnomaly,
        wire);
  }

  /** This, with gradients and parameters rounded between replicas; see {@link Rounding}. */
  public TrainingConfig over(FloatFormat format) {
    return new TrainingConfig(
        model,
        loss,
        optimizer,
        schedule,
        batchSize,
        epochs,
        replicas,
        seed,
        transforms,
        detectAnomaly,
        format);
  }

  private static void atLeastOne(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(
          "train.%s is %d; it must be at least 1".formatted(name, value));
    }
  }

  /** Steps of one pass over {@code rows} samples; the last batch may be smaller. */
  public long stepsPerEpoch(long rows) {
    return (rows + batchSize - 1) / batchSize;
  }

  /** Steps of all epochs. */
  public long totalSteps(long rows) {
    return epochs * stepsPerEpoch(rows);
  }

  /** What stands where in the flat vector. */
  public FlatLayout layout() {
    return FlatParameters.layoutOf(model);
  }

  /** What is rounded between replicas. */
  public Rounding rounding() {
    return new Rounding(wire, layout().parameters());
  }

  /** The row-sparse tables beside the flat vector, in the order of the model. */
  public List<TableSpec> tables() {
    return ModelTables.specs(model, seed, optimizer);
  }

  /** The tree along which gradients are added. */
  public ReplicaTree tree() {
    return new ReplicaTree(replicas);
  }

  /** What a completed sum does to the vector, for data of {@code rows} samples. */
  public FlatUpdate update(long rows) {
    return new FlatUpdate(layout(), optimizer, schedule, stepsPerEpoch(rows));
  }
}
