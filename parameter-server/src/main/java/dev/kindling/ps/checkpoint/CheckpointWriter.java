package dev.kindling.ps.checkpoint;

import dev.kindling.ps.RunSpec;
import dev.kindling.ps.shard.ShardGroup;
import dev.kindling.ps.shard.ShardListener;
import dev.kindling.ps.shard.ShardStorage;
import dev.kindling.train.table.TableSnapshot;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes checkpoints while steps go on: each bucket is copied when it reaches the version, before
 * anybody can bring its next step; a thread of its own writes. While one is being written and one
 * waits, those that are due and would need more than 64 MiB with these are left out, but for the
 * last: a store that is slower than the steps would fill the memory. Those that are asked for are
 * taken. Thread-safe.
 */
public final class CheckpointWriter implements ShardListener, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointWriter.class);

  /** One that is being written, one that waits. */
  private static final int MOST_UNWRITTEN = 2;

  /** What more of them may take, of small models. */
  private static final long MOST_BYTES = 64 << 20;

  private final RunSpec run;
  private final Checkpoints checkpoints;
  private final int keep;
  private final long every;
  private final long mostBytes;
  private final ShardStorage storage;
  private final ShardGroup shards;
  private final LongConsumer committed;
  private final Consumer<IOException> failed;
  private final ConcurrentMap<Long, Open> open = new ConcurrentHashMap<>();

  /** Those that wait for the thread, and the one that it writes. */
  private final AtomicInteger unwritten = new AtomicInteger();

  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread t = new Thread(task, "kindling-checkpoint");
            t.setDaemon(true);
            return t;
          });

  /** A checkpoint whose buckets are being collected, and then written. */
  private static final class Open {
    private final Snapshot snapshot;
    private final TableSnapshot[] tables;
    private final AtomicInteger missing;
    private final AtomicBoolean isSpoilt = new AtomicBoolean();
    private final CompletableFuture<Long> written = new CompletableFuture<>();

    Open(Snapshot snapshot, int tables, int parts) {
      this.snapshot = snapshot;
      this.tables = new TableSnapshot[tables];
      this.missing = new AtomicInteger(parts);
    }

    /** Those that are here. */
    private List<TableSnapshot> tables() {
      return Stream.of(tables).filter(Objects::nonNull).toList();
    }
  }

  /**
   * Takes a checkpoint whenever the version is a multiple of {@code every}, and at the last one.
   *
   * @param keep so many committed ones are kept
   * @param committed told each version whose checkpoint is there, by the thread that writes
   * @param failed told when writing fails; training goes on
   */
  public CheckpointWriter(
      ShardGroup shards,
      CheckpointStore store,
      long every,
      int keep,
      LongConsumer committed,
      Consumer<IOException> failed) {
    this(shards, store, every, keep, committed, failed, MOST_BYTES);
  }

  /** The same where copies of another size in all may wait. */
  CheckpointWriter(
      ShardGroup shards,
      CheckpointStore store,
      long every,
      int keep,
      LongConsumer committed,
      Consumer<IOException> failed,
      long mostBytes) {
    this.mostBytes = mostBytes;
    this.shards = shards;
    this.run = shards.run();
    this.storage = shards.storage();
    this.checkpoints = new Checkpoints(store, run, storage.share());
    this.every = every;
    this.keep = keep;
    this.committed = committed;
    this.failed = failed;
  }

  /**
   * Takes a checkpoint as soon as possible; it needs up to two more steps.
   *
   * @return the version, once it is committed
   */
  public CompletableFuture<Long> request() {
    if (shards.version() == run.totalSteps()) { // behind the last one, which is being written
      return CompletableFuture.supplyAsync(run::totalSteps, thread);
    }
    for (; ; ) {
      long version = next();
      Open requested = open(version);
      // A bucket can have reached it before it was asked for only if the run has moved on.
      if (next() == version || version == run.totalSteps()) {
        return requested.written;
      }
      if (!isDue(version)) {
        open.remove(version);
      }
    }
  }

  /**
   * Takes a checkpoint of a version.
   *
   * @return the version, once it is committed; empty if some bucket may have reached it already
   */
  public Optional<CompletableFuture<Long>> request(long version) {
    if (shards.version() == run.totalSteps()) {
      return Optional.of(request());
    }
    Open requested = open(version);
    boolean isInTime = next() <= version;
    if (!isInTime && !isDue(version)) {
      open.remove(version);
    }
    return isInTime ? Optional.of(requested.written) : Optional.empty();
  }

  /**
   * The next version that no bucket has reached; where nobody waits for anybody, the end of an
   * epoch, at which the workers meet to evaluate.
   */
  private long next() {
    long version = shards.version() + storage.versions();
    long epoch = run.isAsynchronous() ? run.update().stepsPerEpoch() : 1;
    return Math.min((version + epoch - 1) / epoch * epoch, run.totalSteps());
  }

  private Open open(long version) {
    return open.computeIfAbsent(version, v -> open(Snapshot.allocate(run, storage.share(), v)));
  }

  /** Of a version that is due; without a snapshot if it is left out. */
  private Open due(long version) {
    int waiting = unwritten.get();
    if (version == run.totalSteps() || isRoom(waiting)) {
      return open(Snapshot.allocate(run, storage.share(), version));
    }
    LOG.warn(
        "step {}: no checkpoint is taken, because {} before it are not written yet; does the store"
            + " take longer than {} steps?",
        version,
        waiting,
        every);
    return open((Snapshot) null);
  }

  private boolean isRoom(int waiting) {
    long elements = storage.share().elements(run.buckets());
    long bytes = (1L + run.stateVectors()) * Float.BYTES * elements;
    return waiting < MOST_UNWRITTEN || (waiting + 1) * bytes <= mostBytes;
  }

  private Open open(Snapshot snapshot) {
    return new Open(snapshot, run.tables().size(), shards.share().of(run.parts()));
  }

  private boolean isDue(long version) {
    return version % every == 0 || version == run.totalSteps();
  }

  @Override
  public void applied(int bucket, long version) {
    if (isDue(version)) {
      collect(bucket, version, open.computeIfAbsent(version, this::due));
    } else if (!open.isEmpty()) {
      Open requested = open.get(version);
      if (requested != null) {
        collect(bucket, version, requested);
      }
    }
  }

  private void collect(int bucket, long version, Open checkpoint) {
    boolean isLeftOut = checkpoint.snapshot == null;
    if (!isLeftOut) {
      collect(bucket, checkpoint);
    }
    if (checkpoint.missing.decrementAndGet() == 0) {
      if (isLeftOut) {
        open.remove(version);
      } else {
        handOver(checkpoint);
      }
    }
  }

  private void collect(int bucket, Open checkpoint) {
    int table = bucket - storage.buckets().count();
    if (table >= 0) {
      checkpoint.tables[table] = shards.table(table).snapshot();
    } else if (!copy(bucket, checkpoint.snapshot)) {
      checkpoint.isSpoilt.set(true);
    }
  }

  private void handOver(Open checkpoint) {
    // before the version is announced, so before its epoch's metric can be seen: whoever goes on
    // from here measures that again
    double[] plateau = storage.plateau().toArray();
    unwritten.incrementAndGet();
    thread.execute(() -> write(checkpoint, plateau));
  }

  private boolean copy(int bucket, Snapshot snapshot) {
    return shards.copy(bucket, snapshot.version(), snapshot.values(), snapshot.state());
  }

  private void write(Open checkpoint, double[] plateau) {
    Snapshot snapshot = checkpoint.snapshot.seeing(plateau);
    try {
      if (checkpoint.isSpoilt.get()) {
        throw new CheckpointException(
            "step %d: gradients of later steps are in it, which would be applied again; asynchronous workers have to meet where a checkpoint is due, as in an evaluation"
                .formatted(snapshot.version()));
      }
      checkpoints.write(snapshot, checkpoint.tables(), shards.term());
      committed.accept(snapshot.version());
      checkpoints.prune(keep);
      checkpoint.written.complete(snapshot.version());
    } catch (IOException e) {
      failed.accept(e);
      checkpoint.written.completeExceptionally(e);
    } finally {
      checkpoint.tables().forEach(TableSnapshot::close);
      open.remove(snapshot.version());
      unwritten.decrementAndGet();
    }
  }

  /** Waits until what was collected is written. */
  @Override
  public void close() {
    thread.shutdown();
    try {
      thread.awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
