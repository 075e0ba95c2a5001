package dev.kindling.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.data.Split;
import dev.kindling.data.table.Table;
import dev.kindling.data.table.TableEncoder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

class HousingTest {
  @Test
  @EnabledIfEnvironmentVariable(named = TestData.FOLDER, matches = ".+")
  void aNetworkExplainsMoreThanALine() {
    Split<Table> tables =
        Table.readCsv(TestData.folder("housing").resolve("housing.csv")).split(0.2, 1);
    TableEncoder encoder = Housing.schema().fit(tables.train());
    int features = encoder.format().features();
    double line = Housing.unexplained(Housing.line(features), encoder, tables, 5);
    double network = Housing.unexplained(Housing.network(features), encoder, tables, 10);
    assertThat(line).isBetween(0.3, 0.42);
    assertThat(network).isLessThan(0.75 * line);
  }
}
