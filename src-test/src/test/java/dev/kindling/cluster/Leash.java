package dev.kindling.cluster;

import java.io.IOException;
import java.util.Arrays;

/**
 * Runs another main class for as long as the process that started this one lives: standard input is
 * a pipe from there, and its end ends this JVM, however the starter died.
 */
public final class Leash {
  private Leash() {}

  /** {@code args}: the main class, then its arguments. */
  public static void main(String[] args) throws ReflectiveOperationException {
    Thread watch = new Thread(Leash::haltAtEndOfInput, "leash");
    watch.setDaemon(true);
    watch.start();
    Class.forName(args[0])
        .getMethod("main", String[].class)
        .invoke(null, (Object) Arrays.copyOfRange(args, 1, args.length));
  }

  private static void haltAtEndOfInput() {
    try {
      while (System.in.read() >= 0) {}
    } catch (IOException e) {
      // A broken pipe is an end as well.
    }
    Runtime.getRuntime().halt(137);
  }
}
