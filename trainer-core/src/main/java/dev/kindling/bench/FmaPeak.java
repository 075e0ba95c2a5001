package dev.kindling.bench;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * What the processor can do at most: twelve independent chains of fused multiply-adds, nothing
 * loaded or stored. Enough chains to hide the latency of two units.
 */
final class FmaPeak implements Work {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int CHAINS = 12;
  private static final int ROUNDS = 10_000;

  /** Floating-point operations of one repetition. */
  static final double FLOP = 2.0 * CHAINS * SPECIES.length() * ROUNDS;

  private final float[] values = new float[3 * SPECIES.length()];

  FmaPeak() {
    if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
      throw new IllegalStateException(
          "bench: the peak is measured with the Vector API, which this JVM was started without;"
              + " add --add-modules=jdk.incubator.vector");
    }
  }

  @Override
  public void run(int times) {
    for (int i = 0; i < times; i++) {
      chains(values);
    }
  }

  /** One method with all accumulators inside, so that none leaves its register. */
  private static void chains(float[] x) {
    FloatVector v = FloatVector.fromArray(SPECIES, x, 0);
    FloatVector u = FloatVector.fromArray(SPECIES, x, SPECIES.length());
    FloatVector c0 = v;
    FloatVector c1 = v;
    FloatVector c2 = v;
    FloatVector c3 = v;
    FloatVector c4 = v;
    FloatVector c5 = v;
    FloatVector c6 = v;
    FloatVector c7 = v;
    FloatVector c8 = v;
    FloatVector c9 = v;
    FloatVector c10 = v;
    FloatVector c11 = v;
    for (int p = 0; p < ROUNDS; p++) {
      c0 = v.fma(u, c0);
      c1 = v.fma(u, c1);
      c2 = v.fma(u, c2);
      c3 = v.fma(u, c3);
      c4 = v.fma(u, c4);
      c5 = v.fma(u, c5);
      c6 = v.fma(u, c6);
      c7 = v.fma(u, c7);
      c8 = v.fma(u, c8);
      c9 = v.fma(u, c9);
      c10 = v.fma(u, c10);
      c11 = v.fma(u, c11);
    }
    FloatVector left = c0.add(c1).add(c2).add(c3).add(c4).add(c5);
    FloatVector right = c6.add(c7).add(c8).add(c9).add(c10).add(c11);
    left.add(right).intoArray(x, 2 * SPECIES.length());
  }
}
