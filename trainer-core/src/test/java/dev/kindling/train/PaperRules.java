package dev.kindling.train;

import dev.kindling.spec.Spec;
import dev.kindling.train.FlatLayout.Slot;

/**
 * Clipped SGD, LARS and LAMB as published, in double precision, tensor by tensor; biases have
 * neither decay nor a trust ratio where the spec has groups.
 */
final class PaperRules {
  private final FlatLayout layout;
  private final Spec spec;
  private final double[] p;
  private final double[] m;
  private final double[] v;
  private int t;

  PaperRules(FlatLayout layout, Spec spec, float[] start) {
    this.layout = layout;
    this.spec = spec;
    p = new double[start.length];
    m = new double[start.length];
    v = new double[start.length];
    for (int i = 0; i < start.length; i++) {
      p[i] = start[i];
    }
  }

  double[] values() {
    return p;
  }

  void step(float[] sums, int samples) {
    t++;
    double[] g = new double[p.length];
    double squares = 0;
    for (Slot slot : layout.parameterSlots()) {
      for (int i = (int) slot.offset(); i < slot.end(); i++) {
        g[i] = (double) sums[i] / samples;
        squares += g[i] * g[i];
      }
    }
    double clip = Math.min(1, spec.number("clip_norm", 1e30) / (Math.sqrt(squares) + 1e-6));
    for (int i = 0; i < g.length; i++) {
      g[i] *= clip;
    }
    for (Slot slot : layout.parameterSlots()) {
      move(
          g, (int) slot.offset(), (int) slot.end(), spec.has("groups") && slot.shape().size() == 1);
    }
  }

  private void move(double[] g, int from, int to, boolean excluded) {
    switch (spec.type()) {
      case "LARS" -> lars(g, from, to, excluded);
      case "LAMB" -> lamb(g, from, to, excluded);
      default -> momentum(g, from, to, 1, 0);
    }
  }

  private void lars(double[] g, int from, int to, boolean excluded) {
    double decay = excluded ? 0 : spec.number("weight_decay", 0);
    double norm = norm(p, from, to);
    double trust = excluded ? 1 : 0.001 * norm / (norm(g, from, to) + decay * norm);
    momentum(g, from, to, trust, decay);
  }

  private void momentum(double[] g, int from, int to, double trust, double decay) {
    for (int i = from; i < to; i++) {
      m[i] = 0.9 * m[i] + trust * (g[i] + decay * p[i]);
      p[i] -= spec.number("lr") * m[i];
    }
  }

  private void lamb(double[] g, int from, int to, boolean excluded) {
    double decay = excluded ? 0 : 0.01;
    double[] r = new double[p.length];
    for (int i = from; i < to; i++) {
      m[i] = 0.9 * m[i] + 0.1 * g[i];
      v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i];
      double first = m[i] / (1 - Math.pow(0.9, t));
      double second = v[i] / (1 - Math.pow(0.999, t));
      r[i] = first / (Math.sqrt(second) + 1e-6) + decay * p[i];
    }
    double trust = excluded ? 1 : norm(p, from, to) / norm(r, from, to);
    for (int i = from; i < to; i++) {
      p[i] -= spec.number("lr") * trust * r[i];
    }
  }

  private static double norm(double[] x, int from, int to) {
    double squares = 0;
    for (int i = from; i < to; i++) {
      squares += x[i] * x[i];
    }
    return Math.sqrt(squares);
  }
}
