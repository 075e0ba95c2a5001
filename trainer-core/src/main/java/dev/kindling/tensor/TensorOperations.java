package dev.kindling.tensor;

import dev.kindling.autograd.ops.Arithmetic;
import dev.kindling.autograd.ops.Choice;
import dev.kindling.autograd.ops.Cumulative;
import dev.kindling.autograd.ops.Extreme;
import dev.kindling.autograd.ops.Indexing;
import dev.kindling.autograd.ops.Join;
import dev.kindling.autograd.ops.MatMul;
import dev.kindling.autograd.ops.Padding;
import dev.kindling.autograd.ops.Power;
import dev.kindling.autograd.ops.Reduction;
import dev.kindling.autograd.ops.Statistics;
import dev.kindling.autograd.ops.TopK;
import dev.kindling.autograd.ops.Unary;
import dev.kindling.autograd.ops.View;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What can be computed with tensors: a table of contents of {@code dev.kindling.autograd.ops}, a
 * file for each family. Dimensions may be negative: they count from the last.
 */
abstract sealed class TensorOperations permits Tensor {
  private Tensor self() {
    return (Tensor) this;
  }

  private int[] all() {
    return IntStream.range(0, self().shape().rank()).toArray();
  }

  // ---------------------------------------------------------------- arithmetic, broadcasting

  /** {@code this + other}. */
  public final Tensor add(Tensor other) {
    return Arithmetic.add(self(), other);
  }

  /** {@code this + value}. */
  public final Tensor add(double value) {
    return Arithmetic.add(self(), (float) value);
  }

  /** {@code this - other}. */
  public final Tensor sub(Tensor other) {
    return Arithmetic.sub(self(), other);
  }

  /** {@code this - value}. */
  public final Tensor sub(double value) {
    return add(-value);
  }

  /** {@code this * other}, element by element. */
  public final Tensor mul(Tensor other) {
    return Arithmetic.mul(self(), other);
  }

  /** {@code this * value}. */
  public final Tensor mul(double value) {
    return Arithmetic.mul(self(), (float) value);
  }

  /** {@code this / other}, element by element. */
  public final Tensor div(Tensor other) {
    return Arithmetic.div(self(), other);
  }

  /** {@code this / value}. */
  public final Tensor div(double value) {
    return Arithmetic.div(self(), (float) value);
  }

  /** {@code -this}. */
  public final Tensor neg() {
    return mul(-1);
  }

  /** {@code this^exponent}. */
  public final Tensor pow(double exponent) {
    return Power.pow(self(), exponent);
  }

  /** {@code this^exponent}, element by element. */
  public final Tensor pow(Tensor exponent) {
    return Power.pow(self(), exponent);
  }

  // ---------------------------------------------------------------- functions of one element

  /** {@code this^2}. */
  public final Tensor square() {
    return mul(self());
  }

  /** Square root. */
  public final Tensor sqrt() {
    return Unary.sqrt(self());
  }

  /** {@code |this|}; the gradient at 0 is 0. */
  public final Tensor abs() {
    return Power.abs(self());
  }

  /** -1, 0 or 1. */
  public final Tensor sign() {
    return Power.sign(self());
  }

  /** {@code e^this}. */
  public final Tensor exp() {
    return Unary.exp(self());
  }

  /** Natural logarithm. */
  public final Tensor log() {
    return Unary.log(self());
  }

  /** Sine. */
  public final Tensor sin() {
    return Unary.sin(self());
  }

  /** Cosine. */
  public final Tensor cos() {
    return Unary.cos(self());
  }

  /** Hyperbolic tangent. */
  public final Tensor tanh() {
    return Unary.tanh(self());
  }

  /** {@code 1 / (1 + e^-this)}. */
  public final Tensor sigmoid() {
    return Unary.sigmoid(self());
  }

  /** {@code max(this, 0)}. */
  public final Tensor relu() {
    return Unary.relu(self());
  }

  /** {@code min(max(this, low), high)}; no gradient flows where this lies outside. */
  public final Tensor clamp(double low, double high) {
    return Choice.clamp(self(), (float) low, (float) high);
  }

  // ---------------------------------------------------------------- comparisons, 1 or 0

  /** {@code this == other ? 1 : 0}. */
  public final Tensor eq(Tensor other) {
    return Choice.eq(self(), other);
  }

  /** {@code this == value ? 1 : 0}. */
  public final Tensor eq(double value) {
    return eq(Tensor.scalar(value));
  }

