package dev.kindling.nn;

import dev.kindling.tensor.Shape;
import java.io.Serializable;

/**
 * A matrix that training moves and whose rows are kept in a table elsewhere: its sizes and how it
 * starts. Only this description is serialised. Not thread-safe.
 */
public final class SparseParameter implements Serializable {
  private static final long serialVersionUID = 1L;

  private final Shape shape;
  private final Initializer initializer;
  private transient EmbeddingRows rows;

  /** A matrix [rows, width] that starts as the initialiser says. */
  SparseParameter(Shape shape, Initializer initializer) {
    this.shape = shape;
    this.initializer = initializer;
  }

  /** [rows, width]. */
  public Shape shape() {
    return shape;
  }

  /** How the elements start. */
  Initializer initializer() {
    return initializer;
  }

  /** Where the rows come from, in this thread's copy of the model. */
  public EmbeddingRows rows() {
    if (rows == null) {
      rows = new EmbeddingRows();
    }
    return rows;
  }
}
