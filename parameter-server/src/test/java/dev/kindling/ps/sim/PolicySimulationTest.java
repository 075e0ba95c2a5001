package dev.kindling.ps.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.ps.FakeTraining;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The other policies on the simulated network, each with a judge of its own. Under bounded
 * staleness and asynchronous steps a worker goes on before it knows that its gradients have come,
 * and relies on its connection for that: there messages keep their order, are doubled, and are lost
 * when a connection breaks. One again: {@code -Dkindling.seed=N}.
 */
class PolicySimulationTest {
  private static final int SCHEDULES = Integer.getInteger("kindling.schedules", 100);
  private static final int SABOTAGED = 20;
  private static final long FIRST_SEED = Long.getLong("kindling.seed", 1);

  PolicySimulationTest() {
    System.out.println("seeds from " + FIRST_SEED);
  }

  private static void simulate(
      int servers, String what, Function<LongSupplier, Scenario> scenario) {
    for (long seed = FIRST_SEED; seed < FIRST_SEED + SCHEDULES; seed++) {
      try {
        new Simulation(seed, Faults.many(servers), scenario).run();
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("%s, seed %d, %d servers".formatted(what, seed, servers), e);
      }
    }
  }

  @ParameterizedTest(name = "{0} servers")
  @ValueSource(ints = {1, 2, 3})
  void backupsGiveTheBitsOfOneProcess(int servers) {
    FakeTraining training = new FakeTraining(90, Simulation.REPLICAS);
    simulate(servers, "backups", clock -> new SynchronousScenario(training, 2));
  }

  @ParameterizedTest(name = "{0} servers, bound {1}")
  @CsvSource({"1, 0", "1, 1", "2, 3", "3, 2"})
  void staleStepsFollowFromWhatWasRead(int servers, int bound) {
    simulate(servers, "bound " + bound, clock -> new StaleScenario(bound));
  }

  @ParameterizedTest(name = "{0} servers")
  @ValueSource(ints = {1, 2, 3})
  void asynchronousGradientsAreAppliedExactlyOnce(int servers) {
    simulate(servers, "asynchronous", clock -> new AsyncScenario());
  }

  @Test
  void roundsAreTheMeansOfTheClientsThatCounted() {
    simulate(1, "rounds", RoundScenario::new);
  }

  /** The judge must be able to say no. */
  @Test
  void stepsThatAreMixedUpAreNoticed() {
    int noticed = 0;
    Faults broken = Faults.many(1).with(Faults.Sabotage.LATE_CHECKPOINT);
    for (long seed = 1; seed <= SABOTAGED; seed++) {
      try {
        new Simulation(seed, broken, clock -> new StaleScenario(2)).run();
      } catch (AssertionError e) {
        noticed++;
      }
    }
    assertThat(noticed).as("schedules that end with other values").isGreaterThan(5);
  }
}
