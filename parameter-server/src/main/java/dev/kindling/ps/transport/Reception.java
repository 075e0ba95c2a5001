package dev.kindling.ps.transport;

import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.wire.Begin;

/** Says who is responsible for a connection that has proved the secret. Thread-safe. */
public interface Reception {
  /**
   * The run that a worker asks for.
   *
   * @throws ParameterServerException if it is not here
   */
  RunConnections run(String id);

  /**
   * A driver comes with a run of its own.
   *
   * @param caller where answers go
   * @throws ParameterServerException if this server takes no runs from outside
   */
  DriverSession begin(Begin begin, Caller caller);
}
