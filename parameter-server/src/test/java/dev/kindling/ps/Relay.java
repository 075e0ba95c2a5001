package dev.kindling.ps;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/**
 * Stands between workers and a server; either direction can fall silent, with nothing closed. The
 * server may come back at another port.
 */
public final class Relay implements AutoCloseable {
  private static final int NOBODY = -1;

  private final ServerSocket listening;
  private volatile int target;
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

  /** All connections break, and those who come find nobody. */
  public void cut() {
    target = NOBODY;
    sockets.forEach(Relay::close);
    sockets.clear();
  }

  /** Those who come from now on reach a server at this port. */
  public void turnTo(int port) {
    target = port;
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
        connect(listening.accept());
      }
    } catch (IOException e) {
      goOn(); // closed
    }
  }

  private void connect(Socket worker) throws IOException {
    int port = target;
    if (port == NOBODY) {
      worker.close();
      return;
    }
    Socket server = new Socket();
    worker.setTcpNoDelay(true);
    server.setTcpNoDelay(true);
    try {
      server.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    } catch (ConnectException e) { // nobody is there: whoever comes is sent away
      worker.close();
      return;
    }
    sockets.addAll(List.of(worker, server));
    if (target != port) { // cut meanwhile
      close(worker);
      close(server);
      return;
    }
    start(() -> copy(worker, server, true));
    start(() -> copy(server, worker, false));
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
      close(to);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void goOn() {
    towardsServer.countDown();
    towardsWorkers.countDown();
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
