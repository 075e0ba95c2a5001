package dev.kindling.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.kindling.autograd.Gradients;
import dev.kindling.kernel.Philox;
import dev.kindling.tensor.IntTensor;
import dev.kindling.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Recurrent networks of several layers, in both directions, of sequences of different lengths and
 * with dropout, against their formulas in double precision, sequence by sequence.
 */
class RecurrentTest {
  private static final long SEED = 20260211;
  private static final int IN = 3;
  private static final int HIDDEN = 4;
  private static final int STEPS = 5;
  private static final int[] LENGTHS = {3, 5, 1};
  private static final Offset<Double> CLOSE = Offset.offset(2e-5);

  /** A step of a cell: suffix of the parameters' names, input, state before. */
  private interface Cell {
    double[] next(PlainLayers parameters, String suffix, double[] x, double[] before);
  }

  private record Kind(String name, Cell cell) {
    Recurrent of(Recurrent.Sizes sizes) {
      return switch (name) {
        case "GRU" -> new GRU(sizes);
        case "RNN" -> new RNN(sizes);
        default -> new RNN(sizes, "relu");
      };
    }
  }

  private static final List<Kind> KINDS =
      List.of(
          new Kind("GRU", PlainLayers::gru),
          new Kind("RNN", (p, suffix, x, h) -> p.rnn(suffix, x, h, Math::tanh)),
          new Kind("RNN relu", (p, suffix, x, h) -> p.rnn(suffix, x, h, z -> Math.max(z, 0))));

  private static Tensor sequences() {
    return Tensor.randn(new Philox(SEED, 1, 0), LENGTHS.length, STEPS, IN);
  }

  private static Recurrent.Sizes sizes(int layers, boolean isBidirectional) {
    Recurrent.Sizes sizes = Recurrent.Sizes.of(IN, HIDDEN).layers(layers);
    return isBidirectional ? sizes.bidirectional() : sizes;
  }

  /** The hidden states of one sequence at every step of the last layer. */
  private static double[][] plain(
      Kind kind, PlainLayers parameters, double[][] x, int layers, boolean isBidirectional) {
    double[][] input = x;
    for (int layer = 0; layer < layers; layer++) {
      int directions = isBidirectional ? 2 : 1;
      double[][] output = new double[x.length][directions * HIDDEN];
      for (int direction = 0; direction < directions; direction++) {
        String suffix = "_l" + layer + (direction == 0 ? "" : "_reverse");
        double[] h = new double[HIDDEN];
        for (int s = 0; s < x.length; s++) {
          int t = direction == 0 ? s : x.length - 1 - s;
          h = kind.cell.next(parameters, suffix, input[t], h);
          System.arraycopy(h, 0, output[t], direction * HIDDEN, HIDDEN);
        }
      }
      input = output;
    }
    return input;
  }

  @TestFactory
  Stream<DynamicTest> layersAndDirectionsFollowTheFormula() {
    return KINDS.stream()
        .flatMap(
            kind ->
                Stream.of(1, 2, 3)
                    .flatMap(
                        layers ->
                            Stream.of(false, true)
                                .map(
                                    both ->
                                        dynamicTest(
                                            "%s, %d layers, both ways %s"
                                                .formatted(kind.name, layers, both),
                                            () -> compare(kind, layers, both, null)))));
  }

  @TestFactory
  Stream<DynamicTest> packedSequencesAreThoseOfTheirLengths() {
    return KINDS.stream()
        .flatMap(
            kind ->
                Stream.of(1, 2)
                    .map(
                        layers ->
                            dynamicTest(
                                kind.name + ", layers " + layers,
                                () -> {
                                  compare(kind, layers, false, LENGTHS);
                                  compare(kind, layers, true, LENGTHS);
                                })));
  }

  private static void compare(Kind kind, int layers, boolean both, int[] lengths) {
    Recurrent network = kind.of(sizes(layers, both));
    network.initialize(SEED);
    PlainLayers parameters = new PlainLayers(network.stateDict());
    Tensor x = sequences();
    Recurrent.Sequence sequence =
        network.run(x, lengths == null ? null : IntTensor.of(lengths.clone()));
    float[][][] inputs = (float[][][]) x.toNested();
    float[][][] outputs = (float[][][]) sequence.output().toNested();
    for (int n = 0; n < inputs.length; n++) {
      int length = lengths == null ? STEPS : lengths[n];
      double[][] whole = PlainLayers.doubles(inputs[n]);
      double[][] expected =
          plain(kind, parameters, java.util.Arrays.copyOf(whole, length), layers, both);
      for (int t = 0; t < STEPS; t++) {
        double[] wanted = t < length ? expected[t] : new double[outputs[n][t].length];
        assertClose("sequence %d, step %d".formatted(n, t), outputs[n][t], wanted);
      }
      assertFinalStates(sequence, n, expected, both);
    }
  }

