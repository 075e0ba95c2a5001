package dev.kindling.federated.partition;

import dev.kindling.kernel.Philox;
import dev.kindling.spec.Spec;

/**
 * Unequal clients: the rows of each class are shared out by proportions drawn from a symmetric
 * Dirichlet distribution over the clients. With a small alpha few clients hold a class; with a
 * large one all shares are nearly even.
 *
 * @param alpha concentration, above 0; 0.5 by default
 */
public record Dirichlet(double alpha) implements ClientPartition {
  private static final int STREAM = 14 << 24;

  /** Checks the range. */
  public Dirichlet {
    if (!(alpha > 0) || Double.isInfinite(alpha)) {
      throw new IllegalArgumentException(
          "Dirichlet: alpha is " + alpha + "; it must be a finite number above 0");
    }
  }

  static Dirichlet of(Spec spec) {
    spec.allow("alpha");
    return new Dirichlet(spec.number("alpha", 0.5));
  }

  @Override
  public ClientAssignment assign(RowKeys keys, int clients, long seed) {
    RowKeys ordered = keys.byLabel();
    ClientAssignment.Builder cuts = new ClientAssignment.Builder(ordered, true);
    for (int from = 0, to; from < ordered.size(); from = to) {
      int label = ordered.labels()[from];
      to = endOf(ordered.labels(), from);
      double[] shares = draw(clients, new Philox(seed, STREAM, label));
      double sum = 0;
      long cut = from;
      for (int client = 0; client < clients; client++) {
        sum += shares[client];
        long next = client == clients - 1 ? to : from + (long) StrictMath.rint(sum * (to - from));
        cuts.add(cut, Math.min(to, next), client);
        cut = Math.min(to, next);
      }
    }
    return cuts.build();
  }

  private static int endOf(int[] labels, int from) {
    int to = from;
    while (to < labels.length && labels[to] == labels[from]) {
      to++;
    }
    return to;
  }

  /** Gamma variables over their sum, in logarithms: a small alpha makes them tiny. */
  private double[] draw(int clients, Philox random) {
    double[] logs = new double[clients];
    double most = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < clients; i++) {
      logs[i] = logGamma(random);
      most = Math.max(most, logs[i]);
    }
    double sum = 0;
    for (int i = 0; i < clients; i++) {
      logs[i] = StrictMath.exp(logs[i] - most);
      sum += logs[i];
    }
    for (int i = 0; i < clients; i++) {
      logs[i] /= sum;
    }
    return logs;
  }

  /** Marsaglia and Tsang (2000), for alpha + 1, times U^(1 / alpha). */
  private double logGamma(Philox random) {
    double d = alpha + 1 - 1.0 / 3;
    double c = 1 / StrictMath.sqrt(9 * d);
    float[] normal = new float[1];
    while (true) {
      random.fillNormal(normal, 0, 1, 0, 1);
      double x = normal[0];
      double v = (1 + c * x) * (1 + c * x) * (1 + c * x);
      double u = 1 - (double) random.nextFloat();
      if (v > 0 && StrictMath.log(u) < x * x / 2 + d - d * v + d * StrictMath.log(v)) {
        double power = StrictMath.log(1 - (double) random.nextFloat()) / alpha;
        return StrictMath.log(d * v) + power;
      }
    }
  }

  @Override
  public boolean usesLabels() {
    return true;
  }

  @Override
  public Spec toSpec() {
    return Spec.of("Dirichlet", "alpha", alpha);
  }
}
