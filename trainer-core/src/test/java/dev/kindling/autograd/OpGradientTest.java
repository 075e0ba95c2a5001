package dev.kindling.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.kindling.autograd.ops.Activation;
import dev.kindling.autograd.ops.Attention;
import dev.kindling.autograd.ops.AveragePool;
import dev.kindling.autograd.ops.Axis;
import dev.kindling.autograd.ops.Convolution;
import dev.kindling.autograd.ops.CrossEntropy;
import dev.kindling.autograd.ops.Gru;
import dev.kindling.autograd.ops.LayerNormalization;
import dev.kindling.autograd.ops.Linear;
import dev.kindling.autograd.ops.LogSoftmax;
import dev.kindling.autograd.ops.Lookup;
import dev.kindling.autograd.ops.Lstm;
import dev.kindling.autograd.ops.MaxPool;
import dev.kindling.autograd.ops.Softmax;
import dev.kindling.autograd.ops.Standardize;
import dev.kindling.tensor.IntTensor;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.Tensor;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every operation's first and second derivative against central differences, in one table. */
class OpGradientTest {
  private static final long SEED = 20260101;

  private record Case(
      String name,
      Function<List<Tensor>, Tensor> function,
      boolean isLinear,
      double low,
      double high,
      Shape... shapes) {}

  private static Case of(String name, Function<List<Tensor>, Tensor> f, Shape... shapes) {
    return new Case(name, f, false, 0.4, 1.4, shapes);
  }

  private static Case negative(String name, Function<List<Tensor>, Tensor> f, Shape... shapes) {
    return new Case(name, f, false, -1.4, -0.4, shapes);
  }

  /** Whose gradient is the same everywhere, and has no graph. */
  private static Case linear(String name, Function<List<Tensor>, Tensor> f, Shape... shapes) {
    return new Case(name, f, true, 0.4, 1.4, shapes);
  }

  private static Shape s(int... sizes) {
    return Shape.of(sizes);
  }

  private static Tensor a(List<Tensor> x) {
    return x.get(0);
  }

  private static Tensor b(List<Tensor> x) {
    return x.get(1);
  }

