package dev.kindling.ps;

import dev.kindling.ps.client.ParameterClient;
import dev.kindling.ps.client.ParameterClients;
import dev.kindling.train.ReplicaTree.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Workers as threads, each with its own client, that run the worker loop on fake gradients. */
public final class FakeWorkers {
  private FakeWorkers() {}

  /** Runs workers of one incarnation from wherever the run stands up to a step. */
  public static void run(
      FakeTraining training, ServerLocation location, int workers, int incarnation, long until)
      throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(workers);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (int w = 0; w < workers; w++) {
        Node share = location.tree().shareOf(w, workers);
        Worker worker = new Worker("worker " + w, share.lo(), share.hi(), incarnation);
        all.add(threads.submit(() -> work(training, location, worker, until)));
      }
      for (Future<?> one : all) {
        one.get(30, TimeUnit.SECONDS);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static Void work(
      FakeTraining training, ServerLocation location, Worker worker, long until)
      throws InterruptedException {
    FakeTraining.Pusher pusher = training.new Pusher(worker.lo(), worker.hi());
    try (ParameterClient client = ParameterClients.open(location, worker)) {
      long step = client.join();
      while (step < until) {
        pusher.step(step, exact(location, client, step), client);
        step++;
      }
      client.values(until);
    }
    return null;
  }

  /** The step's own version, whatever the policy would allow. */
  private static float[] exact(ServerLocation location, ParameterClient client, long step)
      throws InterruptedException {
    if (location.staleness() > 0) {
      return client.values(step);
    }
    float[] values = client.arriving(step);
    for (int bucket = 0; bucket < location.buckets().count(); bucket++) {
      client.await(bucket);
    }
    return values;
  }
}
