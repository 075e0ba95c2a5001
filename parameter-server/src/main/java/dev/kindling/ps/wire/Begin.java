package dev.kindling.ps.wire;

import dev.kindling.kernel.FloatFormat;
import dev.kindling.nn.Initializer;
import dev.kindling.nn.RowStart;
import dev.kindling.optim.Optimizer;
import dev.kindling.optim.Schedule;
import dev.kindling.ps.NonFinite;
import dev.kindling.ps.RunSpec;
import dev.kindling.ps.sync.Asynchronous;
import dev.kindling.ps.sync.BoundedStaleness;
import dev.kindling.ps.sync.FederatedRounds;
import dev.kindling.ps.sync.Policy;
import dev.kindling.ps.sync.Synchronous;
import dev.kindling.spec.Spec;
import dev.kindling.train.FlatLayout;
import dev.kindling.train.FlatLayout.Kind;
import dev.kindling.train.FlatLayout.Slot;
import dev.kindling.train.FlatUpdate;
import dev.kindling.train.ReplicaTree;
import dev.kindling.train.table.TableSpec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A run's driver asks a standalone server to hold the run's parameters.
 *
 * @param run what is trained
 * @param checkpointEvery a checkpoint at every multiple of so many steps, and at the last one
 * @param keep so many checkpoints stay
 * @param resume whether to go on from the newest checkpoint that the server has of this run
 * @param tellsValues whether the driver wants the values of every version that is evaluated
 * @param share what of the run this server holds
 */
