package dev.kindling.examples;

import dev.kindling.data.Split;
import dev.kindling.data.table.Column;
import dev.kindling.data.table.Missing;
import dev.kindling.data.table.Table;
import dev.kindling.data.table.TableEncoder;
import dev.kindling.data.table.TableSchema;
import dev.kindling.nn.Linear;
import dev.kindling.nn.MSELoss;
import dev.kindling.nn.Module;
import dev.kindling.nn.ReLU;
import dev.kindling.nn.Sequential;
import dev.kindling.optim.Adam;
import dev.kindling.optim.Schedule;
import dev.kindling.train.TrainingConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** California's house prices of 1990: missing values, a category, a line against a network. */
public final class Housing {
  private static final List<String> NUMBERS =
      List.of(
          "longitude",
          "latitude",
          "housing_median_age",
          "total_rooms",
          "population",
          "households",
          "median_income");

  private Housing() {}

  static TableSchema schema() {
    List<Column> features = new ArrayList<>();
    NUMBERS.forEach(name -> features.add(Column.number(name).standardised()));
    features.add(Column.number("total_bedrooms").missing(Missing.median()).standardised());
    features.add(Column.oneHot("ocean_proximity"));
    return TableSchema.regression(features, Column.number("median_house_value").standardised());
  }

  static Module line(int features) {
    return new Linear(features, 1);
  }

  static Module network(int features) {
    return new Sequential(
        new Linear(features, 64), new ReLU(), new Linear(64, 64), new ReLU(), new Linear(64, 1));
  }

  /** The share of the variance of the test prices that a model leaves unexplained. */
  static double unexplained(Module model, TableEncoder encoder, Split<Table> tables, int epochs) {
    TrainingConfig config =
        new TrainingConfig(
            model, new MSELoss(), new Adam(0.003), new Schedule.Constant(), 64, epochs, 1, 1);
    return Run.fit(
            Run.of(config, encoder.encode(tables.train()), encoder.encode(tables.validation())),
            epochs)
        .loss();
  }

  /** Fits both; the argument is the file housing.csv. */
  public static void main(String[] args) {
    Split<Table> tables = Table.readCsv(Path.of(args[0])).split(0.2, 1);
    TableEncoder encoder = schema().fit(tables.train());
    int features = encoder.format().features();
    System.out.println("line: " + unexplained(line(features), encoder, tables, 10));
    System.out.println("network: " + unexplained(network(features), encoder, tables, 10));
  }
}
