package dev.kindling.spark.job;

import dev.kindling.data.Slice;
import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.ServerLocation;
import dev.kindling.ps.client.ParameterClient;
import dev.kindling.ps.client.ParameterClients;
import dev.kindling.train.ReplicaTree.Node;
import dev.kindling.train.StepTimes;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import scala.Tuple2;

/**
 * The Spark task of a worker: opens its way to the parameter server and trains. An error of the
 * worker's own goes to the driver over the wire, so that it arrives as one message.
 */
final class WorkerTask implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Spark may try a barrier stage again by itself; each try is a start of its own. */
  private static final int TRIES_OF_A_STAGE = 16;

  private final RunPlan run;
  private final ServerLocation location;
  private final int workers;
  private final int restarts;

  WorkerTask(RunPlan run, ServerLocation location, int workers, int restarts) {
    this.run = run;
    this.location = location;
    this.workers = workers;
    this.restarts = restarts;
  }

  /** Runs to the end of the training; yields what this worker spent its time on. */
  Iterator<WorkerReport> run(
      Iterator<Tuple2<Integer, Slice>> train, Iterator<Tuple2<Integer, Slice>> test) {
    TaskContext task = TaskContext.get();
    Node replicas = run.training().tree().shareOf(task.partitionId(), workers);
    int incarnation = restarts * TRIES_OF_A_STAGE + task.stageAttemptNumber() + 1;
    String name = "worker %d on %s".formatted(task.partitionId(), SparkEnv.get().executorId());
    dev.kindling.ps.Worker worker =
        new dev.kindling.ps.Worker(name, replicas.lo(), replicas.hi(), incarnation);
    WorkerData data = WorkerData.of(run.format(), replicas, train, test);
    try (ParameterClient server = ParameterClients.open(location, worker)) {
      return List.of(train(name, replicas, data, server)).iterator();
    }
  }

  private WorkerReport train(String name, Node replicas, WorkerData data, ParameterClient server) {
    Worker worker = new Worker(run, replicas, data, server);
    try {
      worker.train();
      return WorkerReport.of(name, worker.times());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ParameterServerException(
          ParameterServerException.Reason.CLOSED, name + ": interrupted", e);
    } catch (ParameterServerException e) {
      throw e;
    } catch (RuntimeException | OutOfMemoryError e) {
      server.fail("%s, step %d: %s".formatted(name, worker.step(), describe(e)));
      throw e;
    }
  }

  private static String describe(Throwable e) {
    return e.getMessage() == null ? e.toString() : e.getMessage();
  }

  /**
   * Where a worker's time went, over all its steps.
   *
   * @param worker its name
   * @param steps it computed
   * @param batch microseconds of a step that gathered rows
   * @param forward microseconds of forward and loss
   * @param backward microseconds of backward
   * @param exchange microseconds of adding up and handing over, the update rule included where this
   *     worker applied it
   */
  record WorkerReport(
      String worker, long steps, double batch, double forward, double backward, double exchange)
      implements Serializable {
    static WorkerReport of(String worker, StepTimes times) {
      double scale = 1e-3 / Math.max(1, times.steps);
      return new WorkerReport(
          worker,
          times.steps,
          times.batch * scale,
          times.forward * scale,
          times.backward * scale,
          times.exchange * scale);
    }
  }
}
