package dev.kindling.architecture.broken.spark.job;

import dev.kindling.architecture.broken.spark.ui.Tab;

/** Breaks the rule on cycles. */
public final class Loop {
  Tab tab;
}
