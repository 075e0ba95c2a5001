package dev.kindling.ps.checkpoint;

import dev.kindling.ps.RunSpec;
import dev.kindling.ps.TableParts;
import dev.kindling.ps.shard.ShardShare;
import dev.kindling.train.table.RowTable;
import dev.kindling.train.table.TableSnapshot;
import dev.kindling.train.table.TableSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A run's checkpoints as one of the processes that hold its shards keeps them. One process alone
 * has {@code step-N/}; of n, process i has {@code share-i-of-n/step-N/} with its own buckets.
 *
 * <p>Any number of processes goes on from what any number has written, where all shares of a
 * version are in the folder: values and state of a bucket or a row do not depend on who holds it.
 * So shards that come back need not be as many as before: to keep the number, one process would
 * have to hold two shares where others hold one, and one that comes new would have nothing to do. A
 * process whose folder no other one reaches sees its own share only, and goes on from that.
 *
 * <p>One thread at a time.
 */
public final class SharedCheckpoints {
  private static final Logger LOG = LoggerFactory.getLogger(SharedCheckpoints.class);
  private static final String NAME = "share-%d-of-%d";
  private static final Pattern SHARE =
      Pattern.compile("share-([1-9][0-9]{0,8})-of-([1-9][0-9]{0,8})");

  private final CheckpointStore root;
  private final RunSpec run;
  private final ShardShare share;

  /** Those of a run, of which this process holds a share. */
  public SharedCheckpoints(CheckpointStore root, RunSpec run, ShardShare share) {
    this.root = root;
    this.run = run;
    this.share = share;
  }

  /** A version that all shares of a start of {@code count} processes have committed. */
  private record Found(long version, int count) {}

  /** Where this process writes. */
  public CheckpointStore own() {
    return folder(share);
  }

  private CheckpointStore folder(ShardShare of) {
    return of.count() == 1
        ? root
        : new CheckpointFolder(root, NAME.formatted(of.index() + 1, of.count()));
  }

  private Checkpoints of(ShardShare other) {
    return new Checkpoints(folder(other), dealt(other.count()), other);
  }

  /** The run as so many processes hold it: the parts of its tables are as many. */
  private RunSpec dealt(int count) {
    List<TableSpec> parts = run.tables();
    List<TableSpec> tables =
        IntStream.range(0, parts.size() / share.count())
            .mapToObj(table -> parts.get(table * share.count()))
            .toList();
    return run.with(new TableParts(count).split(tables));
  }

  /** Who has written here, by how many they were; one process is always asked. */
  private SortedMap<Integer, List<ShardShare>> writers() throws IOException {
    SortedMap<Integer, List<ShardShare>> writers = new TreeMap<>();
    writers.put(1, List.of(ShardShare.ALL));
    for (String name : root.list("")) {
      Matcher written = SHARE.matcher(name);
      if (written.matches()) {
        int count = Integer.parseInt(written.group(2));
        writers
            .computeIfAbsent(count, c -> new ArrayList<>())
            .add(new ShardShare(Integer.parseInt(written.group(1)) - 1, count));
      }
    }
    return writers;
  }

  /** Whether all shares are here, or all that this process can know of. */
  private boolean isWhole(List<ShardShare> shares) {
    int count = shares.get(0).count();
    return shares.size() == count || count == share.count() && shares.contains(share);
  }

  /** Versions that all of them have committed, the newest first. */
  private List<Long> common(List<ShardShare> shares) throws IOException {
    List<Long> versions = new ArrayList<>(of(shares.get(0)).committed());
    for (ShardShare other : shares.subList(1, shares.size())) {
      versions.retainAll(of(other).committed());
    }
    return versions;
  }

  /** The newest first; of one version that of as many processes as now. */
  private List<Found> found() throws IOException {
    List<Found> found = new ArrayList<>();
    for (List<ShardShare> shares : writers().values()) {
      if (isWhole(shares)) {
        int count = shares.get(0).count();
        common(shares).forEach(version -> found.add(new Found(version, count)));
      }
    }
    found.sort(
        Comparator.comparingLong(Found::version)
            .reversed()
            .thenComparing(one -> one.count == share.count() ? 0 : one.count));
    return found;
  }

