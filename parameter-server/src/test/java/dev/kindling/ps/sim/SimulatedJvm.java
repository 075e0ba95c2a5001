package dev.kindling.ps.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.ParameterServerException.Reason;
import dev.kindling.ps.Worker;
import dev.kindling.ps.client.WorkerProtocol;
import dev.kindling.ps.wire.Floats;
import dev.kindling.ps.wire.Message;
import dev.kindling.ps.wire.Outbox;
import dev.kindling.ps.wire.Refused;
import dev.kindling.ps.wire.Values;
import dev.kindling.train.ReplicaTree.Node;
import java.util.List;
import java.util.stream.Stream;

/** A process with one worker, or with several that share its connections. */
final class SimulatedJvm {
  private final Simulation world;
  private final WorkerProtocol protocol;
  private final List<SimulatedWorker> workers;
  private final Way[] wayTo;
  private final Way[] wayFrom;
  private final Scenario scenario;
  private boolean alive = true;
  private boolean cut;

  SimulatedJvm(Simulation world, List<Worker> workers) {
    this.world = world;
    scenario = world.scenario;
    Outbox[] servers = new Outbox[world.faults.servers()];
    wayTo = Way.array(servers.length);
    wayFrom = Way.array(servers.length);
    for (int s = 0; s < servers.length; s++) {
      int server = s;
      servers[s] = new Narrow(server);
    }
    List<Node> replicas = workers.stream().map(w -> new Node(w.lo(), w.hi())).toList();
    protocol = new WorkerProtocol(world.location, together(workers), replicas, servers);
    this.workers = workers.stream().map(w -> new SimulatedWorker(world, w, this)).toList();
  }

  private static Worker together(List<Worker> workers) {
    return new Worker(
        workers.stream().map(Worker::name).toList().toString(),
        workers.stream().mapToInt(Worker::lo).min().orElseThrow(),
        workers.stream().mapToInt(Worker::hi).max().orElseThrow(),
        workers.get(0).incarnation());
  }

  /** To one server; now and then there is no room for a while. */
  private final class Narrow implements Outbox {
    private final int server;
    private boolean isFull;

    Narrow(int server) {
      this.server = server;
    }

    @Override
    public void send(Message message) {
      SimulatedJvm.this.send(server, message);
    }

    @Override
    public boolean isWritable() {
      if (!isFull && world.random.nextInt(8) == 0) {
        isFull = true;
        world.after(1 + world.random.nextInt(30), this::drained);
      }
      return !isFull;
    }

    private void drained() {
      isFull = false;
      if (alive) {
        protocol.sendWaiting(server);
      }
    }
  }

  /** To the shards that are up when it leaves, or to those that are up when it arrives. */
  private void send(int server, Message message) {
    SimulatedShards old = world.random.nextBoolean() ? world.shards() : null;
    world.transmit(
        message,
        wayTo[server],
        m -> {
          if (!cut) {
            (old == null ? world.shards() : old).receive(server, this, m);
          }
        });
  }

  void start() {
    protocol.join();
    if (scenario.isOrdered()) {
      return; // nothing is lost while the connection is there
    }
    world.retry(
        () -> {
          for (int s = 0; alive && s < world.faults.servers(); s++) {
            protocol.resend(s);
          }
          goOn();
          return alive;
        });
  }

  void die() {
    alive = false;
  }

  boolean isAlive() {
    return alive;
  }

  /** The connections break: what is on its way is lost. */
  void cut() {
    alive = false;
    cut = true;
  }

  boolean isFinished() {
    return alive && protocol.holds(Simulation.STEPS) && protocol.failure() == null;
  }

  /** The last version. */
  float[] result() {
    return protocol.begin(Simulation.STEPS);
  }

  WorkerProtocol protocol() {
    return protocol;
  }

  Stream<SimulatedWorker> workers() {
    return workers.stream();
  }

  /** The way of what a server sends here. */
  Way wayFrom(int server) {
    return wayFrom[server];
  }

  void receive(int server, Message message) {
    if (!alive) {
      return;
    }
    if (message instanceof Values values) {
      Floats target = protocol.target(server, values, values.floats().length());
      if (target == null) {
        return;
      }
      Floats arrived = values.floats();
      System.arraycopy(
          arrived.array(), arrived.offset(), target.array(), target.offset(), target.length());
      protocol.receive(server, values.with(target));
    } else if (isReplaced(message)) {
      if (protocol.isJoined(server)) { // one refusal ends the connection, the others are not heard
        protocol.rejoin(server);
      }
    } else {
      protocol.receive(server, message);
    }
    goOn();
  }

  /** Whether a server says that its standby has taken its place. */
  private boolean isReplaced(Message message) {
    return world.faults.standbys()
        && message instanceof Refused refused
        && refused.reason() == Reason.STALE_TERM;
  }

  /** Any worker may have been waiting for what has changed. */
  void goOn() {
    if (!alive) {
      return;
    }
    ParameterServerException failure = protocol.failure();
    if (failure != null) {
      fail(failure);
    } else {
      workers.forEach(SimulatedWorker::goOn);
    }
  }

  private void fail(ParameterServerException failure) {
    if (failure.reason() == Reason.STALE_TERM) {
      workers.forEach(SimulatedWorker::beginAgain);
      protocol.join();
    } else {
      assertThat(failure.reason()).isEqualTo(Reason.STALE_INCARNATION);
      die();
    }
  }
}
