/**
 * Speed, measured: programs that need neither data nor Spark, beside the processor's peak in the
 * same run.
 */
package dev.kindling.bench;
