/**
 * Checkpoints: copies of the shards at one step, taken while steps go on.
 *
 * <pre>
 * terms/3                               one file for each start of the shards
 * step-1876/shard-0-term-3.safetensors  values and optimizer state
 * step-1876/table-0-term-3.rows         a row-sparse table, see {@link
 *                                       dev.kindling.ps.checkpoint.TableFile}
 * step-1876/manifest-term-3             sizes and CRC32C of the files
 * step-1876/COMMITTED                   names the manifest; written last
 * </pre>
 *
 * What has no {@code COMMITTED} is never read. Each of several processes has such a folder of its
 * own, {@code share-1-of-2}, whose vectors are those of its buckets.
 */
package dev.kindling.ps.checkpoint;
