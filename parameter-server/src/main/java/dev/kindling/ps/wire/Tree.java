package dev.kindling.ps.wire;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Texts, numbers, truth values, lists and maps in one another, such as the written form of an
 * optimizer: a byte for the kind, then the content. Depth and counts are bounded before memory is
 * taken.
 */
final class Tree {
  private static final int TEXT = 1;
  private static final int WHOLE = 2;
  private static final int NUMBER = 3;
  private static final int TRUE = 4;
  private static final int FALSE = 5;
  private static final int LIST = 6;
  private static final int MAP = 7;
  private static final int DEEPEST = 16;

  private Tree() {}

  static void write(Object value, ByteBuf out) {
    if (value instanceof Boolean truth) {
      out.writeByte(truth ? TRUE : FALSE);
    } else if (value instanceof Integer || value instanceof Long) {
      out.writeByte(WHOLE).writeLongLE(((Number) value).longValue());
    } else if (value instanceof Number number) {
      out.writeByte(NUMBER).writeDoubleLE(number.doubleValue());
    } else if (value instanceof List<?> list) {
      out.writeByte(LIST).writeIntLE(list.size());
      list.forEach(element -> write(element, out));
    } else if (value instanceof Map<?, ?> map) {
      out.writeByte(MAP).writeIntLE(map.size());
      map.forEach(
          (key, element) -> {
            Fields.writeText(Fields.utf8(key.toString()), out);
            write(element, out);
          });
    } else {
      out.writeByte(TEXT);
      Fields.writeText(Fields.utf8(value.toString()), out);
    }
  }

  static Object read(ByteBuf in) {
    return read(in, DEEPEST);
  }

  private static Object read(ByteBuf in, int depth) {
    if (depth == 0) {
      throw new WireException("lists and maps in one another, deeper than " + DEEPEST);
    }
    int kind = in.readUnsignedByte();
    return switch (kind) {
      case TEXT -> Fields.readText(in);
      case WHOLE -> whole(in.readLongLE());
      case NUMBER -> in.readDoubleLE();
      case TRUE -> true;
      case FALSE -> false;
      case LIST -> list(in, depth);
      case MAP -> map(in, depth);
      default -> throw new WireException("a value of kind " + kind + " is unknown");
    };
  }

  /** As YAML gives it: an Integer where it fits. */
  private static Object whole(long value) {
    if (value == (int) value) {
      return (int) value;
    }
    return value;
  }

  private static List<Object> list(ByteBuf in, int depth) {
    int count = Fields.readCount(in, 1);
    List<Object> list = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      list.add(read(in, depth - 1));
    }
    return list;
  }

  private static Map<String, Object> map(ByteBuf in, int depth) {
    int count = Fields.readCount(in, Short.BYTES + 1);
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      String key = Fields.readText(in);
      map.put(key, read(in, depth - 1));
    }
    return map;
  }
}