  /** {@code this != other ? 1 : 0}. */
  public final Tensor ne(Tensor other) {
    return Choice.ne(self(), other);
  }

  /** {@code this != value ? 1 : 0}. */
  public final Tensor ne(double value) {
    return ne(Tensor.scalar(value));
  }

  /** {@code this > other ? 1 : 0}. */
  public final Tensor gt(Tensor other) {
    return Choice.gt(self(), other);
  }

  /** {@code this > value ? 1 : 0}. */
  public final Tensor gt(double value) {
    return gt(Tensor.scalar(value));
  }

  /** {@code this >= other ? 1 : 0}. */
  public final Tensor ge(Tensor other) {
    return Choice.ge(self(), other);
  }

  /** {@code this >= value ? 1 : 0}. */
  public final Tensor ge(double value) {
    return ge(Tensor.scalar(value));
  }

  /** {@code this < other ? 1 : 0}. */
  public final Tensor lt(Tensor other) {
    return other.gt(self());
  }

  /** {@code this < value ? 1 : 0}. */
  public final Tensor lt(double value) {
    return lt(Tensor.scalar(value));
  }

  /** {@code this <= other ? 1 : 0}. */
  public final Tensor le(Tensor other) {
    return other.ge(self());
  }

  /** {@code this <= value ? 1 : 0}. */
  public final Tensor le(double value) {
    return le(Tensor.scalar(value));
  }

  // ---------------------------------------------------------------- choices

  /** The larger of two elements. */
  public final Tensor maximum(Tensor other) {
    return Choice.maximum(self(), other);
  }

  /** The smaller of two elements. */
  public final Tensor minimum(Tensor other) {
    return Choice.minimum(self(), other);
  }

  /** {@code condition != 0 ? a : b}. */
  public static Tensor where(Tensor condition, Tensor a, Tensor b) {
    return Choice.where(condition, a, b);
  }

  /** {@code mask != 0 ? value : this}. */
  public final Tensor maskedFill(Tensor mask, double value) {
    return where(mask, Tensor.scalar(value), self());
  }

  // ---------------------------------------------------------------- products

  /**
   * Matrix product, shapes [..., m, k] x [..., k, n] -> [..., m, n]; leading dimensions broadcast.
   * A vector on either side is a row or a column.
   */
  public final Tensor matmul(Tensor other) {
    return MatMul.of(self(), other);
  }

  /** Inner product of two vectors of the same length. */
  public final Tensor dot(Tensor other) {
    return MatMul.dot(self(), other);
  }

  /** {@code y[i, j] = this[i] * other[j]}, of two vectors. */
  public final Tensor outer(Tensor other) {
    return MatMul.outer(self(), other);
  }

  // ---------------------------------------------------------------- reductions

  /** Sum of all elements: a scalar. */
  public final Tensor sum() {
    return Reduction.sum(self());
  }

  /** Sum over some dimensions, which vanish. */
  public final Tensor sum(int... dimensions) {
    return Reduction.sum(self(), dimensions);
  }

  /** Sum of all elements; every dimension stays with size 1. */
  public final Tensor sumKeepDim() {
    return sumKeepDim(all());
  }

  /** Sum over some dimensions, which stay with size 1. */
  public final Tensor sumKeepDim(int... dimensions) {
    return Reduction.sumKeepDim(self(), dimensions);
  }

  /** Mean of all elements: a scalar. */
  public final Tensor mean() {
    return sum().div(self().shape().elements());
  }

  /** Mean over some dimensions, which vanish. */
  public final Tensor mean(int... dimensions) {
    return sum(dimensions).div(self().shape().elements(dimensions));
  }

  /** Mean of all elements; every dimension stays with size 1. */
  public final Tensor meanKeepDim() {
    return meanKeepDim(all());
  }

  /** Mean over some dimensions, which stay with size 1. */
  public final Tensor meanKeepDim(int... dimensions) {
    return Statistics.mean(self(), dimensions);
  }

  /** Unbiased variance of all elements, {@code sum of (x - mean)^2 / (n - 1)}: a scalar. */
  public final Tensor variance() {
    return variance(all());
  }

  /** Unbiased variance, {@code sum of (x - mean)^2 / (n - 1)}, over dimensions, which vanish. */
  public final Tensor variance(int... dimensions) {
    return varianceKeepDim(1, dimensions).squeeze(dimensions);
  }

