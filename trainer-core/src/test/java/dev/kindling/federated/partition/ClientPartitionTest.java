package dev.kindling.federated.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.kindling.spec.Spec;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class ClientPartitionTest {
  private static final int CLIENTS = 20;
  private static final RowKeys KEYS = keys(10_000);

  static final List<ClientPartition> ALL =
      List.of(new Iid(), new LabelShards(2), new Dirichlet(0.1), new Dirichlet(1e-3));

  private static RowKeys keys(int rows) {
    SplittableRandom random = new SplittableRandom(1);
    return new RowKeys(random.ints(rows, 0, 10).toArray(), random.longs(rows).toArray());
  }

  /** Rows by client and label. */
  private static int[][] counts(ClientPartition partition, RowKeys keys, long seed) {
    ClientAssignment assignment = partition.assign(keys, CLIENTS, seed);
    int[][] counts = new int[CLIENTS][10];
    for (int i = 0; i < keys.size(); i++) {
      counts[assignment.clientOf(keys.labels()[i], keys.hashes()[i])][keys.labels()[i]]++;
    }
    return counts;
  }

  private static int sum(int[] row) {
    return Arrays.stream(row).sum();
  }

  private static long classes(int[] row) {
    return Arrays.stream(row).filter(count -> count > 0).count();
  }

  @Test
  void iidClientsHaveAsManyRowsAndAllClasses() {
    assertThat(List.of(counts(new Iid(), KEYS, 3)))
        .allSatisfy(row -> assertThat(sum(row)).isEqualTo(500))
        .allSatisfy(row -> assertThat(classes(row)).isEqualTo(10));
  }

  @Test
  void clientsOfTwoShardsHaveAsManyRowsAndFewClasses() {
    assertThat(List.of(counts(new LabelShards(2), KEYS, 3)))
        .allSatisfy(row -> assertThat(sum(row)).isEqualTo(500))
        .allSatisfy(row -> assertThat(classes(row)).isLessThanOrEqualTo(4));
  }

  @Test
  void aSmallAlphaMakesClientsUnequalAndALargeOneEven() {
    assertThat(List.of(counts(new Dirichlet(1e4), KEYS, 3)))
        .allSatisfy(row -> assertThat((double) sum(row)).isCloseTo(500, within(40.0)));
    int[] sizes =
        Arrays.stream(counts(new Dirichlet(0.1), KEYS, 3))
            .mapToInt(ClientPartitionTest::sum)
            .toArray();
    assertThat(Arrays.stream(sizes).max().orElseThrow()).isGreaterThan(1000);
    assertThat(Arrays.stream(sizes).min().orElseThrow()).isLessThan(200);
  }

  @ParameterizedTest
  @FieldSource("ALL")
  void everyRowIsDealtByItsContentAndTheSeedAlone(ClientPartition partition) {
    int[][] counts = counts(partition, KEYS, 3);
    assertThat(Arrays.stream(counts).mapToInt(ClientPartitionTest::sum).sum()).isEqualTo(10_000);
    RowKeys reversed = keys(10_000);
    for (int i = 0, j = 9_999; i < j; i++, j--) {
      int label = reversed.labels()[i];
      reversed.labels()[i] = reversed.labels()[j];
      reversed.labels()[j] = label;
      long hash = reversed.hashes()[i];
      reversed.hashes()[i] = reversed.hashes()[j];
      reversed.hashes()[j] = hash;
    }
    assertThat(counts(partition, reversed, 3)).isDeepEqualTo(counts);
    assertThat(ClientPartition.of(partition.toSpec())).isEqualTo(partition);
  }

  @Test
  void anotherSeedDealsOtherShards() {
    assertThat(counts(new LabelShards(2), KEYS, 4)[0])
        .isNotEqualTo(counts(new LabelShards(2), KEYS, 3)[0]);
  }

  @Test
  void refusesUnknownTypes() {
    assertThatThrownBy(() -> ClientPartition.of(Spec.of("Dirichlett")))
        .hasMessageContaining("did you mean 'Dirichlet'?");
  }
}
