package dev.kindling.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.data.table.Column;
import dev.kindling.nn.Linear;
import dev.kindling.nn.Sequential;
import dev.kindling.spark.Trainer;
import dev.kindling.spark.job.TrainingException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A cluster that cannot run the workers is refused before Spark runs a job. */
public class BeforeAnythingRunsTest {
  private static final AtomicInteger JOBS = new AtomicInteger();

  @TempDir private Path folder;

  /** Spark makes it by its name. */
  public static final class JobCount extends SparkListener {
    @Override
    public void onJobStart(SparkListenerJobStart start) {
      JOBS.incrementAndGet();
    }
  }

  @BeforeEach
  void write() throws Exception {
    JOBS.set(0);
    Files.writeString(folder.resolve("points.csv"), "x,label\n1,0\n2,1\n3,0\n4,1\n");
    Files.writeString(
        folder.resolve("config.yaml"),
        """
        data:
          format: csv
          path: %s/points.csv
          features: [{number: {name: x, standardise: true}}]
          label: label
        model: [{Linear: {in: 1, out: 2}}]
        loss: CrossEntropyLoss
        optimizer: {SGD: {lr: 0.1}}
        train: {epochs: 1, batch_size: 4, replicas: 2}
        cluster: {master: "local[2]"}
        """
            .formatted(folder));
  }

  @ParameterizedTest
  @CsvSource({
    "spark.speculation,true,2,set spark.speculation=false",
    "spark.dynamicAllocation.enabled,true,2,set spark.dynamicAllocation.enabled=false",
    "spark.app.name,few,3,3 workers need 3 slots at once; local[2] has 2"
  })
  void theJavaApiLearnsNothingOfTheData(String key, String value, int workers, String message)
      throws Exception {
    SparkSession spark =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "localhost")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config(key, value)
            .getOrCreate();
    try {
      Dataset<Row> data =
          spark
              .read()
              .schema("x double, label int")
              .option("header", true)
              .csv(folder.resolve("points.csv").toString());
      spark.sparkContext().addSparkListener(new JobCount());
      Trainer trainer =
          Trainer.builder(spark)
              .model(new Sequential(new Linear(1, 2)))
              .features(Column.number("x").standardised())
              .workers(workers)
              .replicas(3)
              .build();
      assertThatThrownBy(() -> trainer.fit(data))
          .isInstanceOf(TrainingException.class)
          .hasMessageContaining(message);
      spark.sparkContext().listenerBus().waitUntilEmpty();
      assertThat(JOBS).hasValue(0);
    } finally {
      spark.stop();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "spark.speculation,true,1,set spark.speculation=false",
    "spark.dynamicAllocation.enabled,true,1,set spark.dynamicAllocation.enabled=false",
    "spark.app.name,few,3,3 workers need 3 slots at once; local[2] has 2"
  })
  void theCommandDoesNotEvenFindOutTheTypes(String key, String value, int workers, String message) {
    StringWriter errors = new StringWriter();
    System.setProperty(key, value);
    System.setProperty("spark.extraListeners", JobCount.class.getName());
    try {
      int code =
          Main.run(
              new PrintWriter(errors, true),
              "train",
              folder.resolve("config.yaml").toString(),
              "--run-dir",
              folder.resolve("run").toString(),
              "--set",
              "train.replicas=3",
              "--set",
              "cluster.workers=" + workers);
      assertThat(errors.toString()).contains(message);
      assertThat(code).isEqualTo(4);
      assertThat(JOBS).hasValue(0);
    } finally {
      System.clearProperty(key);
      System.clearProperty("spark.extraListeners");
    }
  }

  /** The count counts: with what is right there are jobs. */
  @Test
  void aClusterThatFitsTrains() {
    System.setProperty("spark.extraListeners", JobCount.class.getName());
    try {
      StringWriter errors = new StringWriter();
      int code =
          Main.run(
              new PrintWriter(errors, true),
              "train",
              folder.resolve("config.yaml").toString(),
              "--run-dir",
              folder.resolve("run").toString());
      assertThat(code).as(errors.toString()).isZero();
      assertThat(JOBS).hasPositiveValue();
    } finally {
      System.clearProperty("spark.extraListeners");
    }
  }
}
