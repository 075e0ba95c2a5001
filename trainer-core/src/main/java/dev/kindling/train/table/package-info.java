/**
 * Row-sparse tables: rows named by a 64-bit key, which take memory from the first gradient on. A
 * row that nobody has changed is drawn again, from a counter, whenever it is read.
 */
package dev.kindling.train.table;
