package dev.kindling.architecture.broken.ps.shard;

import dev.kindling.architecture.broken.ps.wire.Frame;
import dev.kindling.architecture.broken.spark.job.Loop;

/** Breaks the rules on cycles and on the direction ps -> trainer-core. */
public final class Shard {
  Frame frame;
  Loop loop;
}
