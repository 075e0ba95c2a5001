/** What the server does with the mean of the clients' updates. */
package dev.kindling.federated.server;
