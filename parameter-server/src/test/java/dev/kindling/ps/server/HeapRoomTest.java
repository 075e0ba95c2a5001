package dev.kindling.ps.server;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.optim.Adam;
import dev.kindling.optim.Schedule;
import dev.kindling.ps.RunSpec;
import dev.kindling.ps.wire.Begin;
import dev.kindling.ps.wire.Begin.Share;
import dev.kindling.train.FlatLayout;
import dev.kindling.train.FlatLayout.Kind;
import dev.kindling.train.FlatUpdate;
import dev.kindling.train.ReplicaTree;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a server counts is its share. */
class HeapRoomTest {
  private static final int GIB = 1 << 30;

  /** More elements than an array has, under Adam: two versions and two vectors of state. */
  private static final FlatLayout LAYOUT =
      new FlatLayout.Builder()
          .add("0.weight", List.of(GIB), Kind.PARAMETER)
          .add("1.weight", List.of(GIB), Kind.PARAMETER)
          .add("2.weight", List.of(GIB), Kind.PARAMETER)
          .build();

  private static Begin begin(int servers, boolean tellsValues) {
    FlatUpdate update = new FlatUpdate(LAYOUT, new Adam(0.01), new Schedule.Constant(), 5);
    RunSpec run = new RunSpec("long", new ReplicaTree(4), update, 20);
    return new Begin(run, 5, 1, false, tellsValues, new Share(0, servers, Long.MAX_VALUE, 0));
  }

  @Test
  void aRunThatIsTooLongForOneProcessFitsIntoTwo() {
    assertThatThrownBy(() -> HeapRoom.check(begin(1, false), false, Long.MAX_VALUE))
        .hasMessageContaining("3,221,225,475 belong here")
        .hasMessageContaining("spread them over more");
    assertThatCode(() -> HeapRoom.check(begin(2, false), false, Long.MAX_VALUE))
        .doesNotThrowAnyException();
  }

  @Test
  void theVectorsOfAShareAreCounted() {
    long vector = 3L * GIB / 4 * Float.BYTES + (1 << 20); // a bucket more than its quarter
    assertFits(begin(4, false), false, 4 * vector);
    assertFits(begin(4, false), true, 7 * vector);
    assertFits(begin(4, true), true, 8 * vector);
  }

  private static void assertFits(Begin begin, boolean keepsCheckpoints, long heap) {
    HeapRoom.check(begin, keepsCheckpoints, heap);
    assertThatThrownBy(() -> HeapRoom.check(begin, keepsCheckpoints, heap * 3 / 4))
        .hasMessageContaining("the heap of this server has")
        .hasMessageContaining("spread the run over more servers");
  }
}
