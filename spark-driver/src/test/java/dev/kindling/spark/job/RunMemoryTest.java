package dev.kindling.spark.job;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.kernel.FloatFormat;
import dev.kindling.nn.CrossEntropyLoss;
import dev.kindling.nn.Linear;
import dev.kindling.nn.Sequential;
import dev.kindling.optim.Adam;
import dev.kindling.optim.Optimizer;
import dev.kindling.optim.SGD;
import dev.kindling.optim.Schedule;
import dev.kindling.ps.NonFinite;
import dev.kindling.ps.Transport;
import dev.kindling.ps.sync.Asynchronous;
import dev.kindling.ps.sync.BoundedStaleness;
import dev.kindling.tensor.HeapException;
import dev.kindling.train.TrainingConfig;
import org.junit.jupiter.api.Test;

/** The vectors of a run are counted together, wherever its parts stand. */
class RunMemoryTest {
  private static final int WORKERS = 2;

  /** Four replicas; so many vectors fill the heap. */
  private static TrainingConfig filling(int vectors, Optimizer optimizer) {
    long features = Runtime.getRuntime().maxMemory() / Float.BYTES / vectors / 17;
    return new TrainingConfig(
        new Sequential(new Linear(16, (int) features)),
        new CrossEntropyLoss(),
        optimizer,
        new Schedule.Constant(),
        8,
        1,
        4,
        1);
  }

  private static void assertRefused(
      TrainingConfig training, JobOptions options, boolean isLocal, String vectors) {
    assertThatThrownBy(() -> new RunMemory(training, options, WORKERS, isLocal).require())
        .isInstanceOf(HeapException.class)
        .hasMessageContaining(vectors);
  }

  @Test
  void theServerBeginsWithItsValuesTwice() {
    TrainingConfig adam = filling(7, new Adam(0.1));
    assertRefused(
        adam,
        JobOptions.of(WORKERS),
        false,
        "in 8 vectors of that length (the layers' own parameters 1, versions of the parameters 2,"
            + " the optimizer's 2, what all of them begin with 3)");
  }

  @Test
  void workersOfTheSameProcessAddTheirGradients() {
    TrainingConfig sgd = filling(6, new SGD(0.1));
    String server = "(the layers' own parameters 1, versions of the parameters 2";
    JobOptions options = JobOptions.of(WORKERS);
    assertRefused(sgd, options, true, "in 9 vectors of that length " + server);
    assertRefused(sgd, options, true, "the workers' gradients 6)");
    assertThatCode(() -> new RunMemory(sgd, options, WORKERS, false).require())
        .as("workers elsewhere")
        .doesNotThrowAnyException();
  }

  @Test
  void copiesOfWorkersAreCountedWhereTheyReadNotTheServersOwn() {
    TrainingConfig sgd = filling(6, new SGD(0.1));
    JobOptions wired = JobOptions.of(WORKERS).via(Transport.SOCKET, 0);
    String copies = "the workers' gradients 6, the workers' copies of the parameters ";
    assertRefused(sgd, wired, true, copies + "4)");
    assertRefused(sgd, wired.under(new BoundedStaleness(1), NonFinite.ABORT), true, copies + "6)");
    assertRefused(
        sgd,
        JobOptions.of(WORKERS).under(new Asynchronous(), NonFinite.ABORT),
        true,
        copies + "4)");
  }

  @Test
  void roundedVersionsStandBesideTheExactOnes() {
    TrainingConfig rounded = filling(5, new SGD(0.1)).over(FloatFormat.BFLOAT16);
    assertRefused(rounded, JobOptions.of(WORKERS), false, "versions of the parameters 4, what all");
  }
}