  private static Stream<Case> cases() {
    return Stream.of(
        linear("add", x -> a(x).add(b(x)), s(2, 3), s(2, 3)),
        linear("add a row", x -> a(x).add(b(x)), s(2, 3), s(3)),
        linear("add a column", x -> a(x).add(b(x)), s(2, 3), s(2, 1)),
        linear("add a scalar", x -> a(x).add(b(x)), s(2, 3), s()),
        linear("add outer", x -> a(x).add(b(x)), s(3, 1), s(1, 4)),
        linear("sub", x -> a(x).sub(b(x)), s(2, 3), s(3)),
        of("mul", x -> a(x).mul(b(x)), s(2, 3), s(2, 3)),
        of("mul broadcast", x -> a(x).mul(b(x)), s(2, 1, 3), s(4, 1)),
        of("div", x -> a(x).div(b(x)), s(2, 3), s(2, 3)),
        of("div broadcast", x -> a(x).div(b(x)), s(3), s(2, 3)),
        linear("neg", x -> a(x).neg(), s(4)),
        of("square", x -> a(x).square(), s(4)),
        of("pow 3", x -> a(x).pow(3), s(4)),
        of("pow -1", x -> a(x).pow(-1), s(2, 2)),
        of("pow 2.5", x -> a(x).pow(2.5), s(2, 2)),
        of("pow of tensors", x -> a(x).pow(b(x)), s(2, 3), s(3)),
        linear("abs", x -> a(x).abs(), s(2, 3)),
        new Case("abs, negative", x -> a(x).abs(), true, -1.4, -0.4, s(2, 3)),
        linear("sign", x -> a(x).mul(a(x).sub(0.9).sign()), s(1)),
        of("sin", x -> a(x).sin(), s(2, 3)),
        of("cos", x -> a(x).cos(), s(2, 3)),
        of("clamp, inside", x -> a(x).square().clamp(0, 4), s(2, 3)),
        of("clamp, outside", x -> a(x).square().clamp(3, 4), s(2, 3)),
        of("maximum", x -> a(x).square().maximum(b(x).sub(2)), s(2, 3), s(3)),
        of("minimum", x -> a(x).square().minimum(b(x).sub(2)), s(2, 3), s(3)),
        of(
            "where",
            x -> Tensor.where(Tensor.of(1, 0, 1), a(x).square(), b(x).square()),
            s(2, 3),
            s(3)),
        of("masked fill", x -> a(x).square().maskedFill(Tensor.of(1, 0, 1), -1), s(2, 3)),
        of("relu, positive", x -> a(x).relu(), s(2, 3)),
        negative("relu, negative", x -> a(x).relu(), s(2, 3)),
        of("exp", x -> a(x).exp(), s(2, 3)),
        of("log", x -> a(x).log(), s(2, 3)),
        of("sqrt", x -> a(x).sqrt(), s(2, 3)),
        of("tanh", x -> a(x).tanh(), s(2, 3)),
        of("sigmoid", x -> a(x).sigmoid(), s(2, 3)),
        of("sum", x -> a(x).square().sum(), s(2, 3)),
        of("sum rows", x -> a(x).square().sum(1), s(2, 3)),
        of("sum columns", x -> a(x).square().sum(0), s(2, 3)),
        of("sum middle", x -> a(x).square().sum(1), s(2, 3, 4)),
        of("sum two", x -> a(x).square().sum(0, 2), s(2, 3, 4)),
        of("mean", x -> a(x).square().mean(), s(2, 3)),
        of("sum, kept", x -> a(x).div(a(x).sumKeepDim(-1)), s(2, 3)),
        of("mean, kept", x -> a(x).mul(a(x).meanKeepDim(0, 2)), s(2, 3, 2)),
        of("mean over two", x -> a(x).square().mean(0, 2), s(2, 3, 2)),
        of("variance", x -> a(x).variance(1), s(2, 4)),
        of("variance, kept", x -> a(x).varianceKeepDim(0, 0, 1), s(2, 3, 2)),
        of("variance of all", x -> a(x).var(), s(2, 3)),
        of("std of all", x -> a(x).std(), s(2, 3)),
        of("squeeze all", x -> a(x).square().squeeze(), s(1, 2, 1, 3)),
        of("std", x -> a(x).std(-1), s(2, 4)),
        of("max over columns", x -> spread(a(x)).square().max(0), s(3, 2)),
        of("max over two", x -> spread(a(x)).square().max(0, 2), s(2, 2, 3)),
        of("max of all", x -> spread(a(x)).square().max(), s(2, 3)),
        of("max, kept", x -> spread(a(x)).mul(spread(a(x)).maxKeepDim(1)), s(2, 3)),
        of("min over rows", x -> spread(a(x)).square().min(1), s(2, 3)),
        of("topk", x -> spread(a(x)).square().topk(2, 1).values(), s(2, 4)),
        of("cumulative sum", x -> a(x).square().cumsum(1), s(2, 3, 2)),
        linear("L1 norm", x -> a(x).sub(2).norm1(0), s(2, 3)),
        of("L2 norm", x -> a(x).norm(1), s(2, 3)),
        of("Frobenius norm", x -> a(x).norm(), s(2, 3)),
        of("reshape", x -> a(x).square().reshape(3, -1), s(2, 3)),
        of("transpose", x -> a(x).square().t(), s(2, 3)),
        of("transpose then reshape", x -> a(x).square().transpose(0, 2).reshape(-1), s(2, 3, 2)),
        of("slice", x -> a(x).square().slice(1, 1, 3), s(2, 4)),
        of("permute", x -> a(x).square().permute(2, 0, 1), s(2, 3, 4)),
        of("permute then multiply", x -> a(x).permute(2, 0, 1).mul(b(x)), s(2, 3, 4), s(2, 1)),
        of("unsqueeze", x -> a(x).square().unsqueeze(-1).mul(b(x)), s(2, 3), s(4)),
        of("squeeze", x -> a(x).square().squeeze(1, 3), s(2, 1, 3, 1)),
        of("select", x -> a(x).square().select(1, 2), s(2, 4)),
        of("flip", x -> a(x).square().flip(0, 2).mul(b(x)), s(2, 3, 2), s(2, 3, 2)),
        of("pad", x -> a(x).square().pad(new int[] {1, 2, 0, 1}, 3), s(2, 2, 3)),
        of("concat", x -> Tensor.concat(List.of(a(x).square(), b(x)), 1), s(2, 3), s(2, 2)),
        of("concat with itself", x -> Tensor.concat(List.of(a(x), a(x).square()), 0), s(3, 2)),
        of("stack", x -> Tensor.stack(List.of(a(x).square(), b(x)), 1), s(2, 3), s(2, 3)),
        of("split", x -> product(a(x).split(2, 1)), s(2, 6)),
        of("split by sizes", x -> a(x).square().split(new int[] {1, 3}, 0).get(1), s(4, 2)),
        of("index select", x -> a(x).square().indexSelect(1, IntTensor.of(2, 0, 2)), s(2, 3, 2)),
        of("gather", x -> a(x).square().gather(1, INDEX), s(2, 4, 2)),
        of("scatter-add", x -> a(x).scatterAdd(1, INDEX, b(x).square()), s(2, 4, 2), s(2, 3, 2)),
        of("outer", x -> a(x).outer(b(x)), s(3), s(2)),
        of("expand", x -> a(x).square().expand(s(3, 2, 4)), s(2, 1)),
        of("matmul", x -> a(x).matmul(b(x)), s(2, 3), s(3, 4)),
        of("matmul transposed first", x -> a(x).t().matmul(b(x)), s(3, 2), s(3, 4)),
        of("matmul transposed second", x -> a(x).matmul(b(x).t()), s(2, 3), s(4, 3)),
        of("matmul of slices", x -> a(x).slice(1, 1, 4).matmul(b(x)), s(2, 5), s(3, 2)),
        of("matmul, vector first", x -> a(x).matmul(b(x)), s(3), s(3, 4)),
        of("matmul, vector second", x -> a(x).matmul(b(x)), s(2, 3), s(3)),
        of("matmul, folded", x -> a(x).matmul(b(x)), s(2, 2, 3), s(3, 2)),
        of("matmul, batched", x -> a(x).matmul(b(x)), s(2, 2, 3), s(2, 3, 2)),
        of("matmul, batch broadcast", x -> a(x).matmul(b(x)), s(2, 1, 2, 3), s(2, 3, 2)),
        of("matmul, shared", x -> a(x).matmul(b(x)).tanh().matmul(b(x)), s(2, 3), s(3, 3)),
        of("matmul of itself", x -> a(x).matmul(a(x)), s(3, 3)),
        of(
            "linear, shared",
            x -> Linear.of(Linear.of(a(x), b(x), x.get(2)).tanh(), b(x), x.get(2)).mul(a(x)),
            s(2, 3),
            s(3, 3),
            s(3)),
        of("slices of one", x -> product(a(x).square().split(1, 1)), s(2, 3)),
        of("slice and whole", x -> a(x).slice(0, 1, 2).mul(a(x)), s(3, 2)),
        of("constants", x -> a(x).mul(2).add(1).div(3).square().sub(4), s(2, 3)),
        of("dot", x -> a(x).dot(b(x)), s(5), s(5)),
        of("linear", x -> Linear.of(a(x), b(x), x.get(2)), s(2, 3), s(4, 3), s(4)),
        of("linear of sequences", x -> Linear.of(a(x), b(x), x.get(2)), s(2, 2, 3), s(4, 3), s(4)),
        of(
            "linear, relu, linear",
            x -> Linear.of(Linear.of(a(x), b(x), x.get(2)).relu(), x.get(3), x.get(4)),
            s(2, 3),
            s(4, 3),
            s(4),
            s(2, 4),
            s(2)),
        of("softmax", x -> Softmax.of(a(x)), s(2, 4)),
        of(
            "convolution",
            x -> convolution(x, axis(3, 1, 0), 1),
            s(2, 2, 4, 4),
            s(3, 2, 3, 3),
            s(3)),
        of(
            "convolution, strided, padded, dilated, grouped",
            x -> convolution(x, new Axis(2, 2, 1, 2, 2), 2),
            s(2, 4, 3, 4),
            s(2, 2, 2, 2),
            s(2)),
        of(
            "convolution, 1x1",
            x -> convolution(x, axis(1, 1, 0), 1),
            s(1, 2, 2, 2),
            s(3, 2, 1, 1),
            s(3)),
        of(
            "convolution and relu",
            x -> convolution(x, axis(2, 1, 1), 1).relu(),
            s(1, 2, 2, 2),
            s(2, 2, 2, 2),
            s(2)),
        of(
            "convolution without bias",
            x -> Convolution.of(a(x), b(x), null, axis(2, 1, 1), axis(2, 1, 0), 1),
            s(1, 2, 3, 3),
            s(2, 2, 2, 2)),
        of(
            "transposed convolution in groups",
            x -> Convolution.transposed(a(x), b(x), axis(2, 2, 0), axis(2, 2, 0), 2, 4, 4),
            s(1, 2, 2, 2),
            s(2, 1, 2, 2)),
        of(
            "transposed convolution",
            x -> Convolution.transposed(a(x), b(x), axis(3, 2, 1), axis(3, 2, 1), 1, 4, 3),
            s(1, 2, 2, 2),
            s(2, 3, 3, 3)),
        of(
            "max pool",
            x -> MaxPool.of(spread(a(x)).square(), axis(2, 2, 0), axis(2, 2, 0)),
            s(1, 2, 3, 4)),
        linear(
            "max pool, padded",
            x -> MaxPool.of(spread(a(x)), axis(3, 2, 1), axis(3, 1, 1)),
            s(1, 1, 4, 4)),
        of(
            "relu and max pool",
            x ->
                MaxPool.of(
                    spread(a(x).mul(0.3)).sub(8).relu().square(), axis(2, 2, 0), axis(2, 2, 0)),
            s(1, 2, 4, 4)),
        of(
            "max pool of relu, of some elements alone",
            x -> MaxPool.of(spread(a(x).mul(0.3)).sub(8).relu(), axis(2, 2, 0), axis(2, 2, 0)),
            s(1, 2, 4, 4)),
        of(
            "average pool",
            x -> AveragePool.of(a(x).square(), axis(2, 1, 1), axis(3, 2, 1)),
            s(1, 2, 3, 4)),
        of("adaptive average pool", x -> AveragePool.adaptive(a(x).square(), 2, 3), s(1, 2, 3, 4)),
        of("standardize rows of squares", x -> Standardize.rows(a(x).square(), 5, 0.1), s(2, 5)),
        of("standardize rows", x -> Standardize.rows(a(x), 5, 0.1), s(2, 5)),
        of("gelu", x -> Activation.gelu(a(x)), s(2, 3)),
        negative("gelu, negative", x -> Activation.gelu(a(x)), s(2, 3)),
        of(
            "layer normalization",
            x -> LayerNormalization.of(a(x).square(), b(x), x.get(2), 0.1),
            s(2, 5),
            s(5),
            s(5)),
        of("self-attention", x -> attention(a(x), false, null), s(2, 3, 12)),
        of("causal self-attention", x -> attention(a(x).square(), true, null), s(2, 3, 12)),
        of(
            "causal self-attention, masked too",
            x -> attention(a(x), true, Tensor.of(1, 1, 0).reshape(1, 3)),
            s(2, 3, 12)),
        of(
            "masked attention to a memory",
            x -> Attention.of(a(x).mul(3), b(x), 2, new Attention.Mask(false, VISIBLE)),
            s(2, 2, 4),
            s(2, 3, 8)),
        of("LSTM", x -> lstm(x, false, false), s(2, 3, 2), s(8, 2), s(8, 2), s(8), s(8)),
        of(
            "LSTM, one bias twice",
            x -> lstm(List.of(a(x), b(x), x.get(2), x.get(3), x.get(3)), false, false),
            s(2, 2, 2),
            s(4, 2),
            s(4, 1),
            s(4)),
        of(
            "LSTM from the end, last state",
            x -> lstm(x, true, true),
            s(2, 2, 3),
            s(4, 3),
            s(4, 1),
            s(4),
            s(4)),
        of("GRU", x -> gru(x, false, false), s(2, 3, 2), s(6, 2), s(6, 2), s(6), s(6)),
        of(
            "GRU from the end, last state",
            x -> gru(x, true, true),
            s(2, 2, 3),
            s(3, 3),
            s(3, 1),
            s(3),
            s(3)),
        of("standardize channels", x -> Standardize.channels(a(x), 0.1).y(), s(3, 2, 2)),
        of("log softmax", x -> LogSoftmax.of(a(x)), s(2, 4)),
        of("leaky relu, positive", x -> Activation.leakyRelu(a(x).square(), 0.1f), s(2, 3)),
        negative("leaky relu, negative", x -> Activation.leakyRelu(a(x), 0.1f), s(2, 3)),
        of("softplus", x -> Activation.softplus(a(x)), s(2, 3)),
        negative("softplus, negative", x -> Activation.softplus(a(x)), s(2, 3)),
        of("erf", x -> Activation.erf(a(x)), s(2, 3)),
        negative("erf, negative", x -> Activation.erf(a(x)), s(2, 3)),
        of("lookup", x -> Lookup.of(a(x).square(), Tensor.of(2f, 0, 2, 1)), s(3, 2)),
        of("cross-entropy", x -> CrossEntropy.of(a(x), IntTensor.of(1, 0, 3)), s(3, 4)),
        of(
            "cross-entropy, ignored labels",
            x -> CrossEntropy.of(a(x), IntTensor.of(-100, 2, -100, -100, 0)),
            s(5, 4)));
  }

