package dev.kindling.ps.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.ParameterServerException.Reason;
import dev.kindling.ps.RunSpec;
import dev.kindling.ps.shard.FloatPool;
import dev.kindling.ps.shard.ShardGroup;
import dev.kindling.ps.shard.ShardListener;
import dev.kindling.ps.shard.ShardSession;
import dev.kindling.ps.shard.ShardShare;
import dev.kindling.ps.shard.ShardStorage;
import dev.kindling.ps.shard.Standby;
import dev.kindling.ps.shard.StandbyProtocol;
import dev.kindling.ps.shard.Workspace;
import dev.kindling.ps.wire.FloatMessage;
import dev.kindling.ps.wire.Floats;
import dev.kindling.ps.wire.Message;
import dev.kindling.ps.wire.Norms;
import dev.kindling.ps.wire.Push;
import dev.kindling.ps.wire.Reduced;
import dev.kindling.ps.wire.Refused;
import dev.kindling.ps.wire.WireException;
import dev.kindling.train.table.RowTable;
import dev.kindling.train.table.TableSnapshot;
import dev.kindling.train.table.TableSpec;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** All shard processes of one term, and the checkpoints that survive them. */
final class SimulatedShards {
  private static final long CHECKPOINT_EVERY = 3;

  /** The values and the optimizer's state at one version, bucket by bucket. */
  private static final class Saved {
    private final ShardStorage copy;
    private final RowTable[] tables;
    private final Set<Integer> buckets = new HashSet<>();
    private boolean isSpoilt;

    Saved(RunSpec run) {
      copy = new ShardStorage(run);
      tables = new RowTable[run.tables().size()];
    }

    void keep(ShardStorage from, int part, long version, Faults.Sabotage sabotage) {
      int table = part - from.buckets().count();
      if (table < 0) {
        keepBucket(from, part, version, sabotage);
      } else {
        tables[table] = copy(List.of(from.tables().get(table)));
      }
      buckets.add(part);
    }

    /** A whole table from its parts. */
    private static RowTable copy(List<RowTable> parts) {
      TableSpec spec = parts.get(0).spec();
      RowTable copy = new RowTable(spec, parts.get(0).version());
      int length = (1 + spec.stateVectors()) * spec.width();
      for (RowTable part : parts) {
        try (TableSnapshot rows = part.snapshot()) {
          assertThat(rows.version()).isEqualTo(copy.version());
          rows.forEach(
              (key, steps, array, at) ->
                  copy.restore(key, steps, Arrays.copyOfRange(array, at, at + length)));
        }
      }
      return copy;
    }

    private void keepBucket(ShardStorage from, int bucket, long version, Faults.Sabotage sabotage) {
      int at = from.offset(bucket);
      int to = copy.offset(bucket);
      int length = from.buckets().length(bucket);
      long taken = sabotage == Faults.Sabotage.LATE_CHECKPOINT ? version - 1 : version;
      System.arraycopy(from.values(taken), at, copy.values(version), to, length);
      for (int i = 0; i < from.state().length; i++) {
        System.arraycopy(from.state()[i], at, copy.state()[i], to, length);
      }
    }

    ShardStorage restore(RunSpec run, long version, Faults.Sabotage sabotage) {
      List<RowTable> rows = Arrays.stream(tables).map(table -> copy(List.of(table))).toList();
      ShardStorage into = new ShardStorage(run, ShardShare.ALL, rows);
      int length = into.values(0).length;
      System.arraycopy(copy.values(version), 0, into.values(version), 0, length);
      for (int i = 0; i < into.state().length; i++) {
        if (sabotage != Faults.Sabotage.FORGOTTEN_STATE) {
          System.arraycopy(copy.state()[i], 0, into.state()[i], 0, length);
        }
      }
      return into;
    }
  }

  private final Simulation world;
  private final int term;
  private final ShardStorage storage;
  private final Process[] processes;

  /** Those that were taken for lost. */
  private final Process[] zombies;

  private final TreeMap<Long, Saved> committed;
  private final Map<Long, Saved> collecting = new TreeMap<>();
  private final History history;
  private int replacedAgain;

  private SimulatedShards(
      Simulation world,
      int term,
      ShardStorage storage,
      long version,
      TreeMap<Long, Saved> saved,
      History history) {
    this.world = world;
    this.term = term;
    this.storage = storage;
    this.committed = saved;
    this.history = history;
    processes = new Process[world.faults.servers()];
    zombies = new Process[processes.length];
    for (int s = 0; s < processes.length; s++) {
      processes[s] = new Process(s, term, storage, version);
    }
    for (Process process : processes) {
      if (world.faults.standbys()) {
        process.cover();
      }
    }
  }

