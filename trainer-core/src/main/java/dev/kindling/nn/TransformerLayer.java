package dev.kindling.nn;

import dev.kindling.tensor.Tensor;
import java.util.function.UnaryOperator;

/** What encoder and decoder layers share: sums around parts, normalised, and the inner layer. */
abstract sealed class TransformerLayer extends Module
    permits TransformerEncoderLayer, TransformerDecoderLayer {
  private static final long serialVersionUID = 1L;

  final TransformerSizes sizes;
  private final Linear linear1;
  private final Linear linear2;
  private final Module activation;
  private final Dropout dropout;

  /** Registers nothing: the order of the names is that of the layer. */
  TransformerLayer(TransformerSizes sizes) {
    this.sizes = sizes;
    linear1 = new Linear(sizes.dim(), sizes.feedforward());
    linear2 = new Linear(sizes.feedforward(), sizes.dim());
    activation = sizes.activation();
    dropout = new Dropout(sizes.dropout());
  }

  /** Registers the inner layer. */
  final void registerFeedforward() {
    register("linear1", linear1);
    register("dropout", dropout);
    register("linear2", linear2);
  }

  /** {@code x + part(norm(x))}, or {@code norm(x + part(x))}. */
  final Tensor around(Tensor x, LayerNorm norm, UnaryOperator<Tensor> part) {
    if (sizes.isNormFirst()) {
      return x.add(dropout.forward(part.apply(norm.forward(x))));
    }
    return norm.forward(x.add(dropout.forward(part.apply(x))));
  }

  final Tensor feedforward(Tensor x) {
    return linear2.forward(dropout.forward(activation.forward(linear1.forward(x))));
  }
}
