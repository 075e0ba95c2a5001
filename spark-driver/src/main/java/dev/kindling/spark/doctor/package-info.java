/** What stands in the way of a run on this machine and on a cluster, and what to do about it. */
package dev.kindling.spark.doctor;
