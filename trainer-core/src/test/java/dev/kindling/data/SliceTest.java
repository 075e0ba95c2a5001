package dev.kindling.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SliceTest {
  private static final RowFormat PIXELS =
      new RowFormat(
          List.of(3, 2, 2),
          ElementType.UINT8,
          Target.label(10),
          Normalisation.pixels(List.of(0.1f, 0.2f, 0.3f), List.of(1f, 0.5f, 0.25f)));

  private static final RowFormat COLUMNS =
      new RowFormat(
          List.of(3),
          ElementType.FLOAT32,
          Target.values(2),
          new Normalisation(2, List.of(1f, 0f, -1f), List.of(1f, 4f, 0.5f)));

  @Test
  void gathersNormalisedPixelsAndLabels() {
    SliceBuilder builder = new SliceBuilder(PIXELS);
    byte[] pixels = new byte[12];
    for (int row = 0; row < 5; row++) {
      for (int i = 0; i < 12; i++) {
        pixels[i] = (byte) (row * 50 + i);
      }
      builder.append(new RowEncoder(PIXELS).bytes(pixels, 0).label(row + 2).row());
    }
    Slice slice = builder.build();
    float[] features = new float[1 + 24];
    int[] labels = new int[3];
    slice.gather(new int[] {9, 4, 0}, 1, 2, features, 1, labels, 1);
    for (int i = 0; i < 24; i++) {
      int pixel = (i < 12 ? 200 : 0) + i % 12;
      int channel = i % 12 / 4;
      float expected = PIXELS.normalisation().apply(pixel, channel);
      assertThat(features[1 + i]).as("feature %d", i).isEqualTo(expected);
    }
    assertThat(features[0]).isZero();
    assertThat(labels).containsExactly(0, 6, 2);
    assertThatThrownBy(() -> slice.gatherValues(new int[1], 0, 1, new float[1], 0))
        .hasMessageContaining("values asked for");
  }

  @Test
  void gathersNormalisedFloatsValuesAndWeights() {
    Slice slice =
        new SliceBuilder(COLUMNS)
            .append(columns(1, 2, 3).weight(0.5f).row())
            .append(columns(-4, 5.5f, Float.MIN_VALUE).row())
            .build();
    float[] features = new float[6];
    float[] values = new float[4];
    float[] weights = new float[2];
    int[] rows = {1, 0};
    slice.gather(rows, 0, 2, features, 0, values, 0);
    slice.gatherWeights(rows, 0, 2, weights, 0);
    assertThat(features).containsExactly(-9, 2.75f, 2, 1, 1, 14);
    assertThat(values).containsExactly(-4, 5.5f, 1, 2);
    assertThat(weights).containsExactly(1, 0.5f);
  }

  private static RowEncoder columns(float... x) {
    return new RowEncoder(COLUMNS).floats(x, 0).values(x, 0);
  }

  @Test
  void rowsBeyondOneChunkComeBackAsTheyWent() {
    RowFormat wide =
        new RowFormat(List.of(1000), ElementType.UINT8, Target.label(2), Normalisation.none());
    Random random = new Random(3);
    SliceBuilder builder = new SliceBuilder(wide);
    byte[][] rows = new byte[3000][];
    for (int i = 0; i < rows.length; i++) {
      byte[] pixels = new byte[1000];
      random.nextBytes(pixels);
      rows[i] = new RowEncoder(wide).bytes(pixels, 0).label(i & 1).row();
      builder.append(rows[i]);
    }
    Slice slice = builder.build();
    assertThat(slice.size()).isEqualTo(3000);
    assertThat(slice.bytes()).isEqualTo(3000L * 1008);
    for (int i = 0; i < rows.length; i++) {
      assertThat(slice.row(i)).isEqualTo(rows[i]);
    }
    int[] labels = new int[3000];
    slice.gatherLabels(IntStream.range(0, 3000).toArray(), 0, 3000, labels, 0);
    assertThat(labels).containsExactly(IntStream.range(0, 3000).map(i -> i & 1).toArray());
  }

  @Test
  void theChecksumSeesContentAndOrder() {
    byte[] a = columns(1, 2, 3).row();
    byte[] b = columns(1, 2, 4).row();
    long ab = new SliceBuilder(COLUMNS).append(a).append(b).build().checksum();
    long ba = new SliceBuilder(COLUMNS).append(b).append(a).build().checksum();
    assertThat(ab).isNotEqualTo(ba);
    assertThat(new SliceBuilder(COLUMNS).append(a).append(b).build().checksum()).isEqualTo(ab);
  }

  @Test
  void survivesSerialisationAndBlocks() throws Exception {
    Slice slice =
        new SliceBuilder(COLUMNS)
            .append(columns(1, 2, 3).row())
            .append(columns(4, 5, 6).row())
            .build();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(slice);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      assertSame(slice, (Slice) in.readObject());
    }
    assertSame(slice, Slice.readFrom(input(block(slice)), COLUMNS));
  }

  @Test
  void aDamagedBlockIsRefused() throws IOException {
    byte[] block = block(new SliceBuilder(COLUMNS).append(columns(1, 2, 3).row()).build());
    block[block.length - 3] ^= 4;
    assertThatThrownBy(() -> Slice.readFrom(input(block), COLUMNS))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("checksum");
  }

  private static byte[] block(Slice slice) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    slice.writeTo(new DataOutputStream(bytes));
    return bytes.toByteArray();
  }

  private static DataInputStream input(byte[] bytes) {
    return new DataInputStream(new ByteArrayInputStream(bytes));
  }

  private static void assertSame(Slice expected, Slice actual) {
    assertThat(actual.format()).isEqualTo(expected.format());
    assertThat(actual.checksum()).isEqualTo(expected.checksum());
    float[] first = new float[6];
    float[] second = new float[6];
    expected.gatherFeatures(new int[] {0, 1}, 0, 2, first, 0);
    actual.gatherFeatures(new int[] {0, 1}, 0, 2, second, 0);
    assertThat(second).isEqualTo(first);
  }

  @Test
  void positionsBehindTheEndOfASequenceHaveNoLabel() {
    RowFormat format =
        new RowFormat(
            List.of(2), ElementType.FLOAT32, new Target.Labels(5, 3), Normalisation.none());
    byte[] row = new RowEncoder(format).labels(new int[] {4, 0, Target.NO_LABEL}, 0).row();
    int[] labels = new int[3];
    new SliceBuilder(format).append(row).build().gatherLabels(new int[] {0}, 0, 1, labels, 0);
    assertThat(labels).containsExactly(4, 0, -100);
    assertThatThrownBy(() -> new RowEncoder(PIXELS).label(Target.NO_LABEL))
        .hasMessageContaining("label -100 is out of range");
  }

  @Test
  void rowsAndFormatsThatDoNotFitAreRefused() {
    assertThatThrownBy(() -> new SliceBuilder(COLUMNS).append(new byte[3]))
        .hasMessageContaining("a row of 3 bytes; the format's rows have 24");
    assertThatThrownBy(() -> new RowEncoder(PIXELS).label(10))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("labels run from 0 to 9");
    assertThatThrownBy(() -> new RowEncoder(PIXELS).floats(new float[12], 0))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> PIXELS.withShape(List.of(3, 5))).hasMessageContaining("12 features");
    assertThatThrownBy(() -> Normalisation.pixels(0, 0)).hasMessageContaining("deviations");
    assertThatThrownBy(
            () ->
                new RowFormat(
                    List.of(2, 2), ElementType.UINT8, Target.label(2), PIXELS.normalisation()))
        .hasMessageContaining("3 channels");
    assertThat(PIXELS.withShape(List.of(3, 4)).length()).isEqualTo(PIXELS.length());
  }
}
