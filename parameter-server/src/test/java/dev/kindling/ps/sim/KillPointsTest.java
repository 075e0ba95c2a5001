package dev.kindling.ps.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.ps.FakeTraining;
import dev.kindling.ps.sim.Faults.KillPoint;
import dev.kindling.ps.sim.Faults.Sabotage;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A shard process is killed at a named point of its work, once or twice a run; all shards come back
 * from the newest checkpoint under a new term, while messages are lost and doubled. Each run must
 * end with the bits of one process. One again: {@code -Dkindling.seed=N}.
 */
class KillPointsTest {
  private static final int SCHEDULES = 150;
  private static final int SABOTAGED = 30;
  private static final long FIRST_SEED = Long.getLong("kindling.seed", 1);

  private final FakeTraining training = new FakeTraining(90, Simulation.REPLICAS);

  KillPointsTest() {
    System.out.println("seeds from " + FIRST_SEED);
  }

  @ParameterizedTest(name = "{0} servers")
  @ValueSource(ints = {1, 2, 3})
  void aShardKilledBeforeItAppliesLosesNothing(int servers) {
    killAt(KillPoint.BEFORE_APPLY, servers);
  }

  @ParameterizedTest(name = "{0} servers")
  @ValueSource(ints = {1, 2, 3})
  void aShardKilledAfterItAppliedAppliesNothingTwice(int servers) {
    killAt(KillPoint.AFTER_APPLY, servers);
  }

  @ParameterizedTest(name = "{0} servers")
  @ValueSource(ints = {1, 2, 3})
  void aShardKilledBeforeItAcknowledgesAppliesNothingTwice(int servers) {
    killAt(KillPoint.BEFORE_ACKNOWLEDGING, servers);
  }

  private void killAt(KillPoint point, int servers) {
    for (long seed = FIRST_SEED; seed < FIRST_SEED + SCHEDULES; seed++) {
      try {
        Simulation simulation = new Simulation(seed, Faults.killed(servers, point), training);
        simulation.run();
        assertThat(simulation.kills()).as("kills").isPositive();
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("%s, seed %d, %d servers".formatted(point, seed, servers), e);
      }
    }
  }

  /** The judge must be able to say no. */
  @ParameterizedTest
  @EnumSource(value = KillPoint.class, mode = EnumSource.Mode.EXCLUDE, names = "NEVER")
  void aRecoveryThatForgetsTheStateIsNoticed(KillPoint point) {
    int noticed = 0;
    for (long seed = 1; seed <= SABOTAGED; seed++) {
      Faults broken = Faults.killed(1, point).with(Sabotage.FORGOTTEN_STATE);
      try {
        new Simulation(seed, broken, training).run();
      } catch (AssertionError e) {
        noticed++;
      }
    }
    assertThat(noticed).as("schedules that end with other bits").isGreaterThan(5);
  }
}
