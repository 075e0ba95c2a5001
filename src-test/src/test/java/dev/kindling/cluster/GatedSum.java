package dev.kindling.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * An application for the tests: sums 0 to 999 on the executors. Each task writes a file that tells
 * of it into a folder, and goes on when the folder holds a file {@code go}.
 */
public final class GatedSum {
  private GatedSum() {}

  /** {@code args}: the folder, the number of tasks. */
  public static void main(String[] args) throws IOException {
    String folder = args[0];
    int tasks = Integer.parseInt(args[1]);
    try (SparkSession spark = SparkSession.builder().appName("gated-sum").getOrCreate()) {
      List<Integer> numbers = IntStream.range(0, 1000).boxed().toList();
      int sum =
          new JavaSparkContext(spark.sparkContext())
              .parallelize(numbers, tasks)
              .mapPartitions(
                  part -> {
                    pass(Path.of(folder));
                    return part;
                  })
              .reduce(Integer::sum);
      System.out.println("sum=" + sum + " java=" + System.getProperty("java.version"));
    }
  }

  private static void pass(Path folder) throws Exception {
    TaskContext task = TaskContext.get();
    String name = "task-" + task.partitionId() + "-attempt-" + task.attemptNumber();
    Files.writeString(folder.resolve(name), String.valueOf(ProcessHandle.current().pid()));
    try (var watch = folder.getFileSystem().newWatchService()) {
      folder.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
      while (!Files.exists(folder.resolve("go"))) {
        watch.take().reset();
      }
    }
  }
}
