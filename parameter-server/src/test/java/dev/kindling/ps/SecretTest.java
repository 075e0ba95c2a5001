package dev.kindling.ps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretTest {
  private static final String TEXT = "sixteen bytes or";

  @Test
  void comesFromAFileOrTheEnvironment(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("secret"), TEXT + "\n");
    byte[] expected = TEXT.getBytes(StandardCharsets.UTF_8);
    assertThat(Secret.fromFile(file).bytes()).containsExactly(expected);
    Map<String, String> environment = Map.of("SECRET", TEXT);
    assertThat(Secret.fromEnvironment(environment, "SECRET").bytes()).containsExactly(expected);
  }

  @Test
  void oneThatIsMissingOrShortIsNamedByItsSource() {
    assertThatThrownBy(() -> Secret.fromEnvironment(Map.of(), "SECRET"))
        .hasMessageContaining("the environment variable SECRET, which should hold the secret");
    assertThatThrownBy(() -> Secret.of("fifteen bytes..", "the test"))
        .hasMessageContaining("the secret from the test has 15 bytes; it must have at least 16");
  }

  @Test
  void isNotPrinted() {
    assertThat(Secret.of(TEXT, "the test")).hasToString("secret of 16 bytes");
    assertThat(Secret.random().bytes()).hasSize(32).isNotEqualTo(Secret.random().bytes());
  }
}
