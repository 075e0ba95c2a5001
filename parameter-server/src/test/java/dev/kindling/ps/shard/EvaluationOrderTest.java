package dev.kindling.ps.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.kindling.ps.FakeTraining;
import dev.kindling.ps.RunSpec;
import dev.kindling.ps.Worker;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Workers go on from an evaluation when everybody who listens was told of it, not before. */
class EvaluationOrderTest {
  private final RunSpec run = new FakeTraining(1_001, 2).run("evaluation", 10);
  private final ShardGroup shards =
      new ShardGroup(run, ShardShare.ALL, 1, new ShardStorage(run), 0);
  private final Worker first = new Worker("first", 0, 2, 1);

  @Test
  void nobodyHasTheResultWhileAListenerIsTold() {
    List<double[]> seen = new ArrayList<>();
    shards.listen(
        new ShardListener() {
          @Override
          public void reduced(long key, double[] result) {
            seen.add(result);
            seen.add(shards.reduced(key));
          }
        });
    shards.join(first);
    shards.reduce(first, 0, 0, 2, new double[] {3});
    assertThat(seen).containsExactly(new double[] {3}, null);
    assertThat(shards.reduced(0)).containsExactly(3);
  }

  /** A backup that asks while listeners are told gets no answer: it is told with all others. */
  @Test
  void whoAsksTooEarlyIsToldAfterTheListeners() {
    List<double[]> asked = new ArrayList<>();
    shards.listen(
        new ShardListener() {
          @Override
          public void reduced(long key, double[] result) {
            shards.reduce(first, key, 0, 2, new double[] {3});
            asked.add(shards.reduced(key));
          }

          @Override
          public void published(long key, double[] result) {
            asked.add(result);
            asked.add(shards.reduced(key));
          }
        });
    shards.join(first);
    shards.reduce(first, 0, 0, 2, new double[] {3});
    assertThat(asked).containsExactly(null, new double[] {3}, new double[] {3});
  }

  @Test
  void aListenerThatFailsHoldsNobodyBack() {
    shards.listen(
        new ShardListener() {
          @Override
          public void reduced(long key, double[] result) {
            throw new IllegalStateException("no room for the result");
          }
        });
    shards.join(first);
    assertThat(catchThrowable(() -> shards.reduce(first, 0, 0, 2, new double[] {3})))
        .hasMessage("no room for the result");
    assertThat(shards.reduced(0)).containsExactly(3);
  }
}
