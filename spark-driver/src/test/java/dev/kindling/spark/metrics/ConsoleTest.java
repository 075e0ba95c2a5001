package dev.kindling.spark.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.kindling.data.ElementType;
import dev.kindling.data.Normalisation;
import dev.kindling.data.RowFormat;
import dev.kindling.data.Target;
import dev.kindling.nn.CrossEntropyLoss;
import dev.kindling.nn.Linear;
import dev.kindling.optim.Adam;
import dev.kindling.optim.Schedule;
import dev.kindling.ps.Worker;
import dev.kindling.ps.WorkerProgress;
import dev.kindling.spark.job.EpochResult;
import dev.kindling.spark.job.Progress;
import dev.kindling.spark.job.RunPlan;
import dev.kindling.spark.job.StepSplit;
import dev.kindling.train.Evaluation;
import dev.kindling.train.MetricSums;
import dev.kindling.train.TrainingConfig;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a person sees while a run goes on: ten epochs of ten steps of ten rows. */
class ConsoleTest {
  private static final RunPlan RUN =
      new RunPlan(
          new TrainingConfig(
              new Linear(2, 2),
              new CrossEntropyLoss(),
              new Adam(0.1),
              new Schedule.Constant(),
              10,
              10,
              1,
              1),
          new RowFormat(List.of(2), ElementType.FLOAT32, Target.label(2), Normalisation.none()),
          100,
          true);

  private final ByteArrayOutputStream screen = new ByteArrayOutputStream();

  private Console console(boolean isTerminal) {
    Console console = new Console(new PrintStream(screen, true, UTF_8), isTerminal);
    console.started(RUN, 2, 0);
    screen.reset();
    return console;
  }

  private String seen() {
    return screen.toString(UTF_8);
  }

  /** A quarter of the workers' time goes to the exchange. */
  private static Progress at(long step, double seconds) {
    long done = step % 10 * 10;
    WorkerProgress worker = new WorkerProgress(new Worker("w", 0, 1, 1), step, 3, 1, 0);
    return new Progress(
        step,
        new MetricSums(done * 0.2, done * 0.75, done),
        seconds,
        0.001,
        List.of(worker, worker),
        List.of(),
        "driver");
  }

  private static EpochResult epoch(int number) {
    MetricSums sums = new MetricSums(20, 75, 100);
    StepSplit split = new StepSplit(1, 2, 3, 1, 1, 1);
    Evaluation metrics = Evaluation.summed(RUN.format());
    return new EpochResult(number, number * 10, sums, sums, 5, 0.001, split, metrics, Double.NaN);
  }

  @Test
  void theLineSaysAllThatMovesAndHowLongItWillTake() {
    // 34 of 100 steps in 17 s: 33 s for the 66 others; this epoch: 4 steps of 0.5 s
    assertThat(new LiveLine(RUN, 0, 15, 2, at(34, 2)).text())
        .isEqualTo(
            "epoch 4/10 4/10 loss 0.2000 acc 0.7500 20/s 0:33 left 2 workers 375.00+125.00 ms");
  }

  @Test
  void aRunThatWasResumedCountsTheStepsSince() {
    // 2 steps in 1 s since version 32: 33 s for 66 steps
    assertThat(new LiveLine(RUN, 32, 0, 1, at(34, 1)).text())
        .contains("0:33 left 1 worker 375.00+125.00 ms");
  }

  @Test
  void timesAreHoursMinutesAndSeconds() {
    assertThat(LiveLine.duration(0.1)).isEqualTo("0:01");
    assertThat(LiveLine.duration(61)).isEqualTo("1:01");
    assertThat(LiveLine.duration(3729)).isEqualTo("1:02:09");
  }

  @Test
  void withoutATerminalLongEpochsHavePlainLinesAndShortOnesHaveNone() {
    try (Console console = console(false)) {
      console.progressed(at(3, 4));
      assertThat(seen()).isEmpty();
      console.progressed(at(4, 10.5));
      console.progressed(at(5, 13));
      console.progressed(at(6, 20));
      assertThat(seen().lines()).hasSize(2).allMatch(line -> line.startsWith("epoch 1/10 "));
      assertThat(seen()).doesNotContain("\r");
      console.epochEnded(epoch(1));
      console.progressed(at(13, 4));
      assertThat(seen().lines()).hasSize(3).last().asString().startsWith("    1 ");
    }
  }

  @Test
  void onATerminalOneLineChangesAndIsTakenAwayBeforeTheRow() {
    try (Console console = console(true)) {
      console.progressed(at(3, 4));
      await().atMost(Duration.ofMinutes(1)).until(() -> seen().contains("\repoch 1/10 3/10 "));
      console.epochEnded(epoch(1));
    }
    assertThat(seen().lines().toList().get(seen().lines().toList().size() - 1))
        .startsWith("    1 ");
    assertThat(seen().chars().filter(c -> c == '\n').count()).isEqualTo(1);
  }

  @Test
  void aLineIsCutToTheTerminalAndCoversALongerOne() {
    assertThat(Console.fitted("epoch 1/2", 5)).isEqualTo("epoch");
    assertThat(Console.fitted("epoch", 7)).isEqualTo("epoch  ");
  }
}
