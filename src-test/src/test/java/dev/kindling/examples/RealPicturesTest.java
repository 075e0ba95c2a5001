package dev.kindling.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.data.Dataset;
import dev.kindling.train.MetricSums;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/** MNIST and CIFAR-10: a part always, the whole where {@code KINDLING_LONG_TESTS} is set. */
@EnabledIfEnvironmentVariable(named = TestData.FOLDER, matches = ".+")
class RealPicturesTest {
  private static Path cifar() {
    return TestData.folder("cifar10").resolve("cifar10-jpeg.zip");
  }

  @Test
  void mnistMlp() {
    Path mnist = TestData.folder("mnist");
    MetricSums test = MnistMlp.train(MnistCnn.trainImages(mnist), MnistCnn.testImages(mnist), 2);
    assertThat(test.accuracy()).isGreaterThan(0.965);
  }

  @Test
  void aTenthOfMnistWithConvolutions() {
    Path mnist = TestData.folder("mnist");
    Dataset few = TestData.first(6000, MnistCnn.trainImages(mnist));
    Dataset test = TestData.first(1000, MnistCnn.testImages(mnist));
    assertThat(MnistCnn.train(few, test, 1).accuracy()).isGreaterThan(0.9);
  }

  @Test
  void aFewPicturesOfCifar() throws IOException {
    Dataset few = CifarPictures.read(cifar(), "train", 100);
    assertThat(few.size()).isEqualTo(1000);
    List<MetricSums> epochs = Run.epochs(CifarCnn.trainer(few, few, 4), 4);
    assertThat(epochs.get(3).accuracy()).isGreaterThan(0.18);
    assertThat(epochs.get(3).loss()).as("falling").isLessThan(epochs.get(0).loss());
  }

  @Test
  @EnabledIfEnvironmentVariable(named = TestData.LONG, matches = ".+")
  void mnistCnn() {
    Path mnist = TestData.folder("mnist");
    MetricSums test = MnistCnn.train(MnistCnn.trainImages(mnist), MnistCnn.testImages(mnist), 2);
    assertThat(test.accuracy()).isGreaterThanOrEqualTo(0.985);
  }

  @Test
  @EnabledIfEnvironmentVariable(named = TestData.LONG, matches = ".+")
  void cifarCnn() throws IOException {
    Dataset train = CifarPictures.read(cifar(), "train", Integer.MAX_VALUE);
    Dataset test = CifarPictures.read(cifar(), "test", Integer.MAX_VALUE);
    assertThat(train.size()).isEqualTo(50_000);
    List<MetricSums> epochs = Run.epochs(CifarCnn.trainer(train, test, 5), 5);
    double last = epochs.get(4).accuracy();
    assertThat(last).isGreaterThanOrEqualTo(0.43);
    assertThat(last).as("rising").isGreaterThan(epochs.get(0).accuracy());
    assertThat(epochs.get(4).loss()).as("falling").isLessThan(epochs.get(0).loss());
  }
}
