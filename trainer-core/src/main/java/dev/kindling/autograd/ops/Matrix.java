package dev.kindling.autograd.ops;

import dev.kindling.tensor.Tensor;

/**
 * The last two dimensions of a tensor as a matrix that a kernel can read: row-major, or the
 * transpose of row-major.
 *
 * @param tensor the elements
 * @param isTransposed whether columns, not rows, stand side by side
 * @param leading how far apart neighbouring rows (or columns, when transposed) stand
 */
record Matrix(Tensor tensor, boolean isTransposed, int leading) {

  /** {@code x} if a kernel can read it as it stands, else a copy. */
  static Matrix of(Tensor x) {
    int rows = x.size(-2);
    int columns = x.size(-1);
    if (readable(x.stride(-1), columns, x.stride(-2), rows)) {
      return new Matrix(x, false, rows == 1 ? columns : x.stride(-2));
    }
    if (readable(x.stride(-2), rows, x.stride(-1), columns)) {
      return new Matrix(x, true, columns == 1 ? rows : x.stride(-1));
    }
    return new Matrix(View.copy(x), false, columns);
  }

  private static boolean readable(int stride, int length, int leading, int count) {
    return (stride == 1 || length == 1) && (leading >= length || count == 1);
  }
}
