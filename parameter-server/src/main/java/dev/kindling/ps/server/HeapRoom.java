package dev.kindling.ps.server;

import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.ParameterServerException.Reason;
import dev.kindling.ps.RunSpec;
import dev.kindling.ps.shard.ShardStorage;
import java.util.Locale;

/** Whether a run's vectors fit into a process, said before any memory is taken for them. */
final class HeapRoom {
  private HeapRoom() {}

  /**
   * Checks the shards' vectors, and those that they begin with and that are copied from.
   *
   * @param heap bytes, e.g. {@code Runtime.maxMemory()}
   * @throws ParameterServerException if they are more, or longer than an array
   */
  static void check(RunSpec run, long heap) {
    long length = run.buckets().length();
    if (length > Integer.MAX_VALUE) {
      throw new ParameterServerException(
          Reason.PROTOCOL,
          "run %s has %,d elements; a process of the parameter server holds runs of at most %,d"
              .formatted(run.id(), length, Integer.MAX_VALUE));
    }
    long needed = ShardStorage.bytes(run) + (1L + run.stateVectors()) * Float.BYTES * length;
    if (needed > heap) {
      throw new ParameterServerException(
          Reason.PROTOCOL,
          String.format(
              Locale.ROOT,
              "run %s with %,d elements and %d vectors of its optimizer's takes %,d MiB at its"
                  + " start; the heap of this server has %,d MiB: start it with a larger one"
                  + " (java's -Xmx)",
              run.id(),
              length,
              run.stateVectors(),
              needed >> 20,
              heap >> 20));
    }
  }
}
