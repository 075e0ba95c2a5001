package dev.kindling.spark.metrics;

import dev.kindling.spark.job.EpochResult;
import dev.kindling.spark.job.RunPlan;
import dev.kindling.spark.job.TrainingListener;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Writes a TensorBoard event file into the run directory: losses, accuracies, throughput and the
 * parts of a step after each epoch. {@code tensorboard --logdir runs} shows all runs. A resumed run
 * begins a file of its own, as TensorBoard expects.
 */
public final class TensorBoardFile implements TrainingListener {
  private final RunDirectory directory;
  private long startStep;
  private String name;

  /** The events of a run directory. */
  public TensorBoardFile(RunDirectory directory) {
    this.directory = directory;
  }

  @Override
  public void started(RunPlan run, int workers, long step) {
    startStep = step;
    name = "events.out.tfevents.%010d.kindling-%d".formatted((long) now(), step);
    append(TensorBoardEvent.version(now()));
  }

  @Override
  public void epochEnded(EpochResult result) {
    if (result.step() == startStep) {
      return; // in the file of the time before
    }
    Map<String, Double> values = new LinkedHashMap<>();
    values.put("loss/train", result.train().loss());
    values.put("accuracy/train", result.train().accuracy());
    if (result.test().count() > 0) {
      values.put("loss/test", result.test().loss());
      values.put("accuracy/test", result.test().accuracy());
    }
    values.put("speed/samples_per_second", result.samplesPerSecond());
    values.put("speed/step_ms_compute", result.split().compute());
    values.put("speed/step_ms_exchange", result.split().exchange() + result.split().waiting());
    values.put("speed/step_ms_optimizer", result.split().optimizer());
    append(TensorBoardEvent.scalars(now(), result.step(), values));
  }

  private static double now() {
    return System.currentTimeMillis() * 1e-3;
  }

  private void append(byte[] record) {
    directory.append(directory.path().resolve(name), record);
  }
}
