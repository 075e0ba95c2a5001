package dev.kindling.nn;

import dev.kindling.tensor.Shape;
import dev.kindling.tensor.Tensor;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * What PyTorch computed for one layer: the lines of a case in {@code pytorch.txt} or {@code
 * pytorch-losses.txt}.
 */
final class PyTorchCase {
  private final Map<String, Map<String, Tensor>> tensors = new LinkedHashMap<>();

  /** All layers by the name of the case. */
  static Map<String, PyTorchCase> layers() {
    return read("pytorch.txt");
  }

  /** All losses by the name of the case. */
  static Map<String, PyTorchCase> losses() {
    return read("pytorch-losses.txt");
  }

  private static Map<String, PyTorchCase> read(String resource) {
    Map<String, PyTorchCase> cases = new LinkedHashMap<>();
    try (BufferedReader lines = open(resource)) {
      lines
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(line -> line.split("\\|", -1))
          .forEach(f -> cases.computeIfAbsent(f[0], name -> new PyTorchCase()).add(f));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return cases;
  }

  private static BufferedReader open(String resource) {
    return new BufferedReader(
        new InputStreamReader(
            Objects.requireNonNull(PyTorchCase.class.getResourceAsStream(resource)),
            StandardCharsets.UTF_8));
  }

  private void add(String[] fields) {
    int[] sizes = numbers(fields[3], ",").mapToInt(Integer::parseInt).toArray();
    Tensor tensor = Tensor.placeholder(Shape.of(sizes));
    double[] elements = numbers(fields[4], " ").mapToDouble(Double::parseDouble).toArray();
    for (int i = 0; i < elements.length; i++) {
      tensor.array()[i] = (float) elements[i];
    }
    tensors.computeIfAbsent(fields[1], kind -> new LinkedHashMap<>()).put(fields[2], tensor);
  }

  private static Stream<String> numbers(String text, String separator) {
    return text.isEmpty() ? Stream.empty() : Arrays.stream(text.split(separator));
  }

  /** The tensors of one kind by name. */
  Map<String, Tensor> kind(String kind) {
    return tensors.getOrDefault(kind, Map.of());
  }

  /** An input. */
  Tensor in(String name) {
    return tensors.get("in").get(name);
  }

  /** The only input. */
  Tensor x() {
    return in("x");
  }
}
