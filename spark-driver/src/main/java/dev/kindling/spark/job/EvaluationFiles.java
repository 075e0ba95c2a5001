package dev.kindling.spark.job;

import dev.kindling.ps.checkpoint.CheckpointStore;
import java.io.IOException;

/**
 * What early stopping has seen, kept by the driver where an external server keeps the checkpoints:
 * {@code evaluated-N/early-stopping} is the state after the evaluation of version N. Those that the
 * kept checkpoints need stay.
 *
 * @param store of the driver
 * @param run says which versions are evaluated
 * @param kept those of so many epochs stay
 */
record EvaluationFiles(CheckpointStore store, RunPlan run, int kept) {
  private static final String FOLDER = "evaluated-";

  /** A version has been evaluated. */
  void write(BestSoFar best, long version) throws IOException {
    best.writeEvaluated(store, FOLDER + version, version);
    long oldest = version - (kept - 1) * run.stepsPerEpoch();
    for (String folder : store.list("")) {
      if (folder.matches(FOLDER + "[0-9]{1,18}")
          && Long.parseLong(folder.substring(FOLDER.length())) < oldest) {
        store.delete(folder);
      }
    }
  }

  /** Goes on from a version of the server's, which itself is evaluated again where it is due. */
  void read(BestSoFar best, long version) throws IOException {
    long last = version - 1;
    while (last > 0 && !run.evaluates(last)) {
      last--;
    }
    if (last > 0) {
      best.readFrom(store, FOLDER + last);
    }
  }
}
