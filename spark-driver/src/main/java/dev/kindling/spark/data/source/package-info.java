/**
 * Files of labelled images as data sources of Spark: {@code
 * spark.read().format("idx").load(folder)}, {@code format("cifar10")}. Columns {@code features}
 * (binary) and {@code label} (int).
 */
package dev.kindling.spark.data.source;