  /** What one process has of the whole: its buckets alone, one after the other. */
  private ShardStorage share(ShardStorage whole, ShardShare share, long version) {
    ShardStorage part = new ShardStorage(world.run, share, whole.tables());
    for (int bucket : share.stream(world.run.buckets().count()).toArray()) {
      int from = whole.offset(bucket);
      int to = part.offset(bucket);
      int length = world.run.buckets().length(bucket);
      System.arraycopy(whole.values(version), from, part.values(version), to, length);
      for (int i = 0; i < part.state().length; i++) {
        System.arraycopy(whole.state()[i], from, part.state()[i], to, length);
      }
    }
    return part;
  }

  /** How often one that was promoted was replaced by a standby that came after that. */
  int replacedAgain() {
    return replacedAgain;
  }

  static SimulatedShards first(Simulation world) {
    ShardStorage storage = new ShardStorage(world.run);
    float[] initial = world.scenario.initial();
    System.arraycopy(initial, 0, storage.values(0), 0, initial.length);
    Saved start = new Saved(world.run);
    for (int b = 0; b < world.run.parts(); b++) {
      start.keep(storage, b, 0, Faults.Sabotage.NONE);
    }
    TreeMap<Long, Saved> saved = new TreeMap<>(Map.of(0L, start));
    return new SimulatedShards(world, 1, storage, 0, saved, new History());
  }

  /** Every process comes back from the newest checkpoint; these here may go on for a while. */
  SimulatedShards recover() {
    long version = committed.lastKey();
    ShardStorage restored =
        committed.lastEntry().getValue().restore(world.run, version, world.faults.sabotage());
    return new SimulatedShards(
        world, term + 1, restored, version, new TreeMap<>(committed), history.before(version));
  }

  /** The run's last version, if it is here. */
  Optional<float[]> result() {
    for (Process process : processes) {
      if (process.shards.version() < Simulation.STEPS) {
        return Optional.empty();
      }
    }
    int parts = processes.length;
    for (int t = 0; t < world.scenario.run.tables().size(); t++) {
      world.scenario.checkTable(
          t, Saved.copy(storage.tables().subList(t * parts, (t + 1) * parts)));
    }
    float[] result = new float[storage.values(0).length];
    for (Process process : processes) {
      process.copyInto(result);
    }
    return Optional.of(result);
  }

  void receive(int server, SimulatedJvm from, Message message) {
    boolean isLate =
        zombies[server] != null && zombies[server].knows(from) && world.random.nextBoolean();
    (isLate ? zombies : processes)[server].receive(from, message);
  }

  /** Ends what a process was about to do. */
  private static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /** The gradients of one step of a bucket. */
  private record Step(int incarnation, long step, int bucket) {}

  int term() {
    return term;
  }

  /** What led to the versions here. */
  History history() {
    return history;
  }

  /** The clock goes on. */
  void tick() {
    for (Process process : processes) {
      process.shards.tick(new Workspace(world.run.tree()));
    }
  }

  /** One process: its shards and the sessions of those who speak to it. */
  private final class Process implements ShardListener {
    private final int server;
    private final ShardGroup shards;
    private final FloatPool pool = new FloatPool(world.run.buckets().size());
    private final Map<SimulatedJvm, ShardSession> sessions = new LinkedHashMap<>();
    private final long[] versions;
    private final Set<Long> reductions = new HashSet<>();
    private final Map<Step, BitSet> arrived = new HashMap<>();
    private final float[] values = world.scenario.initial();
    private final float[][] state = new float[world.run.stateVectors()][values.length];
    private final ShardStorage own;
    private final Way out = new Way();
    private final Way back = new Way();
    private boolean dead;
    private boolean isCovered;

    /** The second copy of these shards, while it is one; null where there is none. */
    private Process standby;

    private StandbyProtocol link;

    /** What a standby hears its primary through. */
    private ShardSession fromPrimary;

    private Process primary;

    /** Whether this one has begun as a standby. */
    private boolean isPromoted;

    Process(int server, int ofTerm, ShardStorage whole, long version) {
      this.server = server;
      ShardShare share = new ShardShare(server, processes.length);
      own = share(whole, share, version);
      shards = new ShardGroup(world.run, share, ofTerm, own, version);
      shards.listen(this);
      exchange();
      versions = new long[world.run.parts()];
      Arrays.fill(versions, version);
    }

    void receive(SimulatedJvm from, Message message) {
      perform(() -> take(from, message));
    }

    /** Whether a worker came before this process was taken for lost. */
    private boolean knows(SimulatedJvm worker) {
      return sessions.containsKey(worker);
    }

    /** What is measured here reaches all others, in any order, some of it twice. */
    private void exchange() {
      if (processes.length > 1) {
        shards.exchange(
            news ->
                Arrays.stream(processes)
                    .filter(other -> other.server != server)
                    .forEach(
                        other -> {
                          pass(news, other);
                          pass(news, other.standby);
                        }));
      }
    }

