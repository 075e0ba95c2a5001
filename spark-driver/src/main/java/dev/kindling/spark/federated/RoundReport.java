package dev.kindling.spark.federated;

import dev.kindling.federated.RoundResult;
import dev.kindling.train.MetricSums;

/**
 * A round and what it took.
 *
 * @param result what came of it
 * @param test on the held-out rows; no sample where it was not evaluated
 * @param seconds of the clients and the server, without the evaluation
 */
public record RoundReport(RoundResult result, MetricSums test, double seconds) {}
