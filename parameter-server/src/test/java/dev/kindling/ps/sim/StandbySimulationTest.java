package dev.kindling.ps.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.kernel.FloatFormat;
import dev.kindling.optim.Adam;
import dev.kindling.optim.ClipByNorm;
import dev.kindling.optim.LAMB;
import dev.kindling.optim.Optimizer;
import dev.kindling.ps.FakeTraining;
import dev.kindling.ps.sim.Faults.KillPoint;
import dev.kindling.ps.sim.Faults.Sabotage;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Each shard process has a standby, which begins with nothing while workers train. Primaries are
 * killed, or taken for lost while they go on, or lose their standby, whether it has everything yet
 * or not; each gets another one some time later, and is struck again. Messages are lost, doubled
 * and overtaken between all of them. Each run must end with the bits of one process, and no worker
 * ever begins a step again: nothing is replayed. One again: {@code -Dkindling.seed=N}.
 */
class StandbySimulationTest {
  private static final int SCHEDULES = Integer.getInteger("kindling.schedules", 500);
  private static final int AT_POINTS = 100;
  private static final int OF_A_KIND = 60;
  private static final int SABOTAGED = 30;
  private static final long FIRST_SEED = Long.getLong("kindling.seed", 1);

  private final FakeTraining training = new FakeTraining(90, Simulation.REPLICAS);

  StandbySimulationTest() {
    System.out.println("seeds from " + FIRST_SEED);
  }

  @ParameterizedTest(name = "{0} servers")
  @ValueSource(ints = {1, 2, 3})
  void noLossOfAPrimaryOrAStandbyChangesTheBits(int servers) {
    int twice = simulate(Faults.standbys(servers, KillPoint.NEVER), SCHEDULES, this::synchronous);
    System.out.printf(
        "%d servers: in %d of %d schedules a standby that joined late took a promoted one's place%n",
        servers, twice, SCHEDULES);
    assertThat(twice).as("schedules with a second promotion").isGreaterThan(SCHEDULES / 5);
  }

  @ParameterizedTest(name = "{0} servers")
  @ValueSource(ints = {1, 2, 3})
  void aPrimaryKilledAtAnyPointIsReplaced(int servers) {
    for (KillPoint point : KillPoint.values()) {
      if (point != KillPoint.NEVER) {
        simulate(Faults.standbys(servers, point), AT_POINTS, this::synchronous);
      }
    }
  }

  @ParameterizedTest(name = "{0} servers")
  @ValueSource(ints = {1, 2, 3})
  void rulesOfTheWholeGradientAreCoveredToo(int servers) {
    for (Optimizer rule : new Optimizer[] {new ClipByNorm(new Adam(0.01), 0.5), new LAMB(0.01)}) {
      FakeTraining whole = new FakeTraining(90, Simulation.REPLICAS, rule);
      simulate(
          Faults.standbys(servers, KillPoint.NEVER),
          OF_A_KIND,
          () -> new SynchronousScenario(whole, 0));
    }
  }

  @ParameterizedTest(name = "{0} servers")
  @ValueSource(ints = {1, 2})
  void aStandbyOfRoundedRunsHasTheExactValues(int servers) {
    for (FloatFormat wire : new FloatFormat[] {FloatFormat.BFLOAT16, FloatFormat.FLOAT16}) {
      FakeTraining rounded = new FakeTraining(90, Simulation.REPLICAS, new Adam(0.01), wire);
      simulate(
          Faults.standbys(servers, KillPoint.NEVER),
          OF_A_KIND,
          () -> new SynchronousScenario(rounded, 0));
    }
  }

  @ParameterizedTest(name = "{0} servers")
  @ValueSource(ints = {1, 2, 3})
  void backupWorkersAreCoveredToo(int servers) {
    simulate(
        Faults.standbys(servers, KillPoint.NEVER),
        OF_A_KIND,
        () -> new SynchronousScenario(training, 2));
  }

  private Scenario synchronous() {
    return new SynchronousScenario(training, 0);
  }

  /** Returns in how many of the schedules one that was promoted was replaced again. */
  private static int simulate(Faults faults, int schedules, Supplier<Scenario> scenario) {
    int replacedAgain = 0;
    for (long seed = FIRST_SEED; seed < FIRST_SEED + schedules; seed++) {
      try {
        Simulation simulation = new Simulation(seed, faults, clock -> scenario.get());
        simulation.run();
        replacedAgain += simulation.shards().replacedAgain() > 0 ? 1 : 0;
        if (faults.killPoint() != KillPoint.NEVER) {
          assertThat(simulation.kills()).as("kills").isPositive();
        }
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("seed %d, %s".formatted(seed, faults), e);
      }
    }
    return replacedAgain;
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
