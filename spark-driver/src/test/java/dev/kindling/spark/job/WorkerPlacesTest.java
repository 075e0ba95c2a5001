package dev.kindling.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.spark.job.WorkerPlaces.Executor;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WorkerPlacesTest {
  private static final Executor A = new Executor("0", "one", 2);
  private static final Executor B = new Executor("1", "two", 4);
  private static final Executor C = new Executor("2", "two", 1);

  private static String places(List<Executor> executors, int workers) {
    WorkerPlaces places = WorkerPlaces.of(executors, workers);
    List<String> all =
        IntStream.range(0, workers).mapToObj(places::of).flatMap(List::stream).toList();
    return String.join(" ", all).replace("executor_", "");
  }

  @Test
  void neighboursShareAnExecutor() {
    assertThat(places(List.of(A, B), 4)).isEqualTo("one_0 one_0 two_1 two_1");
  }

  @Test
  void fewWorkersAreSpread() {
    assertThat(places(List.of(A, B, C), 3)).isEqualTo("one_0 two_1 two_2");
  }

  @Test
  void noExecutorGetsMoreThanItsSlots() {
    assertThat(places(List.of(A, B, C), 7)).isEqualTo("one_0 one_0 two_1 two_1 two_1 two_1 two_2");
  }

  @Test
  void anExecutorThatIsJustComingHasAHostAndNoPort() {
    assertThat(WorkerPlaces.host("host-7")).isEqualTo("host-7");
    assertThat(WorkerPlaces.host("host-7:38709")).isEqualTo("host-7");
    assertThat(WorkerPlaces.host("[::1]:38709")).isEqualTo("[::1]");
  }

  @Test
  void anyPlaceWillDoWhereSomeAreNotKnownYet() {
    assertThat(places(List.of(A, C), 4)).isEmpty();
    assertThat(places(List.of(), 1)).isEmpty();
  }
}
