/** Seeded random changes of images after a batch was gathered. */
package dev.kindling.data.augment;
