package dev.kindling.spark.predict;

import org.apache.spark.Dependency;
import org.apache.spark.OneToOneDependency;
import org.apache.spark.Partition;
import org.apache.spark.TaskContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.classic.Dataset;
import scala.collection.Iterator;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag$;

/**
 * The rows of a DataFrame as Spark has them inside. The DataFrame is planned when the first job
 * asks for partitions, since an adaptive plan runs its shuffles at once.
 */
final class PlannedRows extends RDD<InternalRow> {
  private static final long serialVersionUID = 1L;

  private final transient Dataset<?> data;

  PlannedRows(Dataset<?> data) {
    super(
        data.sparkSession().sparkContext(),
        CollectionConverters.asScala(java.util.List.<Dependency<?>>of()).toSeq(),
        ClassTag$.MODULE$.apply(InternalRow.class));
    this.data = data;
  }

  @Override
  public Seq<Dependency<?>> getDependencies() {
    Dependency<?> all = new OneToOneDependency<>(data.queryExecution().toRdd());
    return CollectionConverters.asScala(java.util.List.<Dependency<?>>of(all)).toSeq();
  }

  @SuppressWarnings("unchecked")
  private RDD<InternalRow> rows() {
    return (RDD<InternalRow>) dependencies().head().rdd();
  }

  @Override
  public Partition[] getPartitions() {
    return rows().partitions();
  }

  @Override
  public Iterator<InternalRow> compute(Partition split, TaskContext context) {
    return rows().iterator(split, context);
  }
}
