package dev.kindling.spark.cli;

import dev.kindling.io.SafetensorsException;
import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.checkpoint.CheckpointException;
import dev.kindling.spark.config.ConfigException;
import dev.kindling.spark.job.SparkFailure;
import dev.kindling.spark.job.TrainingException;
import dev.kindling.tensor.HeapException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/** Turns an error into one message and an exit code; a stack trace only with {@code --verbose}. */
final class Failures implements IExecutionExceptionHandler {

  @Override
  public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed) {
    Failure failure = describe(e);
    command.getErr().println("kindling: " + failure.message);
    if (parsed.expandedArgs().contains("--verbose")) {
      e.printStackTrace(command.getErr());
    } else if (failure.code == ExitCode.FAILED) {
      command.getErr().println("kindling: run again with --verbose to see where");
    }
    return failure.code;
  }

  /** What nothing foresaw: activations of a large batch, or what others hold in this JVM. */
  static String outOfMemory(OutOfMemoryError e) {
    return "out of memory (%s); the heap has at most %d MB: raise KINDLING_HEAP, or lower train.batch_size"
        .formatted(e.getMessage(), Runtime.getRuntime().maxMemory() >> 20);
  }

  private record Failure(int code, String message) {}

  private static Failure describe(Exception e) {
    Optional<String> dataError = SparkFailure.dataError(e);
    if (dataError.isPresent()) {
      return new Failure(ExitCode.DATA, dataError.get());
    }
    if (e instanceof SafetensorsException || e.getCause() instanceof CheckpointException) {
      return new Failure(ExitCode.DATA, e.getMessage());
    }
    if (e instanceof ConfigException
        || e instanceof IllegalArgumentException
        || e instanceof HeapException) {
      return new Failure(ExitCode.USAGE, e.getMessage());
    }
    if (e instanceof TrainingException training) {
      return new Failure(code(training.kind()), e.getMessage());
    }
    if (e instanceof ParameterServerException) {
      return new Failure(ExitCode.CLUSTER, e.getMessage());
    }
    if (e instanceof IOException || e instanceof UncheckedIOException) {
      return new Failure(ExitCode.FAILED, e.getMessage());
    }
    return new Failure(ExitCode.FAILED, SparkFailure.rootMessage(e));
  }

  private static int code(TrainingException.Kind kind) {
    return switch (kind) {
      case CLUSTER -> ExitCode.CLUSTER;
      case DIVERGED -> ExitCode.DIVERGED;
      case WORKER -> ExitCode.FAILED;
      case INTERRUPTED -> ExitCode.INTERRUPTED;
    };
  }
}