  /** {@link #variance()} under PyTorch's name. */
  public final Tensor var() {
    return variance();
  }

  /** {@link #variance(int...)} under PyTorch's name. */
  public final Tensor var(int... dimensions) {
    return variance(dimensions);
  }

  /** {@code sum of (x - mean)^2 / (n - correction)}; every dimension stays with size 1. */
  public final Tensor varianceKeepDim(int correction) {
    return varianceKeepDim(correction, all());
  }

  /** {@code sum of (x - mean)^2 / (n - correction)} over dimensions, which stay with size 1. */
  public final Tensor varianceKeepDim(int correction, int... dimensions) {
    return Statistics.variance(self(), correction, dimensions);
  }

  /** Standard deviation of all elements, the root of the unbiased variance: a scalar. */
  public final Tensor std() {
    return variance().sqrt();
  }

  /** Standard deviation: the root of the unbiased variance, over dimensions, which vanish. */
  public final Tensor std(int... dimensions) {
    return variance(dimensions).sqrt();
  }

  /** Largest element: a scalar. */
  public final Tensor max() {
    return self().reshape(-1).max(0);
  }

  /** Largest over some dimensions, which vanish; the first of equals gets the gradient. */
  public final Tensor max(int... dimensions) {
    return Reduction.extreme(self(), true, dimensions);
  }

  /** Largest element; every dimension stays with size 1. */
  public final Tensor maxKeepDim() {
    return maxKeepDim(all());
  }

  /** Largest over some dimensions, which stay with size 1. */
  public final Tensor maxKeepDim(int... dimensions) {
    return max(dimensions).reshape(Reduction.kept(self().shape(), dimensions));
  }

  /** Smallest element: a scalar. */
  public final Tensor min() {
    return self().reshape(-1).min(0);
  }

  /** Smallest over some dimensions, which vanish; the first of equals gets the gradient. */
  public final Tensor min(int... dimensions) {
    return Reduction.extreme(self(), false, dimensions);
  }

  /** Where the largest element stands in row-major order, a scalar; the first of equals. */
  public final IntTensor argmax() {
    return self().reshape(-1).argmax(0);
  }

  /** Where the largest element stands along a dimension, which vanishes; the first of equals. */
  public final IntTensor argmax(int dimension) {
    int at = self().shape().dimension("argmax", dimension);
    Reduction.requireElements(self().shape(), at);
    int[] rest = self().shape().without(at).toArray();
    return topk(1, at).indices().reshape(rest);
  }

  /** Where the smallest element stands in row-major order, a scalar; the first of equals. */
  public final IntTensor argmin() {
    return self().reshape(-1).argmin(0);
  }

  /** Where the smallest element stands along a dimension, which vanishes; the first of equals. */
  public final IntTensor argmin(int dimension) {
    return neg().argmax(dimension);
  }

  /** The k largest along a dimension, largest first, and where they stand. */
  public final TopK topk(int k, int dimension) {
    return Extreme.topk(self(), k, dimension, true);
  }

  /** {@code y[i] = x[0] + ... + x[i]} along a dimension. */
  public final Tensor cumsum(int dimension) {
    return Cumulative.sum(self(), dimension);
  }

  /** Sum of the absolute values over all dimensions: the L1 norm. */
  public final Tensor norm1() {
    return abs().sum();
  }

  /** Sum of the absolute values over some dimensions, which vanish. */
  public final Tensor norm1(int... dimensions) {
    return abs().sum(dimensions);
  }

  /** {@code sqrt(sum of x^2)} over all dimensions: L2 of a vector, Frobenius of a matrix. */
  public final Tensor norm() {
    return norm(all());
  }

  /** {@code sqrt(sum of x^2)} over some dimensions, which vanish; the gradient at 0 is 0. */
  public final Tensor norm(int... dimensions) {
    return normKeepDim(dimensions).squeeze(dimensions);
  }

  /** {@code sqrt(sum of x^2)} over all dimensions, which stay with size 1. */
  public final Tensor normKeepDim() {
    return normKeepDim(all());
  }

  /** {@code sqrt(sum of x^2)} over some dimensions, which stay with size 1. */
  public final Tensor normKeepDim(int... dimensions) {
    return Statistics.norm2(self(), dimensions);
  }

  // ---------------------------------------------------------------- views

  /** The same elements with other sizes; one size may be -1. */
  public final Tensor reshape(int... sizes) {
    return View.reshape(self(), sizes);
  }

