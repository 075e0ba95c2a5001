package dev.kindling.federated;

import dev.kindling.data.RowFormat;
import dev.kindling.data.Slice;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Trains the clients that are asked, one after the other. One that breaks off, by an exception or
 * an update that is not finite, gives nothing, is recorded, and disturbs no other. Not thread-safe.
 */
public final class AskedClients {
  private final FederatedConfig config;
  private final RowFormat format;
  private SortedMap<Integer, ClientFailure> failed = new TreeMap<>();
  private ClientTrainer trainer;

  /** Prepares for clients whose rows have this format. */
  public AskedClients(FederatedConfig config, RowFormat format) {
    this.config = config;
    this.format = format;
  }

  /**
   * The update of a client, if it gives one.
   *
   * @param plan of the round
   * @param place of the client among those that were asked
   * @param rows its rows; asked for only if it answers
   * @param began the server's flat vector
   * @param correction of SCAFFOLD; null without
   * @param isTooLate true ends its training without an answer
   */
  public Optional<UpdateSum> train(
      RoundPlan plan,
      int place,
      Supplier<Slice> rows,
      float[] began,
      Correction correction,
      BooleanSupplier isTooLate) {
    if (!plan.answers()[place] || isTooLate.getAsBoolean()) {
      return Optional.empty();
    }
    if (trainer == null) {
      trainer = new ClientTrainer(config, format);
    }
    int client = plan.asked()[place];
    Slice slice = rows.get();
    try {
      return trainer.train(plan.round(), client, slice, began, correction, isTooLate);
    } catch (RuntimeException e) { // the client's; errors are the machine's, and end the task
      failed.put(client, ClientFailure.of(e));
      trainer = null; // its plans may be half captured
      return Optional.empty();
    }
  }

  /** Why clients broke off since this was last asked, by number. */
  public SortedMap<Integer, ClientFailure> takeFailed() {
    SortedMap<Integer, ClientFailure> taken = failed;
    failed = new TreeMap<>();
    return taken;
  }
}
