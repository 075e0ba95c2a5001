package dev.kindling.spark.data;

import java.io.Serializable;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;

/**
 * A sum of doubles without rounding: a number in base 2^32 over the whole range of a double. So it
 * depends on the numbers alone, not on the order or the partitions they come in. Not thread-safe.
 */
final class ExactSum implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int LIMBS = 70;
  private static final long MASK = 0xffffffffL;
  private static final int CARRY_AFTER = 1 << 29;

  /** What the lowest bit of the number is worth: 2^-1075. */
  private static final BigDecimal UNITS = new BigDecimal(BigInteger.ONE.shiftLeft(1075));

  private final long[] limbs = new long[LIMBS];
  private long count;
  private int pending;

  /** Adds a finite number. */
  void add(double x) {
    long bits = Double.doubleToRawLongBits(x);
    int exponent = (int) (bits >>> 52) & 0x7ff;
    long fraction = bits & (1L << 52) - 1;
    long mantissa = exponent == 0 ? fraction : fraction | 1L << 52;
    int place = Math.max(1, exponent);
    int limb = place >>> 5;
    int shift = place & 31;
    long low = mantissa << shift;
    long high = shift == 0 ? 0 : mantissa >>> 64 - shift;
    long sign = bits >> 63 | 1;
    limbs[limb] += sign * (low & MASK);
    limbs[limb + 1] += sign * (low >>> 32);
    limbs[limb + 2] += sign * high;
    count++;
    if (++pending == CARRY_AFTER) {
      carry();
    }
  }

  private void carry() {
    for (int i = 0; i + 1 < LIMBS; i++) {
      limbs[i + 1] += limbs[i] >> 32;
      limbs[i] &= MASK;
    }
    pending = 0;
  }

  /** Adds all that another sum holds. */
  void add(ExactSum other) {
    carry();
    other.carry();
    for (int i = 0; i < LIMBS; i++) {
      limbs[i] += other.limbs[i];
    }
    carry();
    count += other.count;
  }

  /** How many numbers were added. */
  long count() {
    return count;
  }

  /** Their mean, rounded once; 0 of none. */
  double mean() {
    if (count == 0) {
      return 0;
    }
    BigInteger sum = BigInteger.ZERO;
    for (int i = LIMBS - 1; i >= 0; i--) {
      sum = sum.shiftLeft(32).add(BigInteger.valueOf(limbs[i]));
    }
    return new BigDecimal(sum)
        .divide(UNITS.multiply(BigDecimal.valueOf(count)), MathContext.DECIMAL128)
        .doubleValue();
  }
}
