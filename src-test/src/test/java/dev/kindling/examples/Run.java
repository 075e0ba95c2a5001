package dev.kindling.examples;

import dev.kindling.data.Dataset;
import dev.kindling.data.RowOrder;
import dev.kindling.train.LocalTrainer;
import dev.kindling.train.MetricSums;
import dev.kindling.train.TrainingConfig;
import java.util.ArrayList;
import java.util.List;

/** What the programs on data sets share: shuffle, train in this process, say how it goes. */
final class Run {
  private Run() {}

  /** A trainer on shuffled rows, dealt to the replicas of the configuration. */
  static LocalTrainer of(TrainingConfig config, Dataset train, Dataset test) {
    RowOrder order = new RowOrder(config.seed());
    return new LocalTrainer(
        config, order.slices(train, config.replicas()), order.slices(test, config.replicas()));
  }

  /** Trains all epochs and prints a line for each; what the test rows say at the end. */
  static MetricSums fit(LocalTrainer trainer, int epochs) {
    List<MetricSums> tests = epochs(trainer, epochs);
    return tests.isEmpty() ? trainer.evaluate() : tests.get(tests.size() - 1);
  }

  /** Trains all epochs and prints a line for each; what the test rows say after each. */
  static List<MetricSums> epochs(LocalTrainer trainer, int epochs) {
    List<MetricSums> tests = new ArrayList<>();
    for (int epoch = 1; epoch <= epochs; epoch++) {
      long start = System.nanoTime();
      trainer.epoch();
      double seconds = (System.nanoTime() - start) / 1e9;
      MetricSums test = trainer.evaluate();
      tests.add(test);
      System.out.printf(
          "epoch %d: %.1f s, training loss %.4f, test loss %.4f, test accuracy %.4f%n",
          epoch, seconds, trainer.trainMetrics().loss(), test.loss(), test.accuracy());
    }
    return tests;
  }
}
