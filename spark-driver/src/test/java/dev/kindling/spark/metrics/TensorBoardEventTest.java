package dev.kindling.spark.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.train.ValueHistogram;
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

  /** One value of 0.75, in the bin from 0.75 to 1: field 5 with limits and counts packed. */
  @Test
  void aHistogramHasTheBinsThatHoldValues() {
    ValueHistogram histogram = new ValueHistogram();
    histogram.add(new float[] {0.75f}, 0, 1, 1);
    byte[] record = TensorBoardEvent.histograms(1, 2, Map.of("w", histogram));
    String smallest = "09000000000000e83f";
    String largest = "11000000000000f03f";
    String count = "19000000000000f03f";
    String sum = "21000000000000e83f";
    String squares = "29000000000000e23f";
    String limits = "3208000000000000f03f";
    String counts = "3a08000000000000f03f";
    String numbers = smallest + largest + count + sum + squares + limits + counts;
    assertThat(hex(event(record)))
        .isEqualTo("09000000000000f03f" + "1002" + "2a48" + "0a46" + "0a0177" + "2a41" + numbers);
  }

  @Test
  void aPluginsContentStandsInTheMetadata() {
    ProtobufMessage content = new ProtobufMessage().whole(1, 1);
    assertThat(hex(event(TensorBoardEvent.ofPlugin(1, "t", "p", content))))
        .isEqualTo(
            "09000000000000f03f"
                + "1000"
                + "2a10"
                + "0a0e"
                + "0a0174"
                + "4a09"
                + "0a07"
                + "0a0170"
                + "12020801");
  }
}
