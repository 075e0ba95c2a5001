package dev.kindling.data.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kindling.data.DataException;
import dev.kindling.data.Dataset;
import dev.kindling.data.RealData;
import dev.kindling.data.SliceBuilder;
import dev.kindling.data.Split;
import dev.kindling.data.Target;
import dev.kindling.spec.Spec;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

class TableSchemaTest {
  private static final Offset<Float> CLOSE = Offset.offset(1e-6f);

  private static final Table TABLE =
      Table.parseCsv(
          "t.csv",
          "size,rooms,place,price\n1,2,sea,10\n2,,hill,20\n3,4,sea,30\n6,9,town,40\n",
          ',');

  private static float[] features(Dataset data, int row) {
    float[] features = new float[data.format().features()];
    SliceBuilder.sliceOf(data).gatherFeatures(new int[] {row}, 0, 1, features, 0);
    return features;
  }

  private static float[] values(Dataset data) {
    int[] rows = IntStream.range(0, data.size()).toArray();
    float[] values = new float[rows.length];
    SliceBuilder.sliceOf(data).gatherValues(rows, 0, rows.length, values, 0);
    return values;
  }

  private static TableEncoder fit(Column... features) {
    return TableSchema.regression(List.of(features), Column.number("price")).fit(TABLE);
  }

  @Test
  void numbersAndCategoriesBecomeFeatures() {
    TableEncoder encoder =
        fit(Column.number("size"), Column.oneHot("place"), Column.index("place"));
    assertThat(encoder.featureNames())
        .containsExactly("size", "place=hill", "place=sea", "place=town", "place");
    Dataset data = encoder.encode(TABLE);
    assertThat(features(data, 0)).containsExactly(1, 0, 1, 0, 1);
    assertThat(features(data, 3)).containsExactly(6, 0, 0, 1, 2);
    assertThat(values(data)).containsExactly(10, 20, 30, 40);
  }

  @Test
  void missingNumbersGetWhatWasAskedFor() {
    Column rooms = Column.number("rooms");
    assertThat(roomsOfSecondRow(rooms.missing(Missing.mean()))).isEqualTo(5);
    assertThat(roomsOfSecondRow(rooms.missing(Missing.median()))).isEqualTo(4);
    assertThat(roomsOfSecondRow(rooms.missing(Missing.constant("-1")))).isEqualTo(-1);
    Dataset dropped = fit(rooms.missing(Missing.drop())).encode(TABLE);
    assertThat(values(dropped)).containsExactly(10, 30, 40);
    assertThatThrownBy(() -> fit(rooms))
        .isInstanceOf(DataException.class)
        .hasMessage(
            "t.csv: line 3: column 'rooms': '' is missing; say what is to be done with missing"
                + " values: drop, mean, median or constant");
  }

  private static float roomsOfSecondRow(Column rooms) {
    return features(fit(rooms).encode(TABLE), 1)[0];
  }

  @Test
  void aMissingCategoryGetsItsName() {
    Table table = Table.parseCsv("t", "c,y\nb,1\n,2\nNA,3\n", ',');
    TableEncoder encoder =
        TableSchema.regression(
                List.of(Column.oneHot("c").missing(Missing.constant("none"))), Column.number("y"))
            .fit(table);
    assertThat(encoder.featureNames()).containsExactly("c=b", "c=none");
    assertThat(features(encoder.encode(table), 2)).containsExactly(0, 1);
  }

  @Test
  void standardisedNumbersHaveMeanZeroAndDeviationOneAfterFilling() {
    Column rooms = Column.number("rooms").missing(Missing.mean()).standardised();
    Dataset data = fit(rooms).encode(TABLE); // 2, 5, 4, 9: mean 5, squares 9 + 0 + 1 + 16
    float deviation = (float) Math.sqrt(26 / 4.0);
    assertThat(features(data, 0)[0]).isCloseTo(-3 / deviation, CLOSE);
    assertThat(features(data, 1)[0]).isZero();
    assertThat(features(data, 3)[0]).isCloseTo(4 / deviation, CLOSE);
  }

  @Test
  void whatWasLearnedAppliesToOtherRows() {
    TableEncoder encoder =
        fit(Column.number("size").standardised(), Column.number("rooms").missing(Missing.mean()));
    Table other = Table.parseCsv("o", "price,rooms,size\n5,,3\n", ',');
    assertThat(features(encoder.encode(other), 0)).containsExactly(0, 5);
  }

  @Test
  void aColumnOfOneValueIsNotDividedByZero() {
    Table table = Table.parseCsv("t", "x,y\n3,1\n3,2\n", ',');
    TableEncoder encoder =
        TableSchema.regression(List.of(Column.number("x").standardised()), Column.number("y"))
            .fit(table);
    assertThat(features(encoder.encode(table), 1)).containsExactly(0);
  }

