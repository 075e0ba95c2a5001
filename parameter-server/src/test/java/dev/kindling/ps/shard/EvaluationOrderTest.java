package dev.kindling.ps.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.kindling.optim.Schedule;
import dev.kindling.ps.FakeTraining;
import dev.kindling.ps.RunSpec;
import dev.kindling.ps.Worker;
import dev.kindling.spec.Spec;
import dev.kindling.train.FlatUpdate;
import dev.kindling.train.MetricSums;
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

  /** Others hold some of the training rows' sums: the rate moves once all are known, once. */
  @Test
  void aSharedScheduleIsToldBeforeAnybodyGoesOn() {
    Schedule falling =
        Schedule.of(
            Spec.of("ReduceLROnPlateau")
                .with("metric", "train_loss", null)
                .with("patience", 0, null)
                .with("factor", 0.5, null));
    FlatUpdate plain = run.update();
    FlatUpdate watching = new FlatUpdate(plain.layout(), plain.optimizer(), falling, 5);
    RunSpec watched = new RunSpec("watched", run.tree(), watching, 10);
    ShardShare half = new ShardShare(0, 2);
    ShardStorage storage = new ShardStorage(watched, half, List.of());
    ShardGroup here = new ShardGroup(watched, half, 1, storage, 0);
    List<Long> published = new ArrayList<>();
    here.listen(
        new ShardListener() {
          @Override
          public void published(long key, double[] result) {
            published.add(key);
          }
        });
    here.join(first);
    here.reduce(first, 0, 0, 2, new double[] {3});
    here.reduce(first, 3, 0, 2, new double[] {4}); // amid an epoch nothing is watched
    assertThat(here.reduced(0)).isNull();
    assertThat(here.reduced(3)).containsExactly(4);
    Worker again = new Worker("again", 0, 2, 2);
    here.join(again);
    here.reduce(again, 0, 0, 2, new double[] {3});
    assertThat(here.reduced(0)).isNull();
    MetricSums training = new MetricSums(8, 1, 4);
    here.observe(0, training);
    here.observe(0, training);
    assertThat(here.reduced(0)).containsExactly(3);
    assertThat(published).containsExactly(3L, 0L);
    assertThat(storage.plateau().toArray()).containsExactly(2, 0, 0, 1); // the best so far
    here.reduce(again, 5, 0, 2, new double[] {3});
    here.observe(5, training);
    assertThat(storage.plateau().factor()).isEqualTo(0.5);
  }
}
