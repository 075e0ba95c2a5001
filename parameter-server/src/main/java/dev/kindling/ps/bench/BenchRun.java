package dev.kindling.ps.bench;

import dev.kindling.kernel.FloatFormat;
import dev.kindling.optim.Optimizer;
import dev.kindling.optim.SGD;
import dev.kindling.optim.Schedule;
import dev.kindling.ps.RunSpec;
import dev.kindling.ps.Transport;
import dev.kindling.ps.Worker;
import dev.kindling.ps.client.ParameterClient;
import dev.kindling.ps.client.ParameterClients;
import dev.kindling.ps.server.ParameterServer;
import dev.kindling.train.Buckets;
import dev.kindling.train.FlatLayout;
import dev.kindling.train.FlatLayout.Kind;
import dev.kindling.train.FlatUpdate;
import dev.kindling.train.ReplicaTree;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * A run without arithmetic in the workers: each pushes the same gradients again and again.
 *
 * @param parameters elements of the vector
 * @param workers threads, each with one replica and a client of its own
 * @param transport how they come
 * @param optimizer the rule
 * @param wire what travels is rounded to
 */
record BenchRun(
    int parameters, int workers, Transport transport, Optimizer optimizer, FloatFormat wire) {
  /** A rule that does as little as a rule can. */
  static final Optimizer PLAIN = new SGD(0.001);

  BenchRun(int parameters, int workers, Transport transport, Optimizer optimizer) {
    this(parameters, workers, transport, optimizer, FloatFormat.FLOAT32);
  }

  /**
   * What a run took.
   *
   * @param secondsPerStep of the slowest worker, after a tenth of the steps as a warm-up
   * @param bytes that went through the server's sockets, both ways
   */
  record Measured(double secondsPerStep, long bytes) {}

  RunSpec spec(long steps) {
    FlatLayout layout =
        new FlatLayout.Builder().add("w", List.of(parameters), Kind.PARAMETER).build();
    FlatUpdate update = new FlatUpdate(layout, optimizer, new Schedule.Constant(), steps);
    return new RunSpec("bench", new ReplicaTree(workers), update, steps).over(wire);
  }

  /** Seconds of a step, after a tenth of them as a warm-up. */
  double secondsPerStep(long steps) throws Exception {
    return measure(steps).secondsPerStep;
  }

  Measured measure(long steps) throws Exception {
    RunSpec run = spec(steps);
    ExecutorService threads = Executors.newFixedThreadPool(workers);
    try (ParameterServer server =
        ParameterServer.of(run, new float[Math.toIntExact(run.buckets().length())])
            .transport(transport)
            .listen("127.0.0.1", "127.0.0.1", 0)
            .start()) {
      List<Future<Double>> all = new ArrayList<>();
      for (int w = 0; w < workers; w++) {
        Worker worker = new Worker("worker " + w, w, w + 1, 1);
        all.add(threads.submit(() -> work(server, run, worker)));
      }
      double slowest = 0;
      for (Future<Double> one : all) {
        slowest = Math.max(slowest, one.get());
      }
      return new Measured(
          slowest, server.traffic().map(t -> t.bytesReceived() + t.bytesSent()).orElse(0L));
    } finally {
      threads.shutdownNow();
    }
  }

  private static double work(ParameterServer server, RunSpec run, Worker worker)
      throws InterruptedException {
    float[] gradient = new float[Math.toIntExact(run.buckets().length())];
    for (int i = 0; i < gradient.length; i++) {
      gradient[i] = (i % 13 - 6) * 1e-3f;
    }
    long warm = run.totalSteps() / 10;
    long start = 0;
    try (ParameterClient client = ParameterClients.open(server.location(), worker)) {
      for (long step = client.join(); step < run.totalSteps(); step++) {
        client.values(step);
        if (step == warm) {
          start = System.nanoTime();
        }
        push(client, run.buckets(), step, worker, gradient);
      }
      client.values(run.totalSteps());
    }
    return (System.nanoTime() - start) * 1e-9 / (run.totalSteps() - warm);
  }

  private static void push(
      ParameterClient client, Buckets buckets, long step, Worker worker, float[] gradient) {
    for (int bucket = buckets.count() - 1; bucket >= 0; bucket--) {
      client.push(step, bucket, worker.lo(), worker.hi(), gradient, 1);
    }
  }
}
