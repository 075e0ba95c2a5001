/** Digits like handwriting, drawn from a seed: data without a file. */
package dev.kindling.data.digits;
