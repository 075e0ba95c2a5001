package dev.kindling.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the benchmarks print; how fast anything is, no test says. */
class BenchTest {
  private static final Effort SHORT = new Effort(0, 3, 0);
  private static final String SPEED =
      " gflops=\\d+\\.\\d peak_gflops=\\d+\\.\\d peak_share=\\d+\\.\\d{3} best_peak_share=\\d+\\.\\d{3}";

  private static List<String> lines(String name, int threads) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Bench.run(name, threads, SHORT, new PrintStream(bytes, true, StandardCharsets.UTF_8));
    return bytes
        .toString(StandardCharsets.UTF_8)
        .lines()
        .filter(line -> line.startsWith("BENCH "))
        .toList();
  }

  static List<String> programs() {
    return TrainingPrograms.ALL.stream().map(TrainingProgram::name).toList();
  }

  @ParameterizedTest
  @MethodSource("programs")
  void aTrainingBenchPrintsOneLineOfFigures(String name) {
    for (int threads = 1; threads <= 2; threads++) {
      assertThat(lines(name, threads))
          .singleElement()
          .asString()
          .matches(
              "BENCH name=%s threads=%d samples_per_second=\\d+%s bytes_per_step=\\d+ java=\\d+"
                  .formatted(name, threads, SPEED));
    }
  }

  @Test
  void theProductPrintsALineAShape() {
    assertThat(lines("gemm", 1))
        .hasSizeGreaterThan(10)
        .allMatch(
            line ->
                line.matches(
                    "BENCH name=gemm threads=1 shape=\\d+x\\d+x\\d+ transposed=(none|a|b)"
                        + SPEED
                        + " java=\\d+"))
        .anyMatch(line -> line.contains(" shape=64x128x784 transposed=b "));
  }

  @Test
  void theConvolutionPrintsALineAShapeAndProduct() {
    assertThat(lines("conv", 1))
        .hasSizeGreaterThan(10)
        .allMatch(
            line ->
                line.matches(
                    "BENCH name=conv threads=1 shape=\\d+->\\d+,\\d+x\\d+,\\d+x\\d+"
                        + " product=(output|weight|input)"
                        + SPEED
                        + " java=\\d+"))
        .anyMatch(line -> line.contains(" shape=32->32,16x16,5x5 product=weight "));
  }

  @Test
  void theElementwiseBenchPrintsALineAnOperation() {
    assertThat(lines("elementwise", 1))
        .hasSizeGreaterThan(10)
        .allMatch(
            line ->
                line.matches(
                    "BENCH name=elementwise threads=1 op=\\w+ shape=\\[[\\d,]+\\]"
                        + " ns_per_element=\\d+\\.\\d{3} best_ns_per_element=\\d+\\.\\d{3}"
                        + " copy_ns_per_element=\\d+\\.\\d{3} memory_ratio=\\d+\\.\\d\\d"
                        + " best_memory_ratio=\\d+\\.\\d\\d java=\\d+"))
        .anyMatch(line -> line.contains(" op=layer_norm_backward "));
  }

  @Test
  void theMlpNeedsForwardWeightGradientsAndTheLaterInputGradients() {
    double products = 784 * 128 + 128 * 64 + 64 * 10;
    double inputs = 128 * 64 + 64 * 10;
    TrainingProgram program = TrainingPrograms.ALL.get(0);
    assertThat(program.flop()).isEqualTo(2 * 64 * (2 * products + inputs));
  }

  @Test
  void anUnknownNameIsToldTheKnownOnes() {
    assertThatThrownBy(
            () ->
                Bench.run(
                    "speed",
                    1,
                    SHORT,
                    new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'speed'")
        .hasMessageContaining("mnist-mlp");
  }
}
