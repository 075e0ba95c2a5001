package dev.kindling.ps.wire;

import dev.kindling.kernel.FloatFormat;
import dev.kindling.optim.Optimizer;
import dev.kindling.optim.Schedule;
import dev.kindling.ps.NonFinite;
import dev.kindling.ps.RunSpec;
import dev.kindling.ps.sync.Synchronous;
import dev.kindling.spec.Spec;
import dev.kindling.train.FlatLayout;
import dev.kindling.train.FlatLayout.Kind;
import dev.kindling.train.FlatLayout.Slot;
import dev.kindling.train.FlatUpdate;
import dev.kindling.train.ReplicaTree;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;

/**
 * A run's driver asks a standalone server to hold the run's parameters.
 *
 * @param run what is trained
 * @param checkpointEvery a checkpoint at every multiple of so many steps, and at the last one
 * @param keep so many checkpoints stay
 * @param resume whether to go on from the newest checkpoint that the server has of this run
 */
public record Begin(RunSpec run, long checkpointEvery, int keep, boolean resume)
    implements Message {
  private static final int LEAST_SLOT = Short.BYTES + 1 + Float.BYTES + 1;

  /** Other policies do not travel yet. */
  public Begin {
    if (!(run.policy() instanceof Synchronous)) {
      throw new IllegalArgumentException(
          "run %s: a standalone server trains synchronously alone; for another policy keep the server in the driver"
              .formatted(run.id()));
    }
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
    out.writeByte(run.wire().ordinal());
    Tree.write(update.optimizer().toSpec().written(), out);
    Tree.write(update.schedule().toSpec().written(), out);
    out.writeIntLE(update.layout().slots().size());
    update.layout().slots().forEach(slot -> write(slot, out));
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
    FloatFormat wire = Fields.readEnum(in, FloatFormat.values());
    Optimizer optimizer = Optimizer.of(Spec.read("optimizer", Tree.read(in)));
    Schedule schedule = Schedule.of(Spec.read("schedule", Tree.read(in)));
    FlatUpdate update = new FlatUpdate(layout(in), optimizer, schedule, stepsPerEpoch);
    RunSpec run = new RunSpec(id, tree, update, totalSteps, nonFinite).over(wire);
    return new Begin(run, every, keep, resume);
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
    return "begin run %s, %d elements".formatted(run.id(), run.buckets().length());
  }
}
