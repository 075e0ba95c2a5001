package dev.kindling.io;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The header of a safetensors file: where each tensor stands in the data behind it.
 *
 * @param entries by name, in the order of the header
 * @param metadata free texts
 */
record Header(Map<String, Entry> entries, Map<String, String> metadata) {
  static final String METADATA = "__metadata__";
  private static final Set<String> KEYS = Set.of("dtype", "shape", "data_offsets");

  /** Java's arrays end a little below 2^31. */
  private static final long MOST_ELEMENTS = Integer.MAX_VALUE - 8L;

  /**
   * One tensor.
   *
   * @param begin first byte, counted from the end of the header
   * @param end one past the last byte
   */
  record Entry(DType dtype, List<Integer> shape, long begin, long end) {
    int elements() {
      return (int) ((end - begin) / dtype.bytes());
    }
  }

  /** The entries in the order of their bytes. */
  List<Map.Entry<String, Entry>> inFileOrder() {
    List<Map.Entry<String, Entry>> sorted = new ArrayList<>(entries.entrySet());
    sorted.sort(
        Comparator.comparingLong((Map.Entry<String, Entry> e) -> e.getValue().begin())
            .thenComparingLong(e -> e.getValue().end()));
    return sorted;
  }

  /** The header of tensors that stand one after the other. */
  static Header of(Map<String, StoredTensor> tensors, Map<String, String> metadata) {
    Map<String, Entry> entries = new LinkedHashMap<>();
    long at = 0;
    for (Map.Entry<String, StoredTensor> e : tensors.entrySet()) {
      StoredTensor tensor = e.getValue();
      long end = at + (long) tensor.values().remaining() * tensor.dtype().bytes();
      entries.put(e.getKey(), new Entry(tensor.dtype(), tensor.shape(), at, end));
      at = end;
    }
    return new Header(entries, metadata);
  }

  /** Reads a header and checks that its tensors fill the data without a gap. */
  static Header parse(String file, ByteBuffer utf8, long dataLength) throws SafetensorsException {
    Map<String, Entry> entries = new LinkedHashMap<>();
    Map<String, String> metadata = Map.of();
    for (Map.Entry<String, Object> e : HeaderJson.parse(file, decode(file, utf8)).entrySet()) {
      if (e.getKey().equals(METADATA)) {
        metadata = texts(file, e.getValue());
      } else {
        entries.put(e.getKey(), entry(file + ": tensor '" + e.getKey() + "'", e.getValue()));
      }
    }
    Header header = new Header(entries, metadata);
    header.checkFills(file, dataLength);
    return header;
  }

