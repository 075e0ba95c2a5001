package dev.kindling.spark.job;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import dev.kindling.data.Slice;
import dev.kindling.spark.data.RankedRows;
import org.apache.spark.serializer.KryoRegistrator;

/** What travels between executors, so that Kryo can be told to refuse all else. */
public final class KryoClasses implements KryoRegistrator {
  @Override
  public void registerClasses(Kryo kryo) {
    kryo.register(byte[][].class);
    kryo.register(long[].class);
    kryo.register(RankedRows.Hashed.class);
    kryo.register(RankedRows.Placed.class);
    kryo.register(Slice.class, new JavaSerializer()); // holds records, which Kryo cannot fill
    kryo.register(WorkerTask.WorkerReport.class, new JavaSerializer());
    kryo.register(WorkerTask.WorkerReport[].class);
  }
}
