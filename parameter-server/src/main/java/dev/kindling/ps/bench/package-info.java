/**
 * {@code kindling bench server}: what the parameter server reaches, each figure beside a reference
 * measured in the same run.
 */
package dev.kindling.ps.bench;