  private static Axis axis(int kernel, int stride, int padding) {
    return new Axis(kernel, stride, padding, padding, 1);
  }

  private static Tensor convolution(List<Tensor> x, Axis axis, int groups) {
    return Convolution.of(a(x), b(x), x.get(2), axis, axis, groups);
  }

  private static final Tensor VISIBLE = Tensor.of(1, 0, 1, 0, 1, 1).reshape(2, 3);

  private static Tensor attention(Tensor x, boolean isCausal, Tensor visible) {
    return Attention.self(x, 2, new Attention.Mask(isCausal, visible));
  }

  private static Tensor lstm(List<Tensor> x, boolean isReverse, boolean isLastOnly) {
    return Lstm.of(
            a(x),
            x.subList(1, 5),
            isReverse,
            isLastOnly,
            inputs -> stepByStep(inputs, isReverse, isLastOnly).joined())
        .joined();
  }

  private static Lstm.States stepByStep(List<Tensor> x, boolean isReverse, boolean isLastOnly) {
    int size = x.get(2).size(1);
    Tensor[] hidden = new Tensor[a(x).size(1)];
    Tensor h = Tensor.zeros(a(x).size(0), size);
    Tensor c = h;
    for (int s = 0; s < hidden.length; s++) {
      int t = isReverse ? hidden.length - 1 - s : s;
      Tensor of = Linear.of(a(x).select(1, t), b(x), x.get(3));
      List<Tensor> gates = of.add(Linear.of(h, x.get(2), x.get(4))).split(size, 1);
      Tensor added = gates.get(0).sigmoid().mul(gates.get(2).tanh());
      c = gates.get(1).sigmoid().mul(c).add(added);
      h = gates.get(3).sigmoid().mul(c.tanh());
      hidden[t] = h;
    }
    return new Lstm.States(isLastOnly ? h : Tensor.stack(List.of(hidden), 1), c);
  }

