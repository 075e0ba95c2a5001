package dev.kindling.spark.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TensorBoardEventTest {
  /** CRC-32C of 32 zeros is 8a9136aa (RFC 3720, B.4); rotated right by 15 it is 6d551522. */
  @Test
  void theChecksumIsThePublishedOneMasked() {
    assertThat(TensorBoardEvent.maskedCrc(new byte[32], 32)).isEqualTo(0x6d551522 + 0xa282ead8);
  }

  private static ByteBuffer event(byte[] record) {
    ByteBuffer buffer = ByteBuffer.wrap(record).order(ByteOrder.LITTLE_ENDIAN);
    int length = (int) buffer.getLong();
    assertThat(record).hasSize(8 + 4 + length + 4);
    assertThat(buffer.getInt()).isEqualTo(TensorBoardEvent.maskedCrc(record, 8));
    byte[] event = new byte[length];
    buffer.get(event);
    assertThat(buffer.getInt()).isEqualTo(TensorBoardEvent.maskedCrc(event, length));
    return ByteBuffer.wrap(event).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static String hex(ByteBuffer event) {
    return HexFormat.of().formatHex(event.array());
  }

  @Test
  void aFileBeginsWithItsVersion() {
    String text = HexFormat.of().formatHex("brain.Event:2".getBytes(StandardCharsets.UTF_8));
    assertThat(hex(event(TensorBoardEvent.version(1)))).isEqualTo("09000000000000f03f1a0d" + text);
  }

  @Test
  void scalarsAreFieldsOfASummary() {
    byte[] record = TensorBoardEvent.scalars(1, 300, Map.of("a", 0.5));
    assertThat(hex(event(record)))
        .isEqualTo("09000000000000f03f" + "10ac02" + "2a0a" + "0a08" + "0a0161" + "150000003f");
  }
}
