package dev.kindling.ps.checkpoint;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What belongs to a checkpoint. Written as lines:
 *
 * <pre>
 * kindling-checkpoint 1
 * run 5f0c...
 * step 1876
 * term 3
 * file shard-0-term-3.safetensors 1312632 9ae0daaf
 * </pre>
 *
 * @param run the run's id
 * @param step version of the parameters
 * @param term of the shards that wrote it
 * @param files names, bytes and CRC32C
 */
record Manifest(String run, long step, int term, List<Entry> files) {
  private static final String FIRST_LINE = "kindling-checkpoint 1";

  /** One file. */
  record Entry(String name, long bytes, long crc32c) {}

  byte[] encode() {
    StringBuilder text = new StringBuilder(FIRST_LINE + "\n");
    text.append("run ").append(run).append('\n');
    text.append("step ").append(step).append('\n');
    text.append("term ").append(term).append('\n');
    for (Entry file : files) {
      text.append(
          "file %s %d %08x%n".formatted(file.name, file.bytes, file.crc32c).replace("\r", ""));
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  static Manifest read(InputStream in, String path) throws IOException {
    byte[] bytes = in.readAllBytes();
    try {
      Manifest manifest = parse(new String(bytes, StandardCharsets.UTF_8).split("\n", -1));
      if (!Arrays.equals(manifest.encode(), bytes)) { // one that is cut says less
        throw new IllegalArgumentException("it is not as it was written");
      }
      return manifest;
    } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
      throw new CheckpointException(
          "%s: this is no manifest of a checkpoint, or the file is damaged: %s"
              .formatted(path, e.getMessage()),
          e);
    }
  }

  private static Manifest parse(String[] lines) {
    if (!lines[0].equals(FIRST_LINE)) {
      throw new IllegalArgumentException("it does not begin with '" + FIRST_LINE + "'");
    }
    List<Entry> files = new ArrayList<>();
    for (int i = 4; i < lines.length - 1; i++) {
      files.add(entry(field(lines[i], "file").split(" ", -1)));
    }
    return new Manifest(
        field(lines[1], "run"),
        Long.parseLong(field(lines[2], "step")),
        Integer.parseInt(field(lines[3], "term")),
        files);
  }

  private static Entry entry(String[] words) {
    if (!words[0].matches("[a-z0-9.-]+")) {
      throw new IllegalArgumentException("a file has the name '" + words[0] + "'");
    }
    return new Entry(words[0], Long.parseLong(words[1]), Long.parseLong(words[2], 16));
  }

  private static String field(String line, String key) {
    if (!line.startsWith(key + " ")) {
      throw new IllegalArgumentException("'%s' where '%s ...' belongs".formatted(line, key));
    }
    return line.substring(key.length() + 1);
  }
}
