package dev.kindling.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.kindling.autograd.ops.Axis;
import dev.kindling.spec.Spec;
import dev.kindling.tensor.HeapException;
import dev.kindling.tensor.IntTensor;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.ShapeException;
import dev.kindling.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What does not fit names the operation, both shapes and what to do. */
class ShapeErrorsTest {
  /** The message begins with the operation, has the shapes, and says what to do at its end. */
  private record Case(
      String name, ThrowingCallable call, String operation, String shapes, String mend) {}

  private static Case of(String operation, ThrowingCallable call, String shapes, String mend) {
    return new Case(operation + " " + shapes, call, operation, shapes, mend);
  }

  private static Tensor z(int... sizes) {
    return Tensor.zeros(sizes);
  }

  private static Module layer(String type, Object... namesAndValues) {
    return Modules.of(Spec.of(type, namesAndValues));
  }

  private static Case forward(
      String operation, Module layer, Tensor x, String shapes, String mend) {
    return new Case(layer.toSpec().toString(), () -> layer.forward(x), operation, shapes, mend);
  }

  private static Case forward(Module layer, Tensor x, String shapes, String mend) {
    return forward(layer.toSpec().type(), layer, x, shapes, mend);
  }

  private static Stream<Case> arithmetic() {
    String reshape = "reshape, slice or expand one of them";
    return Stream.of(
        of("add", () -> z(2, 3).add(z(4)), "[2,3] and [4]: sizes 3 and 4", reshape),
        of("add", () -> z(2, 3).add(z(2)), "[2,3] and [2]", "unsqueeze(-1) the second?"),
        of("sub", () -> z(2).sub(z(2, 3)), "[2] and [2,3]", "unsqueeze(-1) the first?"),
        of("mul", () -> z(2, 3).mul(z(3, 2)), "[2,3] and [3,2]", "transpose one of them?"),
        of("where", () -> Tensor.where(z(2), z(3), z(3)), "[2] and [3]", reshape),
        of("matmul", () -> z(2, 3).matmul(z(2, 3)), "[2,3] x [2,3]", "transpose the second?"),
        of("matmul", () -> z(2, 3).matmul(z(4, 5)), "[2,3] x [4,5]", "transpose or reshape one"),
        of("matmul", () -> z(2, 2, 3).matmul(z(3, 3, 2)), "[2,2,3] x [3,3,2]", reshape),
        of("matmul", () -> z(2, 3).matmul(z()), "[2,3] x []", "use mul"),
        of("dot", () -> z(2).dot(z(3)), "[2] . [3]", "or use matmul"),
        of("outer", () -> z(2, 2).outer(z(3)), "[2,2], [3]", "or use matmul"),
        of("item", () -> z(2, 3).item(), "[2,3] has 6 elements", "a sum, a mean or a slice"),
        of("item", () -> z(0, 3).item(), "[0,3] has 0 elements", "it is empty"),
        of("sum", () -> z(2, 3).sum(2), "dimension 2 of [2,3]", "use -2 to 1"),
        of("sum", () -> z(2, 3).mean(1, -1), "dimension 1 of [2,3]", "name it once"),
        of("topk", () -> z(2, 3).topk(1, 2), "dimension 2 of [2,3]", "use -2 to 1"),
        of("argmax", () -> z().argmax(0), "dimension 0 of []", "unsqueeze it before"),
        of("cumsum", () -> z(2, 3).cumsum(-3), "dimension -3 of [2,3]", "use -2 to 1"));
  }

