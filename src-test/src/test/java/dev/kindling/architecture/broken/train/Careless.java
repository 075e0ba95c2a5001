package dev.kindling.architecture.broken.train;

import dev.kindling.architecture.broken.ps.wire.Frame;
import io.netty.buffer.ByteBuf;
import java.util.logging.Logger;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;

/** Breaks the rules on libraries, statics, logging, sessions and exits. */
public final class Careless {
  public static int counter;

  Frame frame;
  ByteBuf buffer;
  Configuration configuration;

  void run() {
    Logger.getGlobal().info(SparkSession.active().version());
    System.exit(1);
  }
}
