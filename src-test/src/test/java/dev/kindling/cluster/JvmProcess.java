package dev.kindling.cluster;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A JVM of its own, its output in a log file. Closing it kills it. */
final class JvmProcess implements AutoCloseable {
  private final String name;
  private final Process process;
  private final Path log;

  private JvmProcess(String name, Process process, Path log) {
    this.name = name;
    this.process = process;
    this.log = log;
  }

  /** Starts the command; its output and its errors go to {@code log}. */
  static JvmProcess start(
      String name, List<String> command, Map<String, String> environment, Path log) {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    builder.redirectErrorStream(true).redirectOutput(log.toFile());
    try {
      return new JvmProcess(name, builder.start(), log);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start " + name + ": " + command, e);
    }
  }

  /** Waits until the log matches, and returns the first group of the first match. */
  String awaitLog(String pattern, Duration limit) {
    Pattern wanted = Pattern.compile(pattern);
    return await(name + " to log " + pattern)
        .atMost(limit)
        .pollInterval(Duration.ofMillis(50))
        .until(() -> find(wanted), Optional::isPresent)
        .orElseThrow();
  }

  private Optional<String> find(Pattern wanted) {
    boolean ended = !process.isAlive();
    Matcher match = wanted.matcher(log());
    if (match.find()) {
      return Optional.of(match.group(1));
    }
    if (ended) {
      throw new AssertionError(this + " ended without logging " + wanted + "; its log:\n" + log());
    }
    return Optional.empty();
  }

  /** Waits for the end and returns the exit code; kills the process and fails after the limit. */
  int awaitExit(Duration limit) {
    try {
      if (process.waitFor(limit.toSeconds(), SECONDS)) {
        return process.exitValue();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    kill();
    throw new AssertionError(name + " had not ended after " + limit + "; its log:\n" + log());
  }

  /** All that the process has written so far. */
  String log() {
    try {
      return Files.readString(log, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("log of " + name, e);
    }
  }

  ProcessHandle handle() {
    return process.toHandle();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** SIGKILL. */
  void kill() {
    process.destroyForcibly();
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    kill();
    process.onExit().join();
  }

  @Override
  public String toString() {
    return name + " (process " + process.pid() + ")";
  }
}