  private static Stream<Case> views() {
    IntTensor two = IntTensor.of(0, 5);
    String dimensions = "there are 2; use -2 to 1";
    return Stream.of(
        of("reshape", () -> z(2, 3).reshape(4, -1), "[2,3] to [4,-1]", "must multiply to 6"),
        of("reshape", () -> z(2, 3).reshape(4), "[2,3] to [4]", "leave one size as -1"),
        of("reshape", () -> z(2, 3).reshape(-1, -1), "[2,3] to [-1,-1]", "name the others"),
        of("permute", () -> z(2, 3).permute(0, 0), "[2,3] by [0, 0]", "must be named once"),
        of("permute", () -> z(2, 3).permute(0, 2), "dimension 2 of [2,3]", dimensions),
        of("transpose", () -> z(2, 3).transpose(0, 2), "dimension 2 of [2,3]", dimensions),
        of("flip", () -> z(2, 3).flip(2), "dimension 2 of [2,3]", dimensions),
        of("flatten", () -> z(2, 3).flatten(2), "dimension 2 of [2,3]", dimensions),
        of("size", () -> z(2, 3).size(2), "dimension 2 of [2,3]", dimensions),
        of("slice", () -> z(2, 3).slice(2, 0, 1), "dimension 2 of [2,3]", dimensions),
        of("slice", () -> z(2, 3).slice(1, 2, 5), "2 to 5 of dimension 1 of [2,3]", "use 0 to 3"),
        of("squeeze", () -> z(2, 3).squeeze(0), "dimension 0 of [2,3]", "or reshape"),
        of("squeeze", () -> z(2, 3).squeeze(2), "dimension 2 of [2,3]", dimensions),
        of("unsqueeze", () -> z(2, 3).unsqueeze(3), "dimension 3 of [2,3]", "use -3 to 2"),
        of("expand", () -> z(2, 3).expand(Shape.of(4, 3)), "[2,3] and [4,3]", "expand one"),
        of("expand", () -> z(2, 3).expand(Shape.of(1, 3)), "[2,3] does not stretch", "reshape it"),
        of("concat", () -> Tensor.concat(List.of(z(2, 3), z(3, 2)), 1), "[2,3] and [3,2]", "pad,"),
        of("concat", () -> Tensor.concat(List.of(z(2, 3)), 2), "dimension 2 of [2,3]", dimensions),
        of("stack", () -> Tensor.stack(List.of(z(2, 3), z(3, 2)), 0), "[2,3] and [3,2]", "concat"),
        of("split", () -> z(2, 3).split(new int[] {1, 1}, 1), "1 of [2,3]", "add up to 3"),
        of("split", () -> z(2, 3).split(2, 2), "dimension 2 of [2,3]", dimensions),
        of("pad", () -> z(2, 3).pad(new int[] {1, 1, 1}, 0), "[2,3] by [1, 1, 1]", "two amounts"),
        of("gather", () -> z(2, 3).gather(1, two), "[2,3] by [2]", "expand the index"),
        of("gather", () -> z(2, 3).gather(2, two), "dimension 2 of [2,3]", dimensions),
        of("scatter_add", () -> z(2, 3).scatterAdd(1, two, z(2)), "[2,3] by [2]", "the index"),
        of("index_select", () -> z(2).indexSelect(1, two), "dimension 1 of [2]", "use -1 to 0"));
  }

  private static Stream<Case> layers() {
    List<Object> branches = List.of("ReLU", Map.of("Linear", Map.of("in", 3, "out", 4)));
    Module add = layer("Parallel", "join", "add", "branches", branches);
    Module concat = layer("Parallel", "dim", 0, "branches", branches);
    Module transformer = layer("TransformerEncoderLayer", "dim", 8, "heads", 2);
    String flatten = "flatten before?";
    String conv = "convolution";
    return Stream.of(
        forward("linear", new Linear(3, 4), z(2, 4), "[2,4] x weight [4,3]", flatten),
        forward("linear", new Linear(3, 4, false), z(2, 4), "[2,4] x weight [4,3]", flatten),
        forward("linear", new Perceptron(3, 1), z(2, 4), "[2,4] x weight [1,3]", flatten),
        forward(new Bilinear(2, 3, 4, true), z(2, 4), "input [2,4] must be [n,5]", "concat"),
        forward(conv, new Conv2d(3, 4, 3), z(2, 4, 8, 8), "[2,4,8,8] by [4,3,3,3]", "set in to 4"),
        forward(conv, new Conv2d(3, 4, 3), z(2, 8, 8, 3), "[2,8,8,3] by", "permute(0, 3, 1, 2)"),
        forward(conv, new Conv2d(3, 4, 3), z(3, 8, 8), "[3,8,8] by", "unsqueeze(0)"),
        forward(conv, new Conv2d(3, 4, 3), z(2, 3, 2, 2), "[2,3,2,2] by", "pad more"),
        forward(
            conv,
            new Conv2d(1, 1, Window.of(1).stride(1000).padding(30_000)),
            z(1, 1, 4, 4),
            "a padded image is [1,60004,60004]",
            "pad less"),
        forward(
            "shape",
            new ConvTranspose2d(1, 1, Window.of(1).stride(1 << 30)),
            z(1, 1, 4, 4),
            "[1,2147483647,2147483647,1]: more than 2^31 elements",
            "split it"),
        forward(new Conv1d(3, 4, 3), z(2, 3), "input [2,3] must be [n,3,t]", "unsqueeze"),
        forward(new Conv1d(3, 4, 3), z(2, 8, 3), "input [2,8,3]", "transpose(1, 2)"),
        forward(new ConvTranspose2d(3, 4, Window.of(3)), z(2, 4, 8, 8), "[2,4,8,8]", "set in to"),
        forward("max_pool", new MaxPool2d(3), z(2, 4, 2, 2), "[2,4,2,2]", "a smaller kernel"),
        forward("avg_pool", new AvgPool2d(3), z(2, 4), "[2,4]: [n,c,h,w]", "a smaller kernel"),
        forward(new BatchNorm1d(3), z(2, 4), "input [2,4]", "set features to 4"),
        forward(new BatchNorm1d(3), z(2, 3, 3, 3), "input [2,3,3,3]", "use BatchNorm2d"),
        forward(new BatchNorm2d(3), z(2, 4, 3, 3), "input [2,4,3,3]", "set features to 4"),
        forward(new BatchNorm2d(3), z(2, 3), "input [2,3]", "use BatchNorm1d"),
        forward(new LayerNorm(3), z(2, 4), "input [2,4] must be [3]", "change shape"),
        forward(new GroupNorm(2, 4), z(2, 3, 4), "input [2,3,4]", "change channels"),
        forward(new LSTM(3, 4), z(2, 5, 4), "input [2,5,4] must be [n,t,3]", "set in to"),
        forward(new GRU(3, 4), z(2, 3), "input [2,3] must be [n,t,3]", "unsqueeze"),
        of("LSTM", () -> new LSTM(3, 4).run(z(2, 5, 3), IntTensor.of(1)), "[1]", "must be [2]"),
        forward(new MultiHeadAttention(8, 2), z(5, 8), "input [5,8] must be [n,t,8]", "unsqueeze"),
        forward("MultiHeadAttention", transformer, z(2, 5, 7), "[2,5,7]", "set dim to"),
        forward(new PositionalEncoding(), z(5), "input [5] must be [n,t,dim]", "unsqueeze"),
        forward(new PositionalEmbedding(4, 8), z(2, 5, 8), "input [2,5,8]", "raise length"),
        forward(new PositionalEmbedding(4, 8), z(2, 4, 7), "input [2,4,7]", "set dim to"),
        forward(new Residual(new Linear(3, 4)), z(2, 3), "make [2,4] of [2,3]", "a shortcut that"),
        forward(new Residual(new Linear(3, 1)), z(2, 3), "make [2,1] of [2,3]", "a shortcut that"),
        forward(add, z(2, 3), "make [2,3] and [2,4]", "set join to concat"),
        forward("concat", concat, z(2, 3), "[2,3] and [2,4] along dimension 0", "pad, slice"));
  }

