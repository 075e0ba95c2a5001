package dev.kindling.ps.shard;

import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.ParameterServerException.Reason;
import dev.kindling.ps.RunSpec;
import dev.kindling.ps.Worker;
import dev.kindling.ps.WorkerProgress;
import dev.kindling.ps.wire.Dropped;
import dev.kindling.ps.wire.Failed;
import dev.kindling.ps.wire.FloatEncoding;
import dev.kindling.ps.wire.FloatMessage;
import dev.kindling.ps.wire.Floats;
import dev.kindling.ps.wire.HandOver;
import dev.kindling.ps.wire.Join;
import dev.kindling.ps.wire.Joined;
import dev.kindling.ps.wire.Message;
import dev.kindling.ps.wire.Outbox;
import dev.kindling.ps.wire.Pull;
import dev.kindling.ps.wire.PullRows;
import dev.kindling.ps.wire.Push;
import dev.kindling.ps.wire.PushRows;
import dev.kindling.ps.wire.Reduce;
import dev.kindling.ps.wire.Reduced;
import dev.kindling.ps.wire.Report;
import dev.kindling.ps.wire.Rows;
import dev.kindling.ps.wire.Values;
import dev.kindling.ps.wire.WireException;
import dev.kindling.train.table.TableSpec;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The shards' end of one worker's connection: what each message does and what answers it. Knows no
 * socket; a simulated network drives it as well. Messages are received by one thread at a time.
 *
 * <p>What it throws ends the connection; the other side is told why.
 */
public final class ShardSession {
  private final ShardGroup shards;
  private final FloatPool pool;
  private final Outbox outbox;
  private final LongSupplier nanoTime;
  private final Workspace workspace;
  private final AtomicLongArray arrivals;

  /** Gradients in each bucket's values when they were sent; null where none are sent so. */
  private final long[] readAt;

  private volatile Worker worker;

  /** The newest sum that this worker has a part in. */
  private volatile Long reduceKey;

  /**
   * A connection that nobody has joined through.
   *
   * @param pool lends the arrays that pushes are received into
   * @param nanoTime the clock of the reports
   */
  public ShardSession(ShardGroup shards, FloatPool pool, Outbox outbox, LongSupplier nanoTime) {
    this.shards = shards;
    this.pool = pool;
    this.outbox = outbox;
    this.nanoTime = nanoTime;
    this.workspace = new Workspace(shards.run().tree());
    this.readAt = shards.run().isAsynchronous() ? new long[shards.run().parts()] : null;
    this.arrivals = new AtomicLongArray(shards.run().parts() * shards.storage().versions());
  }

  /** Who is connected; null before it has joined. */
  public Worker worker() {
    return worker;
  }

  /** Whether this worker belongs to the newest start and has to be told of new values. */
  public boolean isCurrent() {
    Worker who = worker;
    return who != null && who.incarnation() == shards.incarnation();
  }

  /**
   * An array for the floats of a push that begins to arrive, or of what a primary hands over.
   *
   * @throws WireException if there is no such bucket or it has another length
   */
  public Floats target(FloatMessage header, int length) {
    joined();
    int bucket = header instanceof Push push ? push.bucket() : ((HandOver) header).bucket();
    checkBucket(bucket);
    int expected = shards.run().buckets().length(bucket);
    if (length != expected) {
      throw new WireException(
          "%s of bucket %d has %d floats; the bucket has %d"
              .formatted(header.type(), bucket, length, expected));
    }
    return new Floats(pool.take(), 0, length);
  }

  /** Takes back the array of a push that will not arrive. */
  public void cancel(Floats target) {
    pool.release(target.array());
  }

  /** Takes a message. */
  public void receive(Message message) {
    if (message instanceof Push push) {
      push(push);
    } else if (message instanceof Pull pull) {
      pull(pull);
    } else if (message instanceof PushRows push) {
      pushRows(push);
    } else if (message instanceof PullRows pull) {
      pullRows(pull);
    } else if (message instanceof Join join) {
      join(join);
    } else if (message instanceof Reduce reduce) {
      reduce(reduce);
    } else if (message instanceof Report r) {
      report(r);
    } else if (message instanceof Dropped d) {
      checkTerm(d.term());
      shards.drop(workspace, joined(), d.term(), d.round(), d.client());
    } else if (message instanceof HandOver part) {
      handOver(part);
    } else if (message instanceof Failed failed) {
      shards.fail(joined(), failed.text());
    } else {
      throw new WireException("a worker does not send " + message.type());
    }
  }

  private void report(Report r) {
    Worker of = new Worker(r.worker(), r.lo(), r.hi(), joined().incarnation());
    if (of.hi() > shards.run().tree().replicas()) {
      throw new WireException(
          "a report of %s; the run has %d replicas".formatted(of, shards.run().tree().replicas()));
    }
    shards.check(of);
    shards.report(
        new WorkerProgress(
            of, r.step(), r.computeNanos(), r.exchangeNanos(), nanoTime.getAsLong()));
  }

