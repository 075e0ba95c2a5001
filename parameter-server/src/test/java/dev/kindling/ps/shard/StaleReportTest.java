package dev.kindling.ps.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.kernel.FloatFormat;
import dev.kindling.ps.FakeTraining;
import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.ParameterServerException.Reason;
import dev.kindling.ps.RunSpec;
import dev.kindling.ps.Worker;
import dev.kindling.ps.WorkerProgress;
import dev.kindling.ps.wire.Join;
import dev.kindling.ps.wire.Report;
import org.junit.jupiter.api.Test;

/** Who belongs to an earlier start of the workers is none of those that are compared. */
class StaleReportTest {
  private final RunSpec run = new FakeTraining(1_001, 2).run("reports", 10);
  private final ShardGroup shards =
      new ShardGroup(run, ShardShare.ALL, 1, new ShardStorage(run), 0);

  private ShardSession join(String name, int incarnation) {
    ShardSession session =
        new ShardSession(shards, new FloatPool(run.buckets().size()), message -> {}, () -> 1L);
    Worker worker = new Worker(name, 0, 2, incarnation);
    session.receive(
        new Join(
            run.id(),
            worker,
            run.tree().replicas(),
            run.buckets().size(),
            run.buckets().length(),
            FloatFormat.FLOAT32));
    return session;
  }

  @Test
  void isRefused() {
    ShardSession old = join("ghost", 1);
    old.receive(new Report("worker", 0, 2, 0, 5, 6));
    assertThat(shards.workers()).hasSize(1);
    ShardSession current = join("worker", 2);
    assertThatThrownBy(() -> old.receive(new Report("worker", 0, 2, 1, 5, 6)))
        .isInstanceOfSatisfying(
            ParameterServerException.class,
            e -> assertThat(e.reason()).isEqualTo(Reason.STALE_INCARNATION));
    current.receive(new Report("worker", 0, 2, 1, 7, 8));
    assertThat(shards.workers())
        .extracting(WorkerProgress::worker)
        .containsExactly(current.worker());
  }

  /** A worker of this JVM that has not noticed yet. */
  @Test
  void isNotTakenNoteOf() {
    join("worker", 2);
    shards.report(new WorkerProgress(new Worker("ghost", 0, 2, 1), 1, 5, 6, 1));
    assertThat(shards.workers()).isEmpty();
  }
}
