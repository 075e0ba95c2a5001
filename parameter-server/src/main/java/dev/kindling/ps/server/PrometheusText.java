package dev.kindling.ps.server;

import java.util.Locale;

/** Writes Prometheus's text format. Not thread-safe. */
final class PrometheusText {
  private final StringBuilder out;

  PrometheusText(StringBuilder out) {
    this.out = out;
  }

  void counter(String name, String help, double value) {
    type(name, "counter", help);
    line(name, value);
  }

  void gauge(String name, String help, double value) {
    type(name, "gauge", help);
    line(name, value);
  }

  void type(String name, String type, String help) {
    out.append("# HELP ").append(name).append(' ').append(help).append('\n');
    out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
  }

  void line(String name, double value) {
    out.append(name).append(' ').append(number(value)).append('\n');
  }

  /** Whole numbers without a point. */
  static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : String.format(Locale.ROOT, "%.9g", value).replaceFirst("(\\.\\d*?)0+$", "$1");
  }
}
