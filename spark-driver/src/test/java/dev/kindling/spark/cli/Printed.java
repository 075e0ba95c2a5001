package dev.kindling.spark.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;

/**
 * What a command returned and what it printed.
 *
 * @param code the exit code
 * @param output of the standard output
 * @param errors of the error stream
 */
record Printed(int code, String output, String errors) {

  /** Runs a command of this JVM; the standard output is this command's until it ends. */
  static Printed by(String... arguments) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    StringWriter errors = new StringWriter();
    PrintStream before = System.out;
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      int code = Main.run(new PrintWriter(errors, true), arguments);
      return new Printed(code, bytes.toString(StandardCharsets.UTF_8), errors.toString());
    } finally {
      System.setOut(before);
    }
  }
}