  @Test
  void labelsAreNumberedByTheirNamesOrNumbers() {
    TableSchema places = TableSchema.classification(List.of(Column.number("size")), "place");
    Dataset data = places.fit(TABLE).encode(TABLE);
    assertThat(data.format().target()).isEqualTo(Target.label(3));
    int[] labels = new int[4];
    SliceBuilder.sliceOf(data).gatherLabels(new int[] {0, 1, 2, 3}, 0, 4, labels, 0);
    assertThat(labels).containsExactly(1, 0, 1, 2);
    Table digits = Table.parseCsv("d", "x,d\n0,10\n0,9\n0,-1\n", ',');
    TableEncoder encoder = TableSchema.classification(List.of(Column.number("x")), "d").fit(digits);
    assertThat(encoder.targets().get(0).categories()).containsExactly("-1", "9", "10");
  }

  @Test
  void valuesThatDoNotFitAreNamed() {
    TableEncoder encoder = fit(Column.number("size"), Column.oneHot("place"));
    refused(
        encoder,
        "size,place,price\n1,sea,1\n1,moon,1\n",
        "o: line 3: column 'place': 'moon' was not among");
    refused(
        encoder, "size,place,price\nbig,sea,1\n", "line 2: column 'size': 'big' is not a number");
    refused(encoder, "size,place,price\n1e999,sea,1\n", "not a finite decimal number");
    refused(encoder, "size,place,price\n1f,sea,1\n", "not a finite decimal number");
    refused(encoder, "size,place,cost\n1,sea,1\n", "unknown column 'price'");
  }

  private static void refused(TableEncoder encoder, String csv, String reason) {
    assertThatThrownBy(() -> encoder.encode(Table.parseCsv("o", csv, ',')))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void schemasThatMakeNoSenseAreRefused() {
    assertThatThrownBy(() -> Column.oneHot("c").standardised()).hasMessageContaining("column 'c'");
    assertThatThrownBy(() -> Column.index("c").missing(Missing.mean()))
        .hasMessageContaining("neither mean");
    assertThatThrownBy(() -> TableSchema.regression(List.of(Column.number("x"))))
        .hasMessageContaining("targets");
    Table empty = Table.parseCsv("t", "x,y\n,1\n", ',');
    TableSchema schema =
        TableSchema.regression(
            List.of(Column.number("x").missing(Missing.drop())), Column.number("y"));
    assertThatThrownBy(() -> schema.fit(empty)).hasMessageContaining("none of 1 rows");
  }

  @Test
  void columnsAreWrittenAndReadBack() {
    for (Column column :
        List.of(
            Column.number("a").missing(Missing.median()).standardised(),
            Column.oneHot("b").missing(Missing.constant("none")),
            Column.index("c"))) {
      assertThat(Column.of(column.toSpec())).isEqualTo(column);
    }
    assertThatThrownBy(() -> Column.of(Spec.of("number", "name", "a", "missing", "meen")))
        .hasMessageContaining("did you mean 'mean'");
    assertThatThrownBy(() -> Column.of(Spec.of("numbr", "name", "a")))
        .hasMessageContaining("did you mean 'number'");
  }

  @Test
  @EnabledIfEnvironmentVariable(named = RealData.VARIABLE, matches = ".+")
  void readsCaliforniaHousing() {
    Table table = Table.readCsv(RealData.folder("housing").resolve("housing.csv"));
    assertThat(table.rows()).hasSize(20_640);
    Split<Table> split = table.split(0.2, 1);
    List<Column> features =
        Stream.concat(
                table.columns().subList(0, 8).stream()
                    .map(name -> Column.number(name).missing(Missing.median()).standardised()),
                Stream.of(Column.oneHot("ocean_proximity")))
            .toList();
    TableSchema schema =
        TableSchema.regression(features, Column.number("median_house_value").standardised());
    TableEncoder encoder = schema.fit(split.train());
    assertThat(encoder.featureNames()).hasSize(13).contains("ocean_proximity=<1H OCEAN");
    assertThat(encoder.encode(split.train()).size()).isEqualTo(16_512);
    assertThat(encoder.encode(split.validation()).size()).isEqualTo(4_128);
    Column bedrooms = Column.number("total_bedrooms").missing(Missing.drop());
    TableEncoder dropping =
        TableSchema.regression(List.of(bedrooms), Column.number("median_house_value")).fit(table);
    assertThat(dropping.encode(table).size()).isEqualTo(20_640 - 207);
  }
}
