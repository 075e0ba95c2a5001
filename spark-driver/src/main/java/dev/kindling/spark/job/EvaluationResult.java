package dev.kindling.spark.job;

import dev.kindling.train.Evaluation;
import dev.kindling.train.MetricSums;

/**
 * What an evaluation amid an epoch gave.
 *
 * @param step version of the parameters
 * @param train sums over the training samples since the epoch's start
 * @param test sums over the test samples
 * @param metrics of the test samples, by name
 */
public record EvaluationResult(long step, MetricSums train, MetricSums test, Evaluation metrics) {}
