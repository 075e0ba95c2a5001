package dev.kindling.nn;

import static java.util.Map.entry;

import dev.kindling.spec.Spec;
import dev.kindling.spec.SpecException;
import dev.kindling.tensor.ShapeException;
import dev.kindling.tensor.Tensor;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;

/** Reads losses from their written form, and the steps that several of them share. */
final class Losses {
  private static final String REDUCTION = "reduction";
  private static final double SMALLEST_NORM = 1e-8;

  private static final Map<String, Function<Spec, Loss>> READERS =
      Map.ofEntries(
          entry("BCEWithLogitsLoss", BCEWithLogitsLoss::of),
          entry("CosineEmbeddingLoss", CosineEmbeddingLoss::of),
          entry("CrossEntropyLoss", CrossEntropyLoss::of),
          entry("HingeLoss", HingeLoss::of),
          entry("InfoNCELoss", InfoNCELoss::of),
          entry("KLDivLoss", plain(KLDivLoss::new)),
          entry("L1Loss", plain(L1Loss::new)),
          entry("MSELoss", plain(MSELoss::new)),
          entry("NLLLoss", NLLLoss::of),
          entry("PenalizedLoss", PenalizedLoss::of),
          entry("SmoothL1Loss", SmoothL1Loss::of),
          entry("TripletMarginLoss", TripletMarginLoss::of));

  private Losses() {}

  static Set<String> names() {
    return new TreeSet<>(READERS.keySet());
  }

  static Loss of(Spec spec) {
    Function<Spec, Loss> reader = READERS.get(spec.type());
    if (reader == null) {
      throw SpecException.unknown("loss", "type", spec.type(), names());
    }
    checkReduction(spec);
    return reader.apply(spec.without(REDUCTION));
  }

  /** Training adds up the losses of all replicas and divides once: no other reduction can be. */
  private static void checkReduction(Spec spec) {
    String mean = spec.type().equals("KLDivLoss") ? "batchmean" : "mean";
    String wanted = spec.choice(REDUCTION, mean, "mean", "batchmean", "sum", "none");
    if (!wanted.equals(mean)) {
      throw new SpecException(
          "%s: reduction is %s; training takes the %s over the whole batch: leave reduction out, and for the steps of a sum raise the learning rate"
              .formatted(spec.type(), wanted, mean));
    }
  }

  /** Losses of positions in the shape of their labels. */
  static Tensor likeLabels(Tensor losses, Targets target) {
    boolean isOne =
        target instanceof Targets.Labels labels
            && labels.labels().shape().elements() == losses.shape().elements();
    return isOne ? losses.reshape(((Targets.Labels) target).labels().shape().toArray()) : losses;
  }

  private static Function<Spec, Loss> plain(Supplier<Loss> loss) {
    return spec -> {
      spec.allow();
      return loss.get();
    };
  }

  /** The mean over all dimensions but the first: [n, ...] -> [n]. */
  static Tensor meanOfRows(Tensor x) {
    return x.reshape(x.size(0), -1).mean(1);
  }

  /** The vectors [n, d] that stand side by side in [n, count, d]. */
  static Tensor[] vectors(String loss, Tensor x, int count) {
    if (x.shape().rank() != 3 || x.size(1) != count) {
      throw new ShapeException(
          "%s: outputs %s must be %d vectors for each sample, [n,%d,d]; reshape or stack them"
              .formatted(loss, x.shape(), count, count));
    }
    Tensor[] vectors = new Tensor[count];
    for (int i = 0; i < count; i++) {
      vectors[i] = x.select(1, i);
    }
    return vectors;
  }

  /** {@code x / |x|} of each row. */
  static Tensor unit(Tensor x) {
    return x.div(x.normKeepDim(1).clamp(SMALLEST_NORM, Float.MAX_VALUE));
  }
}
