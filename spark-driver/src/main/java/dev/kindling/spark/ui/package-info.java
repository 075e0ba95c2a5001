/**
 * The Training tab of Spark's UI. A run posts events to Spark's listener bus; they are kept in the
 * store of the UI, and the page asks for them and draws. The same events stand in the event log, so
 * that the History Server shows the same page.
 */
package dev.kindling.spark.ui;
