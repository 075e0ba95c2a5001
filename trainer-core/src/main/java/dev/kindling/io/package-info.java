/**
 * Tensors in files: the safetensors format, and files that are either whole or not there.
 *
 * <p>Knows the JDK only, not even the tensors: values come and go as NIO buffers.
 */
package dev.kindling.io;
