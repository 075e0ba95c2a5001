package dev.kindling.spark.job;

import dev.kindling.data.StoredSlice;
import dev.kindling.ps.client.ParameterClient;
import dev.kindling.train.Evaluation;
import dev.kindling.train.Evaluator;
import dev.kindling.train.GradientSink;
import dev.kindling.train.MetricSums;
import dev.kindling.train.NoiseScale.Estimate;
import dev.kindling.train.ReplicaSlices;
import dev.kindling.train.ReplicaStep;
import dev.kindling.train.ReplicaTree.Node;
import dev.kindling.train.StepTimes;
import java.util.Arrays;
import java.util.List;

/** One worker: all steps of all epochs, from the version that the run stands at. For one thread. */
final class Worker {
  private final RunPlan run;
  private final ParameterClient server;
  private final ReplicaStep replicaStep;
  private final ReplicaSlices data;
  private final Evaluator evaluator;
  private final List<StoredSlice> testSlices;
  private final Node replicas;
  private final WorkerData slices;
  private final WorkerTask.Past past;

  /** Null where nobody wants them. */
  private final Histograms gradients;

  private EarlyStopping.State stopping;
  private long step;

  /** A worker that pushes one sum for each node of its replicas. */
  Worker(
      RunPlan run,
      Node replicas,
      List<Node> pushed,
      WorkerData slices,
      ParameterClient server,
      WorkerTask.Past past) {
    this.past = past;
    this.replicas = replicas;
    this.slices = slices;
    stopping = past.stopping();
    this.run = run;
    this.server = server;
    long seed = run.training().seed();
    replicaStep = new ReplicaStep(run.training(), pushed);
    data = new ReplicaSlices(run.format(), slices.train(), replicas.lo(), run.shares(), seed);
    evaluator = new Evaluator(run.training());
    testSlices = slices.test();
    gradients = run.histograms() ? new Histograms(run.training().layout()) : null;
  }

  /** Trains until the last version is made and evaluated. */
  void train() throws InterruptedException {
    step = server.join();
    SliceChecks.check(server, replicas, run.training().replicas(), slices);
    catchUp(past.version(), step);
    while (true) {
      float[] values = values();
      if (run.evaluates(step)) {
        evaluate(values);
      }
      if (step == run.totalSteps() || run.stopping().isOver(stopping)) {
        return;
      }
      compute(values);
      long next = server.next(step);
      catchUp(step + 1, next);
      step = next;
    }
  }

  /**
   * Waits for the parameters of the step. Where nothing is evaluated they may still be arriving, or
   * be older ones if the policy allows it. What this thread applies meanwhile counts apart.
   */
  private float[] values() throws InterruptedException {
    long start = System.nanoTime();
    long applied = server.appliedNanos();
    float[] values = isWhole() ? server.values(step) : server.arriving(step);
    times().wait += System.nanoTime() - start - (server.appliedNanos() - applied);
    times().optimizer += server.appliedNanos() - applied;
    return values;
  }

  private boolean isWhole() {
    return run.evaluates(step) || step == run.totalSteps();
  }

  private void compute(float[] values) {
    long applied = server.appliedNanos();
    boolean isCounted = gradients != null && run.endsEpoch(step + 1);
    GradientSink sink = isCounted ? gradients.before(server) : server;
    replicaStep.run(step, values, server, data, sink);
    times().exchange -= server.appliedNanos() - applied;
    times().optimizer += server.appliedNanos() - applied;
  }

  /** Adds up loss and accuracy on the test rows of all workers; once for each version. */
  private void evaluate(float[] values) throws InterruptedException {
    double[][] sums = new double[testSlices.size()][];
    replicaStep.read(step, values, server);
    for (int i = 0; i < sums.length; i++) {
      Evaluation named = Evaluation.summed(run.format());
      MetricSums metrics = evaluator.evaluate(values, testSlices.get(i), named);
      sums[i] = TestSums.vector(run, metrics, named);
    }
    double[] histograms = gradients == null ? new double[0] : gradients.numbers();
    Estimate noise = replicaStep.noise().estimate().plus(server.noise());
    TestSums.addWorker(sums[0], times(), noise, histograms);
    observe(step, server.reduce(step, sums));
    if (run.endsEpoch(step)) {
      times().reset();
      if (gradients != null) {
        gradients.clear();
      }
    }
  }

  private void observe(long version, double[] sums) {
    stopping = run.stopping().next(stopping, version, TestSums.of(run, sums));
  }

  /** What others have evaluated at versions that this worker does not see; the sums are kept. */
  private void catchUp(long from, long to) throws InterruptedException {
    for (long version = from; version < to; version++) {
      if (run.evaluates(version)) {
        double[][] nothing = new double[testSlices.size()][];
        Arrays.setAll(nothing, i -> TestSums.nothing(run));
        observe(version, server.reduce(version, nothing));
      }
    }
  }

  /** The step that is being computed, for messages. */
  long step() {
    return step;
  }

  private StepTimes times() {
    return replicaStep.times();
  }
}
