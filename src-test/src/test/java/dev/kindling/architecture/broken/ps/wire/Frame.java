package dev.kindling.architecture.broken.ps.wire;

import dev.kindling.architecture.broken.ps.shard.Shard;
import java.io.IOException;
import java.io.ObjectInputStream;

/** Breaks the rules on cycles and on Java serialisation. */
public final class Frame {
  Shard shard;

  Object read(ObjectInputStream in) throws IOException, ClassNotFoundException {
    return in.readObject();
  }
}
