package dev.kindling.spark.data;

import dev.kindling.data.Dataset;
import dev.kindling.data.digits.SyntheticDigits;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.FlatMapFunction;

/** The project's own data sets as rows on a cluster. */
public final class DatasetRows {
  private DatasetRows() {}

  /** Rows that the driver holds: they are sent to the executors once. */
  public static RowSource sent(JavaSparkContext spark, Dataset data) {
    List<byte[]> rows = IntStream.range(0, data.size()).mapToObj(data::row).toList();
    return new RowSource(data.format(), spark.parallelize(new ArrayList<>(rows), parts(spark)));
  }

  /** Digits, drawn by the executors. */
  public static RowSource drawn(JavaSparkContext spark, DigitsSupplier digits) {
    int parts = parts(spark);
    List<Integer> numbers = IntStream.range(0, parts).boxed().toList();
    FlatMapFunction<Integer, byte[]> draw = part -> draw(digits.get(), part, parts);
    JavaRDD<byte[]> rows = spark.parallelize(numbers, parts).flatMap(draw);
    return new RowSource(digits.get().format(), rows);
  }

  private static Iterator<byte[]> draw(SyntheticDigits digits, int part, int parts) {
    int from = share(digits.size(), part, parts);
    int to = share(digits.size(), part + 1, parts);
    return IntStream.range(from, to).mapToObj(digits::row).iterator();
  }

  /** Makes the digits again on each executor: the description travels, not the images. */
  public interface DigitsSupplier extends Supplier<SyntheticDigits>, java.io.Serializable {}

  private static int share(int size, int index, int parts) {
    return (int) ((long) size * index / parts);
  }

  private static int parts(JavaSparkContext spark) {
    return Math.max(2, spark.defaultParallelism());
  }
}
