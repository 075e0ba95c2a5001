package dev.kindling.ps.transport;

import dev.kindling.kernel.FloatFormat;
import dev.kindling.optim.Adam;
import dev.kindling.optim.ClipByNorm;
import dev.kindling.optim.ExponentialLR;
import dev.kindling.optim.LAMB;
import dev.kindling.optim.ReduceLROnPlateau;
import dev.kindling.optim.ReduceLROnPlateau.Mode;
import dev.kindling.optim.ReduceLROnPlateau.ThresholdMode;
import dev.kindling.optim.SGD;
import dev.kindling.optim.Schedule;
import dev.kindling.optim.Span;
import dev.kindling.ps.FakeTables;
import dev.kindling.ps.NonFinite;
import dev.kindling.ps.ParameterServerException.Reason;
import dev.kindling.ps.RunSpec;
import dev.kindling.ps.Worker;
import dev.kindling.ps.sync.Asynchronous;
import dev.kindling.ps.sync.BoundedStaleness;
import dev.kindling.ps.wire.Alive;
import dev.kindling.ps.wire.Begin;
import dev.kindling.ps.wire.Begin.Share;
import dev.kindling.ps.wire.Begun;
import dev.kindling.ps.wire.Challenge;
import dev.kindling.ps.wire.Dropped;
import dev.kindling.ps.wire.End;
import dev.kindling.ps.wire.Failed;
import dev.kindling.ps.wire.FloatEncoding;
import dev.kindling.ps.wire.Floats;
import dev.kindling.ps.wire.HandOver;
import dev.kindling.ps.wire.Hello;
import dev.kindling.ps.wire.Join;
import dev.kindling.ps.wire.Joined;
import dev.kindling.ps.wire.Message;
import dev.kindling.ps.wire.Norms;
import dev.kindling.ps.wire.Promote;
import dev.kindling.ps.wire.Proof;
import dev.kindling.ps.wire.Pull;
import dev.kindling.ps.wire.PullRows;
import dev.kindling.ps.wire.Push;
import dev.kindling.ps.wire.PushRows;
import dev.kindling.ps.wire.Reduce;
import dev.kindling.ps.wire.Reduced;
import dev.kindling.ps.wire.Refused;
import dev.kindling.ps.wire.Replicate;
import dev.kindling.ps.wire.Report;
import dev.kindling.ps.wire.Rows;
import dev.kindling.ps.wire.Save;
import dev.kindling.ps.wire.Saved;
import dev.kindling.ps.wire.Status;
import dev.kindling.ps.wire.Values;
import dev.kindling.ps.wire.Welcome;
import dev.kindling.ps.wire.WorkerEvent;
import dev.kindling.train.FlatLayout;
import dev.kindling.train.FlatLayout.Kind;
import dev.kindling.train.FlatUpdate;
import dev.kindling.train.MetricSums;
import dev.kindling.train.NoiseScale.Estimate;
import dev.kindling.train.ReplicaTree;
import dev.kindling.train.table.SparseRows;
import java.util.List;
import java.util.stream.Stream;

/** One of every message. */
final class Messages {
  private Messages() {}

  static Floats floats(int length) {
    float[] array = new float[length];
    for (int i = 0; i < length; i++) {
      array[i] = (i - 3) * 0.375f;
    }
    return new Floats(array, 0, length);
  }

