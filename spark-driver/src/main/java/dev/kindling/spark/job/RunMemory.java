package dev.kindling.spark.job;

import dev.kindling.ps.Transport;
import dev.kindling.ps.sync.Asynchronous;
import dev.kindling.ps.sync.BoundedStaleness;
import dev.kindling.ps.sync.Policy;
import dev.kindling.spark.data.WorkerShares;
import dev.kindling.spark.job.ServerOptions.Placement;
import dev.kindling.train.ReplicaStep;
import dev.kindling.train.ReplicaTree.Node;
import dev.kindling.train.TrainingConfig;
import dev.kindling.train.VectorMemory;

/**
 * Whether the vectors of a run fit the driver's heap together: those of the server where the driver
 * holds it, and those of the workers where they are its threads. Asked before the first of them is
 * taken, and before a row is read.
 *
 * @param training what is trained
 * @param options where
 * @param workers how many train
 * @param isLocal whether they are threads of the driver
 */
record RunMemory(TrainingConfig training, JobOptions options, int workers, boolean isLocal) {

  /**
   * Checks the start, when the initial values stand beside the server's, and the steps.
   *
   * @throws dev.kindling.tensor.HeapException naming what is needed, what the heap has and what to
   *     do
   */
  void require() {
    starting().require();
    stepping().require();
  }

  private Policy policy() {
    return options.servers().policy();
  }

  private boolean isAsynchronous() {
    return policy() instanceof Asynchronous;
  }

  /** Versions of the parameters at each end of a wire. */
  private int versions() {
    return 2 + (policy() instanceof BoundedStaleness stale ? stale.bound() : 0);
  }

  private int optimizerVectors() {
    return training.optimizer().stateNames().size();
  }

  /** What the server has, if the driver holds it; the layers' own beside it in any case. */
  private VectorMemory held() {
    VectorMemory memory = VectorMemory.of(training.layout()).with("the layers' own parameters", 1);
    if (options.servers().placement() != Placement.DRIVER) {
      return memory;
    }
    boolean isRounded = !training.rounding().isNone() && !isAsynchronous();
    return memory
        .with("versions of the parameters", isRounded ? 2 * versions() : versions())
        .with("the optimizer's", optimizerVectors());
  }

  private VectorMemory starting() {
    boolean isHere = options.servers().placement() == Placement.DRIVER;
    return held().with("what all of them begin with", isHere ? 1 + optimizerVectors() : 1);
  }

  private VectorMemory stepping() {
    if (!isLocal) {
      return held();
    }
    WorkerShares shares = new WorkerShares(training.tree(), workers, policy().backups());
    int gradients = 0;
    for (int worker = 0; worker < workers; worker++) {
      gradients += gradients(shares.of(worker));
    }
    return held()
        .with("the workers' gradients", gradients)
        .with("the workers' copies of the parameters", workers * copies());
  }

  /** One vector more than sums are kept in, while a step is captured. */
  private int gradients(Node replicas) {
    return 1
        + ReplicaStep.vectors(
            isAsynchronous() ? training.tree().leaves(replicas) : training.tree().cover(replicas));
  }

  private int copies() {
    boolean isWired =
        options.servers().placement() != Placement.DRIVER
            || options.servers().transport() == Transport.SOCKET;
    return isWired || isAsynchronous() ? versions() : 0;
  }
}
