package dev.kindling.tensor;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.nn.Linear;
import dev.kindling.nn.Module;
import dev.kindling.nn.Sequential;
import dev.kindling.train.FlatParameters;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HeapTest {
  @Test
  void moreThanTheHeapIsRefusedWithTheOptionToSet() {
    assertThatThrownBy(() -> Heap.require("a tensor [7]", 1L << 50))
        .isInstanceOf(HeapException.class)
        .hasMessageContaining("a tensor [7]: 1048576.00 GiB are needed")
        .hasMessageContaining("-Xmx1310720g");
  }

  @Test
  void aModelLargerThanTheHeapIsRefusedBeforeMemoryIsTaken() {
    Module[] layers =
        IntStream.range(0, 10000).mapToObj(i -> new Linear(40000, 40000)).toArray(Module[]::new);
    assertThatThrownBy(() -> FlatParameters.initialize(new Sequential(layers), 1))
        .isInstanceOf(HeapException.class)
        .hasMessageContaining("16000400000000 parameters and as many gradients: 119212");
  }

  @Test
  void aModelThatFitsNoArrayIsRefusedBeforeMemoryIsTaken() {
    Module[] two = {new Linear(40000, 40000), new Linear(40000, 40000)};
    assertThatThrownBy(() -> FlatParameters.layoutOf(new Sequential(two)).vector())
        .isInstanceOf(HeapException.class)
        .hasMessageContaining("a model of 3200080003 elements: one vector holds all of them");
  }
}
