package dev.kindling.data.augment;

import dev.kindling.data.RowFormat;
import java.util.Arrays;

/**
 * One image of a batch, as transforms see it: [channels, height, width] somewhere in the batch's
 * features. Moved from image to image, so that nothing is allocated; not thread-safe.
 */
public final class ImageSample {
  private final int channels;
  private final int height;
  private final int width;
  private final float[] black;
  private final float[] copy;
  private float[] batch;
  private int offset;

  /**
   * Images of rows of a format.
   *
   * @throws IllegalArgumentException when the rows are not [channels, height, width]
   */
  ImageSample(RowFormat format) {
    if (format.shape().size() != 3) {
      throw new IllegalArgumentException(
          "transforms of images: rows of shape %s; they must be [channels, height, width]"
              .formatted(format.shape()));
    }
    channels = format.shape().get(0);
    height = format.shape().get(1);
    width = format.shape().get(2);
    copy = new float[format.features()];
    black = new float[channels];
    for (int c = 0; c < channels; c++) {
      int group = format.normalisation().channels() == 1 ? 0 : c;
      black[c] = format.normalisation().apply(0, group);
    }
  }

  void moveTo(float[] batch, int offset) {
    this.batch = batch;
    this.offset = offset;
  }

  /** Rows of the image. */
  public int height() {
    return height;
  }

  /** Columns of the image. */
  public int width() {
    return width;
  }

  /** Moves the content down and to the right (or up, to the left); what comes in is black. */
  public void shift(int down, int right) {
    System.arraycopy(batch, offset, copy, 0, copy.length);
    int left = Math.min(width, Math.max(0, -right));
    int blank = Math.min(width, Math.max(0, right));
    for (int c = 0; c < channels; c++) {
      for (int y = 0; y < height; y++) {
        int to = row(c, y);
        Arrays.fill(batch, to, to + width, black[c]);
        int from = y - down;
        if (from >= 0 && from < height) {
          int source = (c * height + from) * width + left;
          System.arraycopy(copy, source, batch, to + blank, width - left - blank);
        }
      }
    }
  }

  /** Mirrors left and right. */
  public void mirror() {
    for (int at = offset; at < offset + copy.length; at += width) {
      for (int left = at, right = at + width - 1; left < right; left++, right--) {
        float keep = batch[left];
        batch[left] = batch[right];
        batch[right] = keep;
      }
    }
  }

  /** Blackens a rectangle; what lies outside the image counts for nothing. */
  public void blacken(int top, int left, int bottom, int right) {
    int from = Math.max(0, left);
    int to = Math.min(width, right);
    for (int c = 0; c < channels; c++) {
      for (int y = Math.max(0, top); y < Math.min(height, bottom) && from < to; y++) {
        Arrays.fill(batch, row(c, y) + from, row(c, y) + to, black[c]);
      }
    }
  }

  private int row(int channel, int y) {
    return offset + (channel * height + y) * width;
  }
}
