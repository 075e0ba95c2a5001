package dev.kindling.spark.job;

import dev.kindling.data.DataException;
import dev.kindling.data.StoredSlice;
import dev.kindling.ps.client.ParameterClient;
import dev.kindling.train.ReplicaTree.Node;
import java.util.List;

/**
 * Slices that are made again after a loss must be those of the first start, or the run would go on
 * with other rows. Every start of the workers adds up a vector with the checksums of all slices,
 * each replica's at a place of its own; the shards compute a sum once, so that later starts are
 * given what the first has found.
 */
final class SliceChecks {
  /** Names the sum; evaluations are named by their versions. */
  static final long KEY = -1;

  private SliceChecks() {}

  /**
   * Compares a worker's slices with those of the run's first start.
   *
   * @param replicas of the worker
   * @param all how many replicas there are
   * @throws DataException if one is made of other rows
   */
  static void check(ParameterClient server, Node replicas, int all, WorkerData data)
      throws InterruptedException {
    double[][] own = new double[data.train().size()][2 * all];
    for (int i = 0; i < own.length; i++) {
      own[i][replicas.lo() + i] = data.train().get(i).checksum();
      own[i][all + replicas.lo() + i] = data.test().get(i).checksum();
    }
    double[] first = server.reduce(KEY, own);
    compare("training", data.train(), replicas.lo(), first, 0);
    compare("test", data.test(), replicas.lo(), first, all);
  }

  private static void compare(
      String what, List<StoredSlice> slices, int replica, double[] first, int from) {
    for (int i = 0; i < slices.size(); i++) {
      long known = (long) first[from + replica + i];
      if (slices.get(i).checksum() != known) {
        throw new DataException(
            "the %s rows of replica %d have the checksum %08x, and had %08x when the run began: the data have changed meanwhile, or the DataFrame gives other rows each time it is computed; write it to files first"
                .formatted(what, replica + i, slices.get(i).checksum(), known));
      }
    }
  }
}
