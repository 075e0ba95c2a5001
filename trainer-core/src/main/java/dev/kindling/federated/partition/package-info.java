/** Makes clients of any rows: evenly, by shards of labels, or by a Dirichlet distribution. */
package dev.kindling.federated.partition;
