package dev.kindling.data.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.data.DataException;
import dev.kindling.data.Split;
import java.util.List;
import org.junit.jupiter.api.Test;

class TableTest {
  private static Table parse(String text) {
    return Table.parseCsv("t.csv", text, ',');
  }

  private static List<List<String>> fields(String text) {
    return parse(text).rows().stream().map(Table.Row::fields).toList();
  }

  @Test
  void readsFieldsQuotesAndEitherLineEnd() {
    Table table = parse("a,b\r\n1, x \r\n\"q,\"\"r\"\"\n2\",\n\n,\"\"");
    assertThat(table.columns()).containsExactly("a", "b");
    assertThat(table.rows().stream().map(Table.Row::fields).toList())
        .containsExactly(List.of("1", " x "), List.of("q,\"r\"\n2", ""), List.of("", ""));
    assertThat(table.rows()).extracting(Table.Row::line).containsExactly(2, 3, 6);
  }

  @Test
  void aByteOrderMarkAndTheLastLineEndAreNoData() {
    assertThat(parse("\uFEFFa,b\n1,2\n").columns()).containsExactly("a", "b");
    assertThat(fields("a,b\n1,2\n")).isEqualTo(fields("a,b\n1,2"));
    assertThat(fields("a,b\n1,\n")).containsExactly(List.of("1", ""));
    assertThat(fields("a\n\"\"\n")).containsExactly(List.of(""));
    assertThat(fields("a\n1\r2\n")).containsExactly(List.of("1\r2"));
  }

  @Test
  void anotherSeparator() {
    assertThat(Table.parseCsv("t", "a;b\n1,5;2", ';').rows().get(0).fields())
        .containsExactly("1,5", "2");
  }

  @Test
  void whatIsWrongIsNamedWithItsLine() {
    refused("", "t.csv: the file is empty");
    refused("a,b\n1,2\n3\n", "line 3 has 1 fields; the first line names 2 columns");
    refused("a\n1\n\"x\ny", "line 3: a quote that is never closed");
    refused("a\n\"x\ny\"z", "line 3: 'z' after a closing quote");
    refused("a\nx\"y", "line 2: a quote inside a field");
    refused("a,a\n1,2", "each name must stand once");
    assertThatThrownBy(() -> parse("age,income\n").indexOf("incom"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("unknown column 'incom'; did you mean 'income'");
  }

  private static void refused(String text, String reason) {
    assertThatThrownBy(() -> parse(text))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void aSplitByContentIgnoresTheOrderOfTheLines() {
    Table table = parse("a,b\n1,x\n2,y\n3,z\n4,x\n5,y\n");
    Table turned = parse("a,b\n5,y\n4,x\n3,z\n2,y\n1,x\n");
    Split<Table> split = table.split(0.4, 3);
    assertThat(split.validation().rows()).hasSize(2);
    assertThat(split.train().rows()).hasSize(3);
    assertThat(turned.split(0.4, 3).validation().rows())
        .extracting(Table.Row::fields)
        .containsExactlyInAnyOrderElementsOf(
            split.validation().rows().stream().map(Table.Row::fields).toList());
  }
}
