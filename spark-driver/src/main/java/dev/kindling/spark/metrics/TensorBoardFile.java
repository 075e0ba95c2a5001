package dev.kindling.spark.metrics;

import dev.kindling.spark.job.EpochResult;
import dev.kindling.spark.job.EvaluationResult;
import dev.kindling.spark.job.RunPlan;
import dev.kindling.spark.job.TrainingListener;
import dev.kindling.train.Evaluation;
import dev.kindling.train.MetricSums;
import dev.kindling.train.ValueHistogram;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a TensorBoard event file into the run directory: the hyper-parameters, then losses,
 * metrics by name, throughput and the parts of a step after each epoch, and histograms of weights
 * and gradients where they are wanted. {@code tensorboard --logdir runs} shows all runs. A resumed
 * run begins a file of its own, as TensorBoard expects. A full disk costs records, not the run.
 */
public final class TensorBoardFile implements TrainingListener {
  private static final Logger LOG = LoggerFactory.getLogger(TensorBoardFile.class);
  private static final Pattern OF_CLASS = Pattern.compile("f1_[0-9]+");

  private final RunDirectory directory;
  private long startStep;
  private final Consumer<String> warnings;
  private GrowingFile file;

  /** The events of a run directory; warnings go to the log. */
  public TensorBoardFile(RunDirectory directory) {
    this(directory, LOG::warn);
  }

  /**
   * The events of a run directory.
   *
   * @param warnings told what could not be written
   */
  public TensorBoardFile(RunDirectory directory, Consumer<String> warnings) {
    this.directory = directory;
    this.warnings = warnings;
  }

  @Override
  public void started(RunPlan run, int workers, long step) {
    startStep = step;
    String name = "events.out.tfevents.%010d.kindling-%d".formatted((long) now(), step);
    file = new GrowingFile(directory, directory.path().resolve(name), warnings);
    append(TensorBoardEvent.version(now()));
    Hyperparameters.records(now(), run).forEach(this::append);
  }

  @Override
  public void evaluated(EvaluationResult result) {
    Map<String, Double> values = new LinkedHashMap<>();
    addTest(values, result.test(), result.metrics());
    append(TensorBoardEvent.scalars(now(), result.step(), values));
  }

  /** With metrics of regressions and of classes: {@code metrics/f1_macro}, {@code f1/7}. */
  private static void addTest(Map<String, Double> values, MetricSums test, Evaluation metrics) {
    if (test.count() == 0) {
      return;
    }
    values.put("loss/test", test.loss());
    values.put("accuracy/test", test.accuracy());
    metrics
        .metrics()
        .forEach(
            (name, value) -> {
              boolean isOfClass = OF_CLASS.matcher(name).matches();
              String tag = isOfClass ? name.replace('_', '/') : "metrics/" + name;
              if (!name.equals("accuracy")) {
                values.put(tag, value);
              }
            });
  }

  @Override
  public void epochEnded(EpochResult result) {
    if (result.step() == startStep) {
      return; // in the file of the time before
    }
    Map<String, Double> values = new LinkedHashMap<>();
    values.put("loss/train", result.train().loss());
    values.put("accuracy/train", result.train().accuracy());
    addTest(values, result.test(), result.metrics());
    values.put("optimizer/lr", result.lr());
    values.put("speed/samples_per_second", result.samplesPerSecond());
    values.put("speed/step_ms_compute", result.split().compute());
    values.put("speed/step_ms_exchange", result.split().exchange() + result.split().waiting());
    values.put("speed/step_ms_optimizer", result.split().optimizer());
    append(TensorBoardEvent.scalars(now(), result.step(), values));
  }

  @Override
  public void histograms(
      long step, Map<String, ValueHistogram> weights, Map<String, ValueHistogram> gradients) {
    if (step == startStep) {
      return;
    }
    Map<String, ValueHistogram> tagged = new LinkedHashMap<>();
    weights.forEach((name, histogram) -> tagged.put("weights/" + name, histogram));
    gradients.forEach((name, histogram) -> tagged.put("gradients/" + name, histogram));
    append(TensorBoardEvent.histograms(now(), step, tagged));
  }

  @Override
  public void ended(String outcome) {
    append(Hyperparameters.ended(now(), outcome.equals("done")));
  }

  private static double now() {
    return System.currentTimeMillis() * 1e-3;
  }

  private void append(byte[] record) {
    file.append(record);
  }
}