    private void pass(Norms news, Process other) {
      for (int copies = other == null ? 0 : 1 + world.random.nextInt(2); copies > 0; copies--) {
        world.after(
            1 + world.random.nextInt(world.faults.delay()),
            () -> other.perform(() -> other.shards.receive(new Workspace(world.run.tree()), news)));
      }
    }

    private void perform(Runnable work) {
      if (dead) {
        return;
      }
      try {
        work.run();
      } catch (Killed e) {
        killed();
      }
    }

    /** The process ends; its standby takes its place once that is known. */
    void killed() {
      dead = true;
      if (world.faults.standbys()) {
        world.after(1 + world.random.nextInt(Simulation.SHARDS_DOWN), this::replace);
      }
    }

    void copyInto(float[] result) {
      shards.share().copy(world.run.buckets(), own.values(Simulation.STEPS), result);
    }

    /** Has a second copy from now on, which begins with nothing. */
    void cover() {
      if (dead || processes[server] != this) {
        return;
      }
      Process copy = new Process(server, shards.term(), new ShardStorage(world.run), 0);
      standby = copy;
      isCovered = false;
      copy.primary = this;
      copy.shards.standBy();
      copy.fromPrimary = new ShardSession(copy.shards, copy.pool, copy::answerPrimary, () -> 0L);
      StandbyProtocol to =
          new StandbyProtocol(shards, m -> world.transmit(m, out, copy::receiveFromPrimary));
      link = to;
      shards.replicate(world.faults.sabotage() == Faults.Sabotage.EARLY_RELEASE ? early() : to);
      to.join();
      world.retry(
          () -> {
            to.resend();
            return !dead && standby == copy;
          });
      if (world.faults.killPoint() == Faults.KillPoint.NEVER && world.random.nextInt(5) == 0) {
        world.after(world.random.nextInt(Simulation.SHARDS_DOWN), this::loseStandby);
      }
    }

    /** The standby has everything: the driver hears of it, and something happens some day. */
    private void covered() {
      isCovered = true;
      if (world.faults.killPoint() == Faults.KillPoint.NEVER) {
        Runnable strike =
            switch (world.random.nextInt(6)) {
              case 0, 1 -> this::kill;
              case 2, 3 -> this::replace;
              case 4 -> this::loseStandby;
              default -> () -> {};
            };
        world.after(world.random.nextInt(Simulation.STRIKE_WINDOW), strike);
      }
    }

    private boolean canBeReplaced() {
      return processes[server] == this && standby != null && !standby.dead && isCovered;
    }

    private void kill() {
      if (canBeReplaced() && !dead) {
        killed();
      }
    }

    private Standby early() {
      return new Standby() {
        @Override
        public void applied(int bucket, long step, float[] sum, double weight) {
          link.applied(bucket, step, sum, weight);
          shards.replication().acknowledged(bucket, step + 1);
        }

        @Override
        public void copied(int bucket, long version) {
          link.copied(bucket, version);
        }

        @Override
        public void reduced(long key, double[] result) {
          link.reduced(key, result);
        }
      };
    }

    private void receiveFromPrimary(Message message) {
      perform(
          () -> {
            try {
              boolean wasIncomplete = shards.replication().isIncomplete();
              fromPrimary.receive(message instanceof FloatMessage m ? lent(m) : message);
              if (wasIncomplete && !shards.replication().isIncomplete()) {
                Arrays.fill(versions, shards.version());
              }
            } catch (ParameterServerException e) {
              answerPrimary(new Refused(e.reason(), e.getMessage()));
            } catch (WireException e) {
              assertThat(e).hasMessageContaining("has not joined");
            }
          });
    }

    private void answerPrimary(Message message) {
      world.transmit(message, back, m -> primary.receiveFromStandby(this, m));
    }

    /** One that is refused knows that another has taken its place. */
    private void receiveFromStandby(Process from, Message message) {
      if (from != standby) {
        return; // that connection is over
      }
      perform(
          () -> {
            try {
              link.receive(message);
              if (!isCovered && link.isCovered()) {
                covered();
              }
            } catch (ParameterServerException e) {
              assertThat(e.reason()).isEqualTo(Reason.STALE_TERM);
              dead = true;
            }
          });
    }

    /** The standby is lost: the driver says that these shards go on. */
    void loseStandby() {
      Process lost = standby;
      if (lost != null && !lost.dead && !dead && processes[server] == this) {
        lost.dead = true;
        world.after(
            1 + world.random.nextInt(Simulation.SHARDS_DOWN),
            () ->
                perform(
                    () -> {
                      standby = null;
                      shards.replication().goOnAlone();
                      coverLater();
                    }));
      }
    }

    private void coverLater() {
      world.after(world.random.nextInt(Simulation.SHARDS_DOWN), this::cover);
    }

