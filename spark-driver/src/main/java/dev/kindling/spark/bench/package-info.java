/**
 * {@code kindling bench spark}: what training on Spark reaches, each figure beside a reference
 * measured in the same run.
 */
package dev.kindling.spark.bench;
