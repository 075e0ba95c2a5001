package dev.kindling.nn;

import dev.kindling.kernel.Philox;
import dev.kindling.spec.Spec;
import dev.kindling.spec.SpecException;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.ShapeException;

/**
 * Normal around 0, with {@code ceil(sparsity * rows)} elements of every column of a matrix at 0,
 * drawn by chance (Martens, 2010).
 *
 * @param sparsity the share of zeros in a column, 0 to 1
 * @param deviation of the others; 0.01 unless written
 */
public record Sparse(double sparsity, double deviation) implements Initializer {

  /** Checks the share. */
  public Sparse {
    if (!(sparsity >= 0 && sparsity <= 1)) {
      throw new SpecException("Sparse: sparsity is %s; it must be 0 to 1".formatted(sparsity));
    }
  }

  static Sparse of(Spec spec) {
    spec.allow("sparsity", "std");
    return new Sparse(spec.number("sparsity"), spec.number("std", 0.01));
  }

  @Override
  public void fill(float[] array, int offset, Shape shape, Philox random) {
    if (shape.rank() != 2) {
      throw new ShapeException("Sparse: %s is no matrix; start it as Normal".formatted(shape));
    }
    random.fillNormal(array, offset, shape.elements(), 0, (float) deviation);
    int columns = shape.size(1);
    int[] rows = new int[shape.size(0)];
    int zeros = (int) Math.ceil(sparsity * rows.length);
    for (int column = 0; column < columns; column++) {
      random.permutation(rows);
      for (int i = 0; i < zeros; i++) {
        array[offset + rows[i] * columns + column] = 0;
      }
    }
  }

  @Override
  public Spec toSpec() {
    return Spec.of("Sparse", "sparsity", sparsity).with("std", deviation, 0.01);
  }
}
