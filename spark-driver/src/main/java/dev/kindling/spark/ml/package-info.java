/**
 * A network as a stage of spark.ml's pipelines. Needs spark.ml on the class path; nothing else of
 * the project loads this package.
 */
package dev.kindling.spark.ml;
