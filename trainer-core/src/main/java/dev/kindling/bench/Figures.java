package dev.kindling.bench;

import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What the laps of one work gave. Rates are those of all threads together.
 *
 * @param threads that worked at once
 * @param flop floating-point operations of one repetition on one thread
 * @param laps of the work
 * @param peakLaps of {@link FmaPeak} or another reference, each beside a lap of the work
 */
record Figures(int threads, double flop, List<Lap> laps, List<Lap> peakLaps) {

  /** Seconds of a repetition, the median. */
  double seconds() {
    return median(laps, Lap::seconds);
  }

  /** Seconds of a repetition of the reference, the median. */
  double referenceSeconds() {
    return median(peakLaps, Lap::seconds);
  }

  /** How many times as long as the reference, the best laps of both. */
  double bestRatio() {
    return bestSeconds() / peakLaps.stream().mapToDouble(Lap::seconds).min().orElseThrow();
  }

  /** Seconds of a repetition, the best lap. */
  double bestSeconds() {
    return laps.stream().mapToDouble(Lap::seconds).min().orElseThrow();
  }

  /** FLOP a second, the median, in billions. */
  double gflops() {
    return 1e-9 * threads * flop / seconds();
  }

  /** The processor's, the median, in billions. */
  double peakGflops() {
    return 1e-9 * threads * FmaPeak.FLOP / median(peakLaps, Lap::seconds);
  }

  /** The part of the peak that the work reaches. */
  double peakShare() {
    return gflops() / peakGflops();
  }

  /** The part of the peak in the best laps of both: what a disturbed machine says most truly. */
  double bestPeakShare() {
    double peakSeconds = peakLaps.stream().mapToDouble(Lap::seconds).min().orElseThrow();
    return flop / bestSeconds() / (FmaPeak.FLOP / peakSeconds);
  }

  /** Bytes that a thread allocates in a repetition, the median. */
  double bytes() {
    return median(laps, Lap::bytes);
  }

  private static double median(List<Lap> laps, ToDoubleFunction<Lap> figure) {
    double[] sorted = laps.stream().mapToDouble(figure).toArray();
    Arrays.sort(sorted);
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }
}