  private Worker joined() {
    Worker who = worker;
    if (who == null) {
      throw new WireException("the worker has not joined");
    }
    return who;
  }

  private void checkBucket(int bucket) {
    if (!shards.owns(bucket)) {
      throw new WireException(
          "bucket %d is not here; there are %d, and this is server %d of %d"
              .formatted(
                  bucket,
                  shards.run().buckets().count(),
                  shards.share().index() + 1,
                  shards.share().count()));
    }
  }

  private void join(Join join) {
    checkRun(join);
    long step = shards.join(join.worker());
    outbox.send(new Joined(join.worker().incarnation(), shards.term(), step));
    worker = join.worker(); // after the answer: values must not overtake it
  }

  private void checkRun(Join join) {
    RunSpec run = shards.run();
    if (!join.run().equals(run.id())) {
      throw new ParameterServerException(
          Reason.PROTOCOL,
          "%s belongs to run %s; this server trains run %s"
              .formatted(join.worker(), join.run(), run.id()));
    }
    if (join.length() != run.buckets().length()
        || join.bucketSize() != run.buckets().size()
        || join.replicas() != run.tree().replicas()) {
      throw new ParameterServerException(
          Reason.PROTOCOL,
          ("%s sees %d elements in buckets of %d and %d replicas; the server of run %s sees %d in"
                  + " buckets of %d and %d: do both have the same configuration?")
              .formatted(
                  join.worker(),
                  join.length(),
                  join.bucketSize(),
                  join.replicas(),
                  run.id(),
                  run.buckets().length(),
                  run.buckets().size(),
                  run.tree().replicas()));
    }
    if (join.wire() != run.wire()) {
      throw new ParameterServerException(
          Reason.PROTOCOL,
          "%s rounds to %s; the server of run %s rounds to %s: do both have the same servers.wire?"
              .formatted(join.worker(), join.wire(), run.id(), run.wire()));
    }
  }

  private void push(Push p) {
    PushOutcome outcome;
    try {
      checkTerm(p.term());
      joined();
      checkBucket(p.bucket());
      arrivals.set(place(p.bucket(), p.step()), nanoTime.getAsLong());
      outcome =
          shards.push(
              workspace,
              p.incarnation(),
              p.term(),
              p.step(),
              p.bucket(),
              p.lo(),
              p.hi(),
              p.floats().array(),
              p.floats().offset(),
              p.weight(),
              pool);
    } catch (RuntimeException e) {
      pool.release(p.floats().array());
      throw e;
    }
    if (!outcome.keepsArray()) {
      pool.release(p.floats().array());
    }
    if (outcome.isNew()) {
      shards.pushed(readAt == null ? p.age() : shards.ageOf(workspace, readAt[p.bucket()]));
    }
    answer(p, outcome);
  }

  private int place(int bucket, long step) {
    int versions = shards.storage().versions();
    return bucket * versions + (int) Math.floorMod(step, (long) versions);
  }

  /**
   * Whether this worker has brought its gradient for a bucket's version, so that it has all of the
   * version before; the others may make one without it.
   */
  public boolean hasPart(int bucket, long version) {
    return bucket >= shards.run().buckets().count() // a table, whose values stay here
        || arrivals.get(place(bucket, version - 1)) != 0;
  }

  /** This worker is being sent a bucket's version: measures how long its push has waited for it. */
  public void answered(int bucket, long version) {
    long arrived = arrivals.getAndSet(place(bucket, version - 1), 0);
    if (arrived != 0) { // else it brought nothing for this version
      shards.answered(nanoTime.getAsLong() - arrived);
    }
  }

  private void answer(Push p, PushOutcome outcome) {
    answer(
        outcome,
        p.incarnation(),
        p.term(),
        p.step(),
        p.bucket(),
        () ->
            "bucket %d of step %d for replicas [%d, %d)"
                .formatted(p.bucket(), p.step(), p.lo(), p.hi()));
  }

  private void answer(
      PushOutcome outcome, int incarnation, int term, long step, int part, Supplier<String> what) {
    switch (outcome) {
      case APPLIED_BEFORE -> sendValues(part, step + 1);
      case STALE_INCARNATION ->
          throw new ParameterServerException(
              Reason.STALE_INCARNATION,
              "a push of start %d of the workers; they are at start %d"
                  .formatted(incarnation, shards.incarnation()));
      case STALE_TERM -> throw staleTerm(term);
      case REFUSED ->
          throw new ParameterServerException(
              Reason.PROTOCOL,
              "%s: %s does not fit; the shards are at step %d"
                  .formatted(worker, what.get(), shards.version()));
      case STORED, COMPLETED, APPLIED, DUPLICATE, NOT_COUNTED -> {}
    }
  }

