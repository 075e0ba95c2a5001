package dev.kindling.spark.job;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.Utils;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The executors that workers should run in: as evenly as Spark itself would spread them, but with
 * neighbours in one executor. The replicas of neighbours are close in the tree, so that their
 * gradients can be added before they leave the executor.
 *
 * @param executors for each worker, its executor; empty where any will do
 */
record WorkerPlaces(List<Executor> executors) {
  /** Spark's default, which is not written to the configuration. */
  private static final int TASK_CPUS = 1;

  /**
   * An executor.
   *
   * @param slots tasks that it can run at once
   */
  record Executor(String id, String host, int slots) {
    /** In the notation of Spark's preferred locations. */
    String location() {
      return "executor_%s_%s".formatted(host, id);
    }
  }

  /** Places among the executors that there are now; any, where those have too few slots. */
  static WorkerPlaces now(JavaSparkContext spark, int workers) {
    return of(spark.sc().isLocal() ? List.of() : alive(spark), workers);
  }

  private static List<Executor> alive(JavaSparkContext spark) {
    Set<String> alive = Set.copyOf(CollectionConverters.asJava(spark.sc().getExecutorIds()));
    int cpus = spark.getConf().getInt("spark.task.cpus", TASK_CPUS);
    return CollectionConverters.asJava(spark.sc().statusStore().executorList(true)).stream()
        .filter(executor -> alive.contains(executor.id()) && !executor.isExcluded())
        .map(
            executor ->
                new Executor(
                    executor.id(), host(executor.hostPort()), executor.totalCores() / cpus))
        .sorted(Comparator.comparing(Executor::host).thenComparing(Executor::id))
        .toList();
  }

  /** Of an executor that has yet to say its port there is none in its address. */
  static String host(String address) {
    return Utils.parseHostPort(address)._1();
  }

  /** Gives each executor in turn one worker more while it has a slot, then fills them in order. */
  static WorkerPlaces of(List<Executor> executors, int workers) {
    if (executors.stream().mapToInt(Executor::slots).sum() < workers) {
      return new WorkerPlaces(List.of());
    }
    int[] counts = new int[executors.size()];
    for (int left = workers, e = 0; left > 0; e = (e + 1) % counts.length) {
      if (counts[e] < executors.get(e).slots) {
        counts[e]++;
        left--;
      }
    }
    List<Executor> places = new ArrayList<>();
    for (int e = 0; e < counts.length; e++) {
      for (int worker = 0; worker < counts[e]; worker++) {
        places.add(executors.get(e));
      }
    }
    return new WorkerPlaces(List.copyOf(places));
  }

  /** Where Spark should run a worker, if it can; in its notation. */
  List<String> of(int worker) {
    return executors.isEmpty() ? List.of() : List.of(executors.get(worker).location());
  }
}
