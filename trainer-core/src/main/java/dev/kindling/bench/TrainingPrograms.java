package dev.kindling.bench;

import dev.kindling.data.ElementType;
import dev.kindling.data.Normalisation;
import dev.kindling.data.RowFormat;
import dev.kindling.data.Target;
import dev.kindling.nn.Conv2d;
import dev.kindling.nn.Flatten;
import dev.kindling.nn.LSTM;
import dev.kindling.nn.Linear;
import dev.kindling.nn.MaxPool2d;
import dev.kindling.nn.Module;
import dev.kindling.nn.ReLU;
import dev.kindling.nn.Recurrent;
import dev.kindling.nn.Sequential;
import dev.kindling.nn.TransformerEncoderLayer;
import dev.kindling.nn.TransformerSizes;
import dev.kindling.nn.Window;
import dev.kindling.optim.Adam;
import dev.kindling.optim.SGD;
import dev.kindling.spec.Spec;
import dev.kindling.tensor.Tensor;
import java.util.List;

/** The networks whose steps are timed. */
final class TrainingPrograms {
  private static final RowFormat DIGITS =
      new RowFormat(
          List.of(1, 28, 28),
          ElementType.UINT8,
          Target.label(10),
          Normalisation.pixels(0.1307, 0.3081));

  private static final TrainingProgram MNIST_MLP =
      new TrainingProgram(
          "mnist-mlp",
          "784-128-64-10, ReLU, batch 64, Adam",
          64,
          DIGITS,
          new Adam(0.001),
          () ->
              new Sequential(
                  new Flatten(),
                  new Linear(784, 128),
                  new ReLU(),
                  new Linear(128, 64),
                  new ReLU(),
                  new Linear(64, 10)));

  private static final TrainingProgram MNIST_CNN =
      new TrainingProgram(
          "mnist-cnn",
          "1-32-64 by 3x3, ReLU, pools, 3136-128-10, batch 64, Adam",
          64,
          DIGITS,
          new Adam(0.001),
          () ->
              new Sequential(
                  new Conv2d(1, 32, Window.of(3).padding(1)),
                  new ReLU(),
                  new MaxPool2d(2),
                  new Conv2d(32, 64, Window.of(3).padding(1)),
                  new ReLU(),
                  new MaxPool2d(2),
                  new Flatten(),
                  new Linear(3136, 128),
                  new ReLU(),
                  new Linear(128, 10)));

  private static final RowFormat PICTURES =
      new RowFormat(
          List.of(3, 32, 32), ElementType.UINT8, Target.label(10), Normalisation.pixels(0.5, 0.25));

  private static final TrainingProgram CIFAR_CNN =
      new TrainingProgram(
          "cifar-cnn",
          "3-32-32-64 by 5x5, pools, 1024-64-10, batch 64, SGD",
          64,
          PICTURES,
          new SGD(0.01),
          () ->
              new Sequential(
                  new Conv2d(3, 32, Window.of(5).padding(2)),
                  new MaxPool2d(2),
                  new Conv2d(32, 32, Window.of(5).padding(2)),
                  new MaxPool2d(2),
                  new Conv2d(32, 64, Window.of(5).padding(2)),
                  new MaxPool2d(2),
                  new Flatten(),
                  new Linear(1024, 64),
                  new Linear(64, 10)));

  private static final TrainingProgram LSTM =
      new TrainingProgram(
          "lstm",
          "50 steps of 32 - LSTM 128 - 10, batch 64, Adam",
          64,
          sequences(50, 32),
          new Adam(0.001),
          () ->
              new Sequential(
                  new LSTM(Recurrent.Sizes.of(32, 128).lastOnly()), new Linear(128, 10)));

  private static final TrainingProgram TRANSFORMER =
      new TrainingProgram(
          "transformer",
          "64 steps, 128 wide, 8 heads, feed-forward 512, pre-norm, GELU, batch 32, Adam",
          32,
          sequences(64, 128),
          new Adam(0.001),
          () ->
              new Sequential(
                  new TransformerEncoderLayer(
                      new TransformerSizes(128, 8, 512, 0, true, true, false)),
                  new MeanOverSteps(),
                  new Linear(128, 10)));

  static final List<TrainingProgram> ALL =
      List.of(MNIST_MLP, MNIST_CNN, CIFAR_CNN, LSTM, TRANSFORMER);

  private TrainingPrograms() {}

  private static RowFormat sequences(int steps, int features) {
    return new RowFormat(
        List.of(steps, features), ElementType.FLOAT32, Target.label(10), Normalisation.none());
  }

  /** [n, t, dim] -> [n, dim]. */
  private static final class MeanOverSteps extends Module {
    private static final long serialVersionUID = 1L;

    @Override
    public Tensor forward(Tensor x) {
      return x.mean(1);
    }

    @Override
    protected Spec describe() {
      return Spec.of("MeanOverSteps");
    }
  }
}
