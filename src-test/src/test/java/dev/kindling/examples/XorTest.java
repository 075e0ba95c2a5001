package dev.kindling.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.function.LongFunction;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** XOR is learned from every one of twenty starts. */
class XorTest {
  private static final int STEPS = 10_000;

  @TestFactory
  Stream<DynamicTest> byHand() {
    return forEachSeed(seed -> XorByHand.train(seed, STEPS));
  }

  @TestFactory
  Stream<DynamicTest> byModules() {
    return forEachSeed(seed -> XorByModules.train(seed, STEPS));
  }

  private static Stream<DynamicTest> forEachSeed(LongFunction<float[]> outputs) {
    return LongStream.rangeClosed(1, 20)
        .mapToObj(
            seed ->
                DynamicTest.dynamicTest(
                    "seed " + seed,
                    () ->
                        assertThat(outputs.apply(seed))
                            .containsExactly(new float[] {0, 1, 1, 0}, within(0.1f))));
  }
}
