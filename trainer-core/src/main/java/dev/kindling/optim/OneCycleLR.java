package dev.kindling.optim;

import dev.kindling.spec.Spec;

/**
 * Up to the base rate and down to almost nothing (Smith and Topin, 2019): from {@code 1 /
 * divFactor} to 1 at step {@code pctStart * totalSteps - 1}, then to {@code 1 / (divFactor *
 * finalDivFactor)} at the last step; with three phases first back to where it began, as long as the
 * way up. The optimizer's {@code lr} is PyTorch's {@code max_lr}. The momentum stays as it is
 * ({@code cycle_momentum: false}).
 *
 * @param totalSteps length of the whole cycle
 * @param pctStart share of it for the way up, 0.3 by default
 * @param annealStrategy cos, by default, or linear
 * @param divFactor the base rate over the first one, 25 by default
 * @param finalDivFactor the first rate over the last one, 10,000 by default
 * @param threePhase goes back to the first rate before the last fall; not by default
 */
public record OneCycleLR(
    Span totalSteps,
    double pctStart,
    Anneal annealStrategy,
    double divFactor,
    double finalDivFactor,
    boolean threePhase)
    implements Schedule {

  /** Checks the ranges. */
  public OneCycleLR {
    Span.positive("OneCycleLR", "total_steps", totalSteps);
    if (!(pctStart > 0 && pctStart < 1) || threePhase && pctStart > 0.5) {
      throw new IllegalArgumentException(
          "OneCycleLR: pct_start is %s; it must be between 0 and %s"
              .formatted(pctStart, threePhase ? "0.5 with three phases" : "1"));
    }
    if (!(divFactor > 0 && finalDivFactor > 0)) {
      throw new IllegalArgumentException(
          "OneCycleLR: div_factor is %s and final_div_factor %s; both must be above zero"
              .formatted(divFactor, finalDivFactor));
    }
  }

  static OneCycleLR of(Spec spec) {
    spec.allow(
        "total_steps",
        "pct_start",
        "anneal_strategy",
        "div_factor",
        "final_div_factor",
        "three_phase");
    return new OneCycleLR(
        Span.read(spec, "total_steps"),
        spec.number("pct_start", 0.3),
        Anneal.read(spec, "anneal_strategy"),
        spec.number("div_factor", 25),
        spec.number("final_div_factor", 1e4),
        spec.flag("three_phase", false));
  }

  @Override
  public double factor(long step, long stepsPerEpoch) {
    double total = totalSteps.in(stepsPerEpoch);
    double first = 1 / divFactor;
    double last = first / finalDivFactor;
    double top = Math.max(0, pctStart * total - 1);
    double low = threePhase ? 2 * top : top;
    if (step < top) {
      return annealStrategy.between(first, 1, step / top);
    }
    if (step < low) {
      return annealStrategy.between(1, first, (step - top) / (low - top));
    }
    double share = step < total - 1 ? (step - low) / (total - 1 - low) : 1;
    return annealStrategy.between(threePhase ? first : 1, last, share);
  }

  @Override
  public Spec toSpec() {
    return Spec.of(
        "OneCycleLR",
        "total_steps",
        totalSteps.toString(),
        "pct_start",
        pctStart,
        "anneal_strategy",
        annealStrategy.written(),
        "div_factor",
        divFactor,
        "final_div_factor",
        finalDivFactor,
        "three_phase",
        threePhase);
  }
}
