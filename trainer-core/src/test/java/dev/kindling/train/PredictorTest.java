package dev.kindling.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.data.Slice;
import dev.kindling.nn.Dropout;
import dev.kindling.nn.Flatten;
import dev.kindling.nn.Linear;
import dev.kindling.nn.Module;
import dev.kindling.nn.Sequential;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PredictorTest {
  private static final long SEED = 9;

  @Test
  void nothingIsDroppedWhicheverModeTheNetworkIsIn() {
    Module model = new Sequential(new Flatten(), new Dropout(0.9), new Linear(16, 4));
    Module plain = new Sequential(new Flatten(), new Dropout(0), new Linear(16, 4));
    float[] values = FlatParameters.initialize(model, SEED);
    Slice slice = ToyData.slices(5, 1, SEED).get(0);
    List<byte[]> rows = IntStream.range(0, slice.size()).mapToObj(slice::row).toList();
    List<float[]> said = new Predictor(model.train(), values, ToyData.FORMAT).predict(rows);
    assertThat(said).hasSize(5);
    List<float[]> expected = new Predictor(plain.eval(), values, ToyData.FORMAT).predict(rows);
    for (int i = 0; i < said.size(); i++) {
      assertThat(said.get(i)).containsExactly(expected.get(i));
    }
    assertThat(model.isTraining()).isTrue();
    assertThat(plain.isTraining()).isFalse();
  }
}
