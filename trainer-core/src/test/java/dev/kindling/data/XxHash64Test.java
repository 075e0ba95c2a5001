package dev.kindling.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class XxHash64Test {
  private static final long PRIME = 2654435761L;

  /** The buffer of the reference implementation's own self-test. */
  private static byte[] sanityBuffer(int length) {
    byte[] buffer = new byte[length];
    long generator = PRIME;
    for (int i = 0; i < length; i++) {
      buffer[i] = (byte) (generator >>> 56);
      generator *= 0x9E3779B185EBCA8DL;
    }
    return buffer;
  }

  @Test
  void givesThePublishedValues() {
    assertThat(sanity(0, 0)).isEqualTo(0xEF46DB3751D8E999L);
    assertThat(sanity(0, PRIME)).isEqualTo(0xAC75FDA2929B17EFL);
    assertThat(sanity(1, 0)).isEqualTo(0xE934A84ADB052768L);
    assertThat(sanity(1, PRIME)).isEqualTo(0x5014607643A9B4C3L);
    assertThat(sanity(4, 0)).isEqualTo(0x9136A0DCA57457EEL);
    assertThat(sanity(4, PRIME)).isEqualTo(0xCAAB286BD8E9FDB5L);
    assertThat(sanity(14, 0)).isEqualTo(0x8282DCC4994E35C8L);
    assertThat(sanity(14, PRIME)).isEqualTo(0xC3BD6BF63DEB6DF0L);
    assertThat(sanity(222, 0)).isEqualTo(0xB641AE8CB691C174L);
    assertThat(sanity(222, PRIME)).isEqualTo(0x20CB8AB7AE10C14AL);
    byte[] text = "Nobody inspects the spammish repetition".getBytes(StandardCharsets.US_ASCII);
    assertThat(XxHash64.hash(text, 0, text.length, 0)).isEqualTo(0xFBCEA83C8A378BF1L);
  }

  @Test
  void readsOnlyItsRange() {
    byte[] buffer = sanityBuffer(300);
    byte[] shifted = new byte[400];
    System.arraycopy(buffer, 0, shifted, 13, 222);
    assertThat(XxHash64.hash(shifted, 13, 222, 0)).isEqualTo(0xB641AE8CB691C174L);
  }

  private static long sanity(int length, long seed) {
    return XxHash64.hash(sanityBuffer(length), 0, length, seed);
  }
}
