package dev.kindling.spark.job;

import dev.kindling.spark.data.RowBlock;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.FlatMapFunction2;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageCompleted;
import scala.Tuple2;
import scala.jdk.javaapi.CollectionConverters;

/**
 * One start of the workers: a barrier job, all steps of all epochs from the version that the server
 * stands at. It ends with the first failure of a worker: Spark's own retries of the stage would
 * stop at the fourth, keep the number of workers and repeat what cannot be mended.
 */
final class WorkersJob extends SparkListener {
  private final JavaSparkContext spark;
  private final JavaRDD<Integer> stage;
  private final CompletableFuture<String> failure = new CompletableFuture<>();

  WorkersJob(
      JavaSparkContext spark,
      WorkerTask task,
      JavaPairRDD<Integer, RowBlock> train,
      JavaPairRDD<Integer, RowBlock> test) {
    this.spark = spark;
    FlatMapFunction2<Iterator<Tuple2<Integer, RowBlock>>, Iterator<Tuple2<Integer, RowBlock>>, Rows>
        pair = (a, b) -> List.of(new Rows(a, b)).iterator();
    stage =
        Barrier.stage(
            train.zipPartitions(test, pair),
            WorkerPlaces.now(spark, train.getNumPartitions()),
            partition -> {
              Rows rows = partition.next();
              task.run(rows.train, rows.test);
            });
  }

  /** The rows of one worker, still to be read. Never leaves its task. */
  private record Rows(
      Iterator<Tuple2<Integer, RowBlock>> train, Iterator<Tuple2<Integer, RowBlock>> test) {}

  /** A worker was lost or has failed. */
  static final class LostException extends Exception {
    private static final long serialVersionUID = 1L;

    LostException(String reason, Throwable cause) {
      super(reason, cause);
    }
  }

  /** Runs until every worker has come to the end. */
  void run() throws LostException, InterruptedException {
    spark.sc().addSparkListener(this);
    spark.setInterruptOnCancel(true); // a worker that waits ends at once
    JavaFutureAction<List<Integer>> job = stage.collectAsync();
    try {
      failure.thenRun(() -> job.cancel(true));
      job.get();
    } catch (ExecutionException | java.util.concurrent.CancellationException e) {
      throw new LostException(failure.getNow(SparkFailure.rootMessage(e)), e);
    } finally {
      job.cancel(true);
      spark.setInterruptOnCancel(false);
      spark.sc().removeSparkListener(this);
    }
  }

  /** Ends the workers, running or not yet; from any thread. */
  void cancel(String reason) {
    failure.complete(reason);
  }

  @Override
  public void onStageCompleted(SparkListenerStageCompleted event) {
    boolean isOurs =
        CollectionConverters.asJava(event.stageInfo().rddInfos()).stream()
            .anyMatch(rdd -> rdd.id() == stage.id());
    if (isOurs && event.stageInfo().failureReason().isDefined()) {
      failure.complete(SparkFailure.reason(event.stageInfo().failureReason().get()));
    }
  }
}
