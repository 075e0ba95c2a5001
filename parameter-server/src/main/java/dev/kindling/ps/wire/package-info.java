/**
 * What travels: every message owns its encoding, its length and its text. The bytes are drawn in
 * the module's README.
 */
package dev.kindling.ps.wire;
