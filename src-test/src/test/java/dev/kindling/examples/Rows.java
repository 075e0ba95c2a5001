package dev.kindling.examples;

import dev.kindling.data.Dataset;
import dev.kindling.data.ElementType;
import dev.kindling.data.EncodedRows;
import dev.kindling.data.Normalisation;
import dev.kindling.data.RowEncoder;
import dev.kindling.data.RowFormat;
import dev.kindling.data.Target;
import java.util.ArrayList;
import java.util.List;

/** Rows of numbers from arrays: features, and one value to predict. */
final class Rows {
  private Rows() {}

  static Dataset of(float[][] features, float[] values) {
    RowFormat format =
        new RowFormat(
            List.of(features[0].length),
            ElementType.FLOAT32,
            Target.values(1),
            Normalisation.none());
    List<byte[]> rows = new ArrayList<>();
    for (int i = 0; i < values.length; i++) {
      rows.add(new RowEncoder(format).floats(features[i], 0).values(values, i).row());
    }
    return new EncodedRows(format, rows);
  }
}
