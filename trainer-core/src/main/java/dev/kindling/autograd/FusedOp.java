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
  private Tensor outputGradient;
  private Backward backward;

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
    if (g != outputGradient || backward.isRecording != Recording.isOn()) {
      outputGradient = g;
      backward = new Backward(g.contiguous(), this);
      backward.apply(Shape.of(backward.length));
    }
    return backward.part(backward.output(), input);
  }

  /** The gradients of all inputs that need one, one after the other. */
  private static final class Backward extends Op {
    private final FusedOp forward;
    private final boolean isRecording = Recording.isOn();
    private final int[] starts;
    private final int[] places;
    private final int length;
    private Tensor again;
    private List<Tensor> second;

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

    /** The gradient of one input of the forward operation. */
    Tensor part(Tensor all, int input) {
      Shape shape = forward.input(input).shape();
      int from = starts[input];
      return all.slice(0, from, from + shape.elements()).reshape(shape.toArray());
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
      if (gg != again) {
        again = gg;
        second = derivatives(gg);
      }
      return second.get(input);
    }

    /** Of {@code sum(gg * gradients)}, with the gradients that the definition gives. */
    private List<Tensor> derivatives(Tensor gg) {
      List<Tensor> given = forward.inputs();
      Tensor y = forward.definition(given);
      List<Tensor> gradients = Gradients.between(given, y, input(0));
      Tensor total = Tensor.scalar(0);
      for (int i = 0; i < starts.length; i++) {
        if (starts[i] >= 0) {
          total = total.add(part(gg, i).mul(gradients.get(i)).sum());
        }
      }
      return Gradients.between(inputs(), total, Tensor.scalar(1));
    }
  }
}
