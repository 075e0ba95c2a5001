package dev.kindling.data.augment;

import dev.kindling.data.RowFormat;
import java.util.List;

/**
 * The transforms of a run, applied to the gathered rows of one replica. Which change a row gets is
 * decided by (seed, replica, epoch, its place in the slice) alone. Not thread-safe; allocates
 * nothing after it is made.
 */
public final class Augmentation {
  private final Transform[] transforms;
  private final ImageSample image;
  private final SampleRandom random;
  private final int features;

  /**
   * Transforms in the order in which they apply.
   *
   * @throws IllegalArgumentException when the rows are not [channels, height, width]
   */
  public Augmentation(RowFormat format, List<Transform> transforms, long seed, int replica) {
    this.transforms = transforms.toArray(Transform[]::new);
    this.image = new ImageSample(format);
    this.random = new SampleRandom(seed, replica);
    this.features = format.features();
  }

  /**
   * Changes a gathered batch in place.
   *
   * @param epoch counted from zero
   * @param rows places in the slice; {@code rows[from + i]} was gathered as row i
   * @param batch the normalised features, row 0 at {@code offset}
   */
  public void apply(int epoch, int[] rows, int from, int count, float[] batch, int offset) {
    for (int i = 0; i < count; i++) {
      random.moveTo(epoch, rows[from + i]);
      image.moveTo(batch, offset + i * features);
      for (Transform transform : transforms) {
        transform.apply(image, random);
      }
    }
  }
}
