package dev.kindling.spark.metrics;

import dev.kindling.federated.FederatedConfig;
import dev.kindling.spark.federated.FederatedListener;
import dev.kindling.spark.federated.RoundReport;

/**
 * Publishes the directory of a federated run that lies on a file system of Hadoop's: at the start,
 * and after each round, before its checkpoint. The last of the listeners, after those that write
 * the files.
 */
public final class FederatedMirror implements FederatedListener {
  private final RunDirectory directory;

  /** Of a run directory; one on a local disk is left alone. */
  public FederatedMirror(RunDirectory directory) {
    this.directory = directory;
  }

  /** Without these files the run could not be resumed: what cannot be written ends it here. */
  @Override
  public void started(FederatedConfig config, int clients, long rows, int round) {
    directory.publish();
  }

  @Override
  public void roundEnded(RoundReport report) {
    RunMirror.tryToPublish(directory);
  }
}
