package dev.kindling.spark.federated;

import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.spark.FutureAction;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaRDD;
import scala.Function1;
import scala.concurrent.ExecutionContext;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.BoxedUnit;

/**
 * The Spark job of one round, whose answers are taken one by one. It is over when enough clients
 * have answered, when its time is up, or when every task has ended; tasks that still run then are
 * cancelled, so that one that hangs holds nobody up. Used once, by one thread.
 */
final class RoundJob {
  /** Each task's one answer. */
  private static final Function1<scala.collection.Iterator<byte[]>, byte[]> ONLY =
      (Function1<scala.collection.Iterator<byte[]>, byte[]> & Serializable)
          scala.collection.Iterator::next;

  private static final String INTERRUPT = "spark.job.interruptOnCancel";

  /** In the place of an answer: no further one comes. */
  private static final byte[] END = {};

  private final JavaRDD<byte[]> answers;
  private final List<Integer> parts;
  private final BlockingQueue<byte[]> arrived = new LinkedBlockingQueue<>();

  /**
   * A job that has not begun.
   *
   * @param answers one of each of these partitions
   * @param parts the partitions to be asked, in the order in which they get a slot
   */
  RoundJob(JavaRDD<byte[]> answers, List<Integer> parts) {
    this.answers = answers;
    this.parts = parts;
  }

  /**
   * Runs it.
   *
   * @param enough so many clients end it
   * @param limit so does this time
   */
  RoundAnswer run(int enough, Duration limit) {
    long start = System.nanoTime();
    FutureAction<BoxedUnit> job = submit();
    job.onComplete(end -> arrived.add(END), ExecutionContext.fromExecutor(Runnable::run));
    RoundAnswer all = new RoundAnswer();
    try {
      while (all.count() < enough) {
        long left = limit.toNanos() - (System.nanoTime() - start);
        byte[] next = arrived.poll(left, TimeUnit.NANOSECONDS);
        if (next == null) {
          return all;
        }
        if (next == END) {
          job.value().get().get(); // throws what the job failed with
          return all;
        }
        all.add(RoundAnswer.decode(next));
      }
      return all;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted amid a round", e);
    } finally {
      if (!job.isCompleted()) {
        job.cancel();
      }
    }
  }

  /** A task that is cancelled is interrupted: it may hang in a wait. */
  private FutureAction<BoxedUnit> submit() {
    SparkContext spark = answers.context();
    String before = spark.getLocalProperty(INTERRUPT);
    spark.setLocalProperty(INTERRUPT, "true");
    try {
      return spark.submitJob(
          answers.rdd(),
          ONLY,
          CollectionConverters.asScala(List.<Object>copyOf(parts)).toSeq(),
          (part, answer) -> {
            arrived.add(answer);
            return BoxedUnit.UNIT;
          },
          () -> BoxedUnit.UNIT);
    } finally {
      spark.setLocalProperty(INTERRUPT, before);
    }
  }
}