  private static Stream<Case> losses() {
    Targets values = new Targets.Values(z(2, 3));
    Targets labels = new Targets.Labels(IntTensor.of(1, 2));
    String mend = "change the last layer, or reshape";
    return Stream.of(
        of(
            "cross_entropy",
            () -> new CrossEntropyLoss().forward(z(3, 4), labels),
            "outputs [3,4] and labels [2]",
            "reshape one of them"),
        of(
            "MSELoss",
            () -> new MSELoss().forward(z(2, 4), values),
            "[2,4] and targets [2,3]",
            mend),
        of("L1Loss", () -> new L1Loss().forward(z(2, 1), values), "[2,1] and targets [2,3]", mend));
  }

  @TestFactory
  Stream<DynamicTest> theOperationTheShapesAndTheMendAreNamed() {
    return Stream.of(arithmetic(), views(), layers(), losses())
        .flatMap(cases -> cases)
        .map(c -> dynamicTest(c.name, () -> check(c)));
  }

  private static void check(Case c) {
    assertThatThrownBy(c.call)
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining(c.shapes)
        .extracting(Throwable::getMessage, InstanceOfAssertFactories.STRING)
        .startsWith(c.operation)
        .contains(c.mend);
  }

  @TestFactory
  Stream<DynamicTest> aLabelThatIsNoClassIsNamedWithItsRow() {
    Targets labels = new Targets.Labels(IntTensor.of(1, 2));
    return Stream.of("CrossEntropyLoss", "NLLLoss")
        .map(
            loss ->
                dynamicTest(
                    loss,
                    () ->
                        assertThatThrownBy(() -> Loss.of(Spec.of(loss)).forward(z(2, 2), labels))
                            .isInstanceOf(IndexOutOfBoundsException.class)
                            .hasMessageContaining(
                                "label 2 of row 1; outputs [2,2] have the classes 0 to 1")));
  }

  @Test
  void aWindowThatNoImageCanHoldIsRefused() {
    assertThatThrownBy(() -> new Axis(3, 1, 0, 0, 1 << 30))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("kernel 3 with dilation 1073741824 spans 2147483649");
    assertThatThrownBy(() -> new Axis(3, 1, 1 << 30, 1 << 30, 1))
        .hasMessageContaining("padding adds 2147483648");
    assertThat(new Axis(1, 1, 1 << 30, 0, 1).outputs(1 << 30)).isEqualTo(Integer.MAX_VALUE);
  }

  @Test
  void whatIsTooLargeIsRefusedBeforeMemoryIsTaken() {
    assertThatThrownBy(() -> z(70_000, 70_000))
        .isInstanceOf(ShapeException.class)
        .hasMessage(
            "shape [70000,70000]: more than 2^31 elements; split it along the first dimension");
    assertThatThrownBy(() -> new Linear(70_000, 70_000)).isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> z(46_000, 46_000)).isInstanceOf(HeapException.class);
  }
}
