package dev.kindling.ps.checkpoint;

import dev.kindling.io.AtomicFile;
import dev.kindling.io.Safetensors;
import dev.kindling.ps.RunSpec;
import dev.kindling.ps.shard.ShardShare;
import dev.kindling.train.table.RowTable;
import dev.kindling.train.table.TableSnapshot;
import dev.kindling.train.table.TableSpec;
import java.io.BufferedInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A run's checkpoints in a store: writing, committing, pruning, reading. One thread at a time. */
public final class Checkpoints {
  private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);
  private static final String MARKER = "COMMITTED";
  private static final String FOLDER = "step-";
  private static final String MANIFEST = "manifest-term-";
  private static final String TERMS = "terms";
  private static final int BUFFER = 1 << 16;

  private final CheckpointStore store;
  private final RunSpec run;
  private final ShardShare share;
  private final List<Integer> tables;

  /** The checkpoints of a run. */
  public Checkpoints(CheckpointStore store, RunSpec run) {
    this(store, run, ShardShare.ALL);
  }

  /** The checkpoints of what one of several processes holds of a run. */
  public Checkpoints(CheckpointStore store, RunSpec run, ShardShare share) {
    this.store = store;
    this.run = run;
    this.share = share;
    tables = share.tables(run).boxed().toList();
  }

  /** A term that no earlier start of the shards had; recorded before it is returned. */
  public int nextTerm() throws IOException {
    return nextTerm(0);
  }

  /** The same, later than one that is known from elsewhere. */
  int nextTerm(int known) throws IOException {
    int next = Math.max(lastTerm(), known) + 1;
    store.write(TERMS + "/" + next, out -> out.write(run.id().getBytes(StandardCharsets.UTF_8)));
    return next;
  }

  /** The newest term of those that have been recorded; 0 for none. */
  int lastTerm() throws IOException {
    return store.list(TERMS).stream().mapToInt(Integer::parseInt).max().orElse(0);
  }

  /**
   * Writes a snapshot and commits it. A step that is there already was computed again; where its
   * bits are the same whenever that happens, nothing is written.
   */
  public void write(Snapshot snapshot, int term) throws IOException {
    write(snapshot, List.of(), term);
  }

  /** The same with the tables that are here, in order, which are read while they are written. */
  public void write(Snapshot snapshot, List<TableSnapshot> rows, int term) throws IOException {
    String folder = FOLDER + snapshot.version();
    if (isSound(snapshot.version())) {
      if (run.staleness() == 0 && !run.isAsynchronous()) {
        return;
      }
      store.delete(folder); // others have the shares of the later computation
    }
    List<Manifest.Entry> files = new ArrayList<>();
    files.add(
        write(
            folder,
            "shard-0-term-%d.safetensors".formatted(term),
            out -> Safetensors.write(out, snapshot.tensors(run), snapshot.metadata(run))));
    for (int t = 0; t < rows.size(); t++) {
      TableSnapshot table = rows.get(t);
      String file = "table-%d-term-%d.rows".formatted(tables.get(t), term);
      files.add(write(folder, file, out -> TableFile.write(out, table)));
    }
    commit(folder, new Manifest(run.id(), snapshot.version(), term, files));
  }

  private Manifest.Entry write(String folder, String file, AtomicFile.Content content)
      throws IOException {
    CheckedOutput[] written = new CheckedOutput[1];
    store.write(
        folder + "/" + file,
        out -> {
          written[0] = new CheckedOutput(out);
          content.writeTo(written[0]);
        });
    return new Manifest.Entry(file, written[0].bytes(), written[0].crc32c());
  }

  private void commit(String folder, Manifest manifest) throws IOException {
    String name = MANIFEST + manifest.term();
    store.write(folder + "/" + name, out -> out.write(manifest.encode()));
    store.write(folder + "/" + MARKER, out -> out.write(name.getBytes(StandardCharsets.UTF_8)));
  }

  /** Whether a step is committed and every byte of it is as it was written. */
  private boolean isSound(long version) throws IOException {
    if (!isCommitted(FOLDER + version)) {
      return false;
    }
    try {
      verified(version);
      return true;
    } catch (IOException e) {
      LOG.warn("checkpoint of step {} is written again: {}", version, named(e).getMessage());
      return false;
    }
  }

  private boolean isCommitted(String folder) throws IOException {
    return store.list(folder).contains(MARKER);
  }

  /** Versions with a committed checkpoint, the newest first. */
  public List<Long> committed() throws IOException {
    List<Long> versions = new ArrayList<>();
    for (long version : versions()) {
      if (isCommitted(FOLDER + version)) {
        versions.add(version);
      }
    }
    versions.sort(Comparator.reverseOrder());
    return versions;
  }

  private List<Long> versions() throws IOException {
    return store.list("").stream()
        .filter(name -> name.matches(FOLDER + "[0-9]{1,18}"))
        .map(name -> Long.parseLong(name.substring(FOLDER.length())))
        .toList();
  }

  /** Keeps the newest committed ones; deletes older ones and what a crash left unfinished. */
  public void prune(int keep) throws IOException {
    List<Long> committed = committed();
    if (committed.isEmpty()) {
      return;
    }
    List<Long> kept = committed.subList(0, Math.min(keep, committed.size()));
    for (long version : versions()) {
      if (version < committed.get(0) && !kept.contains(version)) {
        store.delete(FOLDER + version);
      }
    }
  }

  /**
   * The newest sound checkpoint. One that is committed but damaged, or cannot be read, is passed
   * over with a warning.
   *
   * @throws CheckpointException if there are some but none is sound, or they are of another model
   */
  public Optional<Snapshot> newest() throws IOException {
    return newest(Long.MAX_VALUE);
  }

  /** The same among those up to a version. */
  public Optional<Snapshot> newest(long last) throws IOException {
    CheckpointException damaged = null;
    for (long version : committed()) {
      if (version > last) {
        continue;
      }
      try {
        return Optional.of(read(version));
      } catch (CheckpointException e) {
        LOG.warn("checkpoint of step {} is passed over: {}", version, e.getMessage());
        damaged = e;
      }
    }
    if (damaged != null) {
      throw damaged;
    }
    return Optional.empty();
  }

  /** What a file system says of a file that is gone is its path alone. */
  private static CheckpointException named(IOException e) {
    if (e instanceof CheckpointException known) {
      return known;
    }
    boolean isMissing = e instanceof FileNotFoundException || e instanceof NoSuchFileException;
    return new CheckpointException(
        (isMissing ? "a file is missing: " : "a file cannot be read: ") + e.getMessage(), e);
  }

  /**
   * Reads one committed checkpoint, when every byte is found to be as it was written.
   *
   * @throws CheckpointException naming the file that is missing, damaged or of another model
   */
  public Snapshot read(long version) throws CheckpointException {
    return read(version, Snapshot.allocate(run, share, version));
  }

  /**
   * The same of what another process needs of it.
   *
   * @param into gets the buckets of its own share that are in the checkpoint
   * @return these vectors, with all else that is in the checkpoint
   */
  Snapshot read(long version, Snapshot into) throws CheckpointException {
    String folder = FOLDER + version + "/";
    try {
      List<Manifest.Entry> files = verified(version).files();
      SnapshotReader reader = new SnapshotReader(run, share, into, folder + files.get(0).name());
      read(
          folder,
          files.get(0),
          (in, size, path) -> {
            Safetensors.read(in, size, path, reader);
            return reader;
          });
      return into.seeing(reader.plateau())
          .with(tables(folder, version, files.subList(1, files.size())));
    } catch (IOException e) {
      throw named(e);
    }
  }

  /** Compares all that belongs to a checkpoint with what was written; nothing is parsed before. */
  private Manifest verified(long version) throws IOException {
    String folder = FOLDER + version + "/";
    Manifest manifest = manifest(folder, version);
    for (Manifest.Entry file : manifest.files()) {
      verify(folder, file);
    }
    store.verify(version);
    return manifest;
  }

  private Manifest manifest(String folder, long version) throws IOException {
    String name = new String(bytes(folder + MARKER), StandardCharsets.UTF_8);
    if (!name.matches(MANIFEST + "[0-9]{1,9}") || !store.list(folder).contains(name)) {
      throw new CheckpointException(
          "%s%s names '%s', which is no manifest there: the checkpoint is damaged"
              .formatted(folder, MARKER, printable(name)));
    }
    Manifest manifest;
    try (InputStream in = store.open(folder + name)) {
      manifest = Manifest.read(in, folder + name);
    }
    if (!manifest.run().equals(run.id())) {
      throw new CheckpointException(
          "%s%s belongs to run %s, not to %s"
              .formatted(folder, name, printable(manifest.run()), run.id()));
    }
    if (manifest.step() != version || !name.equals(MANIFEST + manifest.term())) {
      throw new CheckpointException(
          "%s%s is of step %d and term %d: the file is damaged"
              .formatted(folder, name, manifest.step(), manifest.term()));
    }
    if (manifest.files().size() != 1 + tables.size()) {
      throw new CheckpointException(
          "%s%s holds %d tables; run %s has %d: is it cut, or a checkpoint of another model?"
              .formatted(folder, name, manifest.files().size() - 1, run.id(), tables.size()));
    }
    return manifest;
  }

  private static String printable(String damaged) {
    return damaged.replaceAll("[^ -~]", "?");
  }

  /** All tables of the run; those that another process holds have no rows. */
  private List<RowTable> tables(String folder, long version, List<Manifest.Entry> files)
      throws IOException {
    List<RowTable> all = new ArrayList<>();
    run.tables().forEach(spec -> all.add(new RowTable(spec, version)));
    for (int t = 0; t < files.size(); t++) {
      TableSpec spec = run.tables().get(tables.get(t));
      RowTable table =
          read(folder, files.get(t), (in, size, path) -> TableFile.read(in, size, path, spec));
      if (table.version() != version) {
        throw new CheckpointException(
            "%s: table %s is at version %d".formatted(folder, spec.name(), table.version()));
      }
      all.set(tables.get(t), table);
    }
    return all;
  }

  private byte[] bytes(String path) throws IOException {
    try (InputStream in = store.open(path)) {
      return in.readAllBytes();
    }
  }

  /** Reads a file's content. */
  private interface Reader<T> {
    T read(InputStream in, long size, String path) throws IOException;
  }

  private <T> T read(String folder, Manifest.Entry file, Reader<T> reader) throws IOException {
    String path = folder + file.name();
    try (InputStream in = new BufferedInputStream(store.open(path), BUFFER)) {
      return reader.read(in, file.bytes(), path);
    }
  }

  private void verify(String folder, Manifest.Entry file) throws IOException {
    String path = folder + file.name();
    long size = store.size(path);
    CRC32C crc = new CRC32C();
    if (size == file.bytes()) {
      try (InputStream in = new CheckedInputStream(store.open(path), crc)) {
        for (byte[] part = new byte[BUFFER]; in.read(part) >= 0; ) {} // the checksum is all
      }
      if (crc.getValue() == file.crc32c()) {
        return;
      }
    }
    throw new CheckpointException(
        "%s: %d bytes with CRC32C %08x; the manifest says %d bytes with %08x: the file is damaged"
            .formatted(path, size, crc.getValue(), file.bytes(), file.crc32c()));
  }
}
