package dev.kindling.federated;

import dev.kindling.data.ElementType;
import dev.kindling.data.Normalisation;
import dev.kindling.data.RowEncoder;
import dev.kindling.data.RowFormat;
import dev.kindling.data.Slice;
import dev.kindling.data.SliceBuilder;
import dev.kindling.data.Target;
import dev.kindling.data.digits.SyntheticDigits;
import dev.kindling.federated.partition.ClientPartition;
import dev.kindling.federated.partition.ClientSlices;
import dev.kindling.federated.partition.Dirichlet;
import dev.kindling.federated.server.FederatedAlgorithm;
import dev.kindling.nn.CrossEntropyLoss;
import dev.kindling.nn.Flatten;
import dev.kindling.nn.Linear;
import dev.kindling.nn.MSELoss;
import dev.kindling.nn.ReLU;
import dev.kindling.nn.Sequential;
import dev.kindling.optim.Optimizer;
import dev.kindling.optim.SGD;
import dev.kindling.optim.Schedule;
import java.util.List;

/** Small federated runs: drawn digits among twelve unequal clients, and a line through points. */
final class Toy {
  static final long SEED = 5;
  private static final Normalisation PIXELS = Normalisation.pixels(0.1307, 0.3081);

  private Toy() {}

  static List<Slice> clients() {
    return clients(new Dirichlet(0.5));
  }

  static List<Slice> clients(ClientPartition partition) {
    return ClientSlices.of(SyntheticDigits.train(PIXELS).range(0, 400), partition, 12, SEED);
  }

  static List<Slice> test() {
    return List.of(SliceBuilder.sliceOf(SyntheticDigits.test(PIXELS).range(0, 200)));
  }

  static Sequential network() {
    return new Sequential(new Flatten(), new Linear(784, 16), new ReLU(), new Linear(16, 10));
  }

  static FederatedConfig digits(
      FederatedAlgorithm algorithm, Participation participation, LocalTraining local) {
    return new FederatedConfig(
        network(),
        new CrossEntropyLoss(),
        new SGD(0.1),
        new Schedule.Constant(),
        algorithm,
        5,
        participation,
        local,
        null,
        SEED);
  }

  /** {@code y = w x + b} by least squares. */
  static FederatedConfig line(FederatedAlgorithm algorithm, Optimizer optimizer, int epochs) {
    return new FederatedConfig(
        new Sequential(new Linear(1, 1)),
        new MSELoss(),
        optimizer,
        new Schedule.Constant(),
        algorithm,
        4,
        Participation.of(1),
        LocalTraining.of(epochs, 0),
        null,
        SEED);
  }

  /** A client that holds the points (x[i], y[i]). */
  static Slice points(double[] x, double[] y) {
    RowFormat format =
        new RowFormat(List.of(1), ElementType.FLOAT32, Target.values(1), Normalisation.none());
    SliceBuilder slice = new SliceBuilder(format);
    for (int i = 0; i < x.length; i++) {
      slice.append(
          new RowEncoder(format)
              .floats(new float[] {(float) x[i]}, 0)
              .values(new float[] {(float) y[i]}, 0)
              .row());
    }
    return slice.build();
  }
}
