package dev.kindling.spark.cli;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line. */
@Command(
    name = "kindling",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    description = "Data-parallel deep learning on Apache Spark.",
    subcommands = {
      TrainCommand.class,
      FederatedCommand.class,
      ResumeCommand.class,
      EvaluateCommand.class,
      PredictCommand.class,
      SummaryCommand.class,
      DoctorCommand.class,
      ServerCommand.class,
      LrFindCommand.class,
      SweepCommand.class,
      CompareCommand.class,
      BenchCommand.class
    },
    footer = {
      "",
      "Exit codes: 0 done, 1 failed, 2 usage or configuration, 3 data, 4 cluster, 5 diverged,",
      "130 interrupted."
    })
public final class Main implements Runnable {
  @Spec private CommandSpec command;

  /** Runs one command and ends the JVM with its exit code. */
  public static void main(String[] arguments) {
    int code = run(new PrintWriter(System.err, true), arguments);
    if (code != ExitCode.INTERRUPTED) { // then the JVM is ending already, and waits for this thread
      System.exit(code);
    }
  }

  /** Runs one command, errors to {@code errors}, and returns its exit code. */
  static int run(PrintWriter errors, String... arguments) {
    return run(new CommandLine(new Main()), errors, arguments);
  }

  static int run(CommandLine line, PrintWriter errors, String... arguments) {
    try {
      return line.setErr(errors)
          .setExecutionExceptionHandler(new Failures())
          .setUsageHelpWidth(100)
          .execute(arguments);
    } catch (OutOfMemoryError e) {
      errors.println("kindling: " + Failures.outOfMemory(e));
      return ExitCode.FAILED;
    }
  }

  @Override
  public void run() {
    throw new ParameterException(command.commandLine(), "A command is missing.");
  }

  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Main.class.getPackage().getImplementationVersion();
      return new String[] {
        "kindling " + (version == null ? "of a source tree" : version),
        "Java " + System.getProperty("java.version")
      };
    }
  }
}
