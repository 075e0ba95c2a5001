package dev.kindling.spark.job;

import dev.kindling.autograd.AnomalyException;
import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.ServerLocation;
import dev.kindling.ps.client.ParameterClient;
import dev.kindling.ps.client.ParameterClients;
import dev.kindling.spark.data.RowBlock;
import dev.kindling.spark.data.WorkerShares;
import dev.kindling.spark.server.SparkSecret;
import dev.kindling.tensor.HeapException;
import dev.kindling.train.ReplicaTree.Node;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import scala.Tuple2;

/**
 * The Spark task of a worker: opens its way to the parameter server and trains. An error of the
 * worker's own goes to the driver over the wire, so that it arrives as one message.
 *
 * @param run what all workers have in common
 * @param location of the parameter server
 * @param shares which replicas each worker computes
 * @param incarnation counts the starts of the workers, from 1
 * @param past what was evaluated before
 */
record WorkerTask(
    RunPlan run, ServerLocation location, WorkerShares shares, int incarnation, Past past)
    implements Serializable {

  /**
   * What the driver knew when it started the workers.
   *
   * @param version the run's
   * @param stopping the state after the evaluations of the versions before it
   */
  record Past(long version, EarlyStopping.State stopping) implements Serializable {}

  /** Runs to the end of the training. */
  void run(Iterator<Tuple2<Integer, RowBlock>> train, Iterator<Tuple2<Integer, RowBlock>> test) {
    TaskContext task = TaskContext.get();
    if (task.stageAttemptNumber() > 0) {
      throw new IllegalStateException("Spark's own retry of a stage; the driver starts workers");
    }
    Node replicas = shares.of(task.partitionId());
    WorkerData data = WorkerData.of(run, shares.workers(), replicas, train, test);
    String name = name(task);
    dev.kindling.ps.Worker worker =
        new dev.kindling.ps.Worker(name, replicas.lo(), replicas.hi(), incarnation);
    try (ParameterClient server = ParameterClients.open(SparkSecret.putIn(location), worker)) {
      train(name, replicas, data, server);
    }
  }

  private static String name(TaskContext task) {
    SparkEnv env = SparkEnv.get();
    return "worker %d (executor %s on %s)"
        .formatted(
            task.partitionId(), env.executorId(), env.blockManager().blockManagerId().host());
  }

  private void train(String name, Node replicas, WorkerData data, ParameterClient server) {
    long[] step = {-1};
    try {
      List<Node> pushed =
          location.asynchronous() ? shares.tree().leaves(replicas) : shares.tree().cover(replicas);
      Worker worker = new Worker(run, replicas, pushed, data, server, past);
      try {
        worker.train();
      } finally {
        step[0] = worker.step();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ParameterServerException(
          ParameterServerException.Reason.CLOSED, name + ": interrupted", e);
    } catch (ParameterServerException e) {
      throw e;
    } catch (RuntimeException | OutOfMemoryError e) {
      server.fail("%s, step %d: %s".formatted(name, step[0], describe(e)));
      throw e;
    }
  }

  private static String describe(Throwable e) {
    if (e instanceof OutOfMemoryError) {
      return "out of memory (%s); raise spark.executor.memory, or use more executors"
          .formatted(e.getMessage());
    }
    boolean isClear =
        e instanceof HeapException
            || e instanceof AnomalyException
            || e instanceof IllegalArgumentException && e.getMessage() != null;
    return isClear ? e.getMessage() : e.toString();
  }
}