  static byte[] hash(int first) {
    byte[] bytes = new byte[32];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (first + i);
    }
    return bytes;
  }

  static List<Message> handshake() {
    return List.of(
        new Hello(1, 3, hash(7)),
        new Challenge(2, hash(40)),
        new Proof(hash(80)),
        new Welcome(hash(120)),
        new Refused(Reason.STALE_TERM, "join again, Zoë"));
  }

  /** All of them. */
  static List<Message> all() {
    return Stream.concat(handshake().stream(), trusted().stream()).toList();
  }

  static List<Message> trusted() {
    return Stream.concat(steps().stream(), runs().stream()).toList();
  }

  /** What begins a run in a standalone server: every part of it, in several of its kinds. */
  private static List<Message> runs() {
    FlatLayout layout =
        new FlatLayout.Builder()
            .add("0.weight", List.of(3, 5), Kind.PARAMETER)
            .addStatistic("1.running_mean", List.of(3), 0.1f)
            .build();
    ReplicaTree tree = new ReplicaTree(6);
    FlatUpdate adam = new FlatUpdate(layout, new Adam(0.01), new Schedule.Constant(), 5);
    RunSpec run = new RunSpec("run-1", tree, adam, 40);
    Schedule falling =
        new ReduceLROnPlateau(Mode.MIN, 0.5, 3, 1e-4, ThresholdMode.REL, 2, 0.01, "test_loss");
    FlatUpdate watching = new FlatUpdate(layout, new SGD(0.1), falling, 7);
    RunSpec scheduled = new RunSpec("run-2", tree, watching, 40).over(FloatFormat.BFLOAT16);
    FlatUpdate whole =
        new FlatUpdate(
            layout,
            new ClipByNorm(new LAMB(0.01), 0.5),
            new ExponentialLR(0.9, Span.epochs(1)),
            1L << 33);
    RunSpec skipping = new RunSpec("run-3", tree, whole, 1L << 40, NonFinite.SKIP);
    return List.of(
        new Begin(run, 10, 2, false),
        new Begin(run.with(new BoundedStaleness(3)), 1, 1, true, true),
        new Begin(run.with(new Asynchronous()), 1L << 33, 3, true),
        new Begin(run, 10, 2, true).with(new Share(1, 3, 20, 0).standby(4)),
        new Begin(scheduled, 10, 2, false),
        new Begin(skipping, 10, 2, false),
        new Begin(run.with(FakeTables.SPECS), 10, 2, false));
  }

  private static List<Message> steps() {
    Worker worker = new Worker("worker 2 on höst", 4, 6, 3);
    return List.of(
        new Refused(Reason.ABORTED, ""),
        new Join("run-1", worker, 8, 4096, 1L << 33, FloatFormat.BFLOAT16),
        new Joined(3, 2, 1L << 40),
        new Pull(2, Pull.ALL, 17),
        new Push(3, 2, 17, 5, 4, 6, 9, 16.5, FloatEncoding.FLOAT32, floats(33)),
        new Values(2, 5, 18, FloatEncoding.FLOAT32, floats(1)),
        new Reduce(2, 17, 4, 6, new double[] {1.5, -2}),
        new Reduced(17, new double[] {Math.PI}),
        new Report("worker 2 on host-7", 4, 6, 17, 5, 6),
        new Failed("the loss is NaN"),
        new Dropped(3, 2, 1L << 33, 70_000),
        new Begun(3, 1L << 33, true),
        new Status(12, 1, 2, new MetricSums(2.5, 3, 4), new Estimate(700, 2), 0.5, 8, List.of()),
        new WorkerEvent(WorkerEvent.Kind.FAILED, worker, "row 7"),
        new WorkerEvent(WorkerEvent.Kind.SLOW, worker, "step 7 is missing"),
        new Save(Save.SOON),
        new Save(1L << 33),
        new Promote(3),
        new Replicate("höst", 7420, ""),
        new Replicate("host", 1, "-----BEGIN CERTIFICATE-----\nMII=\n"),
        new HandOver(2, 5, 1, 1L << 33, floats(33)),
        new Norms(1L << 33, 1, 5, true, new double[] {2.5, Double.MIN_VALUE}),
        new Norms(0, 0, 0, false, new double[0]),
        new Saved(-1, "disk full"),
        new End(""),
        new Push(3, 2, 17, 5, 4, 6, 16.5, new FloatEncoding(FloatFormat.BFLOAT16, 0), floats(33)),
        new Push(3, 2, 17, 5, 4, 6, 16.5, new FloatEncoding(FloatFormat.FLOAT16, 1), floats(33)),
        new Values(2, 5, 18, new FloatEncoding(FloatFormat.BFLOAT16, 9), floats(33)),
        new PullRows(2, 9, 1, 6, 1L << 40, new long[] {5, -5, Long.MIN_VALUE}),
        new Rows(2, 9, 3, new float[] {1, 2, 3, 4, 5, Float.NaN}),
        new PushRows(
            3,
            2,
            17,
            1,
            4,
            6,
            16.5,
            7,
            9,
            new SparseRows(3, new long[] {-1, 8}, floats(6).array())),
        new Alive());
  }
}
