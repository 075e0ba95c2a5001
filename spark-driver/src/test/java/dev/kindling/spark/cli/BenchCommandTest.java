package dev.kindling.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code kindling bench}: which benchmark runs, with what, and what is said of bad arguments. */
class BenchCommandTest {
  @Test
  void theNamedBenchmarkRunsOnSoManyThreads() {
    Printed bench = Printed.by("bench", "mnist-mlp", "--threads", "2", "--seconds", "0");
    assertThat(bench.code()).as(bench.errors()).isZero();
    assertThat(bench.output().lines().filter(line -> line.startsWith("BENCH ")))
        .singleElement()
        .asString()
        .matches("BENCH name=mnist-mlp threads=2 samples_per_second=\\d+ gflops=.* java=\\d+");
  }

  /** An unknown figure tells which benchmark was asked for it. */
  @ParameterizedTest
  @CsvSource({"server,in-process", "spark,one-worker-mlp"})
  void theServerAndSparkHaveFiguresOfTheirOwn(String name, String known) {
    Printed bench = Printed.by("bench", name, "--only", "speed");
    assertThat(bench.code()).isEqualTo(2);
    assertThat(bench.errors()).contains("bench %s: 'speed' is unknown".formatted(name), known);
    assertThat(bench.output()).isEmpty();
  }

  @Test
  void anUnknownBenchmarkIsToldTheKnownOnes() {
    Printed bench = Printed.by("bench", "speed");
    assertThat(bench.code()).isEqualTo(2);
    assertThat(bench.errors()).contains("'speed' is unknown", "gemm", "mnist-mlp");
    assertThat(bench.errors().lines()).hasSize(1);
  }

  @Test
  void noThreadIsRefused() {
    Printed bench = Printed.by("bench", "gemm", "--threads", "0");
    assertThat(bench.code()).isEqualTo(2);
    assertThat(bench.errors()).contains("--threads is 0; at least 1 is needed");
  }

  @Test
  void theHelpListsEveryBenchmark() {
    Printed help = Printed.by("bench", "--help");
    assertThat(help.code()).isZero();
    assertThat(help.output())
        .contains("gemm", "conv", "elementwise", "mnist-mlp", "server", "spark");
  }
}
