package dev.kindling.ps.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.kernel.FloatFormat;
import dev.kindling.optim.Adam;
import dev.kindling.optim.ReduceLROnPlateau;
import dev.kindling.optim.ReduceLROnPlateau.Mode;
import dev.kindling.optim.ReduceLROnPlateau.ThresholdMode;
import dev.kindling.ps.FakeTraining;
import dev.kindling.ps.RunSpec;
import dev.kindling.ps.Worker;
import dev.kindling.ps.wire.FloatMessage;
import dev.kindling.ps.wire.Floats;
import dev.kindling.ps.wire.HandOver;
import dev.kindling.ps.wire.Message;
import dev.kindling.ps.wire.Push;
import dev.kindling.ps.wire.WireException;
import dev.kindling.train.FlatUpdate;
import dev.kindling.train.GradientSink;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a standby has that came in the middle of a run, message by message. */
class StandbyProtocolTest {
  private static final int REPLICAS = 2;
  private static final long STEPS = 10;
  private static final long KEY = -7;
  private static final Worker WORKER = new Worker("worker", 0, REPLICAS, 1);

  private final FakeTraining training =
      new FakeTraining(90, REPLICAS, new Adam(0.01), FloatFormat.BFLOAT16);
  private final FakeTraining.Pusher pusher = training.new Pusher(0, REPLICAS);
  private final RunSpec run = run();
  private final Workspace workspace = new Workspace(run.tree());
  private final ShardGroup primary = shards();
  private final ShardGroup standby = shards();
  private final FloatPool pool = new FloatPool(run.buckets().size());
  private final List<Message> toStandby = new ArrayList<>();
  private final List<Message> toPrimary = new ArrayList<>();
  private final ShardSession session = new ShardSession(standby, pool, toPrimary::add, () -> 0L);
  private final StandbyProtocol protocol = new StandbyProtocol(primary, toStandby::add);

  /** A schedule that watches a test metric. */
  private RunSpec run() {
    RunSpec plain = training.run("run", STEPS);
    FlatUpdate update = plain.update();
    ReduceLROnPlateau falling =
        new ReduceLROnPlateau(Mode.MIN, 0.5, 0, 1e-4, ThresholdMode.REL, 0, 0, "test_loss");
    return new RunSpec(
            "run",
            plain.tree(),
            new FlatUpdate(update.layout(), update.optimizer(), falling, 1),
            STEPS)
        .over(FloatFormat.BFLOAT16);
  }

  private ShardGroup shards() {
    return new ShardGroup(run, ShardShare.ALL, 1, new ShardStorage(run), 0);
  }

  private void step(ShardGroup shards) {
    long step = shards.version();
    pusher.step(
        step,
        shards.storage().published(step),
        new GradientSink() {
          @Override
          public void push(long of, int bucket, int lo, int hi, float[] sums, double weight) {
            int from = (int) run.buckets().from(bucket);
            float[] copy = sums.clone();
            shards.push(workspace, 1, shards.term(), of, bucket, lo, hi, copy, from, weight, null);
          }
        });
  }

  /** The rows of an epoch were looked at: the same loss as before, so the rate falls. */
  private void evaluate(ShardGroup shards) {
    shards.reduce(WORKER, shards.version(), 0, REPLICAS, new double[] {5, 0, 1});
  }

  /** Everything that is on its way arrives. */
  private void exchange() {
    while (!toStandby.isEmpty() || !toPrimary.isEmpty()) {
      List<Message> up = List.copyOf(toStandby);
      toStandby.clear();
      up.forEach(message -> session.receive(message instanceof FloatMessage m ? lent(m) : message));
      List<Message> down = List.copyOf(toPrimary);
      toPrimary.clear();
      down.forEach(protocol::receive);
    }
  }

  private Message lent(FloatMessage message) {
    float[] array = pool.take();
    Floats floats = message.floats();
    System.arraycopy(floats.array(), floats.offset(), array, 0, floats.length());
    return message.with(new Floats(array, 0, floats.length()));
  }

