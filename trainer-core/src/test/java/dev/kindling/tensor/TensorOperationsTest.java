package dev.kindling.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.kindling.kernel.Philox;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Values of what moves, picks, ranks and reduces elements. */
class TensorOperationsTest {
  private static Tensor range(int... sizes) {
    return Tensor.arange(Shape.of(sizes).elements()).reshape(sizes);
  }

  @Test
  void creation() {
    assertThat(Tensor.arange(1, 2, 0.25).toArray()).containsExactly(1, 1.25f, 1.5f, 1.75f);
    assertThat(Tensor.linspace(0, 1, 5).toArray()).containsExactly(0, 0.25f, 0.5f, 0.75f, 1);
    assertThat(Tensor.linspace(3, 4, 1).toArray()).containsExactly(3);
    assertThat(Tensor.eye(2).toArray()).containsExactly(1, 0, 0, 1);
  }

  @Test
  void randomElementsComeFromTheSeedAndHaveTheMomentsOfTheirDistribution() {
    Tensor uniform = Tensor.rand(new Philox(5, 0, 0), 100, 100);
    assertThat(uniform.toArray()).isEqualTo(Tensor.rand(new Philox(5, 0, 0), 10000).toArray());
    assertThat(uniform.min().item()).isBetween(0f, 0.01f);
    assertThat(uniform.max().item()).isBetween(0.99f, 0.9999999f);
    Tensor normal = Tensor.randn(new Philox(6, 0, 0), 10000);
    assertThat(normal.mean().item()).isCloseTo(0, within(0.05f));
    assertThat(normal.std(0).item()).isCloseTo(1, within(0.05f));
  }

  @Test
  void nestedArraysInAndOut() {
    float[][] rows = {{1, 2, 3}, {4, 5, 6}};
    Tensor x = Tensor.ofNested(rows);
    assertThat(x.shape()).isEqualTo(Shape.of(2, 3));
    assertThat((float[][]) x.toNested()).isDeepEqualTo(rows);
    assertThat((float[][]) x.t().toNested()).isDeepEqualTo(new float[][] {{1, 4}, {2, 5}, {3, 6}});
    assertThat(Tensor.ofNested(new double[] {0.5, 1}).toArray()).containsExactly(0.5f, 1);
    assertThat(Tensor.scalar(2).toNested()).isEqualTo(2f);
    assertThatThrownBy(() -> Tensor.ofNested(new float[][] {{1, 2}, {3}}))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("1 elements, the first has 2");
  }

  @Test
  void namesOfPyTorch() {
    Tensor x = range(2, 3);
    assertThat(x.view(3, -1).shape()).isEqualTo(Shape.of(3, 2));
    assertThat(x.view(6).storage()).isSameAs(x.storage());
    assertThatThrownBy(() -> x.t().view(6))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("view: [3,2] has strides [1, 3]")
        .hasMessageContaining("use reshape");
    assertThat(Tensor.cat(List.of(x, x), 1).shape()).isEqualTo(Shape.of(2, 6));
    assertThat(x.var(1).toArray()).isEqualTo(x.variance(1).toArray());
  }

  @Test
  void viewsMoveDimensions() {
    Tensor x = range(2, 3, 4);
    Tensor y = x.permute(2, 0, 1);
    assertThat(y.shape()).isEqualTo(Shape.of(4, 2, 3));
    assertThat(y.storage()).isSameAs(x.storage());
    for (int i = 0; i < 24; i++) {
      assertThat(y.select(0, i % 4).select(0, i / 12).select(0, i / 4 % 3).item()).isEqualTo(i);
    }
    assertThat(x.t().unsqueeze(1).squeeze(1).toArray()).isEqualTo(x.t().toArray());
    assertThat(x.unsqueeze(-1).shape()).isEqualTo(Shape.of(2, 3, 4, 1));
    assertThat(range(2, 2).flip(1).toArray()).containsExactly(1, 0, 3, 2);
    assertThat(range(2, 2).flip(0).flip(0, 1).toArray()).containsExactly(1, 0, 3, 2);
  }

  @Test
  void viewsRefuseWhatDoesNotFit() {
    assertThatThrownBy(() -> range(2, 3).squeeze(1)).hasMessageContaining("has size 3");
    assertThatThrownBy(() -> range(2, 3).unsqueeze(4)).hasMessageContaining("use -3 to 2");
    assertThatThrownBy(() -> range(2, 3).permute(0, 0)).hasMessageContaining("named once");
  }

