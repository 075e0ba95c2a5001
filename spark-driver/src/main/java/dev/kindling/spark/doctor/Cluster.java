package dev.kindling.spark.doctor;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;

/** The executors of a running Spark application. */
public final class Cluster {
  private final JavaSparkContext spark;

  /** Looks at what that application has. */
  public Cluster(JavaSparkContext spark) {
    this.spark = spark;
  }

  /**
   * Runs a task in each slot and tells what they found.
   *
   * @param workers that a run wants; 1 where nothing is said
   */
  public List<Finding> look(int workers) {
    int slots =
        spark
            .sc()
            .maxNumConcurrentTasks(spark.sc().resourceProfileManager().defaultResourceProfile());
    List<Finding> findings = new ArrayList<>();
    findings.add(slots(slots, workers));
    reports(Math.max(slots, 1)).forEach(report -> findings.add(executor(report)));
    return findings;
  }

  private Finding slots(int slots, int workers) {
    String found = "%s runs %d tasks at once".formatted(spark.master(), slots);
    return slots >= workers
        ? Finding.ok("Cluster", found)
        : Finding.fail(
            "Cluster",
            "%s; %d workers are asked for".formatted(found, workers),
            "lower cluster.workers, or add executors or cores");
  }

  /** One report an executor that took a task; a task may not reach every executor. */
  private List<ExecutorReport> reports(int slots) {
    return spark
        .parallelize(IntStream.range(0, slots).boxed().toList(), slots)
        .map(slot -> ExecutorReport.ofThisJvm())
        .collect()
        .stream()
        .distinct()
        .sorted(Comparator.comparing(ExecutorReport::executor))
        .toList();
  }

  private static Finding executor(ExecutorReport report) {
    String subject = "Executor " + report.executor();
    String found =
        "%s, Java %s, heap %s, %s"
            .formatted(report.host(), report.java(), Machine.size(report.heap()), report.kernels());
    return report.isVector()
        ? Finding.ok(subject, found)
        : Finding.warn(
            subject,
            found,
            "set spark.executor.extraJavaOptions=--add-modules=jdk.incubator.vector");
  }
}
