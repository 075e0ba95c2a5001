package dev.kindling.spark.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.kindling.nn.Loss;
import dev.kindling.nn.Modules;
import dev.kindling.spec.Spec;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Layers and losses as YAML text: read, made, written, and read again. */
class WrittenFormTest {
  private static List<Written> items(String resource) {
    return root(resource).items();
  }

  private static Written root(String resource) {
    try (InputStream in = WrittenFormTest.class.getResourceAsStream(resource)) {
      byte[] bytes = Objects.requireNonNull(in).readAllBytes();
      return Yaml.parse(resource, new String(bytes, StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Text to what is made of it, and back. */
  private record Form(Function<Written, Spec> read, Function<Spec, Spec> make) {

    /** What was made says the same as the text, and its own text makes the same again. */
    void check(Written text) {
      Spec asWritten = read.apply(text);
      Spec made = make.apply(asWritten);
      assertThat(plain(made)).isEqualTo(plain(asWritten));
      String again = Yaml.write(made.written());
      assertThat(make.apply(read.apply(Yaml.parse("again", again)))).as(again).isEqualTo(made);
    }
  }

  private static final Form LAYER =
      new Form(
          text -> Described.readModel("model", text, Modules::of),
          spec -> Modules.of(spec).toSpec());

  private static final Form LOSS =
      new Form(text -> Described.read("loss", text, Loss::of), spec -> Loss.of(spec).toSpec());

  /** Nested layers and losses in one form, whether they were written as names, maps or lists. */
  private static Object plain(Object value) {
    if (value instanceof Spec spec) {
      Map<String, Object> arguments =
          spec.arguments().entrySet().stream()
              .collect(Collectors.toMap(Map.Entry::getKey, e -> argument(spec, e.getKey())));
      return Map.of(spec.type(), arguments);
    }
    return value;
  }

  private static Object argument(Spec spec, String name) {
    return switch (name) {
      case "layers", "branches", "shortcut" ->
          spec.arguments().get(name) instanceof List<?>
              ? spec.specs(name).stream().map(WrittenFormTest::plain).toList()
              : spec.arguments().get(name);
      case "loss" -> plain(spec.spec(name));
      default -> spec.arguments().get(name);
    };
  }

  private static Stream<DynamicTest> tests(String resource, Form form) {
    return items(resource).stream()
        .map(text -> dynamicTest(String.valueOf(text.plain()), () -> form.check(text)));
  }

  @TestFactory
  Stream<DynamicTest> aLayerIsReadAndWrittenWithoutLoss() {
    return tests("layers.yaml", LAYER);
  }

  @TestFactory
  Stream<DynamicTest> aLossIsReadAndWrittenWithoutLoss() {
    return tests("losses.yaml", LOSS);
  }

  @Test
  void everyLayerAndLossIsAmongThem() {
    assertThat(items("layers.yaml").stream().map(text -> LAYER.read.apply(text).type()))
        .containsAll(Modules.names());
    assertThat(items("losses.yaml").stream().map(text -> LOSS.read.apply(text).type()))
        .containsAll(Loss.names());
  }

  @Test
  void aWholeNetworkIsReadAndWrittenWithoutLoss() {
    Spec model = Described.readModel("model", root("layers.yaml"), Modules::of);
    Spec made = Modules.of(model).toSpec();
    String text = Yaml.write(Described.writeModel(made));
    Spec again = Described.readModel("model", Yaml.parse("again", text), Modules::of);
    assertThat(Modules.of(again).toSpec()).isEqualTo(made);
    assertThat(Modules.of(again).namedParameters().keySet())
        .isEqualTo(Modules.of(model).namedParameters().keySet());
  }
}