  /** Three steps and two evaluations, then a standby comes. */
  private void begin() {
    standby.standBy();
    standby.listen(
        new ShardListener() {
          @Override
          public void released(int bucket, long version) {
            toPrimary.add(ShardSession.values(standby, bucket, version));
          }
        });
    primary.join(WORKER);
    float[] initial = training.initial();
    System.arraycopy(initial, 0, primary.storage().values(0), 0, initial.length);
    for (int bucket = 0; bucket < primary.run().buckets().count(); bucket++) {
      primary.storage().publish(0, bucket);
    }
    primary.reduce(WORKER, KEY, 0, REPLICAS, new double[] {2.5});
    for (int epoch = 0; epoch < 3; epoch++) {
      step(primary);
      evaluate(primary);
    }
    primary.replicate(protocol);
    protocol.join();
    exchange();
  }

  @Test
  void itHasNothingBeforeTheNextVersionAndAllOfItThen() {
    begin();
    assertThat(protocol.isCovered()).isFalse();
    assertThat(standby.replication().isIncomplete()).isTrue();
    assertThatThrownBy(() -> standby.replication().promote(2)).hasMessageContaining("an empty");
    step(primary);
    assertThat(primary.version()).as("released only when the standby has it").isEqualTo(3);
    exchange();
    assertThat(primary.version()).isEqualTo(4);
    assertThat(protocol.isCovered()).isTrue();
    assertSame();
  }

  private void assertSame() {
    long version = primary.version();
    assertThat(standby.version()).isEqualTo(version);
    ShardStorage one = primary.storage();
    ShardStorage other = standby.storage();
    assertThat(other.values(version)).containsExactly(one.values(version));
    assertThat(other.published(version)).containsExactly(one.published(version));
    for (int i = 0; i < run.stateVectors(); i++) {
      assertThat(other.state()[i]).containsExactly(one.state()[i]);
    }
    assertThat(one.plateau().factor()).as("the rate has fallen").isLessThan(1);
    assertThat(other.plateau().toArray()).containsExactly(one.plateau().toArray());
    assertThat(standby.reduced(KEY)).containsExactly(2.5);
    assertThat(standby.reduced(3)).containsExactly(5, 0, 1);
  }

  @Test
  void afterThatItIsMadeBySums() {
    begin();
    step(primary);
    exchange();
    evaluate(primary);
    exchange();
    step(primary);
    assertThat(toStandby).hasOnlyElementsOfType(Push.class).isNotEmpty();
    exchange();
    assertThat(primary.version()).isEqualTo(5);
    assertSame();
  }

  @Test
  void onePromotedGoesOnWithTheSameBits() {
    begin();
    step(primary);
    exchange();
    standby.replication().promote(2);
    standby.join(WORKER);
    step(standby);
    primary.replication().goOnAlone();
    step(primary);
    assertSame();
  }

  /** No evaluation may be taken for one that the schedule has not seen. */
  @Test
  void bucketsWaitForWhatCameBefore() {
    begin();
    step(primary);
    assertThat(toStandby).as("what the schedule has seen").hasSize(1);
    exchange();
    assertThat(protocol.isCovered()).isTrue();
  }

  @Test
  void nobodyElseIsHandedAnything() {
    primary.join(WORKER);
    Floats floats = new Floats(new float[run.buckets().length(0)], 0, run.buckets().length(0));
    assertThatThrownBy(() -> primary.replication().install(new HandOver(1, 0, 0, 1, floats)))
        .isInstanceOf(WireException.class)
        .hasMessageContaining("no standby");
    standby.standBy();
    assertThatThrownBy(() -> standby.replication().install(new HandOver(1, 0, 3, 1, floats)))
        .isInstanceOf(WireException.class)
        .hasMessageContaining("vector 3 of bucket 0 at version 1 has no place");
  }
}
