package dev.kindling.ps.checkpoint;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.CRC32C;

/** Counts and sums what goes through. */
final class CheckedOutput extends FilterOutputStream {
  private final CRC32C crc = new CRC32C();
  private long bytes;

  CheckedOutput(OutputStream out) {
    super(out);
  }

  long bytes() {
    return bytes;
  }

  long crc32c() {
    return crc.getValue();
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] array, int offset, int length) throws IOException {
    out.write(array, offset, length);
    crc.update(array, offset, length);
    bytes += length;
  }
}
