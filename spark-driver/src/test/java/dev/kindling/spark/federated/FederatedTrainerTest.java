package dev.kindling.spark.federated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.data.DataException;
import dev.kindling.data.table.Column;
import dev.kindling.data.table.Missing;
import dev.kindling.federated.FederatedConfig;
import dev.kindling.federated.LocalTraining;
import dev.kindling.federated.Participation;
import dev.kindling.federated.privacy.ClientPrivacy;
import dev.kindling.federated.server.FedAdam;
import dev.kindling.nn.Linear;
import dev.kindling.nn.MSELoss;
import dev.kindling.nn.Sequential;
import dev.kindling.optim.SGD;
import dev.kindling.optim.Schedule;
import dev.kindling.ps.checkpoint.LocalCheckpointStore;
import dev.kindling.spark.FederatedTrainer;
import dev.kindling.spark.LocalSpark;
import dev.kindling.spark.data.BadRows;
import dev.kindling.spark.data.DataSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The clients of a DataFrame: whose rows, which of them, and what is told of them. */
class FederatedTrainerTest {
  private static final DataSpec COLUMNS = DataSpec.of("label", "features").withGroup("hospital");
  private static SparkSession session;

  @TempDir Path folder;

  @BeforeAll
  static void start() {
    session = LocalSpark.start();
  }

  @AfterAll
  static void stop() {
    session.stop();
  }

  /** 100 rows of five hospitals in four partitions; one in 25 has no feature. */
  private static Dataset<Row> rows() {
    return session
        .range(0, 100, 1, 4)
        .selectExpr(
            "concat('hospital ', id % 5) AS hospital",
            "if(id % 25 = 7, null, cast(id % 10 AS double) / 10) AS features",
            "2 * cast(id % 10 AS double) / 10 + 1 AS label");
  }

  private static FederatedTrainer trainer(int rounds, ClientPrivacy privacy) {
    return FederatedTrainer.of(
        new FederatedConfig(
            new Sequential(new Linear(1, 1)),
            new MSELoss(),
            new SGD(0.1),
            new Schedule.Constant(),
            new FedAdam(0.1, 0.9, 0.99, 1e-3),
            rounds,
            Participation.of(0.6),
            LocalTraining.of(2, 5),
            privacy,
            3));
  }

  private static float[] weights(FederatedTrainer trainer, Dataset<Row> rows) {
    return trainer.fit(rows).stateDict().get("0.weight").toArray();
  }

  /** One bad row in each of four partitions: three may be skipped in all, not in each. */
  @Test
  void theLimitOfBadRowsHoldsForAllPartitionsTogether() {
    FederatedTrainer ofGroups = trainer(1, null).clientPerGroup();
    FederatedTrainer ofPartitions = trainer(1, null).clientPerPartition();
    for (FederatedTrainer trainer : List.of(ofGroups, ofPartitions)) {
      assertThatThrownBy(() -> trainer.data(COLUMNS.with(BadRows.skip(3))).fit(rows()))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("training data: 4 bad rows skipped")
          .hasMessageContaining("at most 3 may be skipped");
      assertThat(weights(trainer.data(COLUMNS.with(BadRows.skip(4))), rows()))
          .containsExactly(weights(trainer.data(COLUMNS), rows().filter("features is not null")));
    }
    assertThatThrownBy(() -> ofGroups.data(COLUMNS).fit(rows()))
        .hasMessageContaining("column 'features'");
  }

  @Test
  void aRowThatBelongsToNobodyIsBad() {
    Dataset<Row> rows =
        rows()
            .filter("features is not null")
            .selectExpr("if(label = 1.0, null, hospital) AS hospital", "features", "label");
    assertThatThrownBy(() -> trainer(1, null).clientPerGroup().data(COLUMNS).fit(rows))
        .hasMessageContaining("column 'hospital' has no value");
    FederatedTrainer skipping =
        trainer(1, null).clientPerGroup().data(COLUMNS.with(BadRows.skip(10)));
    assertThat(weights(skipping, rows))
        .containsExactly(weights(skipping, rows.filter("hospital is not null")));
  }

  @Test
  void withPrivacyNothingIsLearnedOfTheColumns() {
    FederatedTrainer secret = trainer(1, new ClientPrivacy(1, 1, 1e-3)).clientPerGroup();
    Column features = Column.number("features");
    for (Column learned :
        List.of(
            features.standardised(),
            features.missing(Missing.mean()),
            features.missing(Missing.median()),
            Column.oneHot("features"),
            Column.index("features"))) {
      assertThatThrownBy(() -> secret.data(COLUMNS.withFeatures(learned)).fit(rows()))
          .hasMessageContaining("column 'features' would be learned from all clients' rows");
    }
    assertThat(
            weights(
                secret.data(COLUMNS.withFeatures(features.missing(Missing.constant("0")))), rows()))
        .hasSize(1);
  }

  @Test
  void aTrainerGoesOnFromItsCheckpointToTheSameBits() {
    FederatedTrainer whole = trainer(6, null).clientPerGroup().data(COLUMNS);
    Dataset<Row> rows = rows().filter("features is not null");
    trainer(4, null).clientPerGroup().data(COLUMNS).options(keeping(false)).fit(rows);
    int[] resumed = {-1};
    FederatedTrainer second =
        whole
            .options(keeping(true))
            .listeners(
                new FederatedListener() {
                  @Override
                  public void started(FederatedConfig config, int clients, long rows, int round) {
                    resumed[0] = round;
                  }
                });
    assertThat(weights(second, rows)).containsExactly(weights(whole, rows));
    assertThat(resumed[0]).isEqualTo(4);
  }

  private FederatedOptions keeping(boolean isResumed) {
    FederatedCheckpoints kept = new FederatedCheckpoints(new LocalCheckpointStore(folder), 2);
    return new FederatedOptions(0, 1, 2, Optional.of(kept), 1, isResumed);
  }
}
