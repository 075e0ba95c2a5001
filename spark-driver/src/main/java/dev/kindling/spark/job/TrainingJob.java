package dev.kindling.spark.job;

import dev.kindling.data.RowOrder;
import dev.kindling.data.Slice;
import dev.kindling.ps.RunSpec;
import dev.kindling.ps.Transport;
import dev.kindling.ps.server.ParameterServer;
import dev.kindling.spark.data.ReplicaPartitioner;
import dev.kindling.spark.data.RowSource;
import dev.kindling.spark.data.SliceShuffle;
import dev.kindling.spark.job.TrainingException.Kind;
import dev.kindling.spark.job.WorkerTask.WorkerReport;
import dev.kindling.train.FlatParameters;
import dev.kindling.train.TrainingConfig;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.FlatMapFunction2;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Tuple2;

/**
 * Trains on a cluster: deals the rows to the replicas, starts the parameter server and one
 * long-running barrier task for each worker, and starts the workers again when one is lost. A step
 * is never a Spark job.
 */
public final class TrainingJob {
  private static final Logger LOG = LoggerFactory.getLogger(TrainingJob.class);

  private final JavaSparkContext spark;
  private final TrainingConfig training;
  private final JobOptions options;
  private final List<TrainingListener> listeners;

  /** A job that has not begun. */
  public TrainingJob(
      JavaSparkContext spark,
      TrainingConfig training,
      JobOptions options,
      List<TrainingListener> listeners) {
    this.spark = spark;
    this.training = training;
    this.options = options;
    this.listeners = List.copyOf(listeners);
  }

  /**
   * Where a run is computed; decides nothing of its result.
   *
   * @param workers Spark tasks that train
   * @param maxRestarts how often they are started again
   * @param transport how they reach the parameter server
   * @param port where the parameter server listens for workers of other JVMs; 0 for any free one
   */
  public record JobOptions(int workers, int maxRestarts, Transport transport, int port) {}

  /**
   * Trains all epochs.
   *
   * @param test rows to evaluate on after each epoch
   * @return the flat vector of the trained parameters
   */
  public float[] run(RowSource train, Optional<RowSource> test) {
    ClusterCheck.settings(spark.getConf());
    int workers = Math.min(options.workers, training.replicas());
    ClusterCheck.await(spark, workers);
    RowOrder order = new RowOrder(training.seed());
    SliceShuffle trainSlices = SliceShuffle.of("training data", train, order, training.replicas());
    Optional<SliceShuffle> testSlices =
        test.map(rows -> SliceShuffle.of("test data", rows, order, training.replicas()));
    try {
      RunPlan run = new RunPlan(training, train.format(), trainSlices.rows(), test.isPresent());
      return train(run, workers, trainSlices, testSlices);
    } finally {
      trainSlices.release();
      testSlices.ifPresent(SliceShuffle::release);
    }
  }

  private float[] train(RunPlan run, int workers, SliceShuffle train, Optional<SliceShuffle> test) {
    float[] initial = FlatParameters.initialize(training.model(), training.seed());
    RunSpec spec =
        new RunSpec(
            UUID.randomUUID().toString(),
            training.tree(),
            training.update(run.rows()),
            run.totalSteps());
    try (RunMonitor monitor = new RunMonitor(run, listeners);
        ParameterServer server = server(spec, initial, monitor)) {
      monitor.watch(server);
      monitor.started(workers);
      for (int restarts = 0; ; restarts++) {
        try {
          submit(
              run, new WorkerTask(run, server.location(), workers, restarts), workers, train, test);
          return server.values();
        } catch (SparkException e) {
          decide(e, restarts, monitor);
          workers = Math.max(1, Math.min(workers, ClusterCheck.slots(spark)));
        }
      }
    }
  }

  private ParameterServer server(RunSpec spec, float[] initial, RunMonitor monitor) {
    ParameterServer.Builder builder =
        ParameterServer.of(spec, initial).transport(options.transport).listener(monitor);
    boolean isOneJvm = spark.isLocal();
    if (options.transport == Transport.SOCKET
        || (options.transport == Transport.AUTO && !isOneJvm)) {
      builder.listen(
          "0.0.0.0", spark.getConf().get("spark.driver.host", "127.0.0.1"), options.port);
    }
    return builder.start();
  }

  /** Starts again, unless the error would come again. */
  private void decide(SparkException e, int restarts, RunMonitor monitor) {
    if (monitor.fatal().isPresent()) {
      String message = monitor.fatal().get();
      Kind kind = message.startsWith("the loss of") ? Kind.DIVERGED : Kind.WORKER;
      throw new TrainingException(kind, message, e);
    }
    if (restarts >= options.maxRestarts || spark.isLocal()) {
      throw new TrainingException(
          Kind.CLUSTER,
          "the workers were lost %d times, the last time by: %s"
              .formatted(restarts + 1, SparkFailure.rootMessage(e)),
          e);
    }
    LOG.warn("Workers lost, starting again: {}", SparkFailure.rootMessage(e));
    monitor.restarted(restarts + 1, SparkFailure.rootMessage(e));
  }

  /** One barrier job: all steps of all epochs from the version that the server stands at. */
  private List<WorkerReport> submit(
      RunPlan run, WorkerTask task, int workers, SliceShuffle train, Optional<SliceShuffle> test)
      throws SparkException {
    ReplicaPartitioner partitioner = new ReplicaPartitioner(training.tree(), workers);
    JavaPairRDD<Integer, Slice> trainSlices = train.slices().partitionBy(partitioner);
    JavaPairRDD<Integer, Slice> testSlices =
        test.map(slices -> slices.slices().partitionBy(partitioner))
            .orElseGet(() -> none(partitioner));
    FlatMapFunction2<
            Iterator<Tuple2<Integer, Slice>>, Iterator<Tuple2<Integer, Slice>>, Tuple2<?, ?>>
        pair = (a, b) -> List.<Tuple2<?, ?>>of(new Tuple2<>(a, b)).iterator();
    JavaRDD<Tuple2<?, ?>> both = trainSlices.zipPartitions(testSlices, pair);
    return Barrier.collect(both, new RunWorker(task), WorkerReport.class);
  }

  private JavaPairRDD<Integer, Slice> none(ReplicaPartitioner partitioner) {
    return spark.<Tuple2<Integer, Slice>>emptyRDD().mapToPair(t -> t).partitionBy(partitioner);
  }

  /** Takes the pair of iterators apart and runs the worker. */
  private record RunWorker(WorkerTask task)
      implements Barrier.Body<Tuple2<?, ?>, WorkerReport>, Serializable {
    @Override
    @SuppressWarnings("unchecked")
    public Iterator<WorkerReport> run(Iterator<Tuple2<?, ?>> rows) {
      Tuple2<?, ?> both = rows.next();
      return task.run(
          (Iterator<Tuple2<Integer, Slice>>) both._1(),
          (Iterator<Tuple2<Integer, Slice>>) both._2());
    }
  }
}
