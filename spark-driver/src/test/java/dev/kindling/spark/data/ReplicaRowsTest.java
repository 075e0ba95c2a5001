package dev.kindling.spark.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.data.Normalisation;
import dev.kindling.data.RowOrder;
import dev.kindling.data.Slice;
import dev.kindling.data.SpilledSlice;
import dev.kindling.data.StoredSlice;
import dev.kindling.data.digits.SyntheticDigits;
import dev.kindling.nn.CrossEntropyLoss;
import dev.kindling.nn.Flatten;
import dev.kindling.nn.Linear;
import dev.kindling.nn.Sequential;
import dev.kindling.optim.Adam;
import dev.kindling.optim.Schedule;
import dev.kindling.spark.job.JobOptions;
import dev.kindling.spark.job.TrainingJob;
import dev.kindling.train.LocalTrainer;
import dev.kindling.train.ReplicaTree;
import dev.kindling.train.TrainingConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import scala.Tuple2;

class ReplicaRowsTest {
  private static final long SEED = 3;
  private static final int REPLICAS = 3;
  private static final SyntheticDigits DIGITS =
      SyntheticDigits.train(Normalisation.pixels()).range(0, 700);

  @TempDir Path folder;

  private static JavaSparkContext start(long bytesInMemory) {
    return new JavaSparkContext(
        new SparkConf()
            .setMaster("local[2]")
            .setAppName("test")
            .set("spark.ui.enabled", "false")
            .set("spark.driver.host", "localhost")
            .set("spark.driver.bindAddress", "127.0.0.1")
            .set(SliceMemory.KEY, bytesInMemory + "b"));
  }

  private static List<Slice> expected() {
    return new RowOrder(SEED).slices(DIGITS, REPLICAS);
  }

  /** As when a worker is lost: the rows come again, in other blocks and another order. */
  @ParameterizedTest
  @CsvSource({"1, 0", "4, 0", "4, 200000", "7, 100000000"})
  void aSliceThatIsMadeAgainHasTheSameChecksum(int partitions, long memory) throws Exception {
    ReplicaTree tree = new ReplicaTree(REPLICAS);
    try (JavaSparkContext spark = start(memory)) {
      List<byte[]> rows = new ArrayList<>();
      for (int i = 0; i < DIGITS.size(); i++) {
        rows.add(DIGITS.row(i));
      }
      RowSource source = new RowSource(DIGITS.format(), spark.parallelize(rows, partitions));
      RankedRows ranked = RankedRows.start("rows", source, new RowOrder(SEED)).await();
      List<Tuple2<Integer, RowBlock>> blocks = ranked.at(new WorkerShares(tree, 1)).collect();
      List<StoredSlice> slices =
          ReplicaRows.slices(
              DIGITS.format(),
              tree,
              tree.root(),
              new SliceMemory(memory, folder),
              blocks.iterator());
      assertThat(slices.stream().map(StoredSlice::checksum))
          .isEqualTo(expected().stream().map(Slice::checksum).toList());
      long onDisk = slices.stream().filter(slice -> slice instanceof SpilledSlice).count();
      assertThat(onDisk).isEqualTo(memory == 0 ? 3 : memory == 200000 ? 2 : 0);
      slices.forEach(
          slice -> {
            if (slice instanceof SpilledSlice spilled) {
              spilled.close();
            }
          });
    }
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void aRunFromDiskGivesTheBitsOfOneInMemory() {
    TrainingConfig config =
        new TrainingConfig(
            new Sequential(new Flatten(), new Linear(784, 10)),
            new CrossEntropyLoss(),
            new Adam(0.001),
            new Schedule.Constant(),
            50,
            2,
            REPLICAS,
            SEED);
    LocalTrainer alone = new LocalTrainer(config, expected(), List.of());
    alone.fit();
    try (JavaSparkContext spark = start(0)) {
      float[] values =
          new TrainingJob(spark, config, JobOptions.of(2), List.of())
              .run(DatasetRows.sent(spark, DIGITS), Optional.of(DatasetRows.sent(spark, DIGITS)));
      int parameters = Math.toIntExact(config.layout().metricsOffset());
      assertThat(values).startsWith(java.util.Arrays.copyOf(alone.values(), parameters));
    }
  }

  @Test
  void aPartThatIsLargerThanTheMemoryIsSortedPieceByPiece() {
    RowOrder order = new RowOrder(SEED);
    SyntheticDigits digits = SyntheticDigits.train(Normalisation.pixels()).range(0, 300);
    List<Tuple2<Integer, RowBlock>> blocks = new ArrayList<>();
    for (int i = 0; i < digits.size(); i++) {
      blocks.add(new Tuple2<>(0, new RowBlock(i, digits.row(i))));
    }
    try (JavaSparkContext spark = start(0)) {
      assertThat(spark.isLocal()).isTrue();
      SortedPart part = new SortedPart(digits.format(), order, 0, 1);
      long pretended = Runtime.getRuntime().maxMemory() / 32 / digits.format().length() * 4;
      Iterator<byte[]> sorted = part.rows(blocks.iterator(), pretended);
      for (byte[] row : order.ranked(digits)) {
        assertThat(sorted.next()).isEqualTo(row);
      }
      assertThat(sorted.hasNext()).isFalse();
    }
  }
}
