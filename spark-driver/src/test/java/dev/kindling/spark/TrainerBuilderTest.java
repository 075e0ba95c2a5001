package dev.kindling.spark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.data.Normalisation;
import dev.kindling.data.augment.Transform;
import dev.kindling.data.augment.Transform.RandomCrop;
import dev.kindling.data.table.Column;
import dev.kindling.kernel.FloatFormat;
import dev.kindling.nn.MSELoss;
import dev.kindling.nn.ReLU;
import dev.kindling.optim.SGD;
import dev.kindling.optim.Schedule;
import dev.kindling.ps.NonFinite;
import dev.kindling.ps.Secret;
import dev.kindling.ps.ServerLocation.Address;
import dev.kindling.ps.Transport;
import dev.kindling.ps.sync.BoundedStaleness;
import dev.kindling.spark.data.BadRows;
import dev.kindling.spark.job.EarlyStopping;
import dev.kindling.spark.job.ServerOptions;
import dev.kindling.spark.job.TrainingListener;
import dev.kindling.spec.Spec;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What is said to a builder is what its trainer goes by. */
class TrainerBuilderTest {
  private static final Secret SECRET = Secret.of("known to both of them", "the test");
  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark = LocalSpark.start();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  private static Trainer.Builder everythingSaid() {
    return Trainer.builder(spark)
        .model(new ReLU())
        .loss(new MSELoss())
        .optimizer(new SGD(0.1))
        .schedule(Schedule.of(Spec.of("StepLR", "step_size", 3)))
        .batchSize(7)
        .epochs(3)
        .workers(2)
        .replicas(5)
        .seed(9)
        .earlyStopping(new EarlyStopping("test_loss", 2, 0, true))
        .validation(0.25)
        .evaluateEverySteps(4)
        .maxRestarts(1)
        .servers(ServerOptions.external(SECRET, List.of(new Address("127.0.0.1", 7))))
        .checkpoints("first", 3, 4)
        .resume("second")
        .histograms(true)
        .policy(new BoundedStaleness(2))
        .nonFinite(NonFinite.SKIP)
        .transport(Transport.SOCKET)
        .wire(FloatFormat.BFLOAT16)
        .features(Column.number("x"))
        .badRows(BadRows.skip(3))
        .normalisation(Normalisation.none())
        .transforms(new RandomCrop(2))
        .listeners(new TrainingListener() {});
  }

  private static List<Field> fields() {
    return Arrays.stream(Trainer.Builder.class.getDeclaredFields())
        .filter(field -> !Modifier.isStatic(field.getModifiers()) && !field.isSynthetic())
        .toList();
  }

  private static Object value(Field field, Object of) throws ReflectiveOperationException {
    field.setAccessible(true);
    Object value = field.get(of);
    return value instanceof Transform[] several ? List.of(several) : value;
  }

  @Test
  void everyFieldIsSaidHereAndSurvivesBuild() throws ReflectiveOperationException {
    Trainer.Builder untouched = Trainer.builder(spark);
    Trainer.Builder said = everythingSaid();
    Field settings = Trainer.class.getDeclaredField("settings");
    settings.setAccessible(true);
    Object built = settings.get(said.build());
    assertThat(built).isNotSameAs(said);
    for (Field field : fields()) {
      assertThat(value(field, built)).as(field.getName()).isEqualTo(value(field, said));
      if (!field.getName().equals("spark")) {
        assertThat(value(field, said))
            .as("%s is left at its default in this test", field.getName())
            .isNotEqualTo(value(field, untouched));
      }
    }
  }

  @Test
  void aTrainerDoesNotHearWhatItsBuilderIsToldLater() throws ReflectiveOperationException {
    Trainer.Builder builder = everythingSaid();
    Field settings = Trainer.class.getDeclaredField("settings");
    settings.setAccessible(true);
    Object built = settings.get(builder.build());
    builder.wire(FloatFormat.FLOAT32).epochs(1);
    Field epochs = Trainer.Builder.class.getDeclaredField("epochs");
    Field wire = Trainer.Builder.class.getDeclaredField("wire");
    assertThat(value(epochs, built)).isEqualTo(3);
    assertThat(value(wire, built)).isEqualTo(FloatFormat.BFLOAT16);
  }
}
