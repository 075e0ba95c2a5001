package dev.kindling.spark.job;

import dev.kindling.autograd.AnomalyException;
import dev.kindling.data.DataException;
import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.ServerLocation;
import dev.kindling.ps.client.JvmWorkers;
import dev.kindling.ps.client.ParameterClient;
import dev.kindling.ps.client.ParameterClients;
import dev.kindling.spark.data.RowBlock;
import dev.kindling.spark.data.WorkerShares;
import dev.kindling.spark.server.SparkSecret;
import dev.kindling.tensor.HeapException;
import dev.kindling.train.ReplicaTree.Node;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.BarrierTaskInfo;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;
import org.apache.spark.util.ShutdownHookManager;
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
    String name = name(task);
    dev.kindling.ps.Worker worker =
        new dev.kindling.ps.Worker(name, replicas.lo(), replicas.hi(), incarnation);
    WorkerData data = data(worker, train, test);
    try (ParameterClient server = open(worker)) {
      train(name, replicas, data, server);
    }
  }

  /** A connection that would only wait is not held while rows arrive. */
  private WorkerData data(
      dev.kindling.ps.Worker worker,
      Iterator<Tuple2<Integer, RowBlock>> train,
      Iterator<Tuple2<Integer, RowBlock>> test) {
    try {
      return WorkerData.of(run, shares.workers(), new Node(worker.lo(), worker.hi()), train, test);
    } catch (DataException e) {
      throw e; // the command knows it by its type
    } catch (RuntimeException | Error e) {
      if (!isOurs(e)) {
        throw e;
      }
      try (ParameterClient server = open(worker)) {
        throw reported(server, worker.name() + ", gathering its rows", e);
      }
    }
  }

  private ParameterClient open(dev.kindling.ps.Worker worker) {
    try {
      return ParameterClients.open(SparkSecret.putIn(location), worker, workersHere(worker));
    } catch (ParameterServerException e) {
      String message = String.valueOf(e.getMessage());
      throw message.contains(worker.name())
          ? e
          : new ParameterServerException(e.reason(), worker.name() + ": " + message, e);
    }
  }

  private static String name(TaskContext task) {
    return "worker %d (%s)".formatted(task.partitionId(), place());
  }

  private static String place() {
    SparkEnv env = SparkEnv.get();
    return "executor %s on %s"
        .formatted(env.executorId(), env.blockManager().blockManagerId().host());
  }

  /** Those of this executor, unless a replica has backups: then nobody waits for all of them. */
  private JvmWorkers workersHere(dev.kindling.ps.Worker worker) {
    if (shares.backups() > 0) {
      return JvmWorkers.alone(worker);
    }
    BarrierTaskContext task = BarrierTaskContext.get();
    List<String> executors =
        Arrays.stream(task.getTaskInfos()).map(BarrierTaskInfo::address).toList();
    String here = executors.get(task.partitionId());
    List<Node> replicas =
        IntStream.range(0, executors.size())
            .filter(other -> executors.get(other).equals(here))
            .mapToObj(shares::of)
            .toList();
    return new JvmWorkers("%d workers (%s)".formatted(replicas.size(), place()), replicas);
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
    } catch (RuntimeException | Error e) {
      if (!isOurs(e)) {
        throw e;
      }
      throw reported(server, name + ", " + place(step[0]), e);
    }
  }

  /**
   * Tells the driver. What the task then fails of has no cause: an Error would make Spark end the
   * whole JVM, which in local mode is the user's own.
   */
  private static ReportedException reported(ParameterClient server, String place, Throwable cause) {
    String message = "%s: %s".formatted(place, describe(cause));
    server.fail(message);
    ReportedException failure = new ReportedException(message);
    failure.setStackTrace(cause.getStackTrace());
    return failure;
  }

  /** What a task fails of when it has told the driver: the driver knows it by its name. */
  static final class ReportedException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    ReportedException(String message) {
      super(message);
    }
  }

  private static String place(long step) {
    return step < 0 ? "setting up its network" : "step " + step;
  }

  /**
   * In a task that is killed and in an executor that goes down anything may fail: that is a loss.
   */
  private static boolean isOurs(Throwable e) {
    return !(e instanceof TaskKilledException)
        && !TaskContext.get().isInterrupted()
        && !ShutdownHookManager.inShutdown();
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
