package dev.kindling.autograd.ops;

import java.util.Arrays;

/**
 * The windows of an image as the columns of a matrix, so that a convolution is a matrix product:
 * element [(c, i, j), (y, x)] is the input of channel c that place (i, j) of the window at (y, x)
 * reads. Immutable.
 */
record Patches(int channels, int height, int width, Axis rows, Axis columns) {

  int outputHeight() {
    return rows.outputs(height);
  }

  int outputWidth() {
    return columns.outputs(width);
  }

  /** Rows of the matrix. */
  int depth() {
    return channels * rows.kernel() * columns.kernel();
  }

  /** Columns of the matrix. */
  int places() {
    return outputHeight() * outputWidth();
  }

  /** Elements of the image. */
  int image() {
    return channels * height * width;
  }

  /** Whether the matrix is the image as it stands. */
  boolean isImage() {
    return rows.equals(Axis.SINGLE) && columns.equals(Axis.SINGLE);
  }

  /** Writes the matrix of the image that starts at {@code from}. */
  void gather(float[] image, int from, float[] matrix) {
    int row = 0;
    for (int c = 0; c < channels; c++) {
      int plane = from + c * height * width;
      for (int i = 0; i < rows.kernel(); i++) {
        for (int j = 0; j < columns.kernel(); j++) {
          gatherPlace(image, plane, i, j, matrix, row * places());
          row++;
        }
      }
    }
  }

  private void gatherPlace(float[] image, int plane, int i, int j, float[] matrix, int at) {
    int first = columns.firstOutput(j);
    int end = columns.endOutput(j, width, outputWidth());
    for (int y = 0; y < outputHeight(); y++) {
      int line = rows.input(y, i);
      int to = at + y * outputWidth();
      if (line < 0 || line >= height) {
        Arrays.fill(matrix, to, to + outputWidth(), 0);
      } else {
        Arrays.fill(matrix, to, to + first, 0);
        int source = plane + line * width + columns.input(first, j);
        copy(image, source, matrix, to + first, end - first);
        Arrays.fill(matrix, to + end, to + outputWidth(), 0);
      }
    }
  }

  private void copy(float[] image, int from, float[] matrix, int to, int n) {
    int stride = columns.stride();
    if (stride == 1) {
      System.arraycopy(image, from, matrix, to, n);
    } else {
      for (int x = 0; x < n; x++) {
        matrix[to + x] = image[from + x * stride];
      }
    }
  }

  /** The transpose of {@link #gather}: adds every element of the matrix to the input it reads. */
  void scatter(float[] matrix, float[] image, int to) {
    Arrays.fill(image, to, to + image(), 0);
    int row = 0;
    for (int c = 0; c < channels; c++) {
      int plane = to + c * height * width;
      for (int i = 0; i < rows.kernel(); i++) {
        for (int j = 0; j < columns.kernel(); j++) {
          scatterPlace(matrix, row * places(), image, plane, i, j);
          row++;
        }
      }
    }
  }

  private void scatterPlace(float[] matrix, int at, float[] image, int plane, int i, int j) {
    int first = columns.firstOutput(j);
    int end = columns.endOutput(j, width, outputWidth());
    for (int y = rows.firstOutput(i); y < rows.endOutput(i, height, outputHeight()); y++) {
      int from = at + y * outputWidth() + first;
      int line = plane + rows.input(y, i) * width + columns.input(first, j);
      add(matrix, from, image, line, end - first);
    }
  }

  private void add(float[] matrix, int from, float[] image, int to, int n) {
    int stride = columns.stride();
    if (stride == 1) {
      for (int x = 0; x < n; x++) {
        image[to + x] += matrix[from + x];
      }
    } else {
      for (int x = 0; x < n; x++) {
        image[to + x * stride] += matrix[from + x];
      }
    }
  }
}