    /** The driver takes this process for lost, whether it is or not, and promotes the standby. */
    void replace() {
      if (canBeReplaced()) {
        standby.shards.replication().promote(shards.term() + 1);
        standby.isPromoted = true;
        replacedAgain += isPromoted ? 1 : 0;
        processes[server] = standby;
        zombies[server] = this;
        standby.coverLater();
      }
    }

    private void reach(Faults.KillPoint point) {
      boolean mayDie = !world.faults.standbys() || canBeReplaced();
      if (mayDie && term == world.shards().term() && world.kills(point)) {
        throw new Killed();
      }
    }

    /** Whether a push brings the last replicas of its bucket's open step. */
    private boolean completes(Push p) {
      if (p.term() != shards.term()
          || p.incarnation() != shards.incarnation()
          || p.step() != versions[p.bucket()]) {
        return false;
      }
      BitSet replicas =
          arrived.computeIfAbsent(
              new Step(p.incarnation(), p.step(), p.bucket()), s -> new BitSet());
      replicas.set(p.lo(), p.hi());
      return replicas.cardinality() == Simulation.REPLICAS;
    }

    private void take(SimulatedJvm from, Message message) {
      if (message instanceof Push push && completes(push)) {
        reach(Faults.KillPoint.BEFORE_APPLY);
      }
      ShardSession session =
          sessions.computeIfAbsent(
              from, w -> new ShardSession(shards, pool, m -> answer(w, m), () -> 0L));
      try {
        session.receive(message instanceof Push push ? arrived(push) : message);
      } catch (ParameterServerException e) {
        assertThat(e.reason()).as(e.getMessage()).isNotEqualTo(Reason.PROTOCOL);
        answer(from, new Refused(e.reason(), e.getMessage()));
      } catch (WireException e) {
        // A session that nobody joined: the real connection would be closed.
        assertThat(e).hasMessageContaining("has not joined");
      }
    }

    /** With its floats in an array of the pool. */
    private FloatMessage lent(FloatMessage message) {
      float[] array = pool.take();
      Floats floats = message.floats();
      System.arraycopy(floats.array(), floats.offset(), array, 0, floats.length());
      return message.with(new Floats(array, 0, floats.length()));
    }

    private Push arrived(Push push) {
      Push copied = (Push) lent(push);
      return world.faults.sabotage() == Faults.Sabotage.NO_STEP_FENCE
          ? forOpenStep(copied)
          : copied;
    }

    private Push forOpenStep(Push p) {
      return new Push(
          p.incarnation(),
          p.term(),
          versions[p.bucket()],
          p.bucket(),
          p.lo(),
          p.hi(),
          p.weight(),
          p.encoding(),
          p.floats());
    }

    private void answer(SimulatedJvm to, Message message) {
      world.transmit(message, to.wayFrom(server), m -> to.receive(server, m));
    }

    @Override
    public void applied(int bucket, long version) {
      assertThat(version).as("bucket %d", bucket).isEqualTo(versions[bucket] + 1);
      reach(Faults.KillPoint.AFTER_APPLY);
      versions[bucket] = version;
      if (world.faults.standbys()) {
        return;
      }
      history.applied(bucket, version - 1, shards.incarnation());
      if (version % (world.run.isAsynchronous() ? Simulation.REDUCE_EVERY : CHECKPOINT_EVERY)
          == 0) {
        boolean isTable = bucket >= world.run.buckets().count();
        save(own, bucket, version, isTable || shards.copy(bucket, version, values, state));
      }
    }

    @Override
    public void roundClosed(long round, int[] clients) {
      history.closed(round, clients);
    }

    @Override
    public void released(int bucket, long version) {
      reach(Faults.KillPoint.BEFORE_ACKNOWLEDGING);
      if (standby != null && !standby.dead && isCovered) {
        assertThat(standby.versions[bucket])
            .as("what the standby has")
            .isGreaterThanOrEqualTo(version);
      }
      tell(ShardSession.values(shards, bucket, version));
    }

    @Override
    public void published(long key, double[] result) {
      assertThat(reductions.add(key)).as("key %d is reduced once", key).isTrue();
      tell(new Reduced(key, result));
    }

    private void tell(Message message) {
      if (fromPrimary != null && fromPrimary.isCurrent()) {
        answerPrimary(message);
      }
      sessions.forEach(
          (worker, session) -> {
            if (session.isCurrent()) {
              answer(worker, message);
            }
          });
    }
  }

  private void save(ShardStorage from, int bucket, long version, boolean isExact) {
    Saved saved = collecting.computeIfAbsent(version, v -> new Saved(world.run));
    saved.keep(from, bucket, version, world.faults.sabotage());
    saved.isSpoilt |= !isExact;
    if (saved.buckets.size() == world.run.parts() && !saved.isSpoilt) {
      committed.put(version, saved);
    }
  }
}
