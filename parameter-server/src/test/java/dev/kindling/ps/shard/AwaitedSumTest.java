package dev.kindling.ps.shard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.kernel.FloatFormat;
import dev.kindling.ps.FakeTraining;
import dev.kindling.ps.RunSpec;
import dev.kindling.ps.Worker;
import dev.kindling.ps.wire.Join;
import dev.kindling.ps.wire.Message;
import dev.kindling.ps.wire.Reduce;
import dev.kindling.ps.wire.Reduced;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A backup that stands still is sent no sums; it has each as soon as it asks. */
class AwaitedSumTest {
  private final RunSpec run = new FakeTraining(1_001, 2).run("sums", 10);
  private final ShardGroup shards =
      new ShardGroup(run, ShardShare.ALL, 1, new ShardStorage(run), 0);

  private ShardSession join(String name, List<Message> sent) {
    ShardSession session =
        new ShardSession(shards, new FloatPool(run.buckets().size()), sent::add, () -> 1L);
    session.receive(
        new Join(
            run.id(),
            new Worker(name, 0, 2, 1),
            run.tree().replicas(),
            run.buckets().size(),
            run.buckets().length(),
            FloatFormat.FLOAT32));
    sent.clear();
    return session;
  }

  @Test
  void onlyWhoHasAPartInASumWaitsForIt() {
    List<Message> sent = new ArrayList<>();
    ShardSession worker = join("worker", new ArrayList<>());
    ShardSession backup = join("backup", sent);
    List<Boolean> waiting = new ArrayList<>();
    shards.listen(
        new ShardListener() {
          @Override
          public void published(long key, double[] result) {
            waiting.addAll(List.of(worker.awaits(key), backup.awaits(key)));
          }
        });
    worker.receive(new Reduce(1, 7, 0, 2, new double[] {3}));
    assertThat(waiting).containsExactly(true, false);
    backup.receive(new Reduce(1, 7, 0, 2, new double[] {3}));
    assertThat(sent).containsExactly(new Reduced(7, new double[] {3}));
  }
}
