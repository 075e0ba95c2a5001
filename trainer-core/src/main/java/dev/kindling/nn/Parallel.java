package dev.kindling.nn;

import dev.kindling.spec.Spec;
import dev.kindling.tensor.ShapeException;
import dev.kindling.tensor.Tensor;
import java.util.List;

/**
 * {@code y = [f_0(x), f_1(x), ...]}: branches on the same input, named 0, 1, ..., concatenated
 * along a dimension (1, the channels, unless given) or added.
 */
public final class Parallel extends Module {
  private static final long serialVersionUID = 1L;
  private static final int CHANNELS = 1;

  /** What becomes of the branches' outputs. */
  public enum Join {
    /** One after the other along a dimension. */
    CONCAT,
    /** Their sum. */
    ADD
  }

  private final List<Module> branches;
  private final Join join;
  private final int dimension;

  /** Branches concatenated along dimension 1. */
  public Parallel(Module... branches) {
    this(List.of(branches), Join.CONCAT, CHANNELS);
  }

  /** Branches joined as given; the dimension matters for {@link Join#CONCAT} alone. */
  public Parallel(List<Module> branches, Join join, int dimension) {
    if (branches.isEmpty()) {
      throw new IllegalArgumentException("Parallel: there must be a branch");
    }
    this.branches = List.copyOf(branches);
    this.join = join;
    this.dimension = dimension;
    for (int i = 0; i < branches.size(); i++) {
      register(String.valueOf(i), branches.get(i));
    }
  }

  static Parallel of(Spec spec) {
    spec.allow("branches", "join", "dim");
    boolean isSum = spec.choice("join", "concat", "concat", "add").equals("add");
    return new Parallel(
        Modules.of(spec, "branches"),
        isSum ? Join.ADD : Join.CONCAT,
        spec.integer("dim", CHANNELS));
  }

  @Override
  public Tensor forward(Tensor x) {
    List<Tensor> outputs = branches.stream().map(branch -> branch.forward(x)).toList();
    return join == Join.CONCAT
        ? Tensor.concat(outputs, dimension)
        : outputs.stream().reduce(Parallel::sum).orElseThrow();
  }

  private static Tensor sum(Tensor a, Tensor b) {
    if (!a.shape().equals(b.shape())) {
      throw new ShapeException(
          "Parallel: branches make %s and %s, which cannot be added; change their sizes, or set join to concat"
              .formatted(a.shape(), b.shape()));
    }
    return a.add(b);
  }

  @Override
  protected Spec describe() {
    return Spec.of("Parallel", "branches", branches.stream().map(Module::toSpec).toList())
        .with("join", join == Join.ADD ? "add" : "concat", "concat")
        .with("dim", dimension, CHANNELS);
  }
}
