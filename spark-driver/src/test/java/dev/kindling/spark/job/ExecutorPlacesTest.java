package dev.kindling.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.ps.ServerLocation.Address;
import dev.kindling.spark.server.ShardHosts.Host;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which executors hold the shards. */
class ExecutorPlacesTest {
  private static final List<Host> READY =
      List.of(on("a", 0), on("a", 1), on("b", 2), on("a", 3), on("c", 4), on("c", 5));

  private static Host on(String machine, int executor) {
    return new Host(String.valueOf(executor), new Address(machine, 7000 + executor));
  }

  private static List<String> chosen(int most) {
    return ExecutorPlaces.spread(READY, most).stream().map(Host::executor).toList();
  }

  @Test
  void allHoldAShare() {
    assertThat(chosen(Integer.MAX_VALUE)).containsExactly("0", "2", "4", "1", "5", "3");
  }

  @Test
  void fewerAreOnAsManyMachinesAsCanBe() {
    assertThat(chosen(1)).containsExactly("0");
    assertThat(chosen(3)).containsExactly("0", "2", "4");
    assertThat(chosen(4)).containsExactly("0", "2", "4", "1");
  }
}
