/**
 * Client-level differential privacy: what leaves a round hardly tells whether a client took part.
 *
 * <p>Every update is clipped, the sum gets Gaussian noise and a fixed denominator ({@link
 * dev.kindling.federated.privacy.ClientPrivacy}); what the rounds so far have given away is
 * accounted in Renyi divergences ({@link dev.kindling.federated.privacy.PrivacyAccountant}).
 */
package dev.kindling.federated.privacy;