  /** Forward the state after the last step of a sequence, backward that after its first. */
  private static void assertFinalStates(
      Recurrent.Sequence sequence, int n, double[][] expected, boolean both) {
    List<Tensor> hidden = sequence.hidden();
    int forward = hidden.size() - (both ? 2 : 1);
    double[] last = java.util.Arrays.copyOf(expected[expected.length - 1], HIDDEN);
    assertClose("state forward", ((float[][]) hidden.get(forward).toNested())[n], last);
    if (both) {
      double[] first = java.util.Arrays.copyOfRange(expected[0], HIDDEN, 2 * HIDDEN);
      assertClose("state backward", ((float[][]) hidden.get(forward + 1).toNested())[n], first);
    }
  }

  private static void assertClose(String what, float[] actual, double[] expected) {
    assertThat(actual).as(what).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) actual[i]).as(what).isCloseTo(expected[i], CLOSE);
    }
  }

  @TestFactory
  Stream<DynamicTest> gradientsOfPackedSequencesAreThoseOfEachAlone() {
    return KINDS.stream()
        .map(kind -> dynamicTest(kind.name, () -> compareGradients(kind.of(sizes(2, true)))));
  }

  private static void compareGradients(Recurrent network) {
    network.initialize(SEED);
    Tensor x = sequences();
    Tensor weights = Tensor.randn(new Philox(SEED, 2, 0), LENGTHS.length, STEPS, 2 * HIDDEN);
    List<Tensor> leaves = new ArrayList<>();
    network.namedParameters().values().forEach(p -> leaves.add(p.tensor()));
    Tensor packed = network.run(x, IntTensor.of(LENGTHS.clone())).output();
    List<Tensor> together = Gradients.of(packed.mul(weights).sum(), leaves);

    Tensor alone = Tensor.scalar(0);
    for (int n = 0; n < LENGTHS.length; n++) {
      Tensor one = x.slice(0, n, n + 1).slice(1, 0, LENGTHS[n]);
      Tensor ofOne = weights.slice(0, n, n + 1).slice(1, 0, LENGTHS[n]);
      alone = alone.add(network.forward(one).mul(ofOne).sum());
    }
    List<Tensor> apart = Gradients.of(alone, leaves);
    for (int i = 0; i < leaves.size(); i++) {
      double[] expected = PlainLayers.doubles(apart.get(i).toArray());
      assertClose("gradient " + i, together.get(i).toArray(), expected);
    }
  }

  @Test
  void dropoutStandsBetweenTheLayersAndNowhereElse() {
    Recurrent.Sizes both = new Recurrent.Sizes(IN, HIDDEN, 2, false, 0.5, false);
    for (Recurrent network : List.of(new LSTM(both), new GRU(both), new RNN(both))) {
      network.initialize(SEED).bind(new StepContext(SEED));
      Recurrent first = layer(network, 0, IN);
      Recurrent second = layer(network, 1, HIDDEN);
      Module dropout = new Dropout(0.5).bind(new StepContext(SEED));
      Tensor x = sequences();
      Tensor between = dropout.forward(first.forward(x));
      assertThat(between.eq(0).sum().item()).isBetween(15f, 45f); // of 60
      assertThat(network.forward(x).toArray())
          .as(network.toSpec().type())
          .containsExactly(second.forward(between).toArray());
      network.eval();
      assertThat(network.forward(x).toArray())
          .containsExactly(second.forward(first.forward(x)).toArray());
    }
  }

  /** One layer of a network, by itself. */
  private static Recurrent layer(Recurrent network, int number, int in) {
    Recurrent.Sizes sizes = Recurrent.Sizes.of(in, HIDDEN);
    Recurrent one =
        network instanceof LSTM
            ? new LSTM(sizes)
            : network instanceof GRU ? new GRU(sizes) : new RNN(sizes);
    Map<String, Tensor> own = new LinkedHashMap<>();
    network
        .stateDict()
        .forEach(
            (name, tensor) -> {
              if (name.endsWith("_l" + number)) {
                own.put(name.replace("_l" + number, "_l0"), tensor);
              }
            });
    one.loadStateDict(own);
    return one;
  }
}
