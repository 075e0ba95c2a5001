package dev.kindling.ps;

import dev.kindling.ps.ServerLocation.Address;
import java.util.Optional;

/** What went wrong between a worker and the parameter server. */
public final class ParameterServerException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** The kinds of failure that callers tell apart. */
  public enum Reason {
    /** Somebody stopped the run; the message is theirs. */
    ABORTED,
    /** The workers were started again; this one belongs to an earlier start. */
    STALE_INCARNATION,
    /** The shards were recovered; this message belongs to the time before. */
    STALE_TERM,
    /** The other side does not hold the run's secret. */
    AUTHENTICATION,
    /** The other side speaks another version of the protocol, or none. */
    PROTOCOL,
    /** Nobody answers, or the connection broke. */
    UNREACHABLE,
    /** The server's port cannot be bound. */
    PORT,
    /** The gradients are not finite and the policy is to stop. */
    DIVERGED,
    /** The connection was closed on this side, or the thread was interrupted. */
    CLOSED
  }

  private final Reason reason;
  private final Address server;

  /** A failure with its kind. */
  public ParameterServerException(Reason reason, String message) {
    this(reason, message, null);
  }

  /** A failure with its kind and what caused it. */
  public ParameterServerException(Reason reason, String message, Throwable cause) {
    this(reason, message, cause, null);
  }

  private ParameterServerException(Reason reason, String message, Throwable cause, Address server) {
    super(message, cause);
    this.reason = reason;
    this.server = server;
  }

  /** The same failure of one of several servers. */
  public ParameterServerException of(Address which) {
    return new ParameterServerException(reason, getMessage(), this, which);
  }

  /** Which of several servers it is about; empty where there is one, or it is about all. */
  public Optional<Address> server() {
    return Optional.ofNullable(server);
  }

  /** The kind of failure. */
  public Reason reason() {
    return reason;
  }
}
