package dev.kindling.ps;

/** What happens to a step whose gradient holds NaN or infinity: it is never applied. */
public enum NonFinite {
  /** The run stops with {@link ParameterServerException.Reason#DIVERGED}. */
  ABORT,
  /**
   * The step changes nothing, neither values nor optimizer state, and is counted. Every step then
   * waits for the whole gradient; asynchronous steps, which wait for nothing, leave out those
   * buckets of a worker's gradient that are not finite.
   */
  SKIP,
  /**
   * Values and optimizer state become those of the last version kept (the newest end of an epoch,
   * or where the shards began), and the run goes on with the next step; counted, and at most {@link
   * #MOST_ROLL_BACKS} times to the same version, then as {@link #ABORT}. Every step then waits for
   * the whole gradient.
   */
  ROLL_BACK;

  /** So often the run goes back to one version. */
  public static final int MOST_ROLL_BACKS = 3;

  /** Reads {@code abort}, {@code skip} or {@code roll_back}. */
  public static NonFinite of(String name) {
    return switch (name) {
      case "abort" -> ABORT;
      case "skip" -> SKIP;
      case "roll_back" -> ROLL_BACK;
      default ->
          throw new IllegalArgumentException(
              "the policy for gradients that are not finite is '%s'; it must be abort, skip or roll_back"
                  .formatted(name));
    };
  }
}
