package dev.kindling.spark.doctor;

import dev.kindling.kernel.Kernels;
import java.io.Serializable;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.apache.spark.SparkEnv;

/**
 * What a task has seen of the JVM it ran in. Immutable.
 *
 * @param executor Spark's name of the executor
 * @param host its machine
 * @param java version of Java
 * @param kernels what its products are computed with
 * @param isVector whether those are vectors
 * @param heap most bytes of its heap
 */
public record ExecutorReport(
    String executor, String host, String java, String kernels, boolean isVector, long heap)
    implements Serializable {

  /** To be called inside a task. */
  static ExecutorReport ofThisJvm() throws UnknownHostException {
    Kernels best = Kernels.best();
    return new ExecutorReport(
        SparkEnv.get().executorId(),
        InetAddress.getLocalHost().getHostName(),
        Runtime.version().toString(),
        best.name(),
        best != Kernels.scalar(),
        Runtime.getRuntime().maxMemory());
  }
}
