package dev.kindling.spark.cli;

import dev.kindling.spark.job.SparkFailure;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.ErrorHandler;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.FileAppender;
import org.apache.logging.log4j.core.config.Configuration;
import org.apache.logging.log4j.core.config.DefaultConfiguration;
import org.apache.logging.log4j.core.layout.PatternLayout;
import org.apache.spark.SparkContext;

/**
 * {@code log.txt} of a run: Spark's log and ours. The {@code log4j2.xml} of the project writes it
 * and keeps the terminal quiet; it is used where log4j was not configured by anybody, as under a
 * plain {@code spark-submit}. To a configuration of the user's the file is added, and all else is
 * left as it is.
 */
final class LogFile implements AutoCloseable {
  /** The name of the configuration in {@code log4j2.xml}. */
  private static final String OURS = "kindling";

  private static final String SPARKS_DEFAULT = "org/apache/spark/log4j2-";
  private static final String PROPERTY = "kindling.log";
  private static final String PATTERN = "%d{ISO8601} %-5level [%thread] %logger: %message%n%ex";

  private final Path file;
  private final LoggerContext context;
  private final FileAppender added;

  private LogFile(Path file, LoggerContext context, FileAppender added) {
    this.file = file;
    this.context = context;
    this.added = added;
    warnOnce();
  }

  /** From now on the log goes to a file too; it is made with the first line. */
  static LogFile open(Path file) {
    System.setProperty(PROPERTY, file.toString());
    LoggerContext context =
        (LoggerContext) LogManager.getContext(SparkContext.class.getClassLoader(), false);
    if (isThere(context, file)) {
      return new LogFile(file, context, null);
    }
    Configuration before = context.getConfiguration();
    if (OURS.equals(before.getName())) {
      context.reconfigure();
      return new LogFile(file, context, null);
    }
    if (isNobodys(before)) {
      configure(context);
      return new LogFile(file, context, null);
    }
    return new LogFile(file, context, add(context, file));
  }

  /** Spark configures the log as it starts where it finds nothing it takes for a configuration. */
  void sparkHasStarted() {
    if (isNobodys(context.getConfiguration())) {
      configure(context);
      warnOnce();
    }
  }

  /** A disk that is full is said in one line; log4j itself would show stack traces. */
  private void warnOnce() {
    Stream.concat(appenders(context, file), Stream.ofNullable(added))
        .forEach(appender -> appender.setHandler(new Warning(file)));
  }

  /** What log4j tells when a line cannot be written. */
  private static final class Warning implements ErrorHandler {
    private final AtomicBoolean isTold = new AtomicBoolean();
    private final Path file;

    Warning(Path file) {
      this.file = file;
    }

    @Override
    public void error(String message) {
      if (!isTold.getAndSet(true)) {
        System.err.println("warning: " + file + " cannot be written: " + message);
      }
    }

    @Override
    public void error(String message, Throwable cause) {
      error(SparkFailure.rootMessage(cause));
    }

    @Override
    public void error(String message, LogEvent event, Throwable cause) {
      error(SparkFailure.rootMessage(cause));
    }
  }

  /** What log4j does by itself, or what Spark sets where it finds no configuration. */
  private static boolean isNobodys(Configuration configuration) {
    String location = configuration.getConfigurationSource().getLocation();
    return configuration instanceof DefaultConfiguration
        || location != null && location.contains(SPARKS_DEFAULT);
  }

  private static void configure(LoggerContext context) {
    try {
      context.setConfigLocation(LogFile.class.getResource("log4j2.xml").toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException("log4j2.xml of the jar has no address", e);
    }
  }

  private static boolean isThere(LoggerContext context, Path file) {
    return appenders(context, file).findAny().isPresent();
  }

  private static Stream<FileAppender> appenders(LoggerContext context, Path file) {
    return context.getConfiguration().getAppenders().values().stream()
        .filter(FileAppender.class::isInstance)
        .map(FileAppender.class::cast)
        .filter(appender -> appender.getFileName().equals(file.toString()));
  }

  private static FileAppender add(LoggerContext context, Path file) {
    Configuration configuration = context.getConfiguration();
    FileAppender appender =
        FileAppender.newBuilder()
            .setName(PROPERTY)
            .setConfiguration(configuration)
            .setLayout(
                PatternLayout.newBuilder()
                    .withConfiguration(configuration)
                    .withPattern(PATTERN)
                    .build())
            .withFileName(file.toString())
            .withCreateOnDemand(true)
            .build();
    appender.start();
    configuration.getRootLogger().addAppender(appender, Level.INFO, null);
    context.updateLoggers();
    return appender;
  }

  @Override
  public void close() {
    if (added != null) {
      context.getConfiguration().getRootLogger().removeAppender(PROPERTY);
      context.updateLoggers();
      added.stop();
    }
  }
}
