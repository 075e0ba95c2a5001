/**
 * Small programs to copy from, each with a main method; beside each a test that holds its result.
 * Programs on real data take the folder of the files as their argument.
 */
package dev.kindling.examples;
