package dev.kindling.ps;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** Stands between workers and a server; either direction can fall silent, with nothing closed. */
public final class Relay implements AutoCloseable {
  private final ServerSocket listening;
  private final int target;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private volatile CountDownLatch towardsServer = new CountDownLatch(0);
  private volatile CountDownLatch towardsWorkers = new CountDownLatch(0);

  /** Listens, for a server at this port. */
  public Relay(int target) throws IOException {
    this.target = target;
    listening = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
    start(this::accept);
  }

  private static void start(Runnable task) {
    Thread thread = new Thread(task, "relay");
    thread.setDaemon(true);
    thread.start();
  }

  /** Where workers find it. */
  public int port() {
    return listening.getLocalPort();
  }

  /** What workers send stays here from now on. */
  public void stopTowardsServer() {
    towardsServer = new CountDownLatch(1);
  }

  /** What the server sends stays here from now on. */
  public void stopTowardsWorkers() {
    towardsWorkers = new CountDownLatch(1);
  }

  /** What the server has sent since then arrives now. */
  public void goOnTowardsWorkers() {
    towardsWorkers.countDown();
  }

  private void accept() {
    try {
      while (true) {
        Socket worker = listening.accept();
        Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
        sockets.addAll(List.of(worker, server));
        start(() -> copy(worker, server, true));
        start(() -> copy(server, worker, false));
      }
    } catch (IOException e) {
      goOn(); // closed
    }
  }

  private void copy(Socket from, Socket to, boolean isUpward) {
    byte[] buffer = new byte[1 << 16];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        (isUpward ? towardsServer : towardsWorkers).await();
        out.write(buffer, 0, read);
      }
      to.shutdownOutput();
    } catch (IOException e) {
      sockets.remove(from); // one side has closed
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void goOn() {
    towardsServer.countDown();
    towardsWorkers.countDown();
  }

  @Override
  public void close() throws IOException {
    goOn();
    listening.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
