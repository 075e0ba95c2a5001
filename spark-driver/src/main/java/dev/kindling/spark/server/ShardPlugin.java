package dev.kindling.spark.server;

import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.SparkPlugin;

/**
 * A parameter server in each executor, which holds a share of a run's shards, or all of them:
 * {@code spark.plugins=dev.kindling.spark.server.ShardPlugin}, set when Spark is started.
 *
 * <p>Driver and executors speak by texts: {@code ready ID HOST PORT}; {@code unable ID REASON};
 * {@code secret}, answered with the wire's; {@code folder RUN}, answered with where that run's
 * checkpoints are.
 */
public final class ShardPlugin implements SparkPlugin {
  static final String READY = "ready";
  static final String UNABLE = "unable";
  static final String SECRET = "secret";
  static final String FOLDER = "folder";

  @Override
  public DriverPlugin driverPlugin() {
    return new ShardDriver();
  }

  @Override
  public ExecutorPlugin executorPlugin() {
    return new ShardHost();
  }
}
