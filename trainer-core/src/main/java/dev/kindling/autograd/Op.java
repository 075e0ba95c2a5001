package dev.kindling.autograd;

import dev.kindling.autograd.ops.Reduction;
import dev.kindling.tensor.Shape;
import dev.kindling.tensor.Tensor;
import java.util.List;
import java.util.function.Function;

/**
 * One operation: its inputs, its output, how to compute it, and its gradient.
 *
 * <p>{@link #run()} reads the inputs' elements and writes the output's, and can be called again
 * after the elements have changed: a {@link Plan} is a list of operations run again. The gradient
 * is made of operations, so it can be captured and differentiated in turn.
 */
public abstract class Op {
  private final List<Tensor> inputs;
  private Tensor output;

  /** An operation on the given inputs. */
  protected Op(Tensor... inputs) {
    this.inputs = List.of(inputs);
  }

  /**
   * Computes the output's elements from the inputs'. Allocates nothing. Writes every element: the
   * buffer may hold anything before.
   */
  protected abstract void run();

  /**
   * The gradient with respect to one input, given the output's; called only for inputs that need
   * one. It may have the output's shape where the input was broadcast: the sum over the stretched
   * dimensions is taken by the caller.
   *
   * @return the gradient, or null where none flows
   */
  protected abstract Tensor gradient(int input, Tensor outputGradient);

  /**
   * The gradient with respect to one input, added to the {@code sum} of what other operations gave
   * it so far. Overridden where less than the whole need be written.
   *
   * @param sum null where this is the first
   * @return the new sum, null where there is none
   */
  protected Tensor accumulate(int input, Tensor outputGradient, Tensor sum) {
    Tensor gradient = gradient(input, outputGradient);
    if (gradient == null) {
      return sum;
    }
    Tensor own = Reduction.sumTo(gradient, input(input).shape());
    return sum == null ? own : sum.add(own);
  }

  /**
   * This operation and {@code consumer}, the only one that reads its output, as one; or null where
   * they do not fuse. Fusing must not change a bit of the result.
   */
  protected Op fuse(Op consumer) {
    return null;
  }

  /**
   * Operations whose fields or output {@link #run()} reads though the output is no input: they run
   * before this one, keep their output until then, and are not fused with others.
   */
  protected List<Op> reads() {
    return List.of();
  }

  /**
   * Whether the output may take the place of an input of the same shape: element i of the output is
   * written after element i of that input has been read for the last time.
   */
  protected boolean canOverwrite(int input) {
    return false;
  }

  /** Whether a gradient can flow through; false for comparisons and the like. */
  protected boolean isDifferentiable() {
    return true;
  }

  /** Whether replaying means computing; false for views, whose elements move with their source. */
  protected boolean computes() {
    return true;
  }

  /**
   * Makes the output, runs once and remembers this operation where an input asks for it. Called
   * once, by the factory of each operation.
   */
  public final Tensor apply(Shape shape) {
    output = Tensor.result(shape, isRecorded() ? this : null);
    run();
    if (Anomaly.isDetecting()) {
      Anomaly.check(this);
    }
    return output;
  }

  /** Makes the output as a view of the first input. */
  protected final Tensor applyView(Shape shape, int[] strides, int offset) {
    output = input(0).view(shape, strides, offset, isRecorded() ? this : null);
    return output;
  }

  /** Multiply-adds of one run, for summaries and benchmarks: those of products alone. */
  public long multiplyAdds() {
    return 0;
  }

  /** Takes over the output of another operation: for a fused one. */
  protected final Op writing(Tensor output) {
    this.output = output;
    return this;
  }

  /** Whether this operation is remembered: an input or what it reads asks for it. */
  protected final boolean isRecorded() {
    return Recording.isOn() && (inputs.stream().anyMatch(Tensor::isRecorded) || !reads().isEmpty());
  }

  /** Whether a gradient flows through this operation. */
  public final boolean passesGradient() {
    return isDifferentiable() && inputs.stream().anyMatch(Tensor::isRequiringGrad);
  }

  /** All inputs. */
  public final List<Tensor> inputs() {
    return inputs;
  }

  /** One input. */
  public final Tensor input(int index) {
    return inputs.get(index);
  }

  /** What this operation computes. */
  public final Tensor output() {
    return output;
  }

  /**
   * For a gradient whose own gradient is rare: {@code g^T J} of the same made of other operations.
   *
   * @param definition computes this operation's output from its inputs
   * @param outputGradient g
   * @return for each input
   */
  protected final List<Tensor> gradientsThrough(
      Function<List<Tensor>, Tensor> definition, Tensor outputGradient) {
    return Gradients.vjp(definition, inputs, outputGradient);
  }

  /** The name for messages. */
  public String name() {
    return getClass().getSimpleName();
  }
}