  private void pushRows(PushRows p) {
    checkTerm(p.term());
    joined();
    checkTable(p.table(), p.rows().width());
    PushOutcome outcome =
        shards.pushRows(
            p.incarnation(),
            p.term(),
            p.step(),
            p.table(),
            p.lo(),
            p.hi(),
            p.piece(),
            p.pieces(),
            p.rows(),
            p.weight());
    answer(
        outcome,
        p.incarnation(),
        p.term(),
        p.step(),
        shards.run().buckets().count() + p.table(),
        () ->
            "table %d of step %d for replicas [%d, %d)"
                .formatted(p.table(), p.step(), p.lo(), p.hi()));
  }

  private void checkTable(int table, int width) {
    List<TableSpec> tables = shards.run().tables();
    if (!shards.ownsTable(table) || tables.get(table).width() != width) {
      throw new WireException(
          "table %d with rows of %d is not here; the run has %s: do both have the same configuration?"
              .formatted(table, width, tables));
    }
  }

  /** Rows of a version that is gone are not sent: the others have gone on without this worker. */
  private void pullRows(PullRows pull) {
    checkTerm(pull.term());
    joined();
    checkTable(pull.table(), pull.width());
    float[] rows = new float[pull.keys().length * pull.width()];
    if (shards.table(pull.table()).pull(pull.version(), pull.keys(), rows)) {
      outbox.send(new Rows(pull.term(), pull.request(), pull.width(), rows));
    }
  }

  private void checkTerm(int term) {
    if (term != shards.term()) {
      throw staleTerm(term);
    }
  }

  private ParameterServerException staleTerm(int term) {
    return new ParameterServerException(
        Reason.STALE_TERM,
        "a message for term %d of the shards; they were recovered and are at term %d: join again"
            .formatted(term, shards.term()));
  }

  private void pull(Pull pull) {
    checkTerm(pull.term());
    joined();
    if (pull.bucket() != Pull.ALL) {
      if (!shards.ownsTable(pull.bucket() - shards.run().buckets().count())) {
        checkBucket(pull.bucket());
      }
      sendValues(pull.bucket(), pull.version());
      return;
    }
    ShardShare share = shards.share();
    int count = shards.run().parts();
    for (int bucket = share.index(); bucket < count; bucket += share.count()) {
      sendValues(bucket, pull.version());
    }
  }

  /** Sends a version that is still here; one that is yet to come follows when it is made. */
  private void sendValues(int bucket, long version) {
    if (shards.holds(bucket, version)) {
      if (readAt != null) {
        readAt[bucket] = shards.gradients(bucket);
      }
      outbox.send(values(shards, bucket, version));
    }
  }

  /** The message that carries a bucket's values to workers, rounded; that of a table has none. */
  public static Values values(ShardGroup shards, int bucket, long version) {
    if (bucket >= shards.run().buckets().count()) {
      return new Values(shards.term(), bucket, version, FloatEncoding.FLOAT32, Floats.NONE);
    }
    Floats floats =
        shards.run().isAsynchronous()
            ? newest(shards, bucket)
            : floats(shards, shards.storage().published(version), bucket);
    long from = shards.run().buckets().from(bucket);
    FloatEncoding encoding = FloatEncoding.of(shards.run().rounding(), from, floats.length());
    return new Values(shards.term(), bucket, version, encoding, floats);
  }

  /** The message that carries a bucket's values to the driver, as the shard keeps them. */
  public static Values exactValues(ShardGroup shards, int bucket, long version) {
    Floats floats = floats(shards, shards.storage().values(version), bucket);
    return new Values(shards.term(), bucket, version, FloatEncoding.FLOAT32, floats);
  }

  /** A copy: the newest values may change while they are on their way. */
  private static Floats newest(ShardGroup shards, int bucket) {
    int length = shards.run().buckets().length(bucket);
    float[] copy = new float[length];
    shards.copy(bucket, copy, 0);
    return new Floats(copy, 0, length);
  }

  private static Floats floats(ShardGroup shards, float[] vector, int bucket) {
    ShardStorage storage = shards.storage();
    return new Floats(vector, storage.offset(bucket), storage.buckets().length(bucket));
  }

  /** Whether this worker waits for a sum; one that comes later is answered at once. */
  public boolean awaits(long key) {
    Long asked = reduceKey;
    return asked != null && asked == key;
  }

  private void handOver(HandOver part) {
    try {
      checkTerm(part.term());
      joined();
      checkBucket(part.bucket());
      if (shards.replication().install(part)) {
        outbox.send(
            new Values(
                part.term(), part.bucket(), part.version(), FloatEncoding.FLOAT32, Floats.NONE));
      }
    } finally {
      pool.release(part.floats().array());
    }
  }

  private void reduce(Reduce reduce) {
    checkTerm(reduce.term());
    reduceKey = reduce.key(); // first: the sum may be told of before the next line ends
    shards.reduce(joined(), reduce.key(), reduce.lo(), reduce.hi(), reduce.vector());
    double[] result = shards.reduced(reduce.key());
    if (result != null) {
      outbox.send(new Reduced(reduce.key(), result));
    }
  }
}
