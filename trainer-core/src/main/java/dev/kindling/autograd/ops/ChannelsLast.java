package dev.kindling.autograd.ops;

import dev.kindling.tensor.Tensor;

/**
 * Images whose channels stand side by side in memory, as PyTorch's format of that name: [n, c, h,
 * w] to the outside, a view of a row-major [n, h, w, c]. Convolution and pooling make and read
 * them, so nothing is rearranged between them.
 */
final class ChannelsLast {
  private ChannelsLast() {}

  /** Whether a tensor is such a view. */
  static boolean is(Tensor x) {
    return x.shape().rank() == 4
        && !x.isContiguous()
        && x.stride(3) == x.size(1)
        && x.stride(2) == x.size(1) * x.size(3)
        && x.stride(1) == 1
        && x.stride(0) == x.size(1) * x.size(2) * x.size(3);
  }

  /** [n, c, h, w] seen as [n, h, w, c]. */
  static Tensor of(Tensor x) {
    return View.permute(x, 0, 2, 3, 1);
  }

  /** [n, h, w, c] seen as [n, c, h, w]. */
  static Tensor back(Tensor x) {
    return View.permute(x, 0, 3, 1, 2);
  }
}