  @Test
  void joinsAndCutsApart() {
    Tensor a = range(2, 2);
    Tensor b = range(2, 3).add(10);
    Tensor both = Tensor.concat(List.of(a, b), 1);
    assertThat(both.toArray()).containsExactly(0, 1, 10, 11, 12, 2, 3, 13, 14, 15);
    assertThat(both.split(new int[] {2, 3}, -1).get(1).toArray()).isEqualTo(b.toArray());
    assertThat(both.split(2, 1).stream().map(part -> part.size(1))).containsExactly(2, 2, 1);
    assertThat(Tensor.stack(List.of(a, a.t()), -1).toArray())
        .containsExactly(0, 0, 1, 2, 2, 1, 3, 3);
    assertThatThrownBy(() -> Tensor.concat(List.of(a, range(3, 3)), 1))
        .hasMessageContaining("concat: [2,2] and [3,3] along dimension 1");
  }

  /** As PyTorch reads {@code x.var()}: no dimension named means all. */
  @Test
  void withoutDimensionsEverythingIsReduced() {
    Tensor x = Tensor.of(new float[] {3, 1, 4, 1, 5, 9}, 2, 3);
    double mean = 23 / 6.0;
    double squares = 133 - 23 * mean;
    assertThat(x.variance().shape()).isEqualTo(Shape.of());
    assertThat((double) x.variance().item()).isCloseTo(squares / 5, within(1e-6));
    assertThat(x.var().item()).isEqualTo(x.variance().item());
    assertThat((double) x.std().item()).isCloseTo(Math.sqrt(squares / 5), within(1e-6));
    assertThat((double) x.varianceKeepDim(0).item()).isCloseTo(squares / 6, within(1e-6));
    assertThat(x.sumKeepDim().item()).isEqualTo(23);
    assertThat(x.meanKeepDim().item()).isEqualTo(x.mean().item());
    assertThat(x.maxKeepDim().item()).isEqualTo(9);
    assertThat(x.normKeepDim().item()).isEqualTo(x.norm().item());
    assertThat(List.of(x.varianceKeepDim(0), x.sumKeepDim(), x.meanKeepDim()))
        .allMatch(kept -> kept.shape().equals(Shape.of(1, 1)));
    assertThat(List.of(x.maxKeepDim(), x.normKeepDim()))
        .allMatch(kept -> kept.shape().equals(Shape.of(1, 1)));
    assertThat(x.argmax()).isEqualTo(new IntTensor(Shape.of(), new int[] {5}));
    assertThat(x.argmin()).isEqualTo(new IntTensor(Shape.of(), new int[] {1}));
    assertThat(x.t().argmax().get(0)).isEqualTo(5);
    assertThat(x.t().argmin().get(0)).isEqualTo(1);
    assertThat(Tensor.scalar(2).argmax().get(0)).isZero();
    assertThatThrownBy(() -> Tensor.zeros(2, 0).argmax())
        .hasMessageContaining("argmax, argmin: dimension 0 of [0] has no elements");
    assertThat(Tensor.scalar(2).var().item()).isNaN(); // of one element, as in PyTorch
  }

  @Test
  void squeezeWithoutDimensionsDropsAllOfSizeOne() {
    Tensor x = range(1, 3, 1, 2, 1);
    assertThat(x.squeeze().shape()).isEqualTo(Shape.of(3, 2));
    assertThat(x.transpose(1, 3).squeeze().toArray()).containsExactly(0, 2, 4, 1, 3, 5);
    assertThat(range(1, 1).squeeze().shape()).isEqualTo(Shape.of());
    assertThat(x.squeeze().squeeze().shape()).isEqualTo(Shape.of(3, 2));
  }

  @Test
  void paddingStandsAround() {
    assertThat(range(1, 2).add(1).pad(new int[] {1, 0, 0, 1}, 7).toArray())
        .containsExactly(7, 1, 2, 7, 7, 7);
    assertThatThrownBy(() -> range(2).pad(new int[] {1}, 0)).hasMessageContaining("pad: [2]");
  }

  @Test
  void elementsByIndex() {
    Tensor x = range(2, 3);
    assertThat(x.indexSelect(1, IntTensor.of(2, 0, 2, 1)).toArray())
        .containsExactly(2, 0, 2, 1, 5, 3, 5, 4);
    assertThat(x.indexSelect(0, IntTensor.of(1)).toArray()).containsExactly(3, 4, 5);
    IntTensor index = new IntTensor(Shape.of(2, 2), new int[] {1, 1, 2, 0});
    assertThat(x.gather(1, index).toArray()).containsExactly(1, 1, 5, 3);
    assertThat(x.gather(0, new IntTensor(Shape.of(1, 3), new int[] {1, 0, 1})).toArray())
        .containsExactly(3, 1, 5);
    assertThat(Tensor.ones(2, 3).scatterAdd(1, index, range(2, 2)).toArray())
        .containsExactly(1, 2, 1, 4, 1, 3);
    assertThatThrownBy(() -> x.indexSelect(1, IntTensor.of(3)))
        .hasMessageContaining("index 3 is outside [0, 3)");
    assertThatThrownBy(() -> x.gather(1, IntTensor.of(0))).hasMessageContaining("gather: [2,3]");
  }

