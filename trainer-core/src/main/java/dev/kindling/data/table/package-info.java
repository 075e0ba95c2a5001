/** Tables of comma-separated values, and a schema learned from their training rows. */
package dev.kindling.data.table;
