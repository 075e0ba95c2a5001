package dev.kindling.federated.partition;

import dev.kindling.data.RowFormat;
import dev.kindling.data.Target;
import dev.kindling.spec.Spec;
import dev.kindling.spec.SpecException;
import java.io.Serializable;
import java.util.List;

/** A seeded way to deal the rows of a data set to clients. Immutable. */
public sealed interface ClientPartition extends Serializable permits Iid, LabelShards, Dirichlet {

  /** The types that can be written. */
  List<String> TYPES = List.of("IID", "LabelShards", "Dirichlet");

  /** Deals rows to clients 0 to {@code clients - 1}; some may get none. */
  ClientAssignment assign(RowKeys keys, int clients, long seed);

  /** Whether rows need one class label each. */
  boolean usesLabels();

  /** The written form, read back by {@link #of}. */
  Spec toSpec();

  /**
   * Reads a partition from its written form.
   *
   * @throws SpecException naming an unknown type or argument and the nearest known one
   */
  static ClientPartition of(Spec spec) {
    return switch (spec.type()) {
      case "IID" -> {
        spec.allow();
        yield new Iid();
      }
      case "LabelShards" -> LabelShards.of(spec);
      case "Dirichlet" -> Dirichlet.of(spec);
      default -> throw SpecException.unknown("federated.partition", "type", spec.type(), TYPES);
    };
  }

  /** Refuses rows without class labels where they are needed. */
  default void check(RowFormat format) {
    boolean isLabelled = format.target() instanceof Target.Labels labels && labels.length() == 1;
    if (usesLabels() && !isLabelled) {
      throw new IllegalArgumentException(
          "federated.partition %s needs one class label a row; the rows have %s. Choose IID, or name a client column"
              .formatted(toSpec().type(), format.target()));
    }
  }
}
