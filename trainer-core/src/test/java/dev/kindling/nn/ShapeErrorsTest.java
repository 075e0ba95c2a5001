package dev.kindling.nn;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.kindling.spec.Spec;
import dev.kindling.tensor.HeapException;
import dev.kindling.tensor.IntTensor;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.ShapeException;
import dev.kindling.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What does not fit names the operation and both shapes. */
class ShapeErrorsTest {
  private record Case(String name, ThrowingCallable call, String... words) {}

  private static Case of(String name, ThrowingCallable call, String... words) {
    return new Case(name, call, words);
  }

  private static Tensor z(int... sizes) {
    return Tensor.zeros(sizes);
  }

  private static Module layer(String type, Object... namesAndValues) {
    return Modules.of(Spec.of(type, namesAndValues));
  }

  private static Case forward(Module layer, Tensor x, String... words) {
    return of(layer.toSpec().toString(), () -> layer.forward(x), words);
  }

  private static Stream<Case> operations() {
    IntTensor two = IntTensor.of(0, 5);
    return Stream.of(
        of("add", () -> z(2, 3).add(z(4)), "add: [2,3] and [4]", "3 and 4"),
        of("matmul", () -> z(2, 3).matmul(z(2, 3)), "[2,3] x [2,3]", "transpose the second?"),
        of("matmul, batched", () -> z(2, 2, 3).matmul(z(3, 3, 2)), "matmul: [2,2,3] x [3,3,2]"),
        of("dot", () -> z(2).dot(z(3)), "dot: [2] . [3]"),
        of("outer", () -> z(2, 2).outer(z(3)), "outer: [2,2], [3]"),
        of("reshape", () -> z(2, 3).reshape(4, -1), "reshape: [2,3] has 6 elements"),
        of("permute", () -> z(2, 3).permute(0, 0), "permute: [2,3] by [0, 0]"),
        of("slice", () -> z(2, 3).slice(1, 2, 5), "slice: elements 2 to 5 of dimension 1 of [2,3]"),
        of("squeeze", () -> z(2, 3).squeeze(0), "squeeze: dimension 0 of [2,3]"),
        of("concat", () -> Tensor.concat(List.of(z(2, 3), z(3, 2)), 1), "[2,3] and [3,2]"),
        of("split", () -> z(2, 3).split(new int[] {1, 1}, 1), "of [2,3]", "add up to 3"),
        of("pad", () -> z(2, 3).pad(new int[] {1, 1, 1}, 0), "pad: [2,3] by [1, 1, 1]"),
        of("gather", () -> z(2, 3).gather(1, two), "gather: [2,3] by [2]"),
        of("scatter", () -> z(2, 3).scatterAdd(1, two, z(2)), "scatter_add: [2,3] by [2]"),
        of("sum", () -> z(2, 3).sum(2), "dimension 2 of [2,3]"),
        of("mean", () -> z(2, 3).mean(1, -1), "dimension 1 of [2,3] is named twice"),
        of("expand", () -> z(2, 3).expand(Shape.of(4, 3)), "expand: [2,3] and [4,3]"),
        of("item", () -> z(2, 3).item(), "item: [2,3]"),
        of("where", () -> Tensor.where(z(2), z(3), z(3)), "where: [2] and [3]"));
  }

  private static Stream<Case> layers() {
    Module add =
        layer(
            "Parallel",
            "join",
            "add",
            "branches",
            List.of("ReLU", Map.of("Linear", Map.of("in", 3, "out", 4))));
    return Stream.of(
        forward(new Linear(3, 4), z(2, 4), "[2,4] x weight [4,3]", "flatten before?"),
        forward(new Linear(3, 4, false), z(2, 4), "[2,4] x [3,4]"),
        forward(new Bilinear(2, 3, 4, true), z(2, 4), "input [2,4] must be [n,5]"),
        forward(new Conv2d(3, 4, 3), z(2, 4, 8, 8), "[2,4,8,8] by [4,3,3,3]", "4 channels"),
        forward(new Conv2d(3, 4, 3), z(2, 3, 2, 2), "[2,3,2,2]", "spans [3,3]"),
        forward(new Conv1d(3, 4, 3), z(2, 3), "input [2,3] must be [n,c,t]"),
        forward(new ConvTranspose2d(3, 4, Window.of(3)), z(2, 4, 8, 8), "must be [n,3,h,w]"),
        forward(new MaxPool2d(3), z(2, 4, 2, 2), "max_pool: [2,4,2,2]", "window [3,3]"),
        forward(new AvgPool2d(3), z(2, 4), "avg_pool: [2,4]"),
        forward(new BatchNorm1d(3), z(2, 4), "input [2,4]", "3 channels"),
        forward(new BatchNorm2d(3), z(2, 4, 3, 3), "input [2,4,3,3]", "3 channels"),
        forward(new LayerNorm(3), z(2, 4), "input [2,4] must be [3]"),
        forward(new GroupNorm(2, 4), z(2, 3, 4), "input [2,3,4]", "4 channels"),
        forward(new LSTM(3, 4), z(2, 5, 4), "input [2,5,4] must be [n,t,3]"),
        of("lengths", () -> new LSTM(3, 4).run(z(2, 5, 3), IntTensor.of(1)), "lengths [1]", "[2]"),
        forward(new MultiHeadAttention(8, 2), z(5, 8), "input [5,8] must be [n,t,8]"),
        forward(layer("TransformerEncoderLayer", "dim", 8, "heads", 2), z(2, 5, 7), "[n,t,8]"),
        forward(new PositionalEncoding(), z(5), "input [5] must be [n,t,dim]"),
        forward(new PositionalEmbedding(4, 8), z(2, 5, 8), "input [2,5,8]", "at most 4"),
        forward(new Residual(new Linear(3, 4)), z(2, 3), "add: [2,3] and [2,4]"),
        forward(add, z(2, 3), "add: [2,3] and [2,4]"),
        forward(new Perceptron(3, 1), z(2, 4), "[2,4] x weight [1,3]"));
  }

  private static Stream<Case> losses() {
    Targets values = new Targets.Values(z(2, 3));
    Targets labels = new Targets.Labels(IntTensor.of(1, 2));
    return Stream.of(
        of("labels", () -> new CrossEntropyLoss().forward(z(3, 4), labels), "[3,4]", "labels [2]"),
        of("values", () -> new MSELoss().forward(z(2, 4), values), "[2,4] and targets [2,3]"),
        of("L1", () -> new L1Loss().forward(z(2, 1), values), "[2,1] and targets [2,3]"));
  }

  @TestFactory
  Stream<DynamicTest> theOperationAndBothShapesAreNamed() {
    return Stream.of(operations(), layers(), losses())
        .flatMap(cases -> cases)
        .map(
            c ->
                dynamicTest(
                    c.name,
                    () ->
                        assertThatThrownBy(c.call)
                            .isInstanceOf(ShapeException.class)
                            .hasMessageContainingAll(c.words)));
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
  void whatIsTooLargeIsRefusedBeforeMemoryIsTaken() {
    assertThatThrownBy(() -> z(70_000, 70_000))
        .isInstanceOf(ShapeException.class)
        .hasMessage(
            "shape [70000,70000]: more than 2^31 elements; split it along the first dimension");
    assertThatThrownBy(() -> new Linear(70_000, 70_000)).isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> z(46_000, 46_000)).isInstanceOf(HeapException.class);
  }
}
