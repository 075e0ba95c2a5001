package dev.kindling.optim;

/** Runs an update rule on arrays of its own, as a trainer or a shard would. */
final class Trial {
  final Update update = new Update();
  private final Optimizer optimizer;

  Trial(Optimizer optimizer, float[] start) {
    this.optimizer = optimizer;
    update.current = start.clone();
    update.next = new float[start.length];
    update.state = new float[optimizer.stateNames().size()][start.length];
    update.lr = (float) optimizer.lr();
    update.gradientScale = 1;
  }

  /** One step, cut into ranges at {@code cuts}; element 0's gradient stands at {@code shift}. */
  void step(float[] gradient, int shift, int... cuts) {
    update.gradient = gradient;
    int from = 0;
    for (int cut : cuts) {
      range(from, cut, shift);
      from = cut;
    }
    range(from, update.current.length, shift);
    update.step++;
    float[] done = update.current;
    update.current = update.next;
    update.next = done;
  }

  private void range(int from, int to, int shift) {
    update.from = from;
    update.to = to;
    update.gradientFrom = from + shift;
    optimizer.update(update);
  }

  float[] values() {
    return update.current;
  }
}
