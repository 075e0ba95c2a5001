package dev.kindling.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.data.ElementType;
import dev.kindling.data.Normalisation;
import dev.kindling.data.RowFormat;
import dev.kindling.data.Slice;
import dev.kindling.data.SliceBuilder;
import dev.kindling.data.Target;
import dev.kindling.federated.ClientTrainer;
import dev.kindling.federated.FederatedConfig;
import dev.kindling.federated.FederatedServer;
import dev.kindling.federated.LocalTraining;
import dev.kindling.federated.Participation;
import dev.kindling.federated.server.FedAdam;
import dev.kindling.io.SafetensorsFile;
import dev.kindling.nn.CrossEntropyLoss;
import dev.kindling.nn.Flatten;
import dev.kindling.nn.GRU;
import dev.kindling.nn.LSTM;
import dev.kindling.nn.Linear;
import dev.kindling.nn.Module;
import dev.kindling.nn.MultiHeadAttention;
import dev.kindling.nn.Sequential;
import dev.kindling.optim.Adam;
import dev.kindling.optim.Optimizer;
import dev.kindling.optim.SGD;
import dev.kindling.optim.Schedule;
import dev.kindling.train.EagerOptimizer;
import dev.kindling.train.FlatParameters;
import dev.kindling.train.LocalTrainer;
import dev.kindling.train.ReplicaStep;
import dev.kindling.train.ReplicaTree;
import dev.kindling.train.StoredModel;
import dev.kindling.train.TrainingConfig;
import java.util.Collections;
import java.util.List;
import java.util.Map;
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
        .hasMessageContaining("a model of 16000400000003 elements in 2 vectors of that length");
  }

  /** One whose parameters take this share of the heap. */
  private static Module model(double share) {
    double features = share * Runtime.getRuntime().maxMemory() / Float.BYTES / 17;
    return new Sequential(new Flatten(), new Linear(16, (int) features));
  }

  /** A third of the heap for one vector: it fits, and what training needs beside it does not. */
  private static TrainingConfig third(Optimizer optimizer) {
    return new TrainingConfig(
        model(1 / 3.0), new CrossEntropyLoss(), optimizer, new Schedule.Constant(), 8, 1, 4, 1);
  }

  private static Slice row() {
    RowFormat format =
        new RowFormat(List.of(16), ElementType.UINT8, Target.label(2), Normalisation.none());
    return new SliceBuilder(format).append(new byte[format.length()]).build();
  }

  @Test
  void aModelThatFitsTheHeapWithoutWhatTrainingAddsIsRefusedBeforeMemoryIsTaken() {
    List<Slice> rows = Collections.nCopies(4, row());
    assertThatThrownBy(() -> new LocalTrainer(third(new Adam(0.1)), rows, List.of()))
        .isInstanceOf(HeapException.class)
        .hasMessageContaining("in 8 vectors of that length")
        .hasMessageContaining("(parameters 3, the optimizer's 2, gradients 3)")
        .hasMessageContaining("GiB are needed and the heap has at most")
        .hasMessageContainingAll("start Java with -Xmx", "KINDLING_HEAP=", "or make it smaller");
    assertThatThrownBy(() -> new LocalTrainer(third(new SGD(0.1)), rows, List.of()))
        .hasMessageContaining("in 6 vectors of that length");
  }

  @Test
  void aLoopWrittenByHandCountsItsVectorsToo() {
    assertThatThrownBy(() -> new EagerOptimizer(third(new SGD(0.1)).model(), new Adam(0.1)))
        .isInstanceOf(HeapException.class)
        .hasMessageContaining("(parameters 2, the optimizer's 2, gradients 2)");
  }

  @Test
  void aWorkerCountsItsVectorsToo() {
    TrainingConfig config = third(new Adam(0.1));
    assertThatThrownBy(() -> new ReplicaStep(config, 0, 4))
        .isInstanceOf(HeapException.class)
        .hasMessageContaining("(parameters 2, gradients 4)");
  }

  @Test
  void aFederatedServerCountsItsVectorsToo() {
    FederatedConfig config =
        new FederatedConfig(
            model(1 / 3.0),
            new CrossEntropyLoss(),
            new SGD(0.1),
            new Schedule.Constant(),
            new FedAdam(0.1, 0.9, 0.99, 0.001),
            1,
            Participation.of(1),
            LocalTraining.of(1, 0),
            null,
            1);
    assertThatThrownBy(() -> new FederatedServer(config, 2))
        .isInstanceOf(HeapException.class)
        .hasMessageContaining("the server's 2, the clients' updates 1)");
    assertThatThrownBy(() -> new ClientTrainer(config, row().format()))
        .hasMessageContaining("(parameters 3, gradients 2)");
  }

  @Test
  void aStoredModelIsCountedBesideTheLayersThatReadIt() {
    SafetensorsFile empty = new SafetensorsFile(Map.of(), Map.of());
    assertThatThrownBy(() -> StoredModel.read(model(0.6), empty, "stored"))
        .isInstanceOf(HeapException.class)
        .hasMessageContaining("in 2 vectors of that length");
  }

  @Test
  void sumsNeedAVectorForEachLevelOfTheTreeAndEachNode() {
    ReplicaTree tree = new ReplicaTree(8);
    assertThat(ReplicaStep.vectors(tree.cover(0, 8))).isEqualTo(4);
    assertThat(ReplicaStep.vectors(tree.cover(0, 1))).isEqualTo(1);
    assertThat(ReplicaStep.vectors(tree.cover(1, 8))).isEqualTo(5); // 1, 2 to 3, 4 to 7
    assertThat(ReplicaStep.vectors(tree.leaves(tree.root()))).isEqualTo(8);
  }

  @Test
  void sequencesWhoseGatesFitNoArrayAreRefused() {
    Tensor x = Tensor.zeros(512, 1024, 1);
    assertThatThrownBy(() -> new LSTM(1, 1024).forward(x))
        .isInstanceOf(HeapException.class)
        .hasMessageContaining("lstm of [512,1024,1]: the gates of all steps: [1024,4,1024,512]")
        .hasMessageContaining("make the batch or the sequences smaller");
    assertThatThrownBy(() -> new LSTM(1, 1024).forward(Tensor.zeros(1024, 1024, 1)))
        .hasMessageContaining("[1024,4,1024,1024] are more than the 2147483639 elements");
    assertThatThrownBy(() -> new GRU(1, 1024).forward(x)).hasMessageContaining("gru of [512,");
  }

  @Test
  void sequencesWhoseAttentionDoesNotFitTheHeapAreRefused() {
    int length = 1 + (int) Math.sqrt(Runtime.getRuntime().maxMemory() / Float.BYTES);
    Tensor x = Tensor.zeros(1, length, 8);
    assertThatThrownBy(() -> new MultiHeadAttention(8, 1).forward(x))
        .isInstanceOf(HeapException.class)
        .hasMessageContaining("attention of [1,%d,24]: the shares [1,1,".formatted(length))
        .hasMessageContaining("GiB are needed");
  }

  @Test
  void aModelThatFitsNoArrayIsRefusedBeforeMemoryIsTaken() {
    Module[] two = {new Linear(40000, 40000), new Linear(40000, 40000)};
    assertThatThrownBy(() -> FlatParameters.layoutOf(new Sequential(two)).vector())
        .isInstanceOf(HeapException.class)
        .hasMessageContaining("a model of 3200080003 elements: one vector holds all of them");
  }
}
