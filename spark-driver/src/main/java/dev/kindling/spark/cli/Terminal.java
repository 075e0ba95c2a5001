package dev.kindling.spark.cli;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;

/** Whether a person watches. */
final class Terminal {
  private Terminal() {}

  /**
   * A console that is a terminal: Java 22 and later give one for files too, and tell by a method.
   */
  static boolean isThere() {
    if (System.console() == null) {
      return false;
    }
    try {
      Method isTerminal = java.io.Console.class.getMethod("isTerminal");
      return (Boolean) isTerminal.invoke(System.console());
    } catch (NoSuchMethodException e) {
      return true; // before Java 22
    } catch (IllegalAccessException | InvocationTargetException e) {
      return false;
    }
  }
}
