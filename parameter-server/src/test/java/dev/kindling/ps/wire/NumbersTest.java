package dev.kindling.ps.wire;

import static dev.kindling.ps.ParameterServerException.Reason.ABORTED;
import static dev.kindling.ps.ParameterServerException.Reason.AUTHENTICATION;
import static dev.kindling.ps.ParameterServerException.Reason.CLOSED;
import static dev.kindling.ps.ParameterServerException.Reason.DIVERGED;
import static dev.kindling.ps.ParameterServerException.Reason.PORT;
import static dev.kindling.ps.ParameterServerException.Reason.PROTOCOL;
import static dev.kindling.ps.ParameterServerException.Reason.STALE_INCARNATION;
import static dev.kindling.ps.ParameterServerException.Reason.STALE_TERM;
import static dev.kindling.ps.ParameterServerException.Reason.UNREACHABLE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.kernel.FloatFormat;
import dev.kindling.ps.NonFinite;
import dev.kindling.ps.ParameterServerException.Reason;
import dev.kindling.train.FlatLayout;
import org.junit.jupiter.api.Test;

/**
 * What travels as the place of a constant in its enum: the tables of README.md, in which a number
 * keeps its meaning. A new constant goes behind the others, here and there.
 */
class NumbersTest {
  @Test
  void reasons() {
    assertThat(Reason.values())
        .containsExactly(
            ABORTED,
            STALE_INCARNATION,
            STALE_TERM,
            AUTHENTICATION,
            PROTOCOL,
            UNREACHABLE,
            PORT,
            DIVERGED,
            CLOSED);
  }

  @Test
  void formatsOfFloats() {
    assertThat(FloatFormat.values())
        .containsExactly(FloatFormat.FLOAT32, FloatFormat.BFLOAT16, FloatFormat.FLOAT16);
  }

  @Test
  void whatFollowsAGradientThatIsNotFinite() {
    assertThat(NonFinite.values())
        .containsExactly(NonFinite.ABORT, NonFinite.SKIP, NonFinite.ROLL_BACK);
  }

  @Test
  void policies() {
    assertThat(Begin.PolicyKind.values())
        .containsExactly(
            Begin.PolicyKind.SYNCHRONOUS,
            Begin.PolicyKind.BOUNDED_STALENESS,
            Begin.PolicyKind.ASYNCHRONOUS);
  }

  @Test
  void kindsOfSlots() {
    assertThat(FlatLayout.Kind.values())
        .containsExactly(
            FlatLayout.Kind.PARAMETER, FlatLayout.Kind.STATISTIC, FlatLayout.Kind.METRIC);
  }

  @Test
  void eventsOfWorkers() {
    assertThat(WorkerEvent.Kind.values())
        .containsExactly(
            WorkerEvent.Kind.BEGAN,
            WorkerEvent.Kind.JOINED,
            WorkerEvent.Kind.FAILED,
            WorkerEvent.Kind.STANDS_BY,
            WorkerEvent.Kind.STANDBY_LOST,
            WorkerEvent.Kind.SLOW);
  }
}
