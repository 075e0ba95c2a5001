package dev.kindling.spark.doctor;

import java.util.Optional;

/**
 * One thing that was looked at. Immutable.
 *
 * @param verdict whether it is as it should be
 * @param subject what was looked at, in a word or two
 * @param found what is there
 * @param advice what to do; empty where nothing is to be done
 */
public record Finding(Verdict verdict, String subject, String found, Optional<String> advice) {

  /** From good to bad. */
  public enum Verdict {
    /** As it should be. */
    OK,
    /** Training works, but slower or not everywhere. */
    WARN,
    /** Training will fail. */
    FAIL
  }

  static Finding ok(String subject, String found) {
    return new Finding(Verdict.OK, subject, found, Optional.empty());
  }

  static Finding warn(String subject, String found, String advice) {
    return new Finding(Verdict.WARN, subject, found, Optional.of(advice));
  }

  static Finding fail(String subject, String found, String advice) {
    return new Finding(Verdict.FAIL, subject, found, Optional.of(advice));
  }
}
