package dev.kindling.examples;

import dev.kindling.data.Dataset;
import dev.kindling.nn.Linear;
import dev.kindling.nn.MSELoss;
import dev.kindling.nn.Sequential;
import dev.kindling.nn.Sigmoid;
import dev.kindling.optim.SGD;
import dev.kindling.optim.Schedule;
import dev.kindling.train.LocalTrainer;
import dev.kindling.train.Predictor;
import dev.kindling.train.TrainingConfig;
import java.util.List;
import java.util.stream.IntStream;

/** XOR by modules: two inputs, three hidden units, one output, sigmoids and biases. */
public final class XorByModules {
  private static final float[][] CORNERS = {{0, 0}, {0, 1}, {1, 0}, {1, 1}};
  private static final float[] XOR = {0, 1, 1, 0};

  private XorByModules() {}

  /** The outputs for the four corners after so many steps. */
  static float[] train(long seed, int steps) {
    Sequential model =
        new Sequential(new Linear(2, 3), new Sigmoid(), new Linear(3, 1), new Sigmoid());
    TrainingConfig config =
        new TrainingConfig(
            model,
            new MSELoss(),
            new SGD(0.5),
            new Schedule.Constant(),
            CORNERS.length,
            steps,
            1,
            seed);
    Dataset rows = Rows.of(CORNERS, XOR);
    LocalTrainer trainer = Run.of(config, rows, rows);
    trainer.fit();
    Predictor predictor = new Predictor(model, trainer.values(), rows.format());
    List<float[]> outputs = predictor.predict(IntStream.range(0, 4).mapToObj(rows::row).toList());
    return new float[] {outputs.get(0)[0], outputs.get(1)[0], outputs.get(2)[0], outputs.get(3)[0]};
  }

  /** Prints the four outputs. */
  public static void main(String[] args) {
    for (float y : train(1, 10_000)) {
      System.out.println(y);
    }
  }
}