  /**
   * {@link #reshape} that never copies.
   *
   * @throws ShapeException where the elements do not stand one after the other
   */
  public final Tensor view(int... sizes) {
    if (!self().isContiguous()) {
      throw new ShapeException(
          "view: %s has strides %s: its elements do not stand one after the other; use reshape"
              .formatted(self().shape(), Arrays.toString(self().strides())));
    }
    return reshape(sizes);
  }

  /** All dimensions from {@code first} on as one. */
  public final Tensor flatten(int first) {
    Shape shape = self().shape();
    int[] sizes = Arrays.copyOf(shape.toArray(), shape.dimension("flatten", first) + 1);
    sizes[sizes.length - 1] = -1;
    return reshape(sizes);
  }

  /** A dimension of size 1 put in before {@code dimension}; -1 puts it last. */
  public final Tensor unsqueeze(int dimension) {
    return View.unsqueeze(self(), dimension);
  }

  /** Without the dimensions of size 1. */
  public final Tensor squeeze() {
    Shape shape = self().shape();
    return squeeze(Arrays.stream(all()).filter(d -> shape.size(d) == 1).toArray());
  }

  /** Without some dimensions, each of size 1. */
  public final Tensor squeeze(int... dimensions) {
    return View.squeeze(self(), dimensions);
  }

  /** Two dimensions exchanged. */
  public final Tensor transpose(int first, int second) {
    return View.transpose(self(), first, second);
  }

  /** The transpose of a matrix. */
  public final Tensor t() {
    return transpose(-2, -1);
  }

  /** The dimensions in another order: dimension i of the result is {@code order[i]} of this. */
  public final Tensor permute(int... order) {
    return View.permute(self(), order);
  }

  /** Elements {@code from} to {@code to} (excluded) of one dimension. */
  public final Tensor slice(int dimension, int from, int to) {
    return View.slice(self(), dimension, from, to);
  }

  /** Element {@code index} of a dimension, which vanishes. */
  public final Tensor select(int dimension, int index) {
    return slice(dimension, index, index + 1).squeeze(dimension);
  }

  /** The elements of some dimensions in reverse order. */
  public final Tensor flip(int... dimensions) {
    return View.flip(self(), dimensions);
  }

  /** Stretched to a larger shape, as broadcasting does, without a copy. */
  public final Tensor expand(Shape larger) {
    return View.expand(self(), larger);
  }

  /** This tensor if it stands row-major without gaps, else a copy that does. */
  public final Tensor contiguous() {
    return self().isContiguous() ? self() : View.copy(self());
  }

  // ---------------------------------------------------------------- parts and wholes

  /** The tensors one after the other along a dimension; their other sizes are the same. */
  public static Tensor concat(List<Tensor> parts, int dimension) {
    return Join.concat(parts, dimension);
  }

  /** {@link #concat} under PyTorch's name. */
  public static Tensor cat(List<Tensor> parts, int dimension) {
    return concat(parts, dimension);
  }

  /** The tensors, all of one shape, along a new dimension. */
  public static Tensor stack(List<Tensor> parts, int dimension) {
    return Join.stack(parts, dimension);
  }

  /** Parts of {@code size} elements along a dimension, the last one shorter where it must be. */
  public final List<Tensor> split(int size, int dimension) {
    return Join.split(self(), size, dimension);
  }

  /** Parts of the given sizes along a dimension; the sizes add up to the whole. */
  public final List<Tensor> split(int[] sizes, int dimension) {
    return Join.split(self(), sizes, dimension);
  }

  /** {@code value} around the last dimensions: amounts before and after the last one first. */
  public final Tensor pad(int[] amounts, double value) {
    return Padding.pad(self(), amounts, (float) value);
  }

  // ---------------------------------------------------------------- by index

  /** {@code y[.., i, ..] = x[.., index[i], ..]} along a dimension. */
  public final Tensor indexSelect(int dimension, IntTensor index) {
    return Indexing.select(self(), dimension, index);
  }

  /** {@code y[a, i, b] = x[a, index[a, i, b], b]} along a dimension. */
  public final Tensor gather(int dimension, IntTensor index) {
    return Indexing.gather(self(), dimension, index);
  }

  /** {@code y = x, and y[a, index[a, i, b], b] += source[a, i, b]} along a dimension. */
  public final Tensor scatterAdd(int dimension, IntTensor index, Tensor source) {
    return Indexing.scatterAdd(self(), dimension, index, source);
  }
}
