package dev.kindling.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.kindling.data.DataException;
import dev.kindling.nn.Linear;
import dev.kindling.nn.MSELoss;
import dev.kindling.nn.ReLU;
import dev.kindling.nn.Sequential;
import dev.kindling.optim.Adam;
import dev.kindling.ps.NonFinite;
import dev.kindling.ps.sync.Asynchronous;
import dev.kindling.ps.sync.BoundedStaleness;
import dev.kindling.ps.sync.Synchronous;
import dev.kindling.tensor.Tensor;
import dev.kindling.train.ClassEvaluation;
import dev.kindling.train.Evaluation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The Java API on a session without any settings of ours. */
class TrainerTest {
  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark =
        SparkSession.builder()
            .master("local[4]")
            .config("spark.ui.enabled", "false")
            .config("spark.sql.shuffle.partitions", "4")
            .config("spark.driver.host", "localhost")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .getOrCreate();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  /** Points of the plane; the class says in which of three sectors they lie. */
  private static Dataset<Row> points(int count) {
    Random random = new Random(7);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      double x = random.nextGaussian();
      double y = random.nextGaussian();
      int sector = y > Math.abs(x) ? 0 : x > 0 ? 1 : 2;
      rows.add(RowFactory.create(x, y, sector));
    }
    StructType schema =
        new StructType()
            .add("x", DataTypes.DoubleType)
            .add("y", DataTypes.DoubleType)
            .add("label", DataTypes.IntegerType);
    return spark.createDataFrame(rows, schema);
  }

  private static Trainer.Builder classifier() {
    return Trainer.builder(spark)
        .model(new Sequential(new Linear(2, 16), new ReLU(), new Linear(16, 3)))
        .optimizer(new Adam(0.01))
        .features("x", "y")
        .batchSize(32)
        .replicas(4)
        .workers(2)
        .epochs(8);
  }

  private static void assertSameParameters(TrainedModel one, TrainedModel other) {
    Map<String, Tensor> expected = other.stateDict();
    assertThat(one.stateDict().keySet()).isEqualTo(expected.keySet());
    one.stateDict()
        .forEach(
            (name, tensor) ->
                assertThat(tensor.toArray())
                    .as(name)
                    .containsExactly(expected.get(name).toArray()));
  }

  @Test
  void learnsClassesAndAddsPredictionAndProbability() {
    Dataset<Row> data = points(1000);
    Dataset<Row> predicted = classifier().build().fit(data).transform(data);
    assertThat(predicted.columns()).containsExactly("x", "y", "label", "prediction", "probability");
    double right = predicted.filter("prediction = label").count() / 1000.0;
    assertThat(right).isGreaterThan(0.95);
    Row row = predicted.first();
    List<Float> probability = row.getList(4);
    assertThat(probability).hasSize(3);
    assertThat(probability.stream().mapToDouble(p -> p).sum()).isCloseTo(1, within(1e-5));
    assertThat(probability.get((int) row.getDouble(3)))
        .isEqualTo(probability.stream().reduce(0f, Math::max));
  }

  @Test
  void thePolicyIsChosen() {
    Dataset<Row> data = points(1000);
    TrainedModel synchronous = classifier().build().fit(data);
    assertSameParameters(
        classifier().policy(new BoundedStaleness(0)).build().fit(data), synchronous);
    assertSameParameters(
        classifier().policy(new Synchronous(1)).nonFinite(NonFinite.SKIP).build().fit(data),
        synchronous);
    Dataset<Row> predicted =
        classifier().policy(new Asynchronous()).build().fit(data).transform(data);
    assertThat(predicted.filter("prediction = label").count()).isGreaterThan(900);
  }

  @Test
  void learnsValues() {
    Dataset<Row> data = points(500).withColumn("label", functions.expr("2 * x - y + 0.5"));
    TrainedModel model =
        Trainer.builder(spark)
            .model(new Sequential(new Linear(2, 1)))
            .loss(new MSELoss())
            .optimizer(new Adam(0.05))
            .features("x", "y")
            .batchSize(50)
            .replicas(2)
            .epochs(30)
            .build()
            .fit(data);
    Dataset<Row> predicted = model.transform(data);
    assertThat(predicted.columns()).containsExactly("x", "y", "label", "prediction");
    Row worst = predicted.agg(functions.max("prediction"), functions.max("label")).first();
    assertThat(worst.getDouble(0)).isCloseTo(worst.getDouble(1), within(0.05));
  }

  @Test
  void evaluationCountsWhatTransformPredictsWhateverThePartitions() {
    Dataset<Row> data = points(1000);
    TrainedModel model = classifier().build().fit(data);
    ClassEvaluation evaluation = (ClassEvaluation) model.evaluate(data);
    Dataset<Row> predicted = model.transform(data).cache();
    for (int label = 0; label < 3; label++) {
      for (int said = 0; said < 3; said++) {
        assertThat(evaluation.confusion()[label][said])
            .isEqualTo(
                predicted.filter("label = %d and prediction = %d".formatted(label, said)).count());
      }
    }
    assertThat(evaluation.metric("accuracy"))
        .isEqualTo(predicted.filter("prediction = label").count() / 1000.0);
    assertThat(model.evaluate(data.repartition(7)).metrics()).isEqualTo(evaluation.metrics());
    assertThatThrownBy(() -> model.evaluate(data.filter("x > 100")))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("no row");
  }

  @Test
  void errorsOfValuesHaveTheSameBitsWhateverThePartitions() {
    Dataset<Row> data = points(700).withColumn("label", functions.expr("2 * x - y + 0.5"));
    TrainedModel model =
        classifier().model(new Linear(2, 1)).loss(new MSELoss()).epochs(2).build().fit(data);
    Evaluation evaluation = model.evaluate(data);
    Row formulas =
        model
            .transform(data)
            .selectExpr("avg(abs(label - prediction))", "sqrt(avg(pow(label - prediction, 2)))")
            .first();
    assertThat(evaluation.metric("mae")).isCloseTo(formulas.getDouble(0), within(1e-6));
    assertThat(evaluation.metric("rmse")).isCloseTo(formulas.getDouble(1), within(1e-6));
    assertThat(model.evaluate(data.repartition(9)).metrics()).isEqualTo(evaluation.metrics());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "array(x, y)",
        "array(cast(x as float), cast(y as float))",
      })
  void anArrayColumnGivesTheBitsOfItsNumbersInColumns(String features) {
    Dataset<Row> data = points(300);
    Dataset<Row> arrays = data.withColumn("features", functions.expr(features)).drop("x", "y");
    assertSameParameters(
        classifier().features("features").build().fit(arrays), classifier().build().fit(data));
  }

  @ParameterizedTest
  @ValueSource(ints = {7, 150})
  void emptyPartitionsAndSkewDoNotMatter(int partitions) {
    Dataset<Row> data = points(100);
    TrainedModel expected = classifier().build().fit(data);
    assertSameParameters(classifier().build().fit(data.repartition(partitions)), expected);
  }

  @Test
  void aClassThatIsMissingFromAllSlicesButOneAndOneFileWithAllRowsDoNotMatter() {
    Dataset<Row> data = points(100).withColumn("label", functions.expr("if(x > 2, 1, 0)"));
    Dataset<Row> skewed = data.coalesce(1).union(data.limit(0).repartition(3));
    assertSameParameters(
        classifier().workers(1).build().fit(skewed), classifier().workers(2).build().fit(data));
  }

  @Test
  void fewerRowsThanReplicasTrain() {
    Dataset<Row> data = points(3);
    TrainedModel two = classifier().workers(2).build().fit(data);
    assertSameParameters(classifier().workers(1).build().fit(data), two);
  }

  @Test
  void aColumnThatIsNotThereIsNamedWithThoseThatAre() {
    assertThatThrownBy(() -> classifier().features("x", "z").build().fit(points(10)))
        .hasMessageContaining("'z'")
        .hasMessageContaining("x, y, label");
  }

  @Test
  void aMissingValueIsNamedWithItsRow() {
    Dataset<Row> data = points(10).withColumn("x", functions.expr("nullif(label, 1)"));
    assertThatThrownBy(() -> classifier().build().fit(data))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("row ")
        .hasMessageContaining("column 'x' has no value");
  }

  @Test
  void aLabelThatIsNoClassIsNamed() {
    Dataset<Row> data = points(10).withColumn("label", functions.expr("label + 0.5"));
    assertThatThrownBy(() -> classifier().build().fit(data))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("a class label is a whole number");
  }
}
