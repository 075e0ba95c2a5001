package dev.kindling.ps.bench;

import dev.kindling.ps.transport.LoopbackEcho;

/**
 * Frames sent to a server that sends every byte back.
 *
 * @param frames of a round
 * @param bytes of a frame
 */
record Echo(int frames, int bytes) {
  double secondsPerRound(int rounds) throws InterruptedException {
    try (LoopbackEcho echo = new LoopbackEcho(frames, bytes)) {
      echo.rounds(rounds / 10);
      long start = System.nanoTime();
      echo.rounds(rounds);
      return (System.nanoTime() - start) * 1e-9 / rounds;
    }
  }
}
