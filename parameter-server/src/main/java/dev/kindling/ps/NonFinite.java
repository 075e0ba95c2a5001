package dev.kindling.ps;

/** What happens to a step whose gradient holds NaN or infinity: it is never applied. */
public enum NonFinite {
  /** The run stops with {@link ParameterServerException.Reason#DIVERGED}. */
  ABORT,
  /**
   * The step changes nothing, neither values nor optimizer state, and is counted. Every step then
   * waits for the whole gradient.
   */
  SKIP;

  /** Reads {@code abort} or {@code skip}. */
  public static NonFinite of(String name) {
    return switch (name) {
      case "abort" -> ABORT;
      case "skip" -> SKIP;
      default ->
          throw new IllegalArgumentException(
              "the policy for gradients that are not finite is '%s'; it must be abort or skip"
                  .formatted(name));
    };
  }
}
