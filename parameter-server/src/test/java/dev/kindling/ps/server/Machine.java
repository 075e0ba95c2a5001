package dev.kindling.ps.server;

import dev.kindling.ps.server.RemoteServer.Place;

/** What a standalone server runs on: it can be lost, and another one can come in its place. */
interface Machine extends AutoCloseable {
  /** Where whoever is there is reached, all the time. */
  Place place() throws Exception;

  /** The server is gone, without a word. */
  void kill() throws Exception;

  /** Another one is there, which knows of no run. */
  void startAgain() throws Exception;

  @Override
  void close() throws Exception;
}
