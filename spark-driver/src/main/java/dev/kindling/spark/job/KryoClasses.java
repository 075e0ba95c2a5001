package dev.kindling.spark.job;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import dev.kindling.spark.data.ClientRows;
import dev.kindling.spark.data.RowBlock;
import dev.kindling.spark.doctor.ExecutorReport;
import dev.kindling.train.table.TrainedTable;
import org.apache.spark.serializer.KryoRegistrator;

/** What travels between executors, so that Kryo can be told to refuse all else. */
public final class KryoClasses implements KryoRegistrator {
  @Override
  public void registerClasses(Kryo kryo) {
    kryo.register(byte[].class);
    kryo.register(byte[][].class);
    kryo.register(long[].class);
    kryo.register(float[].class);
    kryo.register(RowBlock.class);
    kryo.register(ClientRows.class);
    kryo.register(ClientRows[].class);
    kryo.register(float[][].class);
    kryo.register(double[].class);
    kryo.register(long[][].class);
    kryo.register(Integer[].class);
    kryo.register(ExecutorReport.class, new JavaSerializer()); // Kryo cannot read records
    kryo.register(ExecutorReport[].class);
    kryo.register(TrainedTable.class, new JavaSerializer());
    kryo.register(TrainedTable[].class);
  }
}
