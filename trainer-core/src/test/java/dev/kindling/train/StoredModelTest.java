package dev.kindling.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.io.Safetensors;
import dev.kindling.io.SafetensorsFile;
import dev.kindling.io.StoredTensor;
import dev.kindling.nn.Embedding;
import dev.kindling.nn.Linear;
import dev.kindling.nn.Module;
import dev.kindling.nn.Sequential;
import dev.kindling.tensor.Tensor;
import dev.kindling.train.table.SparseRows;
import dev.kindling.train.table.TrainedTable;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A model with a table in a file, whole or as its changed rows: the same outputs after reading. */
class StoredModelTest {
  private static final int NUM = 30;
  private static final int DIM = 5;
  private static final long SEED = 9;

  private static Module model() {
    return new Sequential(new Embedding(NUM, DIM, true), new Linear(DIM, 2));
  }

  private static StoredModel trained() {
    Module model = model();
    float[] values = FlatParameters.initialize(model, SEED);
    float[] rows = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    SparseRows changed = new SparseRows(DIM, new long[] {3, 29}, rows);
    return new StoredModel(model, values, ModelTables.trained(model, SEED, List.of(changed)));
  }

  private static SafetensorsFile written(int whole) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    trained().write(out, whole);
    byte[] bytes = out.toByteArray();
    return Safetensors.read(new ByteArrayInputStream(bytes), bytes.length, "model");
  }

  private static float[] output(StoredModel stored) {
    new FlatParameters(stored.model()).point(stored.values());
    ModelTables.connect(stored.model(), stored.tables());
    return stored.model().eval().forward(Tensor.of(0, 3, 29, 17)).toArray();
  }

  @ParameterizedTest
  @ValueSource(ints = {NUM * DIM, NUM * DIM - 1})
  void whatIsReadComputesWhatWasWritten(int whole) throws IOException {
    StoredModel read = StoredModel.read(model(), written(whole), "model");
    assertThat(output(read)).containsExactly(output(trained()));
  }

  @Test
  void aSmallTableIsTheMatrixOfADenseLayer() throws IOException {
    SafetensorsFile file = written(NUM * DIM);
    assertThat(file.tensors()).containsOnlyKeys("1.weight", "1.bias", "0.weight");
    Module dense = new Sequential(new Embedding(NUM, DIM), new Linear(DIM, 2));
    StoredModel read = StoredModel.read(dense, file, "model");
    assertThat(read.tables()).isEmpty();
    assertThat(output(read)).containsExactly(output(trained()));
  }

  @Test
  void aLargeTableIsTheRowsThatWereChanged() throws IOException {
    SafetensorsFile file = written(0);
    assertThat(file.tensors().get("0.weight.keys").longs().get(1)).isEqualTo(29);
    assertThat(file.tensors().get("0.weight.rows").shape()).containsExactly(2, DIM);
    assertThat(file.metadata()).containsEntry("seed", "9");
    SafetensorsFile without = new SafetensorsFile(file.tensors(), Map.of());
    assertThatThrownBy(() -> StoredModel.read(model(), without, "model"))
        .hasMessageContaining("no seed");
  }

  @Test
  void whatIsMissingOrHasOtherSizesIsNamed() throws IOException {
    SafetensorsFile file = written(NUM * DIM);
    Module wider = new Sequential(new Embedding(NUM, DIM + 1, true), new Linear(DIM, 2));
    assertThatThrownBy(() -> StoredModel.read(wider, file, "model"))
        .hasMessage("model: '0.weight' is [30, 5]; the network needs [30, 6]");
    Map<String, StoredTensor> few = Map.of("1.weight", file.tensors().get("1.weight"));
    SafetensorsFile cut = new SafetensorsFile(few, Map.of());
    assertThatThrownBy(() -> StoredModel.read(model(), cut, "model"))
        .hasMessageContaining("'1.bias' is missing");
  }

  @Test
  void aTrainedTableGivesEveryRow() {
    TrainedTable table = trained().tables().get(0);
    Module dense = new Sequential(new Embedding(NUM, DIM), new Linear(DIM, 2)).initialize(SEED);
    float[] expected = dense.stateDict().get("0.weight").toArray();
    for (int i = 0; i < DIM; i++) {
      expected[3 * DIM + i] = 1 + i;
      expected[29 * DIM + i] = 6 + i;
    }
    assertThat(table.whole()).containsExactly(expected);
  }
}
