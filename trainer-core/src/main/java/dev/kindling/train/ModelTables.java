package dev.kindling.train;

import dev.kindling.nn.EmbeddingRows;
import dev.kindling.nn.Module;
import dev.kindling.nn.RowStart;
import dev.kindling.nn.SparseParameter;
import dev.kindling.optim.Optimizer;
import dev.kindling.tensor.Tensor;
import dev.kindling.train.table.SparseRows;
import dev.kindling.train.table.TableSpec;
import dev.kindling.train.table.TrainedTable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The row-sparse tables of a model: one for each sparse {@link dev.kindling.nn.Embedding}, in the
 * order of the model. Not thread-safe.
 */
public final class ModelTables {
  private final List<SparseParameter> parameters;

  ModelTables(Module model) {
    parameters = new ArrayList<>(named(model).values());
  }

  /** A module that stands in a model twice has one table, under its first name. */
  private static Map<String, SparseParameter> named(Module model) {
    Map<String, SparseParameter> found = new LinkedHashMap<>();
    model
        .namedSparseParameters()
        .forEach(
            (name, parameter) -> {
              if (!found.containsValue(parameter)) {
                found.put(name, parameter);
              }
            });
    return found;
  }

  /** What the tables are. */
  static List<TableSpec> specs(Module model, long seed, Optimizer optimizer) {
    Map<String, RowStart> starts = model.rowStarts(seed);
    return named(model).keySet().stream()
        .map(name -> new TableSpec(name, starts.get(name), optimizer))
        .toList();
  }

  /**
   * A model's trained tables.
   *
   * @param changed the rows that training has changed, a table after the other; those that are
   *     missing have none
   */
  public static List<TrainedTable> trained(Module model, long seed, List<SparseRows> changed) {
    Map<String, RowStart> starts = model.rowStarts(seed);
    List<TrainedTable> tables = new ArrayList<>();
    named(model)
        .forEach(
            (name, parameter) -> {
              RowStart start = starts.get(name);
              SparseRows rows =
                  tables.size() < changed.size()
                      ? changed.get(tables.size())
                      : new SparseRows(start.width(), new long[0], new float[0]);
              tables.add(new TrainedTable(name, parameter.shape().size(0), start, rows));
            });
    return tables;
  }

  /** A copy of a model, which one thread uses, reads its rows from these tables from now on. */
  public static void connect(Module model, List<TrainedTable> tables) {
    List<SparseParameter> all = new ModelTables(model).parameters;
    for (int t = 0; t < all.size(); t++) {
      all.get(t).rows().readFrom(tables.get(t)::read);
    }
  }

  int count() {
    return parameters.size();
  }

  /** Rows are read from a version of the sink's tables from now on. */
  void read(long version, GradientSink from) {
    for (int t = 0; t < parameters.size(); t++) {
      int table = t;
      rows(t).readFrom((keys, into) -> from.pullRows(version, table, keys, into));
    }
  }

  /** What stands for the tables among the parameters. */
  List<Tensor> anchors() {
    return parameters.stream().map(p -> p.rows().anchor()).toList();
  }

  /** Forgets all gradients. */
  void clear() {
    parameters.forEach(p -> p.rows().clear());
  }

  /** The gradients of a table since it was cleared, a row for each key. */
  SparseRows gradients(int table) {
    EmbeddingRows rows = rows(table);
    int width = parameters.get(table).shape().size(1);
    return SparseRows.gather(width, rows.keys(), rows.gradients());
  }

  private EmbeddingRows rows(int table) {
    return parameters.get(table).rows();
  }
}
