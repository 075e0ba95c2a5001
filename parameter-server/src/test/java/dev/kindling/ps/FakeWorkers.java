package dev.kindling.ps;

import dev.kindling.ps.client.JvmWorkers;
import dev.kindling.ps.client.ParameterClient;
import dev.kindling.ps.client.ParameterClients;
import dev.kindling.train.ReplicaTree.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** Workers as threads, each with its own client, that run the worker loop on fake gradients. */
public final class FakeWorkers {
  private FakeWorkers() {}

  /** Runs workers of one incarnation from wherever the run stands up to a step. */
  public static void run(
      FakeTraining training, ServerLocation location, int workers, int incarnation, long until)
      throws Exception {
    List<List<Integer>> apart = IntStream.range(0, workers).mapToObj(List::of).toList();
    run(training, location, apart, incarnation, until);
  }

  /** The same as if several processes held these workers, numbered from zero. */
  public static void run(
      FakeTraining training,
      ServerLocation location,
      List<List<Integer>> processes,
      int incarnation,
      long until)
      throws Exception {
    int workers = processes.stream().mapToInt(List::size).sum();
    ExecutorService threads = Executors.newFixedThreadPool(workers);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (List<Integer> process : processes) {
        List<Node> shares = process.stream().map(w -> location.tree().shareOf(w, workers)).toList();
        JvmWorkers together = new JvmWorkers("workers " + process, shares);
        for (int i = 0; i < shares.size(); i++) {
          Node share = shares.get(i);
          String name = "worker " + process.get(i);
          Worker worker = new Worker(name, share.lo(), share.hi(), incarnation);
          all.add(threads.submit(() -> work(training, location, worker, together, until)));
        }
      }
      for (Future<?> one : all) {
        one.get(30, TimeUnit.SECONDS);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static Void work(
      FakeTraining training,
      ServerLocation location,
      Worker worker,
      JvmWorkers together,
      long until)
      throws InterruptedException {
    FakeTraining.Pusher pusher = training.new Pusher(worker.lo(), worker.hi());
    try (ParameterClient client = ParameterClients.open(location, worker, together)) {
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
