package dev.kindling.data.augment;

import dev.kindling.data.Checks;
import dev.kindling.spec.Spec;
import dev.kindling.spec.SpecException;
import java.io.Serializable;
import java.util.List;

/** A random change of an image that keeps what it shows. Immutable. */
public sealed interface Transform extends Serializable {

  /** Changes one image in place. */
  void apply(ImageSample image, SampleRandom random);

  /** The written form, read back by {@link #of(Spec)}. */
  Spec toSpec();

  /**
   * Reads a transform from its written form.
   *
   * @throws SpecException naming an unknown type or argument and the nearest known one
   */
  static Transform of(Spec spec) {
    return switch (spec.type()) {
      case "RandomCrop" -> {
        spec.allow("padding");
        yield new RandomCrop(spec.integer("padding", 4));
      }
      case "RandomHorizontalFlip" -> {
        spec.allow("p");
        yield new RandomHorizontalFlip((float) spec.number("p", 0.5));
      }
      case "Cutout" -> {
        spec.allow("size");
        yield new Cutout(spec.integer("size"));
      }
      default ->
          throw SpecException.unknown(
              "transforms",
              "type",
              spec.type(),
              List.of("RandomCrop", "RandomHorizontalFlip", "Cutout"));
    };
  }

  /**
   * Pads with black on every side, then cuts the old size out at a random place: a shift by up to
   * {@code padding} pixels each way.
   *
   * @param padding pixels on each side
   */
  record RandomCrop(int padding) implements Transform {
    /** Checks the padding. */
    public RandomCrop {
      Checks.positive("RandomCrop: padding", padding);
    }

    @Override
    public void apply(ImageSample image, SampleRandom random) {
      int down = random.between(-padding, padding);
      int right = random.between(-padding, padding);
      image.shift(down, right);
    }

    @Override
    public Spec toSpec() {
      return Spec.of("RandomCrop", "padding", padding);
    }
  }

  /**
   * Mirrors left and right with probability p.
   *
   * @param p from 0 to 1
   */
  record RandomHorizontalFlip(float p) implements Transform {
    /** Checks the probability. */
    public RandomHorizontalFlip {
      Checks.fraction("RandomHorizontalFlip: p", p);
    }

    @Override
    public void apply(ImageSample image, SampleRandom random) {
      if (random.uniform() < p) {
        image.mirror();
      }
    }

    @Override
    public Spec toSpec() {
      return Spec.of("RandomHorizontalFlip", "p", p);
    }
  }

  /**
   * Blackens a square around a random pixel; at the edge part of it lies outside (DeVries and
   * Taylor, 2017).
   *
   * @param size side of the square in pixels
   */
  record Cutout(int size) implements Transform {
    /** Checks the size. */
    public Cutout {
      Checks.positive("Cutout: size", size);
    }

    @Override
    public void apply(ImageSample image, SampleRandom random) {
      int top = random.between(0, image.height() - 1) - size / 2;
      int left = random.between(0, image.width() - 1) - size / 2;
      image.blacken(top, left, top + size, left + size);
    }

    @Override
    public Spec toSpec() {
      return Spec.of("Cutout", "size", size);
    }
  }
}
