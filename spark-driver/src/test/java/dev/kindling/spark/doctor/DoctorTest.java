package dev.kindling.spark.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.spark.doctor.Finding.Verdict;
import dev.kindling.spark.job.KryoClasses;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.serializer.KryoSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What gets in the way of a run is found and comes with advice. */
class DoctorTest {
  @Test
  void aMachineThatRunsTestsCanTrain(@TempDir Path scratch) {
    List<Finding> findings = new Machine(Map.of("SPARK_LOCAL_DIRS", scratch.toString())).look();
    assertThat(findings).noneMatch(finding -> finding.verdict() == Verdict.FAIL);
    assertThat(of("Libraries", findings).found()).contains("Spark 4.", "Hadoop 3.");
    assertThat(of("Local disk", findings).found()).contains(scratch.toString());
  }

  @Test
  void aScratchFolderThatIsNotThereFails(@TempDir Path folder) {
    Path missing = folder.resolve("missing");
    Finding disk =
        of("Local disk", new Machine(Map.of("SPARK_LOCAL_DIRS", missing + ",/other")).look());
    assertThat(disk.verdict()).isEqualTo(Verdict.FAIL);
    assertThat(disk.found()).contains(missing.toString());
    assertThat(disk.advice().orElseThrow()).contains("SPARK_LOCAL_DIRS");
  }

  @Test
  void aHadoopFolderWithoutConfigurationIsNamed(@TempDir Path folder) throws Exception {
    Map<String, String> environment = Map.of("HADOOP_CONF_DIR", folder.toString());
    Finding without = of("Hadoop", new Machine(environment).look());
    assertThat(without.verdict()).isEqualTo(Verdict.WARN);
    assertThat(without.found()).contains(folder.toString());
    Files.writeString(folder.resolve("core-site.xml"), "<configuration/>");
    assertThat(of("Hadoop", new Machine(environment).look()).verdict()).isEqualTo(Verdict.OK);
  }

  @Test
  void moreWorkersThanSlotsFail() {
    SparkConf conf = new SparkConf().setMaster("local[2]").setAppName("doctor");
    conf.set("spark.ui.enabled", "false");
    conf.set("spark.serializer", KryoSerializer.class.getName());
    conf.set("spark.kryo.registrationRequired", "true");
    conf.set("spark.kryo.registrator", KryoClasses.class.getName());
    try (JavaSparkContext spark = new JavaSparkContext(conf)) {
      List<Finding> enough = new Cluster(spark).look(2);
      assertThat(of("Cluster", enough).verdict()).isEqualTo(Verdict.OK);
      assertThat(of("Executor driver", enough).found()).contains("Java " + Runtime.version());
      Finding few = of("Cluster", new Cluster(spark).look(3));
      assertThat(few.verdict()).isEqualTo(Verdict.FAIL);
      assertThat(few.found()).contains("runs 2 tasks at once; 3 workers");
    }
  }

  private static Finding of(String subject, List<Finding> findings) {
    return findings.stream().filter(f -> f.subject().equals(subject)).findFirst().orElseThrow();
  }
}
