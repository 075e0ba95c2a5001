package dev.kindling.spark.job;

import dev.kindling.data.DataException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What lies at the bottom of a failed Spark job. */
public final class SparkFailure {
  /** A failed task's own exception comes as text in the message, its class in front. */
  private static final Pattern DATA_ERROR =
      Pattern.compile(Pattern.quote(DataException.class.getName()) + ": ([^\\n]*)");

  private static final Pattern LOST =
      Pattern.compile(
          "(ExecutorLostFailure|Lost executor|Remote RPC client|Command exited)[^\\n]*");

  /** A task's exception stands on a line of its own, before its stack. */
  private static final Pattern EXCEPTION =
      Pattern.compile("(?m)^(?:[a-z]\\w*\\.)+[A-Z][\\w$]*(?:Exception|Error)(?:: [^\\n]*)?$");

  private static final int DEEPEST = 50;

  private SparkFailure() {}

  /** The first line of the innermost cause's message. */
  public static String rootMessage(Throwable failure) {
    Throwable root = failure;
    for (int depth = 0; root.getCause() != null && depth < DEEPEST; depth++) {
      root = root.getCause();
    }
    return firstLine(root.getMessage() == null ? root.toString() : root.getMessage());
  }

  /** What a person needs to know of the reason why a stage failed. */
  static String reason(String stageFailure) {
    Matcher lost = LOST.matcher(stageFailure);
    if (lost.find()) {
      return lost.group();
    }
    Matcher exception = EXCEPTION.matcher(stageFailure);
    return exception.find() ? exception.group() : firstLine(stageFailure);
  }

  private static String firstLine(String text) {
    return text.lines().filter(line -> !line.isBlank()).findFirst().orElse(text).strip();
  }

  /** The message of the data error that a task met, if that is what failed the job. */
  public static Optional<String> dataError(Throwable failure) {
    Throwable cause = failure;
    for (int depth = 0; cause != null && depth < DEEPEST; depth++, cause = cause.getCause()) {
      if (cause instanceof DataException) {
        return Optional.of(cause.getMessage());
      }
      Matcher text = DATA_ERROR.matcher(String.valueOf(cause.getMessage()));
      if (text.find()) {
        return Optional.of(text.group(1));
      }
    }
    return Optional.empty();
  }
}
