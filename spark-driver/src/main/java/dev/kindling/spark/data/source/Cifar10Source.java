package dev.kindling.spark.data.source;

import dev.kindling.data.DataException;
import java.util.List;

/**
 * {@code cifar10}: records of a label byte and 3072 bytes of pixels [channel][row][column], in
 * {@code data_batch_*.bin} and {@code test_batch.bin}.
 */
public final class Cifar10Source extends RecordSource {
  private static final int PIXELS = 3 * 32 * 32;
  private static final int CLASSES = 10;
  private static final String INSIDE = "cifar-10-batches-bin";

  @Override
  public String shortName() {
    return "cifar10";
  }

  @Override
  List<Records> records(HadoopFiles files, String path, String part) {
    String form = part.equals("train") ? "data_batch_\\d+\\.bin" : "test_batch\\.bin";
    String folder = files.list(path, INSIDE).isEmpty() ? path : path + "/" + INSIDE;
    List<String> found = files.list(folder, form);
    if (found.isEmpty()) {
      throw new DataException(
          "%s: no %s is there; load the folder that holds data_batch_1.bin to data_batch_5.bin and test_batch.bin"
              .formatted(folder, part.equals("train") ? "data_batch_*.bin" : "test_batch.bin"));
    }
    return found.stream().map(file -> records(files, file)).toList();
  }

  private static Records records(HadoopFiles files, String file) {
    long bytes = files.length(file);
    if (bytes == 0 || bytes % (PIXELS + 1) != 0) {
      throw new DataException(
          "%s: %d bytes are no whole number of records of %d; it is truncated or another format, copy it again"
              .formatted(file, bytes, PIXELS + 1));
    }
    int rows = Math.toIntExact(bytes / (PIXELS + 1));
    return new Records(file, 0, PIXELS, null, 0, CLASSES, 0, rows);
  }
}
