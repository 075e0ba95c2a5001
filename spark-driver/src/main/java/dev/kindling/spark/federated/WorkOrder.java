package dev.kindling.spark.federated;

import dev.kindling.data.RowFormat;
import dev.kindling.federated.FederatedConfig;
import dev.kindling.federated.RoundPlan;
import dev.kindling.train.ReplicaTree.Node;
import java.io.Serializable;

/**
 * What every task of a round is told; the parameters travel as a broadcast. Immutable.
 *
 * @param config of the run
 * @param format of the rows
 * @param plan who is asked
 * @param numbers of the clients as they stand in the rows, by their number in the run
 * @param places those of the asked clients that each Spark partition holds
 * @param deadlineMillis of the wall clock; after it clients give up
 */
record WorkOrder(
    FederatedConfig config,
    RowFormat format,
    RoundPlan plan,
    int[] numbers,
    Node[] places,
    long deadlineMillis)
    implements Serializable {

  static final long NO_DEADLINE = Long.MAX_VALUE;

  boolean isTooLate() {
    return deadlineMillis != NO_DEADLINE && System.currentTimeMillis() > deadlineMillis;
  }
}
