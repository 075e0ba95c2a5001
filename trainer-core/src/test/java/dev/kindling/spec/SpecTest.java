package dev.kindling.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SpecTest {
  private final Spec spec =
      Spec.of("Layer", "rate", 0.5, "size", 3, "bias", true, "name", "a", "list", List.of(1, 2));

  @Test
  void readsWhatWasWritten() {
    assertThat(spec.number("rate")).isEqualTo(0.5);
    assertThat(spec.integer("size")).isEqualTo(3);
    assertThat(spec.flag("bias", false)).isTrue();
    assertThat(spec.text("name", "")).isEqualTo("a");
    assertThat(spec.list("list")).containsExactly(1, 2);
  }

  @Test
  void givesTheDefaultOfWhatWasNotWritten() {
    assertThat(spec.number("other", 2)).isEqualTo(2);
    assertThat(spec.integer("other", 4)).isEqualTo(4);
    assertThat(spec.flag("other", true)).isTrue();
    assertThat(spec.text("other", "b")).isEqualTo("b");
    assertThat(spec.has("other")).isFalse();
  }

  @Test
  void keepsTheOrderAndItsOwnCopy() {
    Map<String, Object> arguments = new HashMap<>(Map.of("a", 1));
    Spec copy = new Spec("Layer", arguments);
    arguments.put("b", 2);
    assertThat(copy.arguments()).containsOnlyKeys("a");
    assertThat(spec.arguments().keySet()).containsExactly("rate", "size", "bias", "name", "list");
  }

  @Test
  void namesTheArgumentAndTheMend() {
    assertThatThrownBy(() -> spec.allow("rate", "sizes", "bias", "name", "list"))
        .isInstanceOf(SpecException.class)
        .hasMessage(
            "Layer: unknown argument 'size'; did you mean 'sizes'?"
                + " Known: rate, sizes, bias, name, list");
    assertThatThrownBy(() -> spec.number("other")).hasMessage("Layer: argument 'other' is missing");
    assertThatThrownBy(() -> spec.number("name"))
        .hasMessage("Layer: argument 'name' is a; it must be a number");
    assertThatThrownBy(() -> spec.integer("rate"))
        .hasMessage("Layer: argument 'rate' is 0.5; it must be a whole number");
    assertThatThrownBy(() -> spec.flag("size", false))
        .hasMessage("Layer: argument 'size' is 3; it must be true or false");
    assertThatThrownBy(() -> spec.list("size"))
        .hasMessage("Layer: argument 'size' is 3; it must be a list");
  }

  @Test
  void theNearestNameNeedsTheFewestEdits() {
    List<String> known = List.of("epochs", "batch_size", "seed");
    assertThat(SpecException.nearest("epoch", known)).isEqualTo("epochs");
    assertThat(SpecException.nearest("batchsize", known)).isEqualTo("batch_size");
    assertThat(SpecException.nearest("sed", known)).isEqualTo("seed");
  }
}
