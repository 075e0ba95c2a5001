package dev.kindling.optim;

import dev.kindling.spec.Spec;
import dev.kindling.spec.SpecException;
import java.io.Serializable;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A stretch of training, in steps or in epochs. Written as {@code 500}, {@code 500 steps} or {@code
 * 2.5 epochs}: a bare number counts steps. Immutable.
 *
 * @param amount how many, zero or more; epochs may have fractions
 * @param unit of what
 */
public record Span(double amount, Unit unit) implements Serializable {
  private static final Pattern WRITTEN =
      Pattern.compile("([0-9]+(?:\\.[0-9]*)?(?:[eE][0-9]+)?)(?: *(steps?|epochs?))?");

  /** What is counted. */
  public enum Unit {
    /** Updates of the parameters. */
    STEPS,
    /** Passes over the training data. */
    EPOCHS
  }

  /** Checks the amount. */
  public Span {
    if (!(amount >= 0) || Double.isInfinite(amount)) {
      throw new IllegalArgumentException(
          "span: %s %s; it must be a finite number, zero or more"
              .formatted(amount, unit.name().toLowerCase(Locale.ROOT)));
    }
  }

  /** So many steps. */
  public static Span steps(double amount) {
    return new Span(amount, Unit.STEPS);
  }

  /** So many epochs. */
  public static Span epochs(double amount) {
    return new Span(amount, Unit.EPOCHS);
  }

  /** Its length in steps, which may have a fraction. */
  public double in(long stepsPerEpoch) {
    return unit == Unit.STEPS ? amount : amount * stepsPerEpoch;
  }

  /** The argument of a written form. */
  static Span read(Spec spec, String name) {
    if (!spec.has(name)) {
      throw new SpecException(spec.type() + ": argument '" + name + "' is missing");
    }
    return parse(spec, name, spec.arguments().get(name));
  }

  static List<Span> readList(Spec spec, String name) {
    return spec.list(name).stream().map(written -> parse(spec, name, written)).toList();
  }

  static List<String> write(List<Span> spans) {
    return spans.stream().map(Span::toString).toList();
  }

  private static Span parse(Spec spec, String name, Object written) {
    Matcher matcher = WRITTEN.matcher(written.toString().trim());
    if (!matcher.matches()) {
      throw new SpecException(
          "%s: argument '%s' is %s; it must be a number of steps or epochs, e.g. 500 or 2 epochs"
              .formatted(spec.type(), name, written));
    }
    boolean epochs = matcher.group(2) != null && matcher.group(2).startsWith("epoch");
    return new Span(Double.parseDouble(matcher.group(1)), epochs ? Unit.EPOCHS : Unit.STEPS);
  }

  /** The written form. */
  @Override
  public String toString() {
    String number =
        amount == Math.rint(amount) && amount < 1e15
            ? Long.toString((long) amount)
            : Double.toString(amount);
    return number + " " + unit.name().toLowerCase(Locale.ROOT);
  }

  static Span positive(String schedule, String name, Span span) {
    if (span.amount() == 0) {
      throw new IllegalArgumentException(
          "%s: %s is %s; it must be longer than zero".formatted(schedule, name, span));
    }
    return span;
  }
}