  @Test
  void largestAndSmallest() {
    Tensor x = Tensor.of(new float[] {3, 1, 2, 2, 5, 5}, 2, 3);
    assertThat(x.max(1).toArray()).containsExactly(3, 5);
    assertThat(x.max(0).toArray()).containsExactly(3, 5, 5);
    assertThat(x.max().item()).isEqualTo(5);
    assertThat(x.min(0, 1).item()).isEqualTo(1);
    assertThat(x.maxKeepDim(1).shape()).isEqualTo(Shape.of(2, 1));
    assertThat(x.argmax(1)).isEqualTo(IntTensor.of(0, 1));
    assertThat(x.argmax(0)).isEqualTo(IntTensor.of(0, 1, 1));
    assertThat(x.argmin(0)).isEqualTo(IntTensor.of(1, 0, 0));
    assertThat(x.topk(2, 1).values().toArray()).containsExactly(3, 2, 5, 5);
    assertThat(x.topk(2, 1).indices().array()).containsExactly(0, 2, 1, 2);
    assertThat(Tensor.of(1, Float.NaN, 2).max().item()).isNaN();
    assertThat(Tensor.of(1, Float.NaN, 2).min().item()).isNaN();
    assertThatThrownBy(() -> x.topk(4, 1)).hasMessageContaining("k is 4");
  }

  @Test
  void topkSortsLikeJava() {
    Tensor x = Tensor.randn(new Philox(9, 0, 0), 257);
    float[] sorted = x.toArray();
    Arrays.sort(sorted);
    float[] largestFirst = new float[257];
    IntStream.range(0, 257).forEach(i -> largestFirst[i] = sorted[256 - i]);
    assertThat(x.topk(257, 0).values().toArray()).isEqualTo(largestFirst);
    assertThat(x.gather(0, x.topk(5, 0).indices()).toArray())
        .isEqualTo(Arrays.copyOf(largestFirst, 5));
  }

  @Test
  void statisticsAsInDouble() {
    Tensor x = Tensor.randn(new Philox(4, 0, 0), 3, 7, 5).add(2);
    float[] elements = x.toArray();
    float[] mean = x.mean(0, 2).toArray();
    float[] variance = x.variance(0, 2).toArray();
    float[] biased = x.varianceKeepDim(0, 0, 2).toArray();
    float[] norm = x.norm(0, 2).toArray();
    float[] norm1 = x.norm1(0, 2).toArray();
    for (int j = 0; j < 7; j++) {
      int column = j;
      double[] own =
          IntStream.range(0, 105)
              .filter(i -> i / 5 % 7 == column)
              .mapToDouble(i -> elements[i])
              .toArray();
      double average = Arrays.stream(own).average().orElseThrow();
      double squares = Arrays.stream(own).map(v -> (v - average) * (v - average)).sum();
      assertThat(mean[j]).isCloseTo((float) average, within(1e-5f));
      assertThat(variance[j]).isCloseTo((float) (squares / 14), within(1e-5f));
      assertThat(biased[j]).isCloseTo((float) (squares / 15), within(1e-5f));
      double length = Math.sqrt(Arrays.stream(own).map(v -> v * v).sum());
      assertThat(norm[j]).isCloseTo((float) length, within(1e-5f));
      assertThat((double) norm1[j])
          .isCloseTo(Arrays.stream(own).map(Math::abs).sum(), within(1e-5));
    }
  }

  @Test
  void cumulativeSums() {
    assertThat(range(2, 3).cumsum(1).toArray()).containsExactly(0, 1, 3, 3, 7, 12);
    assertThat(range(2, 3).cumsum(0).toArray()).containsExactly(0, 1, 2, 3, 5, 7);
  }

  @Test
  void textIsPyTorchs() {
    assertThat(range(2, 3)).hasToString("tensor([[0., 1., 2.],\n        [3., 4., 5.]])");
    assertThat(Tensor.of(0.5f, -1.25f)).hasToString("tensor([ 0.5000, -1.2500])");
    assertThat(Tensor.scalar(3)).hasToString("tensor(3.)");
    assertThat(Tensor.of(1e-6f, 1f)).hasToString("tensor([1.0000e-06, 1.0000e+00])");
    assertThat(Tensor.of(Float.NaN, 1.5f)).hasToString("tensor([   nan, 1.5000])");
    assertThat(range(2, 1, 2)).hasToString("tensor([[[0., 1.]],\n\n        [[2., 3.]]])");
    assertThat(range(1001)).hasToString("tensor([   0.,    1.,    2., ...,  998.,  999., 1000.])");
    assertThat(Tensor.zeros(0)).hasToString("tensor([])");
  }
}
