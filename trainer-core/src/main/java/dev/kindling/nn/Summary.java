package dev.kindling.nn;

import dev.kindling.autograd.Plan;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a network is made of, for one sample: the layers of every Sequential one by one, any other
 * module as a whole. Immutable.
 *
 * @param input the sizes of a sample
 * @param rows the layers, in order
 */
public record Summary(Shape input, List<Row> rows) {

  /**
   * One layer.
   *
   * @param name its dotted name, as in the parameters' names
   * @param layer its written form
   * @param output sizes of its output, without the batch
   * @param parameters number of elements that training moves
   * @param multiplyAdds of one sample, forward
   */
  public record Row(String name, String layer, Shape output, long parameters, long multiplyAdds) {}

  /** Copies the rows. */
  public Summary {
    rows = List.copyOf(rows);
  }

  /**
   * Runs one sample of zeros through a network.
   *
   * @param sample the sizes of a sample, without the batch
   * @throws dev.kindling.tensor.ShapeException naming the layer that the sample does not fit
   */
  public static Summary of(Module model, Shape sample) {
    List<Row> rows = new ArrayList<>();
    boolean wasTraining = model.isTraining();
    List<EmbeddingRows> unread =
        model.namedSparseParameters().values().stream()
            .map(SparseParameter::rows)
            .filter(table -> !table.isConnected())
            .toList();
    unread.forEach(table -> table.readFrom((keys, into) -> Arrays.fill(into, 0)));
    model.eval();
    walk("", model, Tensor.placeholder(sample.insert(0, 1)), rows);
    model.train(wasTraining);
    unread.forEach(table -> table.readFrom(null));
    return new Summary(sample, rows);
  }

  private static Tensor walk(String name, Module module, Tensor x, List<Row> rows) {
    if (!(module instanceof Sequential)) {
      Tensor y = Sequential.forward(name, module, x);
      rows.add(row(name, module, x, y));
      return y;
    }
    Tensor y = x;
    for (Map.Entry<String, Module> child : module.namedChildren().entrySet()) {
      y =
          walk(
              name.isEmpty() ? child.getKey() : name + "." + child.getKey(),
              child.getValue(),
              y,
              rows);
    }
    return y;
  }

  private static Row row(String name, Module module, Tensor x, Tensor y) {
    long before = Plan.multiplyAdds(x);
    long after = Plan.multiplyAdds(y);
    Shape output = y.shape().without(0);
    return new Row(
        name, module.toSpec().toString(), output, module.parameterCount(), after - before);
  }

  /** Number of elements that training moves. */
  public long parameters() {
    return rows.stream().mapToLong(Row::parameters).sum();
  }

  /** Multiply-adds of one sample, forward. */
  public long multiplyAdds() {
    return rows.stream().mapToLong(Row::multiplyAdds).sum();
  }

  /** A table with a line for each layer and one for the sums. */
  @Override
  public String toString() {
    List<String[]> lines = new ArrayList<>();
    lines.add(new String[] {"", "layer", "output", "parameters", "multiply-adds"});
    lines.add(new String[] {"", "input", input.toString(), "", ""});
    rows.forEach(
        row -> lines.add(line(row.name, row.layer, row.output, row.parameters, row.multiplyAdds)));
    lines.add(line("", "total", "", parameters(), multiplyAdds()));
    return table(lines);
  }

  private static String[] line(
      String name, String layer, Object output, long parameters, long multiplyAdds) {
    return new String[] {
      name, layer, output.toString(), grouped(parameters), grouped(multiplyAdds)
    };
  }

  private static String grouped(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  private static String table(List<String[]> lines) {
    int[] widths = new int[lines.get(0).length];
    Arrays.fill(widths, 1);
    for (String[] line : lines) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], line[i].length());
      }
    }
    String format = "%%-%ds  %%-%ds  %%-%ds  %%%ds  %%%ds%n";
    String widened = format.formatted((Object[]) Arrays.stream(widths).boxed().toArray());
    StringBuilder table = new StringBuilder();
    lines.forEach(line -> table.append(widened.formatted((Object[]) line)));
    return table.toString();
  }
}
