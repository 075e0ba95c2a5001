package dev.kindling.federated;

import dev.kindling.train.MetricSums;
import java.util.SortedMap;

/**
 * What came of a round.
 *
 * @param round counted from one
 * @param asked clients that were asked
 * @param answered numbers of those whose updates were taken, ascending
 * @param failed why some of those that were asked broke off, by number; those that simply did not
 *     answer are not named
 * @param train loss and accuracy over the clients' local steps; no sample with privacy
 * @param epsilon what all rounds so far may have given away; 0 without privacy
 */
public record RoundResult(
    int round,
    int asked,
    int[] answered,
    SortedMap<Integer, ClientFailure> failed,
    MetricSums train,
    double epsilon) {}