  private static Tensor gru(List<Tensor> x, boolean isReverse, boolean isLastOnly) {
    return Gru.of(
        a(x),
        x.subList(1, 5),
        isReverse,
        isLastOnly,
        inputs -> gruStepByStep(inputs, isReverse, isLastOnly));
  }

  private static Tensor gruStepByStep(List<Tensor> x, boolean isReverse, boolean isLastOnly) {
    int size = x.get(2).size(1);
    Tensor[] hidden = new Tensor[a(x).size(1)];
    Tensor h = Tensor.zeros(a(x).size(0), size);
    for (int s = 0; s < hidden.length; s++) {
      int t = isReverse ? hidden.length - 1 - s : s;
      List<Tensor> ofInput = Linear.of(a(x).select(1, t), b(x), x.get(3)).split(size, 1);
      List<Tensor> ofState = Linear.of(h, x.get(2), x.get(4)).split(size, 1);
      Tensor reset = ofInput.get(0).add(ofState.get(0)).sigmoid();
      Tensor update = ofInput.get(1).add(ofState.get(1)).sigmoid();
      Tensor candidate = ofInput.get(2).add(reset.mul(ofState.get(2))).tanh();
      h = candidate.add(update.mul(h.sub(candidate)));
      hidden[t] = h;
    }
    return (isLastOnly ? h : Tensor.stack(List.of(hidden), 1)).reshape(-1);
  }

