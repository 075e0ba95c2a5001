package dev.kindling.ps.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.ps.FakeTraining;
import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.ParameterServerException.Reason;
import dev.kindling.ps.RunSpec;
import dev.kindling.ps.Secret;
import dev.kindling.ps.ServerLocation;
import dev.kindling.ps.Transport;
import dev.kindling.ps.Worker;
import dev.kindling.ps.client.WorkerProtocol;
import dev.kindling.ps.shard.FloatPool;
import dev.kindling.ps.shard.ShardGroup;
import dev.kindling.ps.shard.ShardSession;
import dev.kindling.ps.shard.ShardShare;
import dev.kindling.ps.shard.ShardStorage;
import dev.kindling.ps.wire.Joined;
import dev.kindling.ps.wire.Message;
import dev.kindling.ps.wire.Pull;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Shards that were declared dead and come back: neither side takes anything of an old term. */
class TermFenceTest {
  private final RunSpec run = new FakeTraining(90, 4).run("terms", 10);
  private final Worker worker = new Worker("worker 0", 0, 4, 1);
  private final List<Message> sent = new ArrayList<>();
  private final WorkerProtocol protocol =
      new WorkerProtocol(
          new ServerLocation(
              run.id(),
              "",
              Transport.SOCKET,
              List.of(),
              Secret.random(),
              run.buckets(),
              run.tree()),
          worker,
          sent::add);

  private ShardGroup shards(int term) {
    return new ShardGroup(run, ShardShare.ALL, term, new ShardStorage(run), 0);
  }

  @Test
  void theOldShardsValuesAreDropped() {
    protocol.join();
    protocol.receive(0, new Joined(1, 2, 0));
    assertThat(protocol.target(0, ShardSession.values(shards(1), 0, 0), length(0))).isNull();
    assertThat(protocol.target(0, ShardSession.values(shards(2), 0, 0), length(0))).isNotNull();
  }

  private int length(int bucket) {
    return run.buckets().length(bucket);
  }

  @Test
  void theOldShardRefusesWhoHasJoinedTheNewOnes() {
    List<Message> answers = new ArrayList<>();
    ShardSession old =
        new ShardSession(shards(1), new FloatPool(run.buckets().size()), answers::add, () -> 0L);
    protocol.join();
    old.receive(sent.get(0));
    assertThatThrownBy(() -> old.receive(new Pull(2, Pull.ALL, 0)))
        .isInstanceOfSatisfying(
            ParameterServerException.class,
            e -> assertThat(e.reason()).isEqualTo(Reason.STALE_TERM))
        .hasMessageContaining("a message for term 2 of the shards; they were recovered");
  }

  @Test
  void aWorkerThatHearsOfARecoveryJoinsAgain() {
    protocol.join();
    protocol.receive(0, new Joined(1, 2, 0));
    protocol.receive(0, new Joined(1, 3, 0));
    assertThat(protocol.failure().reason()).isEqualTo(Reason.STALE_TERM);
    protocol.join();
    assertThat(protocol.failure()).isNull();
  }
}
