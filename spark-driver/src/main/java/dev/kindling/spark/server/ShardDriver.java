package dev.kindling.spark.server;

import dev.kindling.ps.ServerLocation.Address;
import java.util.Map;
import org.apache.spark.SparkContext;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.PluginContext;

/** The driver's end of {@link ShardPlugin}: keeps {@link ShardHosts} on the context's bus. */
final class ShardDriver implements DriverPlugin {
  private final ShardHosts hosts = new ShardHosts();

  @Override
  public Map<String, String> init(SparkContext spark, PluginContext context) {
    spark.addSparkListener(hosts);
    return Map.of();
  }

  @Override
  public Object receive(Object message) {
    String[] words = String.valueOf(message).split(" ", -1);
    return switch (words[0]) {
      case ShardPlugin.READY -> ready(words);
      case ShardPlugin.UNABLE -> unable(String.valueOf(message));
      case ShardPlugin.SECRET -> hosts.drawn();
      case ShardPlugin.FOLDER -> hosts.folder(words[1]);
      default -> throw new IllegalArgumentException("an executor does not say: " + message);
    };
  }

  private Object unable(String message) {
    String[] words = message.split(" ", 3);
    hosts.unable(words[1], words[2]);
    return null;
  }

  private Object ready(String... words) {
    hosts.ready(words[1], new Address(words[2], Integer.parseInt(words[3])));
    return null;
  }
}