  private static final IntTensor INDEX =
      new IntTensor(s(2, 3, 2), new int[] {0, 3, 0, 1, 2, 3, 1, 1, 3, 0, 0, 2});

  /** Elements so far apart, in an order of no dimension, that a small step changes no ranking. */
  private static Tensor spread(Tensor x) {
    int n = x.shape().elements();
    float[] apart = new float[n];
    for (int i = 0; i < n; i++) {
      apart[i] = 2 + (i * 5 % 7) + 7 * (i % 2);
    }
    return x.add(Tensor.of(apart, x.shape().toArray()));
  }

  private static Tensor product(List<Tensor> factors) {
    return factors.stream().reduce(Tensor::mul).orElseThrow();
  }

  @TestFactory
  Stream<DynamicTest> firstDerivativeIsThatOfCentralDifferences() {
    System.out.println("seed " + SEED);
    return cases().map(c -> dynamicTest(c.name, () -> check(c).firstOrder()));
  }

  @TestFactory
  Stream<DynamicTest> secondDerivativeIsThatOfCentralDifferences() {
    return cases().map(c -> dynamicTest(c.name, () -> check(c).secondOrder(c.isLinear)));
  }

  @TestFactory
  Stream<DynamicTest> secondDerivativeBehindACubeIsThatOfCentralDifferences() {
    return cases().map(c -> dynamicTest(c.name, () -> check(c).secondOrderBehindACube()));
  }

