package dev.kindling.ps.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.ps.Worker;
import dev.kindling.ps.WorkerProgress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class StragglersTest {
  private static final long SECOND = 1_000_000_000L;

  private final Stragglers stragglers = new Stragglers();

  private static WorkerProgress progress(int number, int incarnation, double seconds) {
    return progress(number, number, number + 1, incarnation, seconds);
  }

  private static WorkerProgress progress(
      int number, int lo, int hi, int incarnation, double seconds) {
    Worker worker = new Worker("worker " + number, lo, hi, incarnation);
    return new WorkerProgress(worker, 17, (long) (seconds * SECOND), 0, 0);
  }

  private Optional<String> slow(WorkerProgress... workers) {
    return stragglers.slow(List.of(workers)).map(Stragglers.Warning::text);
  }

  @Test
  void theSlowWorkerIsNamedOnceInEachStart() {
    WorkerProgress[] workers = {progress(0, 1, 10), progress(1, 1, 31), progress(2, 1, 12)};
    assertThat(slow(workers)).get().asString().contains("worker 1", "step 17", "31");
    assertThat(slow(workers)).isEmpty();
    assertThat(slow(progress(0, 2, 10), progress(1, 2, 31))).isPresent();
  }

  @Test
  void nobodyIsNamedForLittle() {
    assertThat(slow(progress(0, 1, 100))).isEmpty();
    assertThat(slow(progress(0, 1, 1), progress(1, 1, 4))).isEmpty();
    assertThat(slow(progress(0, 1, 100), progress(1, 1, 190))).isEmpty();
  }

  /** Four replicas on three workers: one has twice the work, and is not slow for that. */
  @Test
  void timesAreThoseOfAReplica() {
    WorkerProgress one = progress(1, 2, 3, 1, 100);
    WorkerProgress other = progress(2, 3, 4, 1, 110);
    assertThat(slow(progress(0, 0, 2, 1, 230), one, other)).isEmpty();
    assertThat(slow(progress(0, 0, 2, 1, 460), one, other)).get().asString().contains("worker 0");
    assertThat(slow(progress(0, 0, 2, 2, 100), progress(1, 2, 3, 2, 120)))
        .get()
        .asString()
        .contains("worker 1");
  }

  private final List<WorkerProgress> three =
      List.of(progress(0, 1, 1), progress(1, 1, 1), progress(2, 1, 1));

  private String stuck(long version, long second, Integer... awaited) {
    return stragglers
        .stuck(version, 3, three, worker -> Set.of(awaited).contains(worker.lo()), second * SECOND)
        .map(Stragglers.Warning::text)
        .orElse("");
  }

  @Test
  void whoseGradientIsMissingIsNamedOnce() {
    stuck(3, 100);
    stuck(4, 101);
    stuck(4, 102, 1);
    assertThat(stuck(4, 106, 1)).isEmpty();
    assertThat(stuck(4, 107, 1))
        .contains("worker 1", "step 4", "for 5 s", "2 of the others", "107 s");
    assertThat(stuck(4, 120, 1)).isEmpty();
  }

  /** Two of a process push as one: the first has brought its half, and is awaited all the same. */
  @Test
  void ofAProcessTheOneIsNamedWhoHoldsTheOtherUp() {
    WorkerProgress waiting = new WorkerProgress(new Worker("waiting", 0, 1, 1), 5, 1, 1, 20);
    WorkerProgress silent = new WorkerProgress(new Worker("silent", 1, 2, 1), 5, 1, 1, 10);
    WorkerProgress apart = new WorkerProgress(new Worker("apart", 2, 3, 1), 5, 1, 1, 30);
    List<WorkerProgress> workers = List.of(waiting, silent, apart);
    String named = "";
    for (int second = 100; second < 107; second++) {
      named +=
          stragglers
              .stuck(4, 3, workers, worker -> worker.lo() < 2, second * SECOND)
              .map(warning -> warning.worker().name())
              .orElse("");
    }
    assertThat(named).isEqualTo("silent");
  }

  @Test
  void nobodyIsNamedWhileAllCompute() {
    stuck(3, 100);
    stuck(4, 101);
    for (int second = 102; second < 200; second++) {
      assertThat(stuck(4, second, 0, 1, 2)).isEmpty(); // they evaluate, say
    }
    assertThat(stuck(4, 200, 2)).isEmpty();
    assertThat(stuck(4, 206, 2)).contains("worker 2", "for 6 s");
  }

  @Test
  void aRunWithLongStepsHasMorePatience() {
    stuck(3, 100);
    stuck(4, 101);
    stuck(4, 110, 1);
    stuck(4, 114, 1);
    stuck(5, 120); // after ten seconds
    stuck(5, 130, 1);
    assertThat(stuck(5, 159, 1)).isEmpty();
    assertThat(stuck(5, 160, 1)).contains("for 30 s");
  }

  @Test
  void theFirstStepOfAStartMayTakeLong() {
    stuck(3, 100);
    stuck(3, 101, 1);
    assertThat(stuck(3, 130, 1)).isEmpty();
    assertThat(stuck(3, 131, 1)).contains("for 30 s");
  }
}
