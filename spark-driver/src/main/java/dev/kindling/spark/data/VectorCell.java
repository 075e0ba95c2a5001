package dev.kindling.spark.data;

import org.apache.spark.ml.linalg.Vector;

/** Reads vectors of spark.ml; loaded only where a column holds them. */
final class VectorCell {
  private VectorCell() {}

  static int width(Object vector) {
    return ((Vector) vector).size();
  }

  static double[] values(Object vector) {
    return ((Vector) vector).toArray().clone();
  }
}
