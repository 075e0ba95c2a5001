/**
 * Federated averaging in one process: who takes part in a round, what a client computes, in which
 * order the updates are added, what the server makes of them, and what is kept of a run.
 *
 * <pre>
 * {@link dev.kindling.federated.RoundPlan}        who takes part, and who answers
 * {@link dev.kindling.federated.AskedClients}     trains those asked; one that breaks off is left out
 * {@link dev.kindling.federated.ClientTrainer}    local training of one client
 * {@link dev.kindling.federated.UpdateSum}        added along a tree over the sorted clients
 * {@link dev.kindling.federated.FederatedServer}  moves the parameters
 * {@link dev.kindling.federated.LocalFederation}  all of it on one thread: the reference
 * </pre>
 */
package dev.kindling.federated;
