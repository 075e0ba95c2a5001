package dev.kindling.autograd;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.kindling.nn.BatchNorm1d;
import dev.kindling.nn.BatchNorm2d;
import dev.kindling.nn.GRU;
import dev.kindling.nn.GroupNorm;
import dev.kindling.nn.LSTM;
import dev.kindling.nn.LayerNorm;
import dev.kindling.nn.Module;
import dev.kindling.nn.MultiHeadAttention;
import dev.kindling.nn.Parameter;
import dev.kindling.nn.RNN;
import dev.kindling.nn.Recurrent.Sizes;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Derivatives of layers that compute theirs in one pass, by their input and all parameters: the
 * second ones go through what each layer says that it is made of.
 */
class LayerGradientTest {
  private static final long SEED = 20260102;

  private record Case(String name, Module layer, Shape input) {}

  private static Stream<Case> cases() {
    return Stream.of(
        new Case("LayerNorm", new LayerNorm(5), Shape.of(2, 5)),
        new Case("GroupNorm", new GroupNorm(2, 4), Shape.of(2, 4, 3)),
        new Case("BatchNorm1d", new BatchNorm1d(3), Shape.of(5, 3)),
        new Case("BatchNorm2d", new BatchNorm2d(2), Shape.of(2, 2, 2, 2)),
        new Case("RNN", new RNN(2, 2), Shape.of(2, 3, 2)),
        new Case("LSTM", new LSTM(2, 2), Shape.of(2, 3, 2)),
        new Case("LSTM, both ways", new LSTM(Sizes.of(2, 1).bidirectional()), Shape.of(1, 3, 2)),
        new Case(
            "LSTM, last of two layers, both ways",
            new LSTM(Sizes.of(1, 1).layers(2).bidirectional().lastOnly()),
            Shape.of(2, 3, 1)),
        new Case("GRU", new GRU(2, 2), Shape.of(2, 3, 2)),
        new Case(
            "GRU, last, both ways",
            new GRU(Sizes.of(2, 2).bidirectional().lastOnly()),
            Shape.of(1, 3, 2)),
        new Case("MultiHeadAttention", new MultiHeadAttention(4, 2), Shape.of(1, 3, 4)));
  }

  private static GradientCheck check(Case c) {
    SplittableRandom random = new SplittableRandom(SEED);
    List<Tensor> inputs = new ArrayList<>();
    inputs.add(GradientCheck.uniform(random, c.input, -1, 1).requiresGrad());
    c.layer.initialize(SEED);
    for (Parameter parameter : c.layer.namedParameters().values()) {
      inputs.add(parameter.tensor());
    }
    return new GradientCheck(x -> c.layer.forward(x.get(0)), inputs, random);
  }

  @TestFactory
  Stream<DynamicTest> firstDerivative() {
    System.out.println("seed " + SEED);
    return cases().map(c -> dynamicTest(c.name, () -> check(c).firstOrder()));
  }

  @TestFactory
  Stream<DynamicTest> secondDerivative() {
    return cases().map(c -> dynamicTest(c.name, () -> check(c).secondOrder(false)));
  }

  @TestFactory
  Stream<DynamicTest> penaltyOnTheGradientIsMovedByASecondBackward() {
    return cases().map(c -> dynamicTest(c.name, () -> check(c).gradientPenalty()));
  }
}
