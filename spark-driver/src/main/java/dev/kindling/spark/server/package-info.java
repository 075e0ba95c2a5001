/** Shards of the parameter server inside Spark: in executors, and with Spark's own secret. */
package dev.kindling.spark.server;
