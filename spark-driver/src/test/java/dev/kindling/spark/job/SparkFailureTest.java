package dev.kindling.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.data.DataException;
import org.junit.jupiter.api.Test;

/** What a person reads of the pages that Spark writes about a failed stage. */
class SparkFailureTest {
  private static final String BARRIER =
      "Could not recover from a failed barrier ResultStage. Most recent failure reason: Stage failed"
          + " because barrier task ResultTask(7, 1) finished unsuccessfully.\n";

  @Test
  void aTasksExceptionIsItsReason() {
    assertThat(
            SparkFailure.reason(
                BARRIER
                    + "java.lang.OutOfMemoryError: Java heap space\n"
                    + "\tat dev.kindling.data.SliceBuilder.append(SliceBuilder.java:46)\n"
                    + "Caused by: java.lang.IllegalStateException: later\n"))
        .isEqualTo("java.lang.OutOfMemoryError: Java heap space");
  }

  @Test
  void aLostExecutorIsNamed() {
    assertThat(
            SparkFailure.reason(
                BARRIER
                    + "ExecutorLostFailure (executor 3 exited caused by one of the running tasks)"
                    + " Reason: Command exited with code 137\nDriver stacktrace:"))
        .startsWith("ExecutorLostFailure (executor 3 exited")
        .endsWith("137");
  }

  @Test
  void withoutAnExceptionTheFirstLineIsTheReason() {
    assertThat(SparkFailure.reason("Job 3 cancelled\nand more")).isEqualTo("Job 3 cancelled");
  }

  @Test
  void aDataErrorIsFoundInTheTextOfAFailedTask() {
    Exception text =
        new IllegalStateException(
            "Task 0 in stage 1.0 failed 1 times, most recent failure: "
                + "\n"
                + DataException.class.getName()
                + ": row 7: column 'x' has no value\n\tat a.b(C.java:1)");
    assertThat(SparkFailure.dataError(new RuntimeException(text)))
        .contains("row 7: column 'x' has no value");
  }
}
