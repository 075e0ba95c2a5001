package dev.kindling.spark.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;

class SparkBenchTest {
  @Test
  void aLineHoldsTheMediansAndTheirRatio() {
    Iterator<Double> values = List.of(3.0, 100.0, 6.0).iterator();
    assertThat(new SparkBench(1, 1, 3).compare("x", values::next, () -> 12))
        .isEqualTo("BENCH name=x value=6.00 reference=12.00 ratio=0.500 unit=samples/s");
  }

  @Test
  void everyMeasuredTrainingReachesItsEnd() {
    NetworkRun run = NetworkRun.mlp(200, 20, 2);
    assertThat(run.inOneProcess()).isPositive();
    assertThat(run.onSpark(1)).isPositive();
    assertThat(run.onSpark(2)).isPositive();
    assertThat(NetworkRun.cnn(60, 20, 2).onSpark(1)).isPositive();
    assertThat(DataBench.fromDisk(run)).isPositive();
    assertThat(SparkBench.manyWorkers(run)).endsWith("hash=same");
    assertThat(StartProbe.secondsToFirstStep()).isPositive();
    DataBench data = new DataBench(300, 2);
    assertThat(data.ingest()).isPositive();
    assertThat(data.transform()).isPositive();
    assertThat(data.forward()).isPositive();
  }
}
