package dev.kindling.autograd;

import dev.kindling.tensor.Shape;
import dev.kindling.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * A larger operation that computes the gradients of all its inputs at once, faster than the simple
 * operations it could be made of. Those define it: where its gradients are differentiated again,
 * {@link #definition} is.
 */
public abstract class FusedOp extends Op {
  private final JointGradient gradients = new JointGradient(this::gradients);

  /** An operation on the given inputs. */
  protected FusedOp(Tensor... inputs) {
    super(inputs);
  }

  /** The same, made of simpler operations. */
  protected abstract Tensor definition(List<Tensor> inputs);

  /**
   * Writes the gradients of the inputs, each row-major. Allocates nothing; may read what the last
   * {@link #run()} left in this operation's fields, and overwrite what no later run of its own
   * reads.
   *
   * @param g the gradient of the output, row-major
   * @param to where they go
   * @param starts the place in {@code to} of each input's gradient; negative for those that nobody
   *     needs
   */
  protected abstract void backward(Tensor g, float[] to, int[] starts);

  /** Multiply-adds of one backward, those of products alone. */
  protected long backwardMultiplyAdds() {
    return 0;
  }

  @Override
  protected final Tensor gradient(int input, Tensor g) {
    return gradients.of(input, g);
  }

  private List<Tensor> gradients(Tensor g) {
    Backward backward = new Backward(g.contiguous(), this);
    return backward.parts(backward.apply(Shape.of(backward.length)));
  }

  /** The gradients of all inputs that need one, one after the other. */
  private static final class Backward extends Op {
    private final FusedOp forward;
    private final int[] starts;
    private final int[] places;
    private final int length;
    private final JointGradient second =
        new JointGradient(gg -> gradientsThrough(this::definition, gg));

    Backward(Tensor g, FusedOp forward) {
      super(withFirst(g, forward.inputs()).toArray(Tensor[]::new));
      this.forward = forward;
      starts = new int[forward.inputs().size()];
      places = new int[starts.length];
      int at = 0;
      for (int i = 0; i < starts.length; i++) {
        boolean isNeeded = forward.input(i).isRequiringGrad();
        starts[i] = isNeeded ? at : -1;
        at += isNeeded ? forward.input(i).shape().elements() : 0;
      }
      length = at;
    }

    private static List<Tensor> withFirst(Tensor first, List<Tensor> rest) {
      List<Tensor> all = new ArrayList<>(List.of(first));
      all.addAll(rest);
      return all;
    }

    /** The gradient of each input of the forward operation; null where nobody needs it. */
    List<Tensor> parts(Tensor all) {
      List<Tensor> parts = new ArrayList<>();
      for (int i = 0; i < starts.length; i++) {
        Shape shape = forward.input(i).shape();
        int end = starts[i] + shape.elements();
        parts.add(starts[i] < 0 ? null : all.slice(0, starts[i], end).reshape(shape.toArray()));
      }
      return parts;
    }

    @Override
    protected List<Op> reads() {
      return List.of(forward);
    }

    @Override
    protected void run() {
      for (int i = 0; i < places.length; i++) {
        places[i] = starts[i] < 0 ? -1 : output().offset() + starts[i];
      }
      forward.backward(input(0), output().array(), places);
    }

    @Override
    public long multiplyAdds() {
      return forward.backwardMultiplyAdds();
    }

    @Override
    protected Tensor gradient(int input, Tensor gg) {
      return second.of(input, gg);
    }

    /** The same gradients, of the simple operations. */
    private Tensor definition(List<Tensor> given) {
      List<Tensor> all =
          Gradients.vjp(forward::definition, given.subList(1, given.size()), given.get(0));
      List<Tensor> needed = new ArrayList<>();
      for (int i = 0; i < starts.length; i++) {
        if (starts[i] >= 0) {
          needed.add(all.get(i).reshape(-1));
        }
      }
      return Tensor.concat(needed, 0);
    }

    @Override
    public String name() {
      return forward.name() + "Gradient";
    }
  }
}
