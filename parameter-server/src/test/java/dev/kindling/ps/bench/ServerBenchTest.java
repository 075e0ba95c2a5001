package dev.kindling.ps.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.ps.Transport;
import dev.kindling.ps.bench.Benchmark.Result;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ServerBenchTest {
  @ParameterizedTest
  @EnumSource(
      value = Transport.class,
      names = {"IN_PROCESS", "SOCKET"})
  void aRunWithoutArithmeticReachesItsEnd(Transport transport) throws Exception {
    BenchRun run = new BenchRun(1_000, 3, transport, BenchRun.PLAIN);
    assertThat(run.secondsPerStep(20)).isPositive();
  }

  @Test
  void theEchoReturnsEveryByte() throws Exception {
    assertThat(new Echo(3, 100_000).secondsPerRound(10)).isPositive();
  }

  @Test
  void valueAndReferenceAreMediansAfterAWarmUp() throws Exception {
    double[] values = {100, 3, 1, 2};
    int[] at = new int[1];
    Result result = Benchmark.compare("x", "s", 3, () -> values[at[0]++], () -> 4);
    assertThat(result).isEqualTo(new Result("x", "s", 2, 4, 0.5));
    assertThat(result).hasToString("BENCH name=x value=2.000 reference=4.000 ratio=0.500 unit=s");
  }

  @Test
  void bfloat16HalvesTheCountedBytes() throws Exception {
    Result result = new WireBytesBench().run();
    assertThat(result.toString()).startsWith("BENCH name=wire-bytes ");
    assertThat(result.ratio()).isBetween(0.49, 0.52);
  }

  @Test
  void anUnknownNameIsAnError() {
    assertThatThrownBy(() -> ServerBench.run(List.of("sockets"), System.out))
        .hasMessageContaining("'sockets' is unknown; one of socket, reduce-adam");
  }
}
