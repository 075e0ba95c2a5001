package dev.kindling.spark.data;

import dev.kindling.data.Dataset;
import java.io.Serializable;
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
  private static final int BLOCK = 1 << 20;
  private static final int PARTITION = 1 << 24;

  private DatasetRows() {}

  /** Rows that the driver holds, sent to the executors in blocks. */
  public static RowSource sent(JavaSparkContext spark, Dataset data) {
    int rowLength = data.format().length();
    int rows = Math.max(1, BLOCK / rowLength);
    int blocks = (data.size() + rows - 1) / rows;
    List<byte[]> encoded =
        IntStream.range(0, blocks)
            .parallel()
            .mapToObj(b -> block(data, b * rows, Math.min(data.size(), (b + 1) * rows)))
            .toList();
    int parts = (int) Math.max(parts(spark), (long) data.size() * rowLength / PARTITION + 1);
    return new RowSource(data.format(), spark.parallelize(new ArrayList<>(encoded), parts));
  }

  private static byte[] block(Dataset data, int from, int to) {
    int rowLength = data.format().length();
    byte[] block = new byte[(to - from) * rowLength];
    for (int i = from; i < to; i++) {
      System.arraycopy(data.row(i), 0, block, (i - from) * rowLength, rowLength);
    }
    return block;
  }

  /** Makes a data set again on each executor: the description travels, not the rows. */
  public interface Description extends Supplier<Dataset>, Serializable {}

  /** Rows that the executors make themselves. */
  public static RowSource drawn(JavaSparkContext spark, Description description) {
    int parts = parts(spark);
    FlatMapFunction<Integer, byte[]> draw = part -> draw(description.get(), part, parts);
    JavaRDD<byte[]> rows =
        spark.parallelize(IntStream.range(0, parts).boxed().toList(), parts).flatMap(draw);
    return new RowSource(description.get().format(), rows);
  }

  private static Iterator<byte[]> draw(Dataset data, int part, int parts) {
    return IntStream.range(share(data.size(), part, parts), share(data.size(), part + 1, parts))
        .mapToObj(data::row)
        .iterator();
  }

  private static int share(int size, int index, int parts) {
    return (int) ((long) size * index / parts);
  }

  private static int parts(JavaSparkContext spark) {
    return Math.max(2, spark.defaultParallelism());
  }
}
