package dev.kindling.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsTest {
  @TempDir Path folder;

  /** Written by hand from the format's description. */
  private static byte[] golden() {
    String json =
        "{\"__metadata__\":{\"format\":\"pt\"},"
            + "\"1.weight\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[0,8]},"
            + "\"1.bias\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[8,12]}}";
    String padded = json + " ".repeat((8 - json.length() % 8) % 8);
    ByteBuffer file = ByteBuffer.allocate(8 + padded.length() + 12).order(ByteOrder.LITTLE_ENDIAN);
    file.put((byte) padded.length()).position(8);
    file.put(padded.getBytes(StandardCharsets.US_ASCII));
    file.put(new byte[] {0, 0, (byte) 0x80, 0x3f, 0, 0, 0, (byte) 0xc0}); // 1, -2
    file.put(new byte[] {0, 0, 0, 0x3f}); // 0.5
    return file.array();
  }

  @Test
  void writesTheBytesOfTheFormat() throws IOException {
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    tensors.put("1.weight", StoredTensor.of(new float[] {1, -2}, 2, 1));
    tensors.put("1.bias", StoredTensor.of(new float[] {0.5f}));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Safetensors.write(out, tensors, Map.of("format", "pt"));
    assertThat(out.toByteArray()).isEqualTo(golden());
  }

  @Test
  void readsTheBytesOfTheFormat() throws IOException {
    SafetensorsFile file = read(golden());
    assertThat(file.metadata()).containsExactly(Map.entry("format", "pt"));
    assertThat(file.tensors().keySet()).containsExactly("1.weight", "1.bias");
    assertThat(file.tensors().get("1.weight").shape()).containsExactly(2, 1);
    assertThat(file.tensors().get("1.weight").toFloatArray()).containsExactly(1, -2);
    assertThat(file.tensors().get("1.bias").toFloatArray()).containsExactly(0.5f);
  }

  @Test
  void givesBackWhatWasWritten() throws IOException {
    Random random = new Random(7);
    float[] flat = new float[200_000];
    for (int i = 0; i < flat.length; i++) {
      flat[i] = Float.intBitsToFloat(random.nextInt());
    }
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    tensors.put(
        "z \"quoted\\ \n\u00e9\u4e16", StoredTensor.of(flat, 3, 150_000, List.of(3, 50_000)));
    tensors.put("empty", StoredTensor.of(new float[0], 4, 0));
    tensors.put("a", StoredTensor.of(flat, 150_003, 1, List.of(1)));
    Path file = folder.resolve("model.safetensors");
    Safetensors.write(file, tensors, Map.of("k", "\ttext\"", "other", ""));
    SafetensorsFile back = Safetensors.read(file);
    assertThat(back.tensors().keySet()).containsExactlyElementsOf(tensors.keySet());
    tensors.forEach(
        (name, tensor) -> {
          assertThat(back.tensors().get(name).shape()).isEqualTo(tensor.shape());
          assertThat(bits(back.tensors().get(name))).isEqualTo(bits(tensor));
        });
    assertThat(back.metadata()).isEqualTo(Map.of("k", "\ttext\"", "other", ""));
  }

  private static byte[] bits(StoredTensor tensor) {
    return FloatBytes.of(tensor.toFloatArray(), 0, tensor.values().remaining());
  }

  @Test
  void readsTheOtherElementTypes() throws IOException {
    String json =
        "{\"i\":{\"dtype\":\"I32\",\"shape\":[1],\"data_offsets\":[8,12]},"
            + "\"l\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]},"
            + "\"h\":{\"dtype\":\"F16\",\"shape\":[3],\"data_offsets\":[12,18]},"
            + "\"b\":{\"dtype\":\"BF16\",\"shape\":[1],\"data_offsets\":[18,20]},"
            + "\"u\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[20,22]}}";
    ByteBuffer data = ByteBuffer.allocate(22).order(ByteOrder.LITTLE_ENDIAN);
    data.putLong(-5_000_000_000L).putInt(-7);
    data.putShort((short) 0x3c00).putShort((short) 0x0001).putShort((short) 0xfc00);
    data.putShort((short) 0xc049).put((byte) 255).put((byte) 1);
    Map<String, StoredTensor> tensors = read(file(json, data.array())).tensors();
    assertThat(tensors.keySet()).containsExactly("i", "l", "h", "b", "u");
    assertThat(tensors.get("l").longs().get(0)).isEqualTo(-5_000_000_000L);
    assertThat(tensors.get("i").ints().get(0)).isEqualTo(-7);
    assertThat(tensors.get("h").toFloatArray())
        .containsExactly(1, 0x1p-24f, Float.NEGATIVE_INFINITY);
    assertThat(tensors.get("b").toFloatArray()).containsExactly(-3.140625f);
    assertThat(tensors.get("u").bytes().get(0)).isEqualTo((byte) 255);
    assertThatThrownBy(() -> tensors.get("i").floats())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("I32");
  }

  /** Keeps what it is handed, in arrays of the tensors' lengths. */
  private static final class Kept implements Safetensors.FloatVisitor {
    private final Map<String, float[]> tensors = new LinkedHashMap<>();
    private Map<String, String> metadata;

    @Override
    public void header(Map<String, List<Integer>> shapes, Map<String, String> texts) {
      metadata = texts;
      shapes.forEach(
          (name, shape) -> tensors.put(name, new float[shape.stream().reduce(1, (a, b) -> a * b)]));
    }

    @Override
    public void values(String tensor, int from, FloatBuffer values) {
      values.get(tensors.get(tensor), from, values.remaining());
    }
  }

  @Test
  void handsOnTheValuesWhileTheyAreRead() throws IOException {
    Random random = new Random(5);
    float[] large = new float[3 * FloatBytes.CHUNK / Float.BYTES + 7];
    for (int i = 0; i < large.length; i++) {
      large[i] = random.nextFloat();
    }
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    tensors.put("b", StoredTensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3));
    tensors.put("a", StoredTensor.of(large, large.length));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Safetensors.write(bytes, tensors, Map.of("run", "x"));
    Kept kept = new Kept();
    Safetensors.read(new ByteArrayInputStream(bytes.toByteArray()), bytes.size(), "large", kept);
    assertThat(kept.tensors).containsOnlyKeys("b", "a");
    assertThat(kept.tensors.get("b")).containsExactly(1, 2, 3, 4, 5, 6);
    assertThat(kept.tensors.get("a")).isEqualTo(large);
    assertThat(kept.metadata).containsEntry("run", "x");
  }

  @Test
  void whatIsNoFloatIsRefusedByName() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Safetensors.write(bytes, Map.of("keys", StoredTensor.of(new long[] {1})), Map.of());
    assertThatThrownBy(
            () ->
                Safetensors.read(
                    new ByteArrayInputStream(bytes.toByteArray()), bytes.size(), "f", new Kept()))
        .isInstanceOf(SafetensorsException.class)
        .hasMessageContaining("f: tensor 'keys' is I64; floats belong there");
  }

  @Test
  void everyHalfFloatHasItsValue() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      int exponent = bits >> 10 & 31;
      int fraction = bits & 1023;
      double magnitude =
          exponent == 31
              ? (fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN)
              : exponent == 0
                  ? fraction * 0x1p-24
                  : (1024 + fraction) * Math.scalb(1.0, exponent - 25);
      float expected = (float) ((bits & 0x8000) == 0 ? magnitude : -magnitude);
      assertThat(HalfFloats.float16((short) bits)).as("bits %x", bits).isEqualTo((Float) expected);
    }
  }

  @Test
  void aTruncatedFileIsRefusedAtEveryLength() {
    byte[] whole = golden();
    for (int length = 0; length < whole.length; length++) {
      byte[] part = java.util.Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> read(part))
          .as("length %d", length)
          .isInstanceOf(SafetensorsException.class)
          .hasMessageStartingWith("bad.safetensors: ");
    }
    assertThatThrownBy(() -> read(java.util.Arrays.copyOf(whole, whole.length + 1)))
        .hasMessageContaining("announces 12 bytes of data, the file has 13");
  }

  @Test
  void aWrongByteAnywhereInTheHeaderIsReadOrRefusedButNeverBreaks() {
    byte[] whole = golden();
    int end = 8 + whole[0];
    int refused = 0;
    for (int place = 0; place < end; place++) {
      for (int value : new int[] {0, 1, ' ', '"', '{', '}', '9', ',', 0x7f, 0xff}) {
        byte[] bytes = whole.clone();
        bytes[place] = (byte) value;
        try {
          read(bytes);
        } catch (SafetensorsException e) {
          refused++;
        } catch (IOException | RuntimeException e) {
          throw new AssertionError("byte " + place + " = " + value, e);
        }
      }
    }
    assertThat(refused).isGreaterThan(end * 5);
  }

  @Test
  void aHeaderLargerThanTheFileTakesNoMemory() {
    for (long announced : new long[] {-1, Long.MIN_VALUE, 99_999_999, 1L << 40}) {
      ByteBuffer file = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
      file.putLong(0, announced);
      assertThatThrownBy(() -> read(file.array()))
          .isInstanceOf(SafetensorsException.class)
          .hasMessageContaining("announce a header of " + Long.toUnsignedString(announced));
    }
  }

  @Test
  void headersThatDoNotDescribeTheDataAreRefusedByName() {
    refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", 4, "span 4 bytes");
    refused("{\"a\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]}}", 8, "dtype is F64");
    refused(
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", 8, "begins at byte 4");
    refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}", 4, "begin <= end");
    refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, "keys");
    refused("{\"a\":3}", 4, "must be an object");
    refused(
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[\"1\"],\"data_offsets\":[0,4]}}", 4, "whole numbers");
    refused(
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[65536,65536,65536,65536],\"data_offsets\":[0,0]}}",
        0,
        "split the tensor");
    refused(
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
        4,
        "'b' begins at byte 0");
    refused("{\"__metadata__\":{\"a\":1}}", 0, "must be a string");
  }

  @Test
  void whatIsNotTheJsonOfAHeaderIsRefusedWithItsPlace() {
    refused("", 0, "at character 0");
    refused("[]", 0, "'{'");
    refused("{}x", 0, "nothing after");
    refused("{\"a\":{},\"a\":{}}", 0, "twice");
    refused("{\"a\":-1}", 0, "whole number");
    refused("{\"a\":01}", 0, "leading zero");
    refused("{\"a\":1.5}", 0, "at character 6");
    refused("{\"a\":99999999999999999999}", 0, "2^63");
    refused("{\"a\":[[[[[[1]]]]]]}", 0, "nesting");
    refused("{\"a", 0, "end of a string");
    refused("{\"a\\x\":1}", 0, "after a backslash");
    refused("{\"a\\u12g4\":1}", 0, "hexadecimal");
    refused("{\"a\n\":1}", 0, "control character");
    refused("{\"a\":true}", 0, "whole number");
  }

  @Test
  void aNameThatIsNotUtf8IsRefused() {
    byte[] bytes = golden();
    bytes[12] = (byte) 0xc3;
    assertThatThrownBy(() -> read(bytes)).hasMessageContaining("not UTF-8");
  }

  @Test
  void onlyFloat32IsWritten() {
    StoredTensor bytes = new StoredTensor(DType.U8, List.of(1), ByteBuffer.allocate(1));
    assertThatThrownBy(
            () -> Safetensors.write(new ByteArrayOutputStream(), Map.of("a", bytes), Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'a' is U8");
  }

  @Test
  void aFailedWriteLeavesTheOldFileAndNothingBeside() throws IOException {
    Path file = folder.resolve("model.safetensors");
    Files.writeString(file, "old");
    assertThatThrownBy(
            () ->
                AtomicFile.write(
                    file,
                    out -> {
                      out.write(1);
                      throw new IOException("disk full");
                    }))
        .hasMessage("disk full");
    assertThat(file).hasContent("old");
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  private static void refused(String json, int dataLength, String reason) {
    assertThatThrownBy(() -> read(file(json, new byte[dataLength])))
        .as(json)
        .isInstanceOf(SafetensorsException.class)
        .hasMessageStartingWith("bad.safetensors: ")
        .hasMessageContaining(reason);
  }

  private static byte[] file(String json, byte[] data) {
    byte[] header = json.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + header.length + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header.length)
        .put(header)
        .put(data)
        .array();
  }

  private static SafetensorsFile read(byte[] bytes) throws IOException {
    return Safetensors.read(
        new java.io.ByteArrayInputStream(bytes), bytes.length, "bad.safetensors");
  }
}
