package dev.kindling.spark.cli;

import dev.kindling.data.ElementType;
import dev.kindling.data.RowFormat;
import dev.kindling.data.Target;
import dev.kindling.data.format.Cifar10Dataset;
import dev.kindling.nn.Modules;
import dev.kindling.spark.config.ConfigException;
import dev.kindling.spark.config.DataConfig;
import dev.kindling.spark.config.FilesConfig;
import dev.kindling.spark.config.RunConfig;
import dev.kindling.spark.data.BadRowCount;
import dev.kindling.spark.data.Characters;
import dev.kindling.spark.data.DataFrameRows;
import dev.kindling.spark.metrics.RunDirectory;
import dev.kindling.spark.predict.Predictions;
import dev.kindling.spark.predict.ShippedNetwork;
import dev.kindling.train.StoredModel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes what a trained network says of the rows of a file, next to what they hold. */
@Command(
    name = "predict",
    mixinStandardHelpOptions = true,
    description = "Adds a trained network's predictions to the rows of a file.")
final class PredictCommand implements Callable<Integer> {
  private static final List<String> OUTPUT = List.of("parquet", "orc", "csv", "json");

  @Parameters(paramLabel = "RUN", description = "Run directory that train has left.")
  private String run;

  @Option(
      names = "--input",
      paramLabel = "PATH",
      required = true,
      description = "File or folder on any file system that Spark reads.")
  private String input;

  @Option(
      names = "--input-format",
      paramLabel = "FORMAT",
      description =
          "parquet, orc, csv, json, image, idx, cifar10 or another that Spark knows; that of the"
              + " training data by default.")
  private String inputFormat;

  @Option(
      names = "--option",
      paramLabel = "KEY=VALUE",
      description = "Option of Spark's reader, e.g. header=false. May be given several times.")
  private Map<String, String> options = Map.of();

  @Option(
      names = "--select",
      paramLabel = "EXPRESSION",
      description =
          "Expression of SQL that makes a column, e.g. 'image.data AS features'. May be given"
              + " several times; all columns as they are by default.")
  private List<String> select = List.of();

  @Option(
      names = "--output",
      paramLabel = "PATH",
      required = true,
      description = "Folder to write; it must not be there yet.")
  private String output;

  @Option(
      names = "--output-format",
      paramLabel = "FORMAT",
      defaultValue = "parquet",
      description = "parquet, orc, csv or json; ${DEFAULT-VALUE}.")
  private String outputFormat;

  @Option(
      names = "--keep",
      paramLabel = "COLUMN",
      split = ",",
      description = "Columns of the input that are written too; all by default.")
  private List<String> keep = List.of();

  @Mixin private Common common;

  @Override
  public Integer call() throws IOException {
    if (!OUTPUT.contains(outputFormat)) {
      throw new ConfigException(
          "--output-format is '%s'; it is one of %s"
              .formatted(outputFormat, String.join(", ", OUTPUT)));
    }
    RunDirectory directory = RunDirectory.ofRun(run);
    RunConfig config = RunConfig.read(directory.config(), common.overrides());
    StoredModel trained = ModelFile.read(Modules.of(config.model()), directory.model());
    DataFrameRows rows = rows(config.data(), directory);
    directory.release();
    try (SparkSession spark = SparkSettings.startSession(config)) {
      if (config.data().format().equals("characters")) {
        Characters.register(spark, rows);
      }
      Dataset<Row> data = reader(config.data()).read(spark, input);
      ShippedNetwork network = ShippedNetwork.to(spark, trained, rows);
      boolean isMade = inputFormat == null && config.data().files().isPresent();
      BadRowCount bad = rows.count(spark);
      write(Predictions.add(data, network, bad), data.columns(), isMade);
      bad.report().ifPresent(System.out::println);
    }
    System.out.println("written to " + output);
    return ExitCode.DONE;
  }

  /** How rows are read: as training has learned, or as image files are. */
  private static DataFrameRows rows(DataConfig data, RunDirectory directory) {
    if (data.frame().isPresent() || data.files().isPresent()) {
      return FrameData.learned(directory);
    }
    boolean isCifar10 = data.format().equals("cifar10");
    List<Integer> shape = isCifar10 ? List.of(3, 32, 32) : List.of(1, 28, 28);
    int classes = Cifar10Dataset.CLASSES.size(); // ten digits too
    return DataFrameRows.ofImages(
        new RowFormat(shape, ElementType.UINT8, Target.label(classes), data.normalisation()));
  }

  private FrameReader reader(DataConfig data) {
    boolean isOfTraining =
        data.frame().isPresent() && (inputFormat == null || inputFormat.equals(data.format()));
    if (isOfTraining && options.isEmpty() && select.isEmpty()) {
      return FrameReader.of(data);
    }
    String format = inputFormat != null ? inputFormat : data.format();
    if (format.equals("digits")) {
      throw new ConfigException(
          "the training data were drawn; name the format of the input: --input-format parquet");
    }
    boolean isMade = data.files().isPresent() && format.equals(data.format());
    return isMade ? made(format, data.files().get()) : new FrameReader(format, options, select);
  }

  private static FrameReader made(String format, FilesConfig files) {
    return format.equals("characters")
        ? FrameReader.ofLines()
        : FrameReader.ofPictures(files.shape());
  }

  /** What was made of a picture or a text is not written unless it is asked for. */
  private boolean isKept(String name, boolean isMade) {
    return keep.isEmpty() ? !isMade || !name.equals("features") : keep.contains(name);
  }

  private void write(Dataset<Row> said, String[] inputColumns, boolean isMade) {
    List<Column> columns = new ArrayList<>();
    for (String name : said.columns()) {
      boolean isInput = List.of(inputColumns).contains(name);
      if (!isInput || isKept(name, isMade)) {
        columns.add(WrittenColumn.of(said, name, outputFormat));
      }
    }
    Dataset<Row> chosen = said.select(columns.toArray(Column[]::new));
    try {
      chosen.write().format(outputFormat).option("header", "true").save(output);
    } catch (Exception e) {
      if (String.valueOf(e.getMessage()).contains("PATH_ALREADY_EXISTS")) {
        throw new ConfigException(output + " is there already; choose another --output", e);
      }
      throw e;
    }
  }
}
