package dev.kindling.federated;

import java.util.SortedMap;

/**
 * The state of a run between two rounds. Arrays are shared.
 *
 * @param round rounds done
 * @param clients of the run
 * @param values the flat vector
 * @param state the server's vectors, in the order of the algorithm's names
 * @param control SCAFFOLD's mean control variate, else empty
 * @param controls SCAFFOLD's control variates by client
 */
public record FederatedSnapshot(
    int round,
    int clients,
    float[] values,
    float[][] state,
    float[] control,
    SortedMap<Integer, float[]> controls) {}
