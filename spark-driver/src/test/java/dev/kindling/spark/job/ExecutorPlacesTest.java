package dev.kindling.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.optim.Adam;
import dev.kindling.optim.Schedule;
import dev.kindling.ps.RunSpec;
import dev.kindling.ps.ServerLocation.Address;
import dev.kindling.spark.server.ShardHosts.Host;
import dev.kindling.train.FlatLayout;
import dev.kindling.train.FlatUpdate;
import dev.kindling.train.ReplicaTree;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which executors hold the shards. */
class ExecutorPlacesTest {
  private static final List<Host> READY =
      List.of(on("a", 0), on("a", 1), on("b", 2), on("a", 3), on("c", 4), on("c", 5));

  private static Host on(String machine, int executor) {
    return new Host(String.valueOf(executor), new Address(machine, 7000 + executor));
  }

  private static final RunSpec RUN =
      new RunSpec(
          "run",
          new ReplicaTree(2),
          new FlatUpdate(
              new FlatLayout.Builder()
                  .add("weight", List.of(10_000), FlatLayout.Kind.PARAMETER)
                  .build(),
              new Adam(0.01),
              new Schedule.Constant(),
              5),
          20);

  private static List<String> chosen(int most) {
    return ExecutorPlaces.spread(READY, most).stream().map(Host::executor).toList();
  }

  @Test
  void allHoldAShare() {
    assertThat(chosen(Integer.MAX_VALUE)).containsExactly("0", "2", "4", "1", "5", "3");
  }

  @Test
  void eachHoldsABucketAtLeast() {
    assertThat(ExecutorPlaces.most(RUN, 0)).isEqualTo(RUN.buckets().count());
    assertThat(ExecutorPlaces.most(RUN, 3)).isEqualTo(3);
    assertThat(ExecutorPlaces.most(RUN, 1000)).isEqualTo(RUN.buckets().count());
  }

  @Test
  void fewerAreOnAsManyMachinesAsCanBe() {
    assertThat(chosen(1)).containsExactly("0");
    assertThat(chosen(3)).containsExactly("0", "2", "4");
    assertThat(chosen(4)).containsExactly("0", "2", "4", "1");
  }
}
