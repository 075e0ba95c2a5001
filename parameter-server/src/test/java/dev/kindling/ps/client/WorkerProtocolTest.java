package dev.kindling.ps.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.ps.FakeTraining;
import dev.kindling.ps.Secret;
import dev.kindling.ps.ServerLocation;
import dev.kindling.ps.Transport;
import dev.kindling.ps.Worker;
import dev.kindling.ps.wire.FloatEncoding;
import dev.kindling.ps.wire.Floats;
import dev.kindling.ps.wire.Joined;
import dev.kindling.ps.wire.Message;
import dev.kindling.ps.wire.Outbox;
import dev.kindling.ps.wire.Push;
import dev.kindling.ps.wire.Values;
import dev.kindling.train.Buckets;
import dev.kindling.train.ReplicaTree;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WorkerProtocolTest {
  private static final int ELEMENTS = 2_000;

  private final FakeTraining training = new FakeTraining(ELEMENTS, 2);
  private final Buckets buckets = Buckets.of(training.length());
  private final Narrow server = new Narrow();
  private final WorkerProtocol protocol =
      new WorkerProtocol(
          new ServerLocation(
              "run",
              UUID.randomUUID().toString(),
              Transport.SOCKET,
              List.of(new ServerLocation.Address("nowhere", 1)),
              Secret.random(),
              buckets,
              new ReplicaTree(2)),
          new Worker("worker", 0, 2, 1),
          server);

  /** Takes as many pushes as there is room for. */
  private static final class Narrow implements Outbox {
    private final List<Integer> pushed = new ArrayList<>();
    private int room;

    @Override
    public void send(Message message) {
      if (message instanceof Push push) {
        pushed.add(push.bucket());
        room--;
      }
    }

    @Override
    public boolean isWritable() {
      return room > 0;
    }
  }

  private void joined() {
    protocol.join();
    protocol.receive(0, new Joined(1, 1, 0));
    for (int bucket = 0; bucket < buckets.count(); bucket++) {
      arrives(bucket, 0);
    }
    protocol.begin(0);
  }

  private void arrives(int bucket, long version) {
    Floats none = new Floats(new float[buckets.length(bucket)], 0, buckets.length(bucket));
    protocol.receive(0, new Values(1, bucket, version, FloatEncoding.FLOAT32, none));
  }

  private void push(long step, int bucket) {
    protocol.push(step, bucket, 0, 2, new float[training.length()], 1);
  }

  @Test
  void whatWaitsLeavesInTheOrderInWhichForwardNeedsIt() {
    joined();
    server.room = 2;
    for (int bucket = buckets.count() - 1; bucket >= 0; bucket--) {
      push(0, bucket);
    }
    int last = buckets.count() - 1;
    assertThat(server.pushed).containsExactly(last, last - 1);
    server.room = 3;
    protocol.sendWaiting(0);
    assertThat(server.pushed).containsExactly(last, last - 1, 0, 1, 2);
    server.room = 100;
    protocol.sendWaiting(0);
    protocol.sendWaiting(0);
    assertThat(server.pushed)
        .containsExactlyInAnyOrderElementsOf(IntStream.range(0, buckets.count()).boxed().toList());
  }

  @Test
  void theNextStepBeginsWhileTheLastBucketsOfThisOneHaveYetToLeave() {
    joined();
    server.room = 100;
    for (int bucket = 0; bucket < buckets.count(); bucket++) {
      server.room = bucket < 3 ? 1 : 0;
      push(0, bucket);
    }
    arrives(0, 1);
    protocol.begin(1);
    assertThat(protocol.holds(0, 1)).isTrue();
    assertThat(protocol.holds(3, 1)).isFalse();
    server.room = 100;
    protocol.sendWaiting(0);
    assertThat(server.pushed).hasSize(buckets.count());
  }

  @Test
  void whatWaitsIsForgottenWhenAPlaceIsAskedForAnew() {
    joined();
    push(0, 0);
    protocol.join();
    server.room = 100;
    protocol.sendWaiting(0);
    assertThat(server.pushed).isEmpty();
  }
}
