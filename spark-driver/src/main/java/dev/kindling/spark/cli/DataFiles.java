package dev.kindling.spark.cli;

import dev.kindling.data.DataException;
import dev.kindling.data.Dataset;
import dev.kindling.data.Normalisation;
import dev.kindling.data.RowFormat;
import dev.kindling.data.Split;
import dev.kindling.data.digits.SyntheticDigits;
import dev.kindling.data.format.Cifar10Dataset;
import dev.kindling.data.format.IdxDataset;
import dev.kindling.data.format.ImageFolder;
import dev.kindling.data.format.TextDataset;
import dev.kindling.data.format.Vocabulary;
import dev.kindling.spark.config.DataConfig;
import dev.kindling.spark.config.FilesConfig;
import dev.kindling.spark.data.DataFrameRows;
import dev.kindling.spark.data.DatasetRows;
import dev.kindling.spark.data.RowSource;
import dev.kindling.spark.data.RowsFile;
import dev.kindling.spark.metrics.RunDirectory;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * The data that a configuration names, read and checked before Spark starts.
 *
 * @param train the rows to train on
 * @param test the rows to evaluate on
 * @param isDrawn whether executors can make the rows themselves
 * @param names of the labels, for {@code predict}; none of data that Spark can read by their format
 */
record DataFiles(Dataset train, Dataset test, boolean isDrawn, List<String> names) {

  /**
   * Reads what this process has to read.
   *
   * @throws dev.kindling.data.DataException naming the file and what is wrong with it
   */
  static DataFiles open(DataConfig data) {
    Normalisation formula = data.normalisation();
    return switch (data.format()) {
      case "digits" ->
          new DataFiles(
              SyntheticDigits.train(formula), SyntheticDigits.test(formula), true, List.of());
      case "idx" -> {
        Path folder = Path.of(data.requiredPath());
        yield new DataFiles(
            IdxDataset.train(folder, formula), IdxDataset.test(folder, formula), false, List.of());
      }
      case "cifar10" -> {
        Path folder = Path.of(data.requiredPath());
        yield new DataFiles(
            Cifar10Dataset.train(folder, formula),
            Cifar10Dataset.test(folder, formula),
            false,
            List.of());
      }
      case "image_folder" -> images(data, data.files().orElseThrow());
      default -> characters(data, data.files().orElseThrow());
    };
  }

  private static DataFiles images(DataConfig data, FilesConfig files) {
    Path path = Path.of(data.requiredPath());
    ImageFolder all = ImageFolder.of(path, files.shape(), data.normalisation());
    if (files.testPath().isEmpty()) {
      return parts(all, files, all.classes());
    }
    Path testPath = Path.of(files.testPath().get());
    ImageFolder test = ImageFolder.of(testPath, files.shape(), data.normalisation());
    if (!test.classes().equals(all.classes())) {
      throw new DataException(
          "%s has the classes %s and %s %s; both need a folder for each class, of the same name"
              .formatted(path, all.classes(), testPath, test.classes()));
    }
    return new DataFiles(all, test, false, all.classes());
  }

  private static DataFiles characters(DataConfig data, FilesConfig files) {
    String text = TextDataset.read(Path.of(data.requiredPath()));
    Vocabulary vocabulary = Vocabulary.of(text);
    TextDataset all = new TextDataset(text, vocabulary, files.length());
    if (files.testPath().isEmpty()) {
      return parts(all, files, names(vocabulary));
    }
    String other = TextDataset.read(Path.of(files.testPath().get()));
    return new DataFiles(
        all, new TextDataset(other, vocabulary, files.length()), false, names(vocabulary));
  }

  private static List<String> names(Vocabulary vocabulary) {
    return vocabulary.characters().codePoints().mapToObj(Character::toString).toList();
  }

  /** Which rows are held out depends on the rows alone: every seed is tested on the same. */
  private static DataFiles parts(Dataset all, FilesConfig files, List<String> names) {
    Split<Dataset> split = Split.of(all, files.testShare(), 0);
    return new DataFiles(split.train(), split.validation(), false, names);
  }

  /** What every row is made of. */
  RowFormat format() {
    return train.format();
  }

  /** The rows on a cluster. */
  RunData on(JavaSparkContext spark) {
    return new OnCluster(this, spark);
  }

  private record OnCluster(DataFiles files, JavaSparkContext spark) implements RunData {
    @Override
    public RowFormat format() {
      return files.format();
    }

    @Override
    public RowSource trainRows() {
      Normalisation formula = format().normalisation();
      return files.isDrawn
          ? DatasetRows.drawn(spark, () -> SyntheticDigits.train(formula))
          : DatasetRows.sent(spark, files.train);
    }

    @Override
    public Optional<RowSource> testRows() {
      Normalisation formula = format().normalisation();
      return Optional.of(
          files.isDrawn
              ? DatasetRows.drawn(spark, () -> SyntheticDigits.test(formula))
              : DatasetRows.sent(spark, files.test));
    }

    @Override
    public Dataset test() {
      return files.test;
    }

    @Override
    public void keepIn(RunDirectory directory) {
      if (!files.names.isEmpty()) {
        directory.write(
            directory.features(),
            RowsFile.write(DataFrameRows.ofFiles(files.format(), files.names)));
      }
    }
  }
}
