package dev.kindling.ps.shard;

import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.RunSpec;
import dev.kindling.ps.Worker;
import dev.kindling.ps.wire.FloatEncoding;
import dev.kindling.ps.wire.Floats;
import dev.kindling.ps.wire.HandOver;
import dev.kindling.ps.wire.Join;
import dev.kindling.ps.wire.Joined;
import dev.kindling.ps.wire.Message;
import dev.kindling.ps.wire.Outbox;
import dev.kindling.ps.wire.Push;
import dev.kindling.ps.wire.Reduce;
import dev.kindling.ps.wire.Reduced;
import dev.kindling.ps.wire.Refused;
import dev.kindling.ps.wire.Values;
import dev.kindling.ps.wire.WireException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The primary's end of the way to its standby, which begins with nothing. First it hands over what
 * is finished: reductions, and what a schedule has seen; then one version of each bucket, whole.
 * From there on it speaks as a worker does who computes all replicas: it pushes each bucket's sum
 * over the whole tree, and the standby applies the same rule to the same sum. The new values that
 * come back say that the standby has the version; a reduction's result travels as the sum over all
 * replicas. Knows neither socket nor clock: whatever is sent again is dropped or answered from what
 * is there. Thread-safe.
 */
public final class StandbyProtocol implements Standby {
  /** The name of the one who may join a standby. */
  public static final String PRIMARY = "primary";

  /** Names what a schedule that watches a metric has seen, among the sums. */
  static final long PLATEAU = Long.MIN_VALUE;

  private static final int INCARNATION = 1;

  private final ShardGroup shards;
  private final Outbox outbox;
  private final Worker self;
  private final BitSet missing = new BitSet();
  private final Map<Integer, List<HandOver>> copies = new TreeMap<>();

  /** Those that have not left yet. */
  private final List<HandOver> held = new ArrayList<>();

  private final Map<Integer, Push> pushes = new TreeMap<>();
  private final Map<Long, Reduce> reductions = new TreeMap<>();
  private boolean isPlateauSent;
  private boolean joined;

  /** The shards' standby, through an outbox that may lose what it is given. */
  public StandbyProtocol(ShardGroup shards, Outbox outbox) {
    this.shards = shards;
    this.outbox = outbox;
    self = new Worker(PRIMARY, 0, shards.run().tree().replicas(), INCARNATION);
    shards.share().stream(shards.run().buckets().count()).forEach(missing::set);
  }

  /** Asks for a place. */
  public void join() {
    RunSpec run = shards.run();
    outbox.send(
        new Join(
            run.id(),
            self,
            run.tree().replicas(),
            run.buckets().size(),
            run.buckets().length(),
            run.wire()));
  }

  /** Whether the standby has all that anybody has, and can take these shards' place. */
  public synchronized boolean isCovered() {
    return missing.isEmpty();
  }

  @Override
  public synchronized void copied(int bucket, long version) {
    double[] plateau = shards.storage().plateau().toArray();
    if (!isPlateauSent && plateau.length > 0) {
      reduced(PLATEAU, plateau);
    }
    isPlateauSent = true;
    ShardStorage storage = shards.storage();
    List<HandOver> parts = new ArrayList<>();
    parts.add(part(bucket, 0, version, storage.values(version)));
    for (float[] vector : storage.state()) {
      parts.add(part(bucket, parts.size(), version, vector));
    }
    copies.put(bucket, parts);
    held.addAll(parts);
    sendHeld();
  }

  private HandOver part(int bucket, int number, long version, float[] vector) {
    int length = shards.run().buckets().length(bucket);
    Floats floats = new Floats(vector, shards.storage().offset(bucket), length);
    return new HandOver(shards.term(), bucket, number, version, floats);
  }

  @Override
  public synchronized void applied(int bucket, long step, float[] sum, double weight) {
    RunSpec run = shards.run();
    int length = run.buckets().length(bucket);
    FloatEncoding encoding = FloatEncoding.of(run.rounding(), run.buckets().from(bucket), length);
    Push push =
        new Push(
            INCARNATION,
            shards.term(),
            step,
            bucket,
            0,
            self.hi(),
            weight,
            encoding,
            new Floats(sum, 0, length));
    pushes.put(bucket, push);
    send(push);
  }

  @Override
  public synchronized void reduced(long key, double[] result) {
    Reduce reduce = new Reduce(shards.term(), key, 0, self.hi(), result);
    reductions.put(key, reduce);
    send(reduce);
  }

  private void send(Message message) {
    if (joined) {
      outbox.send(message);
    }
  }

  /** Sends again whatever has not been answered. */
  public synchronized void resend() {
    if (!joined) {
      join();
    }
    reductions.values().forEach(this::send);
    held.clear();
    copies.values().forEach(held::addAll);
    sendHeld();
    pushes.values().forEach(this::send);
  }

  /** With the last bucket the standby begins: what came before must be there. */
  private void sendHeld() {
    if (joined && reductions.isEmpty()) {
      held.forEach(this::send);
      held.clear();
    }
  }

  /**
   * Takes what the standby sends.
   *
   * @throws ParameterServerException if it refuses: another term has begun there
   */
  public void receive(Message message) {
    if (message instanceof Values v) {
      if (isAnswer(v)) {
        shards.replication().acknowledged(v.bucket(), v.version());
      }
    } else if (message instanceof Reduced r) {
      if (isAnswer(r)) {
        shards.replication().acknowledged(r.key());
      }
    } else if (message instanceof Joined j) {
      joined(j);
    } else if (message instanceof Refused r) {
      throw new ParameterServerException(r.reason(), r.text());
    } else {
      throw new WireException("a standby does not send " + message.type());
    }
  }

  private synchronized boolean isAnswer(Values v) {
    List<HandOver> copy = copies.get(v.bucket());
    if (copy != null) {
      boolean isWhole = v.term() == copy.get(0).term() && v.version() == copy.get(0).version();
      if (isWhole) {
        copies.remove(v.bucket());
        missing.clear(v.bucket());
      }
      return isWhole;
    }
    Push push = pushes.get(v.bucket());
    return push != null
        && v.term() == push.term()
        && v.version() == push.step() + 1
        && pushes.remove(v.bucket(), push);
  }

  private synchronized boolean isAnswer(Reduced r) {
    boolean isNew = reductions.remove(r.key()) != null;
    if (isNew) {
      sendHeld();
    }
    return isNew;
  }

  private synchronized void joined(Joined j) {
    if (!joined && j.term() == shards.term()) {
      joined = true;
      resend();
    }
  }
}
