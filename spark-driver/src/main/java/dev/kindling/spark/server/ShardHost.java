package dev.kindling.spark.server;

import dev.kindling.ps.Secret;
import dev.kindling.ps.checkpoint.CheckpointStore;
import dev.kindling.ps.server.StandaloneServer;
import dev.kindling.ps.transport.ServerTls;
import dev.kindling.spark.checkpoint.HadoopCheckpointStore;
import dev.kindling.spark.checkpoint.HadoopSettings;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.storage.BlockManagerId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A parameter server in an executor, idle until a driver begins a run, or a share of one, there.
 */
final class ShardHost implements ExecutorPlugin {
  private static final Logger LOG = LoggerFactory.getLogger(ShardHost.class);

  private StandaloneServer server;

  @Override
  public void init(PluginContext context, Map<String, String> ofDriver) {
    try {
      start(context, ShardTls.of(context.conf()).orElse(null));
      tell(
          context,
          "%s %s %s %d",
          ShardPlugin.READY,
          context.executorID(),
          host(context),
          server.port());
    } catch (IOException | RuntimeException e) {
      LOG.error("no shards can be in this executor", e);
      tell(context, "%s %s %s", ShardPlugin.UNABLE, context.executorID(), e);
    }
  }

  private void start(PluginContext context, ServerTls tls) {
    server =
        new StandaloneServer(
            SparkSecret.here().orElseGet(() -> drawn(context)),
            "0.0.0.0",
            0,
            Runtime.getRuntime().availableProcessors(),
            tls,
            Optional.of(run -> store(context, run)));
  }

  private static Secret drawn(PluginContext context) {
    try {
      return Secret.of((String) context.ask(ShardPlugin.SECRET), "the driver");
    } catch (Exception e) {
      throw new IllegalStateException("the driver does not tell the secret of its shards", e);
    }
  }

  private static void tell(PluginContext context, String words, Object... values) {
    try {
      context.send(words.formatted(values));
    } catch (IOException e) {
      throw new IllegalStateException("the driver does not hear whether shards can be here", e);
    }
  }

  /**
   * Where others find this executor: the context knows it only of a process that has an RPC port.
   */
  private static String host(PluginContext context) {
    BlockManagerId blocks = SparkEnv.get().blockManager().blockManagerId();
    return blocks == null ? context.hostname() : blocks.host();
  }

  private static CheckpointStore store(PluginContext context, String run) throws IOException {
    try {
      String folder = (String) context.ask(ShardPlugin.FOLDER + " " + run);
      return new HadoopCheckpointStore(folder, HadoopSettings.of(context.conf()));
    } catch (IOException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException("the driver does not tell where the checkpoints of " + run + " are", e);
    }
  }

  @Override
  public void shutdown() {
    if (server != null) {
      server.close();
    }
  }
}
