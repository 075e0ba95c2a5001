package dev.kindling.autograd.ops;

import dev.kindling.tensor.IntTensor;
import dev.kindling.tensor.Tensor;

/**
 * The most extreme elements along a dimension, in order.
 *
 * @param values the elements
 * @param indices where they stand along the dimension
 */
public record TopK(Tensor values, IntTensor indices) {}
