package dev.kindling.ps.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.optim.ClipByNorm;
import dev.kindling.optim.LAMB;
import dev.kindling.ps.FakeTraining;
import dev.kindling.ps.sim.Faults.Sabotage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** More schedules: {@code -Dkindling.schedules=100000}; one again: {@code -Dkindling.seed=N}. */
class SimulationTest {
  private static final int SABOTAGED = 20;
  private static final int SCHEDULES = Integer.getInteger("kindling.schedules", 3_400);
  private static final long FIRST_SEED = Long.getLong("kindling.seed", 1);

  private final FakeTraining training = new FakeTraining(90, Simulation.REPLICAS);

  SimulationTest() {
    System.out.println("seeds from " + FIRST_SEED);
  }

  @Test
  void withoutFaultsTheRunIsThatOfOneProcess() {
    new Simulation(1, Faults.none(), training).run();
  }

  @ParameterizedTest(name = "{0} servers")
  @ValueSource(ints = {1, 2, 3})
  void noScheduleChangesTheBits(int servers) {
    for (long seed = FIRST_SEED; seed < FIRST_SEED + SCHEDULES; seed++) {
      try {
        new Simulation(seed, Faults.many(servers), training).run();
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("seed %d, %d servers".formatted(seed, servers), e);
      }
    }
  }

  @ParameterizedTest(name = "{0} servers")
  @ValueSource(ints = {1, 2, 3})
  void noScheduleChangesTheRowsOfTables(int servers) {
    FakeTraining withTables = new FakeTraining(90, Simulation.REPLICAS).withTables();
    for (long seed = FIRST_SEED; seed < FIRST_SEED + SCHEDULES / 10; seed++) {
      try {
        new Simulation(seed, Faults.many(servers), withTables).run();
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("seed %d, %d servers".formatted(seed, servers), e);
      }
    }
  }

  /** Two things to measure one after the other, of buckets in several processes. */
  @ParameterizedTest(name = "{0} servers")
  @ValueSource(ints = {1, 2, 3})
  void noScheduleChangesTheBitsOfRulesOfTheWholeGradient(int servers) {
    FakeTraining whole =
        new FakeTraining(90, Simulation.REPLICAS, new ClipByNorm(new LAMB(0.01), 0.5));
    for (long seed = FIRST_SEED; seed < FIRST_SEED + SCHEDULES / 4; seed++) {
      try {
        new Simulation(seed, Faults.many(servers), whole).run();
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("seed %d, %d servers".formatted(seed, servers), e);
      }
    }
  }

  /** The judge must be able to say no. */
  @ParameterizedTest
  @EnumSource(
      value = Sabotage.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"NONE", "EARLY_RELEASE"})
  void sabotageIsNoticed(Sabotage sabotage) {
    int noticed = 0;
    for (long seed = 1; seed <= SABOTAGED; seed++) {
      try {
        new Simulation(seed, Faults.many(1).with(sabotage), training).run();
      } catch (AssertionError e) {
        noticed++;
      }
    }
    assertThat(noticed).as("schedules that end with other bits").isGreaterThan(5);
  }
}
