package dev.kindling.ps.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.ps.FakeTraining;
import dev.kindling.ps.sim.Faults.KillPoint;
import dev.kindling.ps.sim.Faults.Sabotage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Each shard process has a standby. Primaries are killed, or taken for lost while they go on, or
 * lose their standby; messages are lost, doubled and overtaken between all of them. Each run must
 * end with the bits of one process, and no worker ever begins a step again: nothing is replayed.
 * One again: {@code -Dkindling.seed=N}.
 */
class StandbySimulationTest {
  private static final int SCHEDULES = Integer.getInteger("kindling.schedules", 700);
  private static final int AT_POINTS = 150;
  private static final int SABOTAGED = 30;
  private static final long FIRST_SEED = Long.getLong("kindling.seed", 1);

  private final FakeTraining training = new FakeTraining(90, Simulation.REPLICAS);

  StandbySimulationTest() {
    System.out.println("seeds from " + FIRST_SEED);
  }

  @ParameterizedTest(name = "{0} servers")
  @ValueSource(ints = {1, 2, 3})
  void noLossOfAPrimaryOrAStandbyChangesTheBits(int servers) {
    simulate(Faults.standbys(servers, KillPoint.NEVER), SCHEDULES);
  }

  @ParameterizedTest(name = "{0} servers")
  @ValueSource(ints = {1, 2, 3})
  void aPrimaryKilledAtAnyPointIsReplaced(int servers) {
    for (KillPoint point : KillPoint.values()) {
      if (point != KillPoint.NEVER) {
        simulate(Faults.standbys(servers, point), AT_POINTS);
      }
    }
  }

  private void simulate(Faults faults, int schedules) {
    for (long seed = FIRST_SEED; seed < FIRST_SEED + schedules; seed++) {
      try {
        Simulation simulation = new Simulation(seed, faults, training);
        simulation.run();
        if (faults.killPoint() != KillPoint.NEVER) {
          assertThat(simulation.kills()).as("kills").isPositive();
        }
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("seed %d, %s".formatted(seed, faults), e);
      }
    }
  }

  /** The judge must be able to say no. */
  @Test
  void aReleaseThatDoesNotWaitForTheStandbyIsNoticed() {
    int noticed = 0;
    Faults broken = Faults.standbys(1, KillPoint.NEVER).with(Sabotage.EARLY_RELEASE);
    for (long seed = 1; seed <= SABOTAGED; seed++) {
      try {
        new Simulation(seed, broken, training).run();
      } catch (AssertionError e) {
        noticed++;
      }
    }
    assertThat(noticed).as("schedules in which something was seen too early").isGreaterThan(5);
  }
}
