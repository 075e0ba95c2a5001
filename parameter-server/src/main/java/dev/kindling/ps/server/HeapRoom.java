package dev.kindling.ps.server;

import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.ParameterServerException.Reason;
import dev.kindling.ps.RunSpec;
import dev.kindling.ps.shard.ShardShare;
import dev.kindling.ps.shard.ShardStorage;
import dev.kindling.ps.wire.Begin;
import dev.kindling.tensor.Heap;
import dev.kindling.train.VectorMemory;
import java.util.Locale;

/** Whether a run's vectors fit into a process, said before any memory is taken for them. */
final class HeapRoom {
  private HeapRoom() {}

  /**
   * Checks the vectors of the share, those of a checkpoint on its way, and those on their way to
   * the driver.
   *
   * @param keepsCheckpoints whether there is a store for them
   * @param heap bytes, e.g. {@code Runtime.maxMemory()}
   * @throws ParameterServerException if they are more, or longer than an array
   */
  static void check(Begin begin, boolean keepsCheckpoints, long heap) {
    RunSpec run = begin.run();
    ShardShare share = new ShardShare(begin.share().index(), begin.share().count());
    long length = share.elements(run.buckets());
    if (length > Heap.LONGEST) {
      throw new ParameterServerException(
          Reason.PROTOCOL,
          String.format(
              Locale.ROOT,
              "run %s has %,d elements, of which %,d belong here; a process of the parameter server"
                  + " holds at most %,d: spread them over more",
              run.id(),
              run.buckets().length(),
              length,
              Heap.LONGEST));
    }
    VectorMemory needed =
        ShardStorage.memory(run, share)
            .with("a checkpoint's", keepsCheckpoints ? 1 + run.stateVectors() : 0)
            .with("the driver's", begin.tellsValues() ? 1 : 0);
    if (needed.bytes() > heap) {
      throw new ParameterServerException(
          Reason.PROTOCOL,
          String.format(
              Locale.ROOT,
              "run %s with %,d elements here and %d vectors of its optimizer's takes %,d MiB in %d"
                  + " vectors; the heap of this server has %,d MiB: start it with a larger one"
                  + " (java's -Xmx), or spread the run over more servers",
              run.id(),
              length,
              run.stateVectors(),
              needed.bytes() >> 20,
              needed.vectors(),
              heap >> 20));
    }
  }
}