public record Begin(
    RunSpec run, long checkpointEvery, int keep, boolean resume, boolean tellsValues, Share share)
    implements Message {
  private static final int LEAST_SLOT = Short.BYTES + 1 + Float.BYTES + 1;
  private static final int LEAST_TABLE = Short.BYTES + 2 * Integer.BYTES + Long.BYTES + 2;

  private static final int MOST_STALE = 1_000;

  /**
   * What of a run a server holds: every {@code count}-th bucket from {@code index} on.
   *
   * @param index of the server among those of the run
   * @param count servers of the run
   * @param newest no checkpoint of a later version may be gone on from: another server of the run
   *     has none of it
   * @param standbyOf the term of the primary whose standby this server is; 0 for a primary
   */
  public record Share(int index, int count, long newest, int standbyOf) {
    /** All of a run, from the newest checkpoint there is. */
    public static final Share ALL = new Share(0, 1, Long.MAX_VALUE, 0);

    /** Checks the numbers. */
    public Share {
      if (index < 0 || index >= count || newest < 0 || standbyOf < 0) {
        throw new IllegalArgumentException(
            "share %d of %d up to version %d is none".formatted(index, count, newest));
      }
    }

    /** The same for the standby of a primary, which gets all that it begins with from that. */
    public Share standby(int term) {
      return new Share(index, count, 0, term);
    }

    /** Whether this server waits until it is promoted. */
    public boolean isStandby() {
      return standbyOf > 0;
    }
  }

  /** The kinds of policy, by their number on the wire. */
  enum PolicyKind {
    SYNCHRONOUS,
    BOUNDED_STALENESS,
    ASYNCHRONOUS
  }

  /** Whom a federated round asks is decided by code of the driver's, which does not travel. */
  public Begin {
    if (run.policy() instanceof FederatedRounds) {
      throw new IllegalArgumentException(
          "run %s: a standalone server has no federated rounds; keep the server in the driver"
              .formatted(run.id()));
    }
    if (run.staleness() > MOST_STALE) {
      throw new IllegalArgumentException(
          "run %s: a standalone server keeps at most %d versions, a staleness of %d is too much"
              .formatted(run.id(), MOST_STALE, run.staleness()));
    }
    if (share.isStandby()) {
      checkStandby(run, share);
    }
  }

  /** A standby has what its primary has because it is brought each step's whole sum, once. */
  private static void checkStandby(RunSpec run, Share share) {
    String what = null;
    if (run.isAsynchronous() || run.staleness() > 0) {
      what = "%s, where steps have no common sum,".formatted(run.policy());
    } else if (run.nonFinite() != NonFinite.ABORT) {
      what =
          "not_finite: %s, where steps are not made of their sum alone,"
              .formatted(run.nonFinite().name().toLowerCase(Locale.ROOT));
    } else if (!run.tables().isEmpty()) {
      what = "table %s, whose rows are not handed over,".formatted(run.tables().get(0).name());
    }
    if (what != null) {
      throw new IllegalArgumentException(
          "run %s: %s has no standby; set servers.standbys to 0".formatted(run.id(), what));
    }
    if (share.count > 1 && run.update().watchesTraining()) {
      throw new IllegalArgumentException(
          ("run %s: shards in several processes with a schedule that watches training metrics have no"
                  + " standbys yet; set servers.standbys to 0")
              .formatted(run.id()));
    }
  }

  /** A run whose driver needs no values before its end. */
  public Begin(RunSpec run, long checkpointEvery, int keep, boolean resume) {
    this(run, checkpointEvery, keep, resume, false);
  }

  /** A run whose shards are all in one server. */
  public Begin(RunSpec run, long checkpointEvery, int keep, boolean resume, boolean tellsValues) {
    this(run, checkpointEvery, keep, resume, tellsValues, Share.ALL);
  }

  /** The same for another run. */
  public Begin with(RunSpec other) {
    return new Begin(other, checkpointEvery, keep, resume, tellsValues, share);
  }

  /** The same run, of which a server holds a share. */
  public Begin with(Share other) {
    return new Begin(run, checkpointEvery, keep, resume, tellsValues, other);
  }

  @Override
  public MessageType type() {
    return MessageType.BEGIN;
  }

  @Override
  public int bodyLength() {
    ByteBuf counted = Unpooled.buffer();
    encodeBody(counted);
    return counted.readableBytes();
  }

  @Override
  public void encodeBody(ByteBuf out) {
    FlatUpdate update = run.update();
    Fields.writeText(Fields.utf8(run.id()), out);
    out.writeIntLE(run.tree().replicas());
    out.writeLongLE(run.totalSteps());
    out.writeLongLE(update.stepsPerEpoch());
    out.writeLongLE(checkpointEvery);
    out.writeIntLE(keep);
    out.writeByte(run.nonFinite().ordinal());
    out.writeByte(resume ? 1 : 0);
    out.writeByte(tellsValues ? 1 : 0);
    out.writeIntLE(share.index);
    out.writeIntLE(share.count);
    out.writeLongLE(share.newest);
    out.writeIntLE(share.standbyOf);
    out.writeByte(kind(run.policy()).ordinal());
    out.writeIntLE(run.staleness());
    out.writeByte(run.wire().ordinal());
    Tree.write(update.optimizer().toSpec().written(), out);
    Tree.write(update.schedule().toSpec().written(), out);
    out.writeIntLE(update.layout().slots().size());
    update.layout().slots().forEach(slot -> write(slot, out));
    out.writeIntLE(run.tables().size());
    run.tables().forEach(table -> write(table, out));
  }

  private static void write(TableSpec table, ByteBuf out) {
    Fields.writeText(Fields.utf8(table.name()), out);
    out.writeIntLE(table.width());
    out.writeLongLE(table.start().seed());
    out.writeIntLE(table.start().parameter());
    Tree.write(table.start().initializer().toSpec().written(), out);
    Tree.write(table.optimizer().toSpec().written(), out);
  }

  private static void write(Slot slot, ByteBuf out) {
    Fields.writeText(Fields.utf8(slot.name()), out);
    out.writeByte(slot.kind().ordinal());
    out.writeFloatLE(slot.momentum());
    out.writeByte(slot.shape().size());
    slot.shape().forEach(out::writeIntLE);
  }

  static Begin decode(ByteBuf in) {
    String id = Fields.readText(in);
    ReplicaTree tree = new ReplicaTree(in.readIntLE());
    long totalSteps = in.readLongLE();
    long stepsPerEpoch = positive("steps of an epoch", in.readLongLE());
    long every = positive("steps between checkpoints", in.readLongLE());
    int keep = (int) positive("checkpoints that stay", in.readIntLE());
    NonFinite nonFinite = Fields.readEnum(in, NonFinite.values());
    boolean resume = in.readByte() != 0;
    boolean tellsValues = in.readByte() != 0;
    Share share = new Share(in.readIntLE(), in.readIntLE(), in.readLongLE(), in.readIntLE());
    Policy policy = policy(Fields.readEnum(in, PolicyKind.values()), in.readIntLE());
    FloatFormat wire = Fields.readEnum(in, FloatFormat.values());
    Optimizer optimizer = Optimizer.of(Spec.read("optimizer", Tree.read(in)));
    Schedule schedule = Schedule.of(Spec.read("schedule", Tree.read(in)));
    FlatUpdate update = new FlatUpdate(layout(in), optimizer, schedule, stepsPerEpoch);
    RunSpec run = new RunSpec(id, tree, update, totalSteps, nonFinite).over(wire);
    return new Begin(run.with(policy).with(tables(in)), every, keep, resume, tellsValues, share);
  }

  private static PolicyKind kind(Policy policy) {
    return policy instanceof BoundedStaleness
        ? PolicyKind.BOUNDED_STALENESS
        : policy instanceof Asynchronous ? PolicyKind.ASYNCHRONOUS : PolicyKind.SYNCHRONOUS;
  }

  private static Policy policy(PolicyKind kind, int staleness) {
    if (staleness < 0 || staleness > MOST_STALE) {
      throw new WireException(
          "a staleness of %d; it must be from 0 to %d".formatted(staleness, MOST_STALE));
    }
    return switch (kind) {
      case SYNCHRONOUS -> new Synchronous();
      case BOUNDED_STALENESS -> new BoundedStaleness(staleness);
      case ASYNCHRONOUS -> new Asynchronous();
    };
  }

  private static List<TableSpec> tables(ByteBuf in) {
    int count = Fields.readCount(in, LEAST_TABLE);
    List<TableSpec> tables = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String name = Fields.readText(in);
      RowStart start = start(in);
      Optimizer optimizer = Optimizer.of(Spec.read("optimizer", Tree.read(in)));
      tables.add(new TableSpec(name, start, optimizer));
    }
    return tables;
  }

  private static RowStart start(ByteBuf in) {
    int width = in.readIntLE();
    long seed = in.readLongLE();
    int parameter = in.readIntLE();
    Initializer written = Initializer.of(Spec.read("init", Tree.read(in)));
    if (written instanceof Initializer.Elementwise initializer) {
      return new RowStart(width, seed, parameter, initializer);
    }
    throw new WireException("rows of a table do not start as " + written.toSpec());
  }

  private static long positive(String what, long number) {
    if (number < 1) {
      throw new WireException("%s: %d; it must be at least 1".formatted(what, number));
    }
    return number;
  }

  private static FlatLayout layout(ByteBuf in) {
    int count = Fields.readCount(in, LEAST_SLOT);
    List<Slot> slots = new ArrayList<>();
    long at = 0;
    for (int i = 0; i < count; i++) {
      Slot slot = slot(in, at);
      slots.add(slot);
      at = slot.end();
    }
    return new FlatLayout(slots);
  }

  private static Slot slot(ByteBuf in, long offset) {
    String name = Fields.readText(in);
    Kind kind = Fields.readEnum(in, Kind.values());
    float momentum = in.readFloatLE();
    int dimensions = in.readUnsignedByte();
    List<Integer> shape = new ArrayList<>();
    long length = 1;
    for (int i = 0; i < dimensions; i++) {
      int size = (int) positive("a size of " + name, in.readIntLE());
      shape.add(size);
      length = Math.multiplyExact(length, (long) size);
    }
    return new Slot(name, List.copyOf(shape), offset, Math.toIntExact(length), kind, momentum);
  }

  @Override
  public String toString() {
    return "begin run %s, %d elements, share %d of %d"
        .formatted(run.id(), run.buckets().length(), share.index + 1, share.count);
  }
}
