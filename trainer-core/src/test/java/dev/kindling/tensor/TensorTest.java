package dev.kindling.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TensorTest {
  @Test
  void viewsShareElementsWithTheirSource() {
    Tensor x = Tensor.arange(6).reshape(2, 3);
    x.t().array()[x.offset() + 1] = 10;
    assertThat(x.toArray()).containsExactly(0, 10, 2, 3, 4, 5);
    assertThat(x.t().toArray()).containsExactly(0, 3, 10, 4, 2, 5);
    assertThat(x.slice(1, 1, 3).toArray()).containsExactly(10, 2, 4, 5);
    assertThat(x.t().slice(0, 1, 2).toArray()).containsExactly(10, 4);
  }

  @Test
  void viewsMoveWithTheirStorage() {
    Tensor x = Tensor.arange(4).reshape(2, 2);
    Tensor transposed = x.t();
    x.storage().point(new float[] {9, 9, 5, 6, 7, 8}, 2);
    assertThat(transposed.toArray()).containsExactly(5, 7, 6, 8);
  }

  @Test
  void arithmeticBroadcastsAsNumPyDoes() {
    Tensor column = Tensor.of(new float[] {1, 2}, 2, 1);
    Tensor row = Tensor.of(10, 20, 30);
    assertThat(column.add(row).shape()).isEqualTo(Shape.of(2, 3));
    assertThat(column.add(row).toArray()).containsExactly(11, 21, 31, 12, 22, 32);
    assertThat(row.sub(1).toArray()).containsExactly(9, 19, 29);
    assertThat(row.div(column).toArray()).containsExactly(10, 20, 30, 5, 10, 15);
  }

  @Test
  void sumsGoOverAnyDimensions() {
    Tensor x = Tensor.arange(24).reshape(2, 3, 4);
    assertThat(x.sum().item()).isEqualTo(276);
    assertThat(x.sum(1).toArray()).containsExactly(12, 15, 18, 21, 48, 51, 54, 57);
    assertThat(x.sum(0, -1).toArray()).containsExactly(60, 92, 124);
    assertThat(x.mean().item()).isEqualTo(11.5f);
  }

  @Test
  void productsOfMatricesAndVectors() {
    Tensor a = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
    Tensor v = Tensor.of(1, 10);
    assertThat(a.matmul(a).toArray()).containsExactly(7, 10, 15, 22);
    assertThat(a.matmul(v).toArray()).containsExactly(21, 43);
    assertThat(v.matmul(a).toArray()).containsExactly(31, 42);
    assertThat(v.dot(v).item()).isEqualTo(101);
  }

  @Test
  void shapesThatDoNotFitAreNamedWithTheMend() {
    assertThatThrownBy(() -> Tensor.zeros(64, 784).matmul(Tensor.zeros(128, 784)))
        .isInstanceOf(ShapeException.class)
        .hasMessage(
            "matmul: [64,784] x [128,784]: inner sizes 784 and 128 differ; transpose the second?");
    assertThatThrownBy(() -> Tensor.zeros(2, 3).add(Tensor.zeros(2, 4)))
        .hasMessageContaining("[2,3]")
        .hasMessageContaining("[2,4]")
        .hasMessageContaining("3 and 4");
    assertThatThrownBy(() -> Tensor.zeros(2, 3).reshape(4, -1))
        .hasMessageContaining("reshape: [2,3] to [4,-1]: its 6 elements");
    assertThatThrownBy(() -> Tensor.zeros(2).item()).hasMessageContaining("item");
    assertThatThrownBy(() -> Tensor.zeros(2, 3).sum(2))
        .hasMessageContaining("dimension 2 of [2,3]");
  }

  @Test
  void tooLargeATensorIsRefusedBeforeMemoryIsTaken() {
    assertThatThrownBy(() -> Tensor.zeros(1 << 16, 1 << 15))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("2^31");
  }
}