  /**
   * The newest sound checkpoint up to a version, of which this process's share counts. One that is
   * committed but damaged, or cannot be read, is passed over with a warning.
   *
   * @throws CheckpointException if there are some but none is sound, they are of another model, or
   *     other processes have written them where this one does not reach all
   */
  public Optional<Snapshot> newest(long last) throws IOException {
    CheckpointException damaged = null;
    for (Found one : found()) {
      if (one.version > last) {
        continue;
      }
      try {
        return Optional.of(read(one));
      } catch (CheckpointException e) {
        LOG.warn("checkpoint of step {} is passed over: {}", one.version, e.getMessage());
        damaged = e;
      }
    }
    if (damaged != null) {
      throw damaged;
    }
    refuseOthers();
    return Optional.empty();
  }

  private void refuseOthers() throws IOException {
    for (List<ShardShare> shares : others()) {
      if (!isWhole(shares) && !common(shares).isEmpty()) {
        throw new CheckpointException(
            "the checkpoints here were written by another number of processes than %d: %d, of which %d left theirs here; start as many as then, or copy all of them here"
                .formatted(share.count(), shares.get(0).count(), shares.size()));
      }
    }
  }

  private Snapshot read(Found one) throws CheckpointException {
    if (one.count == share.count()) {
      return of(share).read(one.version);
    }
    List<RowTable> tables =
        run.tables().stream().map(spec -> new RowTable(spec, one.version)).toList();
    Snapshot own = Snapshot.allocate(run, share, one.version).with(tables);
    for (int i = 0; i < one.count; i++) {
      Snapshot part = of(new ShardShare(i, one.count)).read(one.version, own);
      own = own.seeing(part.plateau()); // all have seen the same
      for (int t = 0; t < part.tables().size(); t++) {
        take(t / one.count, part.tables().get(t), tables);
      }
    }
    LOG.info(
        "step {} is read from the checkpoints of {} processes by one of {}",
        one.version,
        one.count,
        share.count());
    return own;
  }

  /** Takes the rows of a table that this process holds from a part that another has written. */
  private void take(int table, RowTable part, List<RowTable> tables) {
    TableParts parts = new TableParts(share.count());
    int length = (1 + part.spec().stateVectors()) * part.spec().width();
    try (TableSnapshot rows = part.snapshot()) {
      rows.forEach(
          (key, steps, array, at) -> {
            int number = parts.number(table, parts.of(key));
            if (share.owns(run.buckets().count() + number)) {
              tables.get(number).restore(key, steps, Arrays.copyOfRange(array, at, at + length));
            }
          });
    }
  }

  /** A term that no earlier start had here, however many they were; recorded before it returns. */
  public int nextTerm() throws IOException {
    int last = 0;
    for (List<ShardShare> shares : writers().values()) {
      for (ShardShare other : shares) {
        if (other.count() != share.count()) {
          last = Math.max(last, of(other).lastTerm());
        }
      }
    }
    return of(share).nextTerm(last);
  }

  /** Whether other numbers of processes have left checkpoints here. */
  public boolean hasOthers() throws IOException {
    return !others().isEmpty();
  }

  private List<List<ShardShare>> others() throws IOException {
    List<List<ShardShare>> others = new ArrayList<>();
    for (List<ShardShare> shares : writers().values()) {
      int count = shares.get(0).count();
      if (count != share.count() && (count > 1 || !of(ShardShare.ALL).committed().isEmpty())) {
        others.add(shares);
      }
    }
    return others;
  }

  /**
   * Deletes what other numbers of processes have written, once so many versions of all shares of
   * this start are there that are newer.
   *
   * @return whether nothing of them is left
   */
  public boolean dropOthers(int keep) throws IOException {
    List<ShardShare> together = writers().getOrDefault(share.count(), List.of());
    List<Long> ours = together.isEmpty() ? List.of() : common(together);
    if (ours.size() < keep) {
      return false;
    }
    List<ShardShare> others = others().stream().flatMap(List::stream).toList();
    for (ShardShare other : others) {
      if (of(other).committed().stream().anyMatch(version -> version >= ours.get(keep - 1))) {
        return false;
      }
    }
    for (ShardShare other : others) {
      drop(other);
    }
    return true;
  }

  private void drop(ShardShare other) throws IOException {
    if (other.count() > 1) {
      root.delete(NAME.formatted(other.index() + 1, other.count()));
      return;
    }
    for (long version : of(other).committed()) { // beside them lie its terms, and what others have
      root.delete("step-" + version);
    }
  }
}
