package dev.kindling.architecture.broken.kernel;

import dev.kindling.architecture.broken.train.Careless;

/** Breaks the direction kernel -> nothing. */
public final class LooksUp {
  final Careless trainer = new Careless();
}
