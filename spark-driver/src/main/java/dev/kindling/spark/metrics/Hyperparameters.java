package dev.kindling.spark.metrics;

import dev.kindling.spark.job.RunPlan;
import dev.kindling.spec.Spec;
import dev.kindling.train.TrainingConfig;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What was chosen for a run, as TensorBoard's table of hyper-parameters reads it:
 *
 * <pre>
 * content     protobuf: 2 experiment, 3 start of a session, 4 its end
 * experiment  protobuf: 4 parameter, repeated: 1 name, 4 type (1 text, 3 number);
 *             5 metric, repeated: 1 name: 2 tag
 * start       protobuf: 1 parameter, repeated: 1 name, 2 value; 5 wall time (double)
 * value       protobuf: 2 number (double), 3 text
 * end         protobuf: 1 status (1 success, 2 failure), 2 wall time (double)
 * </pre>
 */
final class Hyperparameters {
  private static final String PLUGIN = "hparams";
  private static final int TEXT = 1;
  private static final int NUMBER = 3;
  private static final List<String> METRICS =
      List.of("loss/train", "accuracy/train", "loss/test", "accuracy/test");

  private Hyperparameters() {}

  /** By name: the optimizer's, the schedule's and those of the training itself. */
  static Map<String, Object> of(RunPlan run) {
    TrainingConfig training = run.training();
    Map<String, Object> all = new LinkedHashMap<>();
    add(all, "optimizer", training.optimizer().toSpec());
    add(all, "schedule", training.schedule().toSpec());
    add(all, "loss", training.loss().toSpec());
    all.put("batch_size", training.batchSize());
    all.put("epochs", training.epochs());
    all.put("replicas", training.replicas());
    all.put("seed", training.seed());
    all.put("parameters", training.model().parameterCount());
    all.put("rows", run.rows());
    return all;
  }

  private static void add(Map<String, Object> all, String name, Spec spec) {
    all.put(name, spec.type());
    spec.arguments().forEach((key, value) -> all.put(name + "." + key, value));
  }

  /** The records that a file has of them before the first step. */
  static List<byte[]> records(double wallSeconds, RunPlan run) {
    ProtobufMessage experiment = new ProtobufMessage();
    ProtobufMessage start = new ProtobufMessage();
    of(run)
        .forEach(
            (name, value) -> {
              int type = value instanceof Number ? NUMBER : TEXT;
              experiment.message(4, new ProtobufMessage().text(1, name).whole(4, type));
              start.message(1, new ProtobufMessage().text(1, name).message(2, value(value)));
            });
    for (String metric : METRICS) {
      ProtobufMessage tag = new ProtobufMessage().text(2, metric);
      experiment.message(5, new ProtobufMessage().message(1, tag));
    }
    start.number(5, wallSeconds);
    return List.of(
        record(wallSeconds, "experiment", new ProtobufMessage().message(2, experiment)),
        record(wallSeconds, "session_start_info", new ProtobufMessage().message(3, start)));
  }

  /** The record of a run that has ended. */
  static byte[] ended(double wallSeconds, boolean isDone) {
    ProtobufMessage end = new ProtobufMessage().whole(1, isDone ? 1 : 2).number(2, wallSeconds);
    return record(wallSeconds, "session_end_info", new ProtobufMessage().message(4, end));
  }

  private static byte[] record(double wallSeconds, String name, ProtobufMessage content) {
    return TensorBoardEvent.ofPlugin(wallSeconds, "_hparams_/" + name, PLUGIN, content);
  }

  private static ProtobufMessage value(Object value) {
    return value instanceof Number number
        ? new ProtobufMessage().number(2, number.doubleValue())
        : new ProtobufMessage().text(3, String.valueOf(value));
  }
}
