/**
 * The way of the data to a batch: file formats give a {@link dev.kindling.data.Dataset} of encoded
 * rows, {@link dev.kindling.data.RowOrder} deals the rows to the logical replicas, a {@link
 * dev.kindling.data.Slice} keeps one replica's rows compact, {@link dev.kindling.data.EpochOrder}
 * permutes them and {@link dev.kindling.data.BatchShares} says which of them stand in a batch.
 */
package dev.kindling.data;