  private static String decode(String file, ByteBuffer utf8) throws SafetensorsException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(utf8).toString();
    } catch (CharacterCodingException e) {
      throw new SafetensorsException(
          file + ": the header is not UTF-8 (" + e.getMessage() + "); write the file again");
    }
  }

  private static Map<String, String> texts(String file, Object value) throws SafetensorsException {
    Map<String, String> texts = new LinkedHashMap<>();
    for (Map.Entry<?, ?> e : object(file + ": " + METADATA, value).entrySet()) {
      if (!(e.getValue() instanceof String text)) {
        throw new SafetensorsException(
            "%s: %s: '%s' is %s; it must be a string"
                .formatted(file, METADATA, e.getKey(), e.getValue()));
      }
      texts.put((String) e.getKey(), text);
    }
    return texts;
  }

  private static Entry entry(String where, Object value) throws SafetensorsException {
    Map<?, ?> members = object(where, value);
    if (!members.keySet().equals(KEYS)) {
      throw new SafetensorsException(
          "%s has the keys %s; they must be dtype, shape and data_offsets"
              .formatted(where, members.keySet()));
    }
    DType dtype = dtype(where, members.get("dtype"));
    List<Long> shape = numbers(where + ": shape", members.get("shape"));
    List<Long> offsets = numbers(where + ": data_offsets", members.get("data_offsets"));
    if (offsets.size() != 2 || offsets.get(0) > offsets.get(1)) {
      throw new SafetensorsException(
          "%s: data_offsets are %s; they must be [begin, end] with begin <= end"
              .formatted(where, offsets));
    }
    long elements = elements(where, shape);
    long length = offsets.get(1) - offsets.get(0);
    if (length != elements * dtype.bytes()) {
      throw new SafetensorsException(
          "%s: data_offsets %s span %d bytes; %s of shape %s takes %d"
              .formatted(where, offsets, length, dtype, shape, elements * dtype.bytes()));
    }
    List<Integer> sizes = shape.stream().map(Long::intValue).toList();
    return new Entry(dtype, sizes, offsets.get(0), offsets.get(1));
  }

  private static DType dtype(String where, Object name) throws SafetensorsException {
    for (DType dtype : DType.values()) {
      if (dtype.name().equals(name)) {
        return dtype;
      }
    }
    throw new SafetensorsException(
        "%s: dtype is %s; F32, F16, BF16, U8, I32 and I64 can be read; convert the tensor"
            .formatted(where, name));
  }

  private static long elements(String where, List<Long> shape) throws SafetensorsException {
    long elements = shape.contains(0L) ? 0 : 1;
    for (long size : shape) {
      if (size > MOST_ELEMENTS || elements * size > MOST_ELEMENTS) {
        throw new SafetensorsException(
            "%s: shape %s has more than %d elements; split the tensor"
                .formatted(where, shape, MOST_ELEMENTS));
      }
      elements *= size;
    }
    return elements;
  }

  private static Map<?, ?> object(String where, Object value) throws SafetensorsException {
    if (value instanceof Map<?, ?> map) {
      return map;
    }
    throw new SafetensorsException(where + " is " + value + "; it must be an object");
  }

  private static List<Long> numbers(String where, Object value) throws SafetensorsException {
    if (value instanceof List<?> list && list.stream().allMatch(Long.class::isInstance)) {
      return list.stream().map(Long.class::cast).toList();
    }
    throw new SafetensorsException(where + " is " + value + "; it must be a list of whole numbers");
  }

  private void checkFills(String file, long dataLength) throws SafetensorsException {
    long at = 0;
    for (Map.Entry<String, Entry> e : inFileOrder()) {
      if (e.getValue().begin() != at) {
        throw new SafetensorsException(
            "%s: tensor '%s' begins at byte %d of the data; the tensor before it ends at %d; write the file again"
                .formatted(file, e.getKey(), e.getValue().begin(), at));
      }
      at = e.getValue().end();
    }
    if (at != dataLength) {
      throw new SafetensorsException(
          "%s: the header announces %d bytes of data, the file has %d; it is truncated or damaged, write or copy it again"
              .formatted(file, at, dataLength));
    }
  }

  /** The header's bytes, padded with spaces so that the data start at a multiple of eight. */
  byte[] encode() {
    StringBuilder json = new StringBuilder("{");
    if (!metadata.isEmpty()) {
      quote(json, METADATA).append(":{");
      metadata.forEach((key, text) -> quote(quote(json, key).append(':'), text).append(','));
      json.setCharAt(json.length() - 1, '}');
      json.append(',');
    }
    entries.forEach((name, entry) -> append(quote(json, name), entry));
    if (json.length() > 1) {
      json.setLength(json.length() - 1);
    }
    byte[] bytes = json.append('}').toString().getBytes(StandardCharsets.UTF_8);
    byte[] padded = Arrays.copyOf(bytes, (bytes.length + 7) / 8 * 8);
    Arrays.fill(padded, bytes.length, padded.length, (byte) ' ');
    return padded;
  }

  private static void append(StringBuilder json, Entry entry) {
    json.append(":{\"dtype\":\"").append(entry.dtype()).append("\",\"shape\":");
    json.append(entry.shape().toString().replace(" ", ""));
    json.append(",\"data_offsets\":[").append(entry.begin()).append(',').append(entry.end());
    json.append("]},");
  }

  private static StringBuilder quote(StringBuilder json, String text) {
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < ' ') {
        json.append("\\u%04x".formatted((int) c));
      } else {
        json.append(c);
      }
    }
    return json.append('"');
  }
}
