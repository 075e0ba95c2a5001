/** What a trained network says of the rows of a DataFrame, computed on the executors. */
package dev.kindling.spark.predict;
