package dev.kindling.spark.job;

import dev.kindling.data.Slice;
import dev.kindling.ps.client.ParameterClient;
import dev.kindling.train.Evaluator;
import dev.kindling.train.MetricSums;
import dev.kindling.train.ReplicaSlices;
import dev.kindling.train.ReplicaStep;
import dev.kindling.train.ReplicaTree.Node;
import dev.kindling.train.StepTimes;
import java.util.List;

/** One worker: all steps of all epochs, from the version that the run stands at. For one thread. */
final class Worker {
  private final RunPlan run;
  private final ParameterClient server;
  private final ReplicaStep replicaStep;
  private final ReplicaSlices data;
  private final Evaluator evaluator;
  private final List<Slice> testSlices;
  private long step;

  Worker(RunPlan run, Node replicas, WorkerData slices, ParameterClient server) {
    this.run = run;
    this.server = server;
    long seed = run.training().seed();
    replicaStep = new ReplicaStep(run.training(), replicas.lo(), replicas.hi());
    data = new ReplicaSlices(run.format(), slices.train(), replicas.lo(), run.shares(), seed);
    evaluator = new Evaluator(run.training());
    testSlices = slices.test();
  }

  /** Trains until the last version is made and evaluated. */
  void train() throws InterruptedException {
    step = server.join();
    while (true) {
      float[] values = server.values(step);
      if (run.endsEpoch(step)) {
        evaluate(values);
      }
      if (step == run.totalSteps()) {
        return;
      }
      replicaStep.run(step, values, data, server);
      step++;
    }
  }

  /** Adds up loss and accuracy on the test rows of all workers; once for each version. */
  private void evaluate(float[] values) throws InterruptedException {
    double[][] sums = new double[testSlices.size()][];
    for (int i = 0; i < sums.length; i++) {
      MetricSums metrics = evaluator.evaluate(values, testSlices.get(i));
      sums[i] = new double[] {metrics.lossSum(), metrics.correct(), metrics.count()};
    }
    server.reduce(step, sums);
  }

  /** The step that is being computed, for messages. */
  long step() {
    return step;
  }

  /** Nanoseconds by part. */
  StepTimes times() {
    return replicaStep.times();
  }
}
