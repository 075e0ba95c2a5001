package dev.kindling.federated.partition;

import dev.kindling.spec.Spec;

/** Every client gets an even share of the rows, drawn at random. */
public record Iid() implements ClientPartition {

  @Override
  public ClientAssignment assign(RowKeys keys, int clients, long seed) {
    ClientAssignment.Builder cuts = new ClientAssignment.Builder(keys.byHash(), false);
    for (int client = 0; client < clients; client++) {
      cuts.add(
          (long) client * keys.size() / clients, (client + 1L) * keys.size() / clients, client);
    }
    return cuts.build();
  }

  @Override
  public boolean usesLabels() {
    return false;
  }

  @Override
  public Spec toSpec() {
    return Spec.of("IID");
  }
}
