package dev.kindling.train;

import dev.kindling.nn.Embedding;
import dev.kindling.nn.EmbeddingRows;
import dev.kindling.nn.Module;
import dev.kindling.optim.Optimizer;
import dev.kindling.tensor.Tensor;
import dev.kindling.train.table.SparseRows;
import dev.kindling.train.table.TableSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The row-sparse tables of a model: one for each sparse {@link Embedding}, in the order of the
 * model. Not thread-safe.
 */
final class ModelTables {
  private static final int STREAM = 7 << 24;

  /** Uniform with deviation 1. */
  private static final float BOUND = (float) Math.sqrt(3);

  private final List<Embedding> embeddings;

  ModelTables(Module model) {
    embeddings = new ArrayList<>(named(model).values());
  }

  private static Map<String, Embedding> named(Module model) {
    Map<String, Embedding> found = new LinkedHashMap<>();
    collect("", model, found);
    return found;
  }

  private static void collect(String prefix, Module module, Map<String, Embedding> into) {
    if (module instanceof Embedding embedding
        && embedding.isSparse()
        && !into.containsValue(embedding)) {
      into.put(prefix + "weight", embedding);
    }
    module.namedChildren().forEach((name, child) -> collect(prefix + name + ".", child, into));
  }

  /** What the tables are. */
  static List<TableSpec> specs(Module model, long seed, Optimizer optimizer) {
    List<TableSpec> specs = new ArrayList<>();
    named(model)
        .forEach(
            (name, embedding) -> {
              int stream = STREAM + specs.size();
              specs.add(new TableSpec(name, embedding.dim(), seed, stream, BOUND, optimizer));
            });
    return specs;
  }

  int count() {
    return embeddings.size();
  }

  /** Rows are read from a version of the sink's tables from now on. */
  void read(long version, GradientSink from) {
    for (int t = 0; t < embeddings.size(); t++) {
      int table = t;
      rows(t).readFrom((keys, into) -> from.pullRows(version, table, keys, into));
    }
  }

  /** What stands for the tables among the parameters. */
  List<Tensor> anchors() {
    return embeddings.stream().map(e -> e.rows().anchor()).toList();
  }

  /** Forgets all gradients. */
  void clear() {
    embeddings.forEach(e -> e.rows().clear());
  }

  /** The gradients of a table since it was cleared, a row for each key. */
  SparseRows gradients(int table) {
    EmbeddingRows rows = rows(table);
    return SparseRows.gather(embeddings.get(table).dim(), rows.keys(), rows.gradients());
  }

  private EmbeddingRows rows(int table) {
    return embeddings.get(table).rows();
  }
}
