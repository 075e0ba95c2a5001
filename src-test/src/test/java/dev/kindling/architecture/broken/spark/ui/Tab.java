package dev.kindling.architecture.broken.spark.ui;

import dev.kindling.architecture.broken.spark.job.Loop;

/** Breaks the rule on cycles. */
public final class Tab {
  Loop loop;
}
