package dev.kindling.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kindling.data.Dataset;
import dev.kindling.train.MetricSums;
import java.io.IOException;
import java.nio.file.Path;
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
    MetricSums learned = CifarCnn.train(few, few, 4);
    assertThat(learned.accuracy()).isGreaterThan(0.18);
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
    assertThat(CifarCnn.train(train, test, 5).accuracy()).isGreaterThanOrEqualTo(0.43);
  }
}
