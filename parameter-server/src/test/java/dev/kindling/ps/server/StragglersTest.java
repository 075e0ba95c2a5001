package dev.kindling.ps.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.ps.Worker;
import dev.kindling.ps.WorkerProgress;
import java.util.List;
import org.junit.jupiter.api.Test;

class StragglersTest {
  private static WorkerProgress progress(int number, int incarnation, double seconds) {
    Worker worker = new Worker("worker " + number, number, number + 1, incarnation);
    return new WorkerProgress(worker, 17, (long) (seconds * 1e9), 0, 0);
  }

  @Test
  void theSlowWorkerIsNamedOnceInEachStart() {
    Stragglers stragglers = new Stragglers();
    List<WorkerProgress> workers =
        List.of(progress(0, 1, 10), progress(1, 1, 31), progress(2, 1, 12));
    assertThat(stragglers.warning(workers)).get().asString().contains("worker 1", "step 17", "31");
    assertThat(stragglers.warning(workers)).isEmpty();
    assertThat(stragglers.warning(List.of(progress(0, 2, 10), progress(1, 2, 31)))).isPresent();
  }

  @Test
  void nobodyIsNamedForLittle() {
    Stragglers stragglers = new Stragglers();
    assertThat(stragglers.warning(List.of(progress(0, 1, 100)))).isEmpty();
    assertThat(stragglers.warning(List.of(progress(0, 1, 1), progress(1, 1, 4)))).isEmpty();
    assertThat(stragglers.warning(List.of(progress(0, 1, 100), progress(1, 1, 190)))).isEmpty();
  }
}
