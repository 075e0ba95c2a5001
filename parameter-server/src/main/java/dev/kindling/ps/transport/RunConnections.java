package dev.kindling.ps.transport;

import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.ParameterServerException.Reason;
import dev.kindling.ps.shard.FloatPool;
import dev.kindling.ps.shard.ShardGroup;
import dev.kindling.ps.shard.ShardListener;
import dev.kindling.ps.shard.ShardSession;
import dev.kindling.ps.wire.Reduced;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The workers of one run behind sockets: tells them of new values. Thread-safe. */
public final class RunConnections implements ShardListener {
  private final ShardGroup shards;
  private final FloatPool pool;

  /** Whether a version may be made before every worker has the one before it. */
  private final boolean isAhead;

  /** Whether a worker that a version needs has all of the one before it. */
  private final boolean isInStep;

  private final List<ServerConnection> connections = new CopyOnWriteArrayList<>();

  /** Nobody is connected; listens to the shards from now on. */
  public RunConnections(ShardGroup shards) {
    this.shards = shards;
    this.pool = new FloatPool(shards.run().buckets().size());
    isAhead = shards.run().staleness() > 0;
    isInStep = !isAhead && !shards.run().isAsynchronous();
    shards.listen(this);
  }

  UnsentVersions unsent() {
    return new UnsentVersions(shards);
  }

  ShardSession enter(ServerConnection connection) {
    connections.add(connection);
    return new ShardSession(shards, pool, connection, System::nanoTime);
  }

  void leave(ServerConnection connection) {
    connections.remove(connection);
  }

  /** Whether nobody is connected. */
  public boolean isEmpty() {
    return connections.isEmpty();
  }

  /**
   * Sends the new values to every worker of the newest start; encoded once for several. A version
   * that was made without a worker would pile up behind those before it: it is sent when the
   * connection takes more.
   */
  @Override
  public void released(int bucket, long version) {
    if (connections.size() == 1 && !isAhead) {
      connections.forEach(only -> sendAlone(only, bucket, version));
    } else {
      sendToAll(bucket, version);
    }
  }

  private void sendAlone(ServerConnection only, int bucket, long version) {
    if (only.isCurrent() && isTold(only, bucket, version)) {
      only.send(ShardSession.values(shards, bucket, version));
      only.answered(bucket, version);
    }
  }

  private void sendToAll(int bucket, long version) {
    ByteBuf frame = null;
    for (ServerConnection connection : connections) {
      if (connection.isCurrent() && isTold(connection, bucket, version)) {
        frame = frame == null ? frame(bucket, version) : frame;
        if (isAhead) {
          connection.sendInTurn(frame);
        } else {
          connection.send(frame);
        }
        connection.answered(bucket, version);
      }
    }
    if (frame != null) {
      frame.release();
    }
  }

  /** Whether a worker is sent a version now; else it is told later. */
  private boolean isTold(ServerConnection connection, int bucket, long version) {
    boolean isNow = !isInStep || connection.hasPart(bucket, version);
    if (!isNow) {
      connection.sendLater(bucket, version);
    }
    return isNow;
  }

  /** Ends every connection that is there: the shards have another term. */
  public void refuseAll(String reason) {
    connections.forEach(connection -> connection.refuse(Reason.STALE_TERM, reason, null));
  }

  private ByteBuf frame(int bucket, long version) {
    return MessageEncoder.encode(
        ShardSession.values(shards, bucket, version), PooledByteBufAllocator.DEFAULT);
  }

  @Override
  public void published(long key, double[] result) {
    connections.forEach(connection -> connection.tell(new Reduced(key, result)));
  }

  @Override
  public void began(int incarnation) {
    connections.forEach(connection -> connection.refuseIfStale(incarnation));
  }

  @Override
  public void aborted(ParameterServerException cause) {
    connections.forEach(connection -> connection.refuse(cause.reason(), cause.getMessage(), null));
  }
}
