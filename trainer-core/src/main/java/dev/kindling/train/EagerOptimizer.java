package dev.kindling.train;

import dev.kindling.nn.Module;
import dev.kindling.optim.Optimizer;
import dev.kindling.optim.Schedule;
import dev.kindling.optim.Update;
import dev.kindling.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * Moves a model's parameters in a loop written by hand, as PyTorch's optimizers do: every rule with
 * its groups and clipping. {@link LocalTrainer} captures a plan of the step and is several times
 * faster on small models; this is for what it cannot express.
 *
 * <pre>{@code
 * EagerOptimizer optimizer = new EagerOptimizer(model, new Adam(1e-3));
 * for (Batch batch : batches) {
 *   optimizer.zeroGrad();
 *   loss.forward(model.forward(batch.x()), batch.y()).backward();
 *   optimizer.step();
 * }
 * }</pre>
 *
 * <p>The parameters' tensors keep their identity; their elements move to arrays of this object, so
 * a model has one of them at a time. Not thread-safe.
 */
public final class EagerOptimizer {
  private final FlatUpdate rule;
  private final FlatParameters parameters;
  private final GradientNorms norms;
  private final Update update = new Update();
  private float[] current;
  private float[] next;
  private long step;

  /** With a constant learning rate. */
  public EagerOptimizer(Module model, Optimizer optimizer) {
    this(model, optimizer, new Schedule.Constant(), 1);
  }

  /**
   * With a schedule.
   *
   * @param stepsPerEpoch what an epoch of the schedule means
   * @throws dev.kindling.spec.SpecException where a parameter group fits no parameter
   * @throws dev.kindling.tensor.HeapException where the vectors cannot fit the heap together
   */
  public EagerOptimizer(Module model, Optimizer optimizer, Schedule schedule, long stepsPerEpoch) {
    VectorMemory.of(FlatParameters.layoutOf(model))
        .with("parameters", 2)
        .with("the optimizer's", optimizer.stateNames().size())
        .with("gradients", 2) // autograd's, for which the layers' own parameters make room
        .require();
    parameters = new FlatParameters(model);
    rule = new FlatUpdate(parameters.layout(), optimizer, schedule, stepsPerEpoch);
    norms = new GradientNorms(rule.layout());
    current = rule.layout().vector();
    next = rule.layout().vector();
    update.gradient = rule.layout().vector();
    update.gradientScale = 1;
    update.state = new float[optimizer.stateNames().size()][current.length];
    parameters.copyTo(current);
    parameters.point(current);
  }

  /** Forgets the gradients of all parameters. */
  public void zeroGrad() {
    parameters.tensors().forEach(Tensor::zeroGrad);
  }

  /** One step along the gradients; a parameter without one stays where it is. */
  public void step() {
    gatherGradients();
    update.current = current;
    update.next = next;
    update.from = 0;
    update.to = current.length;
    update.gradientFrom = 0;
    update.step = step++;
    rule.applyWhole(update, norms);
    keepWhatHasNoGradient();
    current = update.next;
    next = update.current;
    parameters.point(current);
  }

  private void gatherGradients() {
    // a statistic's mean is itself: it has moved in forward already
    System.arraycopy(current, 0, update.gradient, 0, current.length);
    List<Tensor> tensors = parameters.tensors();
    for (int i = 0; i < tensors.size(); i++) {
      Tensor gradient = tensors.get(i).grad();
      int from = offset(i);
      int length = tensors.get(i).shape().elements();
      if (gradient == null) {
        Arrays.fill(update.gradient, from, from + length, 0);
      } else {
        Tensor plain = gradient.detach().contiguous();
        System.arraycopy(plain.array(), plain.offset(), update.gradient, from, length);
      }
    }
  }

  private void keepWhatHasNoGradient() {
    List<Tensor> tensors = parameters.tensors();
    for (int i = 0; i < tensors.size(); i++) {
      if (tensors.get(i).grad() == null) {
        System.arraycopy(current, offset(i), next, offset(i), tensors.get(i).shape().elements());
      }
    }
  }

  private int offset(int parameter) {
    return Math.toIntExact(rule.layout().slots().get(parameter).offset());
  }

  /** The base learning rate of the next step. */
  public double lr() {
    return rule.lr(step);
  }

  /** Steps done. */
  public long steps() {
    return step;
  }
}
