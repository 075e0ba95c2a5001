package dev.kindling.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.nn.Linear;
import dev.kindling.nn.Sequential;
import dev.kindling.nn.Tanh;
import dev.kindling.optim.Adam;
import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.Secret;
import dev.kindling.ps.ServerLocation.Address;
import dev.kindling.ps.server.StandaloneServer;
import dev.kindling.spark.job.ServerOptions;
import dev.kindling.spark.job.TrainingListener;
import dev.kindling.spark.server.ShardPlugin;
import dev.kindling.tensor.Tensor;
import dev.kindling.train.ValueHistogram;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
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

/** Checkpoints, resuming and the places of the parameters, said to the Java API. */
class TrainerRunTest {
  private static final Secret SECRET = Secret.of("known to both of them", "the test");
  private static SparkSession spark;
  private static Map<String, List<Float>> whole;
  @TempDir private Path folder;

  @BeforeAll
  static void start() {
    spark =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "localhost")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.plugins", ShardPlugin.class.getName())
            .getOrCreate();
    whole = parameters(trainer(4).build().fit(points()));
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  private static Dataset<Row> points() {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      rows.add(RowFactory.create(Math.sin(i), Math.cos(2 * i), i % 2));
    }
    return spark.createDataFrame(
        rows,
        new StructType()
            .add("x", DataTypes.DoubleType)
            .add("y", DataTypes.DoubleType)
            .add("label", DataTypes.IntegerType));
  }

  private static Trainer.Builder trainer(int epochs) {
    return Trainer.builder(spark)
        .model(new Sequential(new Linear(2, 8), new Tanh(), new Linear(8, 2)))
        .optimizer(new Adam(0.01))
        .features("x", "y")
        .batchSize(20)
        .replicas(2)
        .workers(2)
        .epochs(epochs);
  }

  private static Map<String, List<Float>> parameters(TrainedModel model) {
    Map<String, List<Float>> all = new TreeMap<>();
    for (Map.Entry<String, Tensor> entry : model.stateDict().entrySet()) {
      List<Float> values = new ArrayList<>();
      for (float value : entry.getValue().toArray()) {
        values.add(value);
      }
      all.put(entry.getKey(), values);
    }
    return all;
  }

  @Test
  void goesOnFromItsCheckpointsToTheSameBits() {
    String kept = folder.resolve("kept").toUri().toString();
    trainer(2).checkpoints(kept, 1, 3).build().fit(points());
    assertThat(folder.resolve("kept/step-6/COMMITTED")).exists();
    assertThat(folder.resolve("kept/step-3/COMMITTED")).exists();
    List<Long> begun = new ArrayList<>();
    TrainingListener ear =
        new TrainingListener() {
          @Override
          public void started(dev.kindling.spark.job.RunPlan run, int workers, long step) {
            begun.add(step);
          }
        };
    TrainedModel resumed = trainer(4).resume(kept).listeners(ear).build().fit(points());
    assertThat(begun).containsExactly(6L);
    assertThat(parameters(resumed)).isEqualTo(whole);
    assertThatThrownBy(() -> trainer(2).checkpoints(kept, 1, 3).build().fit(points()))
        .hasMessageContaining("holds those of another run; go on with it by resume(");
  }

  @Test
  void aFolderWithoutARunIsNamed() {
    assertThatThrownBy(() -> trainer(2).resume(folder.toString()).build().fit(points()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(folder + " holds no run");
  }

  @Test
  void externalServersGiveTheSameBitsToThoseWhoKnowTheSecret() {
    try (StandaloneServer server =
        new StandaloneServer(SECRET, "127.0.0.1", 0, 2, null, Optional.empty())) {
      List<Address> places = List.of(new Address("127.0.0.1", server.port()));
      TrainedModel model =
          trainer(4).servers(ServerOptions.external(SECRET, places)).build().fit(points());
      assertThat(parameters(model)).isEqualTo(whole);
      Secret other = Secret.of("something else that is long", "the test");
      assertThatThrownBy(
              () -> trainer(4).servers(ServerOptions.external(other, places)).build().fit(points()))
          .isInstanceOf(ParameterServerException.class);
    }
  }

  @Test
  void anExecutorGivesTheSameBitsAndNeedsCheckpoints() {
    assertThatThrownBy(() -> trainer(4).servers(ServerOptions.inExecutors()).build().fit(points()))
        .hasMessageContaining("servers.placement: executors needs checkpoints");
    TrainedModel model =
        trainer(4)
            .servers(ServerOptions.inExecutors())
            .checkpoints(folder.resolve("executors").toUri().toString(), 2, 1)
            .build()
            .fit(points());
    assertThat(parameters(model)).isEqualTo(whole);
    assertThat(Files.exists(folder.resolve("executors/run"))).isTrue();
  }

  @Test
  void aSecretOfOnesOwnAndHistograms() {
    List<String> seen = new ArrayList<>();
    TrainingListener ear =
        new TrainingListener() {
          @Override
          public void histograms(
              long step, Map<String, ValueHistogram> weights, Map<String, ValueHistogram> slopes) {
            seen.addAll(weights.keySet());
          }
        };
    TrainedModel model =
        trainer(4)
            .servers(ServerOptions.inDriver(dev.kindling.ps.Transport.SOCKET, 0).with(SECRET))
            .histograms(true)
            .listeners(ear)
            .build()
            .fit(points());
    assertThat(parameters(model)).isEqualTo(whole);
    assertThat(seen).hasSize(16).contains("0.weight", "2.bias");
  }
}