  @TestFactory
  Stream<DynamicTest> penaltyOnTheGradientIsMovedByASecondBackward() {
    return cases().map(c -> dynamicTest(c.name, () -> check(c).gradientPenalty()));
  }

  @TestFactory
  Stream<DynamicTest> forwardModeIsThatOfCentralDifferences() {
    return cases().map(c -> dynamicTest(c.name, () -> check(c).forwardMode()));
  }

  @TestFactory
  Stream<DynamicTest> viewsAreReadAsWhatTheyShow() {
    return cases().map(c -> dynamicTest(c.name, () -> check(c).views()));
  }

  @TestFactory
  Stream<DynamicTest> replayedPlanHasTheSameBits() {
    return cases().map(c -> dynamicTest(c.name, () -> check(c).replay()));
  }

  @TestFactory
  Stream<DynamicTest> replayedPlanAllocatesNothing() {
    return cases().map(c -> dynamicTest(c.name, () -> check(c).allocatesNothing()));
  }

  private static GradientCheck check(Case c) {
    return GradientCheck.of(c.function, List.of(c.shapes), c.low, c.high, SEED);
  }

  @Test
  void gradientOfTwiceTheSquaredLengthIsFourTimesTheVector() {
    Tensor x = Tensor.arange(4).requiresGrad();
    x.dot(x).mul(2).backward();
    assertThat(x.grad().toArray()).containsExactly(0, 4, 8, 12);
  }

  @Test
  void gradientsAddUpUntilTheyAreZeroed() {
    Tensor x = Tensor.of(3f).requiresGrad();
    x.square().sum().backward();
    x.square().sum().backward();
    assertThat(x.grad().toArray()).containsExactly(12);
    x.zeroGrad();
    assertThat(x.grad()).isNull();
  }
}
