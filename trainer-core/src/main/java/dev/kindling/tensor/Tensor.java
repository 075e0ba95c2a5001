package dev.kindling.tensor;

import dev.kindling.autograd.Gradients;
import dev.kindling.autograd.Op;
import dev.kindling.autograd.Recording;
import dev.kindling.kernel.Philox;
import java.util.Arrays;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * A float32 array of any rank, row-major, with PyTorch's operations and reverse-mode gradients.
 *
 * <p>What can be computed with tensors stands in {@link TensorOperations}; what a tensor is, here.
 * Views ({@link #reshape}, {@link #transpose}, {@link #slice}, {@link #expand}) share elements with
 * the tensor they were taken from. An operation whose inputs need gradients is remembered by its
 * result; {@link #backward()} walks back from there.
 *
 * <p>Not thread-safe.
 *
 * <pre>{@code
 * Tensor x = Tensor.arange(4).requiresGrad();
 * Tensor y = x.dot(x).mul(2);
 * y.backward();
 * x.grad();     // [0, 4, 8, 12]
 * }</pre>
 */
public final class Tensor extends TensorOperations {
  private final Shape shape;
  private final int[] strides;
  private final int offset;
  private final Storage storage;
  private final Op creator;
  private final boolean traced;
  private boolean requiresGrad;
  private Tensor grad;
  private UnaryOperator<Tensor> hook;

  private Tensor(Shape shape, int[] strides, int offset, Storage storage, Op creator) {
    this(shape, strides, offset, storage, creator, creator != null);
  }

  private Tensor(
      Shape shape, int[] strides, int offset, Storage storage, Op creator, boolean traced) {
    this.shape = shape;
    this.strides = strides;
    this.offset = offset;
    this.storage = storage;
    this.creator = creator;
    this.traced = traced;
    this.requiresGrad = creator != null && creator.passesGradient();
  }

  // ---------------------------------------------------------------- creation

  /** A tensor over existing elements, shared, not copied. */
  public static Tensor over(Storage storage, Shape shape) {
    return new Tensor(shape, shape.rowMajorStrides(), 0, storage, null);
  }

  /** A tensor of the given shape over an array, shared, not copied. */
  public static Tensor of(float[] elements, int... sizes) {
    Shape shape = Shape.of(sizes);
    if (elements.length != shape.elements()) {
      throw new ShapeException(
          "Tensor.of: %s needs %d elements; the array has %d"
              .formatted(shape, shape.elements(), elements.length));
    }
    return over(new Storage(elements, 0), shape);
  }

  /** A vector. */
  public static Tensor of(float... elements) {
    return of(elements, elements.length);
  }

  /** A scalar: shape {@code []}. */
  public static Tensor scalar(double value) {
    return over(new Storage(new float[] {(float) value}, 0), Shape.of());
  }

  /** All elements 0. */
  public static Tensor zeros(int... sizes) {
    return zeros(Shape.of(sizes));
  }

  /** All elements 0. */
  public static Tensor zeros(Shape shape) {
    return over(Storage.zeros(shape), shape);
  }

  /** All elements 1. */
  public static Tensor ones(int... sizes) {
    return full(Shape.of(sizes), 1);
  }

  /** All elements {@code value}. */
  public static Tensor full(Shape shape, double value) {
    Tensor tensor = zeros(shape);
    Arrays.fill(tensor.storage.array(), (float) value);
    return tensor;
  }

  /** {@code [0, 1, ..., end - 1]}. */
  public static Tensor arange(int end) {
    Tensor vector = zeros(end);
    for (int i = 0; i < end; i++) {
      vector.array()[i] = i;
    }
    return vector;
  }

  /** {@code start, start + step, ...} up to {@code end}, excluded. */
  public static Tensor arange(double start, double end, double step) {
    Tensor vector = zeros((int) Math.max(0, Math.ceil((end - start) / step)));
    for (int i = 0; i < vector.size(0); i++) {
      vector.array()[i] = (float) (start + i * step);
    }
    return vector;
  }

  /** {@code count} elements from {@code start} to {@code end}, both included, evenly spaced. */
  public static Tensor linspace(double start, double end, int count) {
    Tensor vector = zeros(count);
    for (int i = 0; i < count; i++) {
      vector.array()[i] = (float) (i == 0 ? start : start + (end - start) * i / (count - 1));
    }
    return vector;
  }

  /** The identity matrix: 1 on the diagonal, else 0. */
  public static Tensor eye(int size) {
    Tensor matrix = zeros(size, size);
    for (int i = 0; i < size; i++) {
      matrix.array()[i * (size + 1)] = 1;
    }
    return matrix;
  }

  /** Elements uniform in [0, 1), the next of a stream. */
  public static Tensor rand(Philox random, int... sizes) {
    Tensor tensor = zeros(sizes);
    random.fillUniform(tensor.array(), 0, tensor.shape.elements(), 0, 1);
    return tensor;
  }

  /** Elements of the standard normal distribution, the next of a stream. */
  public static Tensor randn(Philox random, int... sizes) {
    Tensor tensor = zeros(sizes);
    random.fillNormal(tensor.array(), 0, tensor.shape.elements(), 0, 1);
    return tensor;
  }

  /** A tensor of nested arrays: {@code float[]}, {@code float[][]} and so on; none ragged. */
  public static Tensor ofNested(Object nested) {
    return NestedArrays.read(nested);
  }

  /**
   * An input of a captured step: operations on it are remembered though it needs no gradient, so
   * that a {@link dev.kindling.autograd.Plan} can run them again on other elements.
   */
  public static Tensor placeholder(Shape shape) {
    Storage storage = Storage.zeros(shape);
    return new Tensor(shape, shape.rowMajorStrides(), 0, storage, null, true);
  }

  /** The same elements as an input of a captured step, see {@link #placeholder}. */
  public Tensor traced() {
    return isRecorded() ? this : new Tensor(shape, strides, offset, storage, null, true);
  }

  /** The result of an operation with its own elements; called by {@link Op}. */
  public static Tensor result(Shape shape, Op creator) {
    Storage storage = Storage.zeros(shape);
    return new Tensor(shape, shape.rowMajorStrides(), 0, storage, creator);
  }

  /** A view of this tensor's elements; called by {@link Op}. */
  public Tensor view(Shape shape, int[] strides, int offset, Op creator) {
    return new Tensor(shape, strides, offset, storage, creator);
  }

  // ---------------------------------------------------------------- structure

  /** The sizes. */
  public Shape shape() {
    return shape;
  }

  /** The size of one dimension; negative ones count from the last. */
  public int size(int dimension) {
    return shape.size(dimension);
  }

  /** How far apart neighbours along a dimension stand; negative dimensions count from the last. */
  public int stride(int dimension) {
    return strides[shape.dimension("stride", dimension)];
  }

  /** A copy of the strides. */
  public int[] strides() {
    return strides.clone();
  }

  /** The array that holds the elements, shared. */
  public float[] array() {
    return storage.array();
  }

  /** The place of the first element in {@link #array()}. */
  public int offset() {
    return storage.base() + offset;
  }

  /** The place of the first element in the storage. */
  public int offsetInStorage() {
    return offset;
  }

  /** What holds the elements; views share it. */
  public Storage storage() {
    return storage;
  }

  /** Whether the elements stand row-major without gaps. */
  public boolean isContiguous() {
    int expected = 1;
    for (int i = shape.rank() - 1; i >= 0; i--) {
      if (shape.size(i) != 1 && strides[i] != expected) {
        return false;
      }
      expected *= shape.size(i);
    }
    return true;
  }

  // ---------------------------------------------------------------- gradients

  /** The operation that made this tensor, or null for a leaf. */
  public Op creator() {
    return creator;
  }

  /** Whether operations on this tensor are remembered. */
  public boolean isRecorded() {
    return requiresGrad || traced;
  }

  /** Whether a gradient flows to this tensor. */
  public boolean isRequiringGrad() {
    return requiresGrad;
  }

  /** Asks for gradients with respect to this leaf; returns this. */
  public Tensor requiresGrad() {
    if (creator != null) {
      throw new IllegalStateException(
          "requiresGrad: this tensor is the result of " + creator.name() + "; call it on a leaf");
    }
    requiresGrad = true;
    return this;
  }

  /** The gradient that {@link #backward()} added up, or null before the first. */
  public Tensor grad() {
    return grad;
  }

  /** Forgets the gradient. */
  public void zeroGrad() {
    grad = null;
  }

  /** Adds to the gradient; called by {@link #backward()}. */
  public void accumulateGrad(Tensor gradient) {
    grad = grad == null ? gradient : grad.add(gradient);
  }

  /** The same elements, without the memory of how they came about. */
  public Tensor detach() {
    return new Tensor(shape, strides, offset, storage, null);
  }

  /** Runs {@code body} without remembering operations for gradients, on this thread. */
  public static <T> T noGrad(Supplier<T> body) {
    return Recording.off(body);
  }

  /** Gradients of this scalar with respect to every leaf that asks for one, added to theirs. */
  public void backward() {
    Gradients.backward(this);
  }

  /** As {@link #backward()}, given the gradient of this tensor, which need not be a scalar. */
  public void backward(Tensor gradient) {
    Gradients.backward(this, gradient, false);
  }

  /**
   * Calls {@code hook} with the gradient of this tensor whenever one has been computed; what it
   * returns takes its place. Hooks run in the order in which they were registered.
   */
  public void registerHook(UnaryOperator<Tensor> hook) {
    UnaryOperator<Tensor> first = this.hook;
    this.hook = first == null ? hook : gradient -> hook.apply(first.apply(gradient));
  }

  /** What the hooks make of a gradient of this tensor; called by {@link Gradients}. */
  public Tensor hooked(Tensor gradient) {
    return hook == null ? gradient : hook.apply(gradient);
  }

  // ---------------------------------------------------------------- values

  /** The element of a tensor that has only one. */
  public float item() {
    if (shape.elements() != 1) {
      throw new ShapeException(
          "item: %s has %d elements, not one; %s"
              .formatted(
                  shape,
                  shape.elements(),
                  shape.elements() == 0 ? "it is empty" : "take a sum, a mean or a slice before"));
    }
    return storage.array()[offset()];
  }

  /** A copy of the elements in row-major order. */
  public float[] toArray() {
    Tensor plain = detach().contiguous();
    int from = plain.offset();
    return Arrays.copyOfRange(plain.array(), from, from + shape.elements());
  }

  /** A copy of the elements as nested arrays: a matrix as {@code float[][]}. */
  public Object toNested() {
    return NestedArrays.write(this);
  }

  /** As PyTorch prints it: {@code tensor([[0., 1.], [2., 3.]])}; long dimensions are shortened. */
  @Override
  public String toString() {
    return TensorText.of(this);
  }
}
