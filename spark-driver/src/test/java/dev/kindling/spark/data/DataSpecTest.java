package dev.kindling.spark.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.data.DataException;
import dev.kindling.data.ElementType;
import dev.kindling.data.Slice;
import dev.kindling.data.SliceBuilder;
import dev.kindling.data.Target;
import dev.kindling.data.table.Column;
import dev.kindling.data.table.Missing;
import dev.kindling.spark.LocalSpark;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataSpecTest {
  private static SparkSession spark;
  @TempDir Path folder;

  @BeforeAll
  static void start() {
    spark = LocalSpark.start();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  private static Dataset<Row> people() {
    StructType schema =
        new StructType()
            .add("age", DataTypes.DoubleType)
            .add("city", DataTypes.StringType)
            .add("rooms", DataTypes.IntegerType)
            .add("label", DataTypes.IntegerType);
    return spark.createDataFrame(
        List.of(
            RowFactory.create(20.0, "Rome", 1, 0),
            RowFactory.create(40.0, "Oslo", null, 1),
            RowFactory.create(null, "Rome", 3, 1),
            RowFactory.create(60.0, "Bern", 5, 0)),
        schema);
  }

  private static DataFrameRows learn(DataSpec spec, Dataset<Row> data) {
    return spec.learn(data, shape -> Target.label(2));
  }

  private static Slice slice(DataFrameRows rows, Dataset<Row> data) {
    SliceBuilder slice = new SliceBuilder(rows.format());
    rows.source(data).blocks().collect().forEach(slice::append);
    return slice.build();
  }

  /** The features of all rows, one after the other. */
  private static float[] features(Slice slice) {
    float[] features = new float[slice.size() * slice.format().features()];
    slice.gatherFeatures(IntStream.range(0, slice.size()).toArray(), 0, slice.size(), features, 0);
    return features;
  }

  private static final DataSpec MIXED =
      DataSpec.of("label", "x")
          .withFeatures(
              Column.number("age").missing(Missing.mean()).standardised(),
              Column.oneHot("city"),
              Column.number("rooms").missing(Missing.median()));

  @Test
  void columnsBecomeFeaturesByWhatIsLearned() {
    DataFrameRows rows = learn(MIXED, people());
    assertThat(rows.featureNames())
        .containsExactly("age", "city=Bern", "city=Oslo", "city=Rome", "rooms");
    float s = (float) (20 / Math.sqrt(200)); // of 20, 40, 40, 60 about 40
    assertThat(features(slice(rows, people().coalesce(1))))
        .containsExactly(
            -s, 0, 0, 1, 1, //
            0, 0, 1, 0, 3, //
            0, 0, 0, 1, 3, //
            s, 1, 0, 0, 5);
  }

  @Test
  void whatIsLearnedDoesNotDependOnPartitions() {
    Dataset<Row> data =
        spark.range(1000).selectExpr("sin(id) * 1e6 + 1e9 AS age", "id % 7 AS city", "0 AS label");
    DataSpec spec =
        DataSpec.of("label", "x")
            .withFeatures(Column.number("age").standardised(), Column.oneHot("city"));
    DataFrameRows expected = learn(spec, data.coalesce(1));
    for (int parts : new int[] {3, 8}) {
      assertThat(learn(spec, data.repartition(parts))).isEqualTo(expected);
    }
  }

  @Test
  void rowsWithMissingValuesMayBeDropped() {
    DataSpec spec =
        DataSpec.of("label", "x")
            .withFeatures(
                Column.number("age").missing(Missing.drop()).standardised(),
                Column.number("rooms").missing(Missing.constant("9")));
    DataFrameRows rows = learn(spec, people());
    Slice slice = slice(rows, people());
    assertThat(slice.size()).isEqualTo(3);
    assertThat(features(slice)).contains(9);
  }

  @Test
  void bytesStayBytesAndAreStandardisedByChannel() {
    Dataset<Row> data =
        spark.createDataFrame(
            List.of(
                RowFactory.create(new byte[] {0, 10, (byte) 200, (byte) 210}, 0),
                RowFactory.create(new byte[] {0, 10, (byte) 200, (byte) 210}, 1)),
            new StructType()
                .add("pixels", DataTypes.BinaryType)
                .add("label", DataTypes.IntegerType));
    DataSpec spec =
        DataSpec.of("label", "pixels")
            .withFeatures(Column.number("pixels").standardised())
            .withShape(List.of(2, 1, 2));
    DataFrameRows rows = learn(spec, data);
    assertThat(rows.format().element()).isEqualTo(ElementType.UINT8);
    assertThat(rows.format().normalisation().mean()).containsExactly(5f, 205f);
    assertThat(features(slice(rows, data))).containsExactly(-1, 1, -1, 1, -1, 1, -1, 1);
  }

  @Test
  void vectorsOfSparkMlAreRead() {
    StructType schema =
        new StructType()
            .add("features", SQLDataTypes.VectorType())
            .add("label", DataTypes.IntegerType);
    Dataset<Row> data =
        spark.createDataFrame(
            List.of(
                RowFactory.create(Vectors.dense(1, 2, 3), 0),
                RowFactory.create(Vectors.sparse(3, new int[] {1}, new double[] {7}), 1)),
            schema);
    DataFrameRows rows = learn(DataSpec.of("label", "features"), data);
    assertThat(features(slice(rows, data.coalesce(1)))).containsExactly(1, 2, 3, 0, 7, 0);
  }

  @Test
  void imagesOfSparksReaderBecomePlanesWithRedFirst() {
    StructType image =
        new StructType()
            .add("origin", DataTypes.StringType)
            .add("height", DataTypes.IntegerType)
            .add("width", DataTypes.IntegerType)
            .add("nChannels", DataTypes.IntegerType)
            .add("mode", DataTypes.IntegerType)
            .add("data", DataTypes.BinaryType);
    Row picture = RowFactory.create("a.png", 1, 2, 3, 16, new byte[] {1, 2, 3, 4, 5, 6});
    Dataset<Row> data =
        spark.createDataFrame(
            List.of(RowFactory.create(picture, 0)),
            new StructType().add("image", image).add("label", DataTypes.IntegerType));
    DataFrameRows rows = learn(DataSpec.of("label", "image").withShape(List.of(3, 1, 2)), data);
    assertThat(features(slice(rows, data))).containsExactly(3, 6, 2, 5, 1, 4);
  }

  @Test
  void weightsAndSeveralTargetsAreKept() {
    Dataset<Row> data =
        spark.range(1).selectExpr("1 AS x", "2 AS a", "array(3, 4) AS b", "0.5 AS w");
    DataSpec spec =
        DataSpec.of("a", "x").withTargets(Column.number("a"), Column.number("b")).withWeight("w");
    DataFrameRows rows = spec.learn(data, shape -> Target.values(1));
    Slice slice = slice(rows, data);
    float[] values = new float[3];
    float[] weight = new float[1];
    slice.gatherValues(new int[] {0}, 0, 1, values, 0);
    slice.gatherWeights(new int[] {0}, 0, 1, weight, 0);
    assertThat(values).containsExactly(2, 3, 4);
    assertThat(weight).containsExactly(0.5f);
  }

  @Test
  void rowsComeByTheirGroup() {
    Dataset<Row> data =
        spark.range(6).selectExpr("id AS x", "0 AS label", "concat('c', id % 2) AS client");
    DataFrameRows rows = learn(DataSpec.of("label", "x").withGroup("client"), data);
    assertThat(rows.byGroup(data).rows().countByKey())
        .containsEntry("c0", 3L)
        .containsEntry("c1", 3L);
  }

  private Dataset<Row> csv(String... lines) throws java.io.IOException {
    Path file = folder.resolve("people.csv");
    Files.write(file, List.of(lines));
    return spark
        .read()
        .option("header", true)
        .option("inferSchema", true)
        .csv(file.toUri().toString());
  }

  @Test
  void aBadRowIsNamedByFileRowColumnAndValue() throws java.io.IOException {
    Dataset<Row> data = csv("x,label", "1,0", "2,1", "two,1", "4,0");
    DataFrameRows rows = learn(DataSpec.of("label", "x"), data);
    assertThatThrownBy(() -> rows.source(data).blocks().count())
        .hasMessageContaining("people.csv, row 3: column 'x' is 'two', which is no number");
  }

  @Test
  void badRowsAreSkippedUpToALimitAndCounted() throws Exception {
    Dataset<Row> data = csv("x,label", "1,0", "2,1", "two,1", "4,0", "5,7", "6,1");
    DataFrameRows two = learn(DataSpec.of("label", "x").with(BadRows.skip(2)), data);
    RowSource source = two.source(data);
    assertThat(source.blocks().count()).isEqualTo(4);
    assertThat(source.bad().orElseThrow().report().orElseThrow())
        .contains("2 bad rows skipped", "people.csv, row 3", "'two'");
    DataFrameRows one = learn(DataSpec.of("label", "x").with(BadRows.skip(1)), data);
    assertThatThrownBy(() -> one.source(data).blocks().count())
        .hasMessageContaining("row 5: column 'label' is 7")
        .hasMessageContaining("bad row 2")
        .hasMessageContaining("data.bad_rows");
  }

  @Test
  void aPartitionThatIsReadTwiceIsCountedOnce() throws Exception {
    Dataset<Row> data = csv("x,label", "one,0", "2,1");
    RowSource source = learn(DataSpec.of("label", "x").with(BadRows.skip(5)), data).source(data);
    source.blocks().count();
    source.blocks().count();
    assertThat(source.bad().orElseThrow().total()).isEqualTo(1);
  }

  @Test
  void whatIsNoInputOfANetworkIsNamed() {
    Dataset<Row> data = spark.range(1).selectExpr("current_date() AS day", "0 AS label");
    assertThatThrownBy(() -> learn(DataSpec.of("label", "day"), data))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("column 'day' is date");
    assertThatThrownBy(() -> learn(DataSpec.of("label", "x"), data))
        .hasMessageContaining("no column 'x'; it has day, label");
  }
}
