package dev.kindling.federated;

import java.io.Serializable;

/**
 * Why a client gave no update.
 *
 * @param isDiverged whether its update was not finite; else it threw
 * @param reason for a person
 */
public record ClientFailure(boolean isDiverged, String reason) implements Serializable {

  static ClientFailure of(RuntimeException e) {
    return new ClientFailure(
        e instanceof ArithmeticException, e.getMessage() == null ? e.toString() : e.getMessage());
  }

  @Override
  public String toString() {
    return reason;
  }
}
