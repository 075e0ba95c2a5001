package dev.kindling.kernel;

/**
 * Random numbers from a counter: Philox4x32-10 (Salmon et al., 2011). The same key and counter give
 * the same numbers on every machine, so any element of a stream can be drawn without those before.
 *
 * <p>The key is the seed; the counter is [block, block >>> 32, stream, substream]. Not thread-safe:
 * it keeps the place in its stream.
 */
public final class Philox {
  private static final int MULTIPLIER_0 = 0xD2511F53;
  private static final int MULTIPLIER_1 = 0xCD9E8D57;
  private static final int KEY_STEP_0 = 0x9E3779B9;
  private static final int KEY_STEP_1 = 0xBB67AE85;
  private static final int ROUNDS = 10;
  private static final float UNIT = 0x1p-24f;

  private final long seed;
  private final int stream;
  private final int substream;
  private final int[] block = new int[4];
  private long counter;
  private int used = 4;

  /** One of 2^64 streams of a seed. */
  public Philox(long seed, int stream, int substream) {
    this.seed = seed;
    this.stream = stream;
    this.substream = substream;
  }

  /**
   * Goes to a place in the stream.
   *
   * @param toBlock which four words
   * @param word which of them comes next, 0 to 3
   */
  public void moveTo(long toBlock, int word) {
    counter = toBlock;
    used = 4;
    for (int i = 0; i < word; i++) {
      nextInt();
    }
  }

  /** The four words of a counter under a key, written into {@code into}. */
  public static void block(long key, int c0, int c1, int c2, int c3, int[] into) {
    int k0 = (int) key;
    int k1 = (int) (key >>> 32);
    int x0 = c0;
    int x1 = c1;
    int x2 = c2;
    int x3 = c3;
    for (int round = 0; round < ROUNDS; round++) {
      long p0 = (MULTIPLIER_0 & 0xFFFFFFFFL) * (x0 & 0xFFFFFFFFL);
      long p1 = (MULTIPLIER_1 & 0xFFFFFFFFL) * (x2 & 0xFFFFFFFFL);
      x0 = (int) (p1 >>> 32) ^ x1 ^ k0;
      x1 = (int) p1;
      x2 = (int) (p0 >>> 32) ^ x3 ^ k1;
      x3 = (int) p0;
      k0 += KEY_STEP_0;
      k1 += KEY_STEP_1;
    }
    into[0] = x0;
    into[1] = x1;
    into[2] = x2;
    into[3] = x3;
  }

  /** The next 32 bits. */
  public int nextInt() {
    if (used == 4) {
      block(seed, (int) counter, (int) (counter >>> 32), stream, substream, block);
      counter++;
      used = 0;
    }
    return block[used++];
  }

  /** A whole number in [0, bound), each as likely. */
  public int nextInt(int bound) {
    long range = bound;
    long limit = (1L << 32) % range; // numbers below it would make some results likelier
    long product;
    do {
      product = (nextInt() & 0xFFFFFFFFL) * range;
    } while ((product & 0xFFFFFFFFL) < limit);
    return (int) (product >>> 32);
  }

  /** A float in [0, 1), a multiple of 2^-24. */
  public float nextFloat() {
    return (nextInt() >>> 8) * UNIT;
  }

  /** Elements uniform in [low, high). */
  public void fillUniform(float[] array, int offset, int length, float low, float high) {
    for (int i = offset; i < offset + length; i++) {
      array[i] = low + (high - low) * nextFloat();
    }
  }

  /** Normal elements (Box and Muller, 1958). */
  public void fillNormal(float[] array, int offset, int length, float mean, float deviation) {
    for (int i = offset; i < offset + length; i++) {
      double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - (double) nextFloat()));
      double angle = 2 * StrictMath.PI * nextFloat();
      array[i] = (float) (mean + deviation * radius * StrictMath.cos(angle));
    }
  }

  /** A random order of 0, 1, ..., n - 1 (Fisher and Yates). */
  public void permutation(int[] order) {
    for (int i = 0; i < order.length; i++) {
      order[i] = i;
    }
    for (int i = order.length - 1; i > 0; i--) {
      int j = nextInt(i + 1);
      int keep = order[i];
      order[i] = order[j];
      order[j] = keep;
    }
  }
}
