package dev.kindling.ps.client;

import dev.kindling.ps.ParameterServerException;
import dev.kindling.ps.ParameterServerException.Reason;
import dev.kindling.ps.ServerLocation;
import dev.kindling.ps.TableParts;
import dev.kindling.ps.Worker;
import dev.kindling.ps.wire.Dropped;
import dev.kindling.ps.wire.Failed;
import dev.kindling.ps.wire.FloatEncoding;
import dev.kindling.ps.wire.Floats;
import dev.kindling.ps.wire.Join;
import dev.kindling.ps.wire.Joined;
import dev.kindling.ps.wire.Message;
import dev.kindling.ps.wire.Outbox;
import dev.kindling.ps.wire.Pull;
import dev.kindling.ps.wire.Push;
import dev.kindling.ps.wire.PushRows;
import dev.kindling.ps.wire.Reduced;
import dev.kindling.ps.wire.Refused;
import dev.kindling.ps.wire.Report;
import dev.kindling.ps.wire.Rows;
import dev.kindling.ps.wire.Values;
import dev.kindling.ps.wire.WireException;
import dev.kindling.train.Buckets;
import dev.kindling.train.NoiseScale.Estimate;
import dev.kindling.train.ReplicaTree.Node;
import dev.kindling.train.table.SparseRows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The worker's end of its connections, or that of all workers of a JVM: which versions it holds,
 * what it pushed and what has to be sent again. Knows no socket and no clock; a simulated network
 * drives it as well. Thread-safe: the workers' threads and those of the connections call it.
 *
 * <p>Buckets belong to the servers in turn: bucket b to server b modulo their number; so do the
 * parts of tables behind them. What is missing is sent again as often as the transport likes: the
 * shards drop what they have and answer what they have applied.
 */
public final class WorkerProtocol {
  private static final int NOT_JOINED = 0;

  private final ServerLocation location;
  private final Worker worker;
  private final Outbox[] servers;
  private final Buckets buckets;
  private final TableParts parts;
  private final float[][] values;
  private final List<Node> nodes;

  private final int[] terms;
  private final int[] newestTerms;
  private final long[] steps;
  private final long[] held;
  private final Pushed[] pushed;
  private final int[] arrived;
  private long current;
  private long reading;
  private long newest = Long.MIN_VALUE;
  private long missed = Long.MIN_VALUE;
  private boolean joined;
  private final JvmSums sums;
  private final OpenReductions reductions;
  private final List<RowQuestion> questions = new ArrayList<>();
  private int nextRequest;
  private volatile long complete = Long.MIN_VALUE;
  private volatile ParameterServerException failure;

  /** What one node has pushed: the step of each bucket, and whether it has yet to leave. */
  private static final class Pushed {
    private final long[] steps; // the tables follow the buckets
    private final int[] ages;
    private final boolean[] isWaiting;
    private final SparseRows[] rows;
    private float[] sums;
    private double weight;

    Pushed(int count, int tables) {
      steps = new long[count + tables];
      ages = new int[count];
      isWaiting = new boolean[count + tables];
      rows = new SparseRows[tables];
      forget();
    }

    void forget() {
      Arrays.fill(steps, Long.MIN_VALUE);
      Arrays.fill(isWaiting, false);
    }
  }

  /**
   * A worker that has not joined.
   *
   * @param servers one for each server process, in the order of the location's addresses
   */
  public WorkerProtocol(ServerLocation location, Worker worker, Outbox... servers) {
    this(location, worker, List.of(new Node(worker.lo(), worker.hi())), servers);
  }

  /**
   * Workers that have not joined, and do so as one.
   *
   * @param worker what the servers know them as
   * @param replicas those of each of the workers
   */
  public WorkerProtocol(
      ServerLocation location, Worker worker, List<Node> replicas, Outbox... servers) {
    this.location = location;
    this.worker = worker;
    this.servers = servers.clone();
    buckets = location.buckets();
    parts = new TableParts(servers.length);
    values = new float[location.staleness() + 2][Math.toIntExact(buckets.length())];
    arrived = new int[values.length];
    nodes = nodes(location, replicas);
    sums = new JvmSums(location, replicas, nodes, new Kept());
    reductions = new OpenReductions(servers.length, replicas.size());
    terms = new int[servers.length];
    newestTerms = new int[servers.length];
    steps = new long[servers.length];
    held = new long[buckets.count() + location.tables()];
    pushed =
        nodes.stream()
            .map(n -> new Pushed(buckets.count(), location.tables()))
            .toArray(Pushed[]::new);
  }

  /** What may be sent: the largest nodes of all replicas, and each where none is awaited. */
  private static List<Node> nodes(ServerLocation location, List<Node> replicas) {
    Set<Node> nodes = new LinkedHashSet<>(location.tree().cover(replicas));
    if (location.asynchronous()) {
      replicas.forEach(range -> nodes.addAll(location.tree().leaves(range)));
    }
    return List.copyOf(nodes);
  }

  /** Asks every server for a place; also after the shards were recovered. */
  public synchronized void join() {
    failure = null;
    rejoin();
  }

  /** Asks for a place at the run's present step: the others have gone on without this worker. */
  public synchronized void rejoin() {
    joined = false;
    complete = Long.MIN_VALUE;
    newest = Long.MIN_VALUE;
    missed = Long.MIN_VALUE;
    Arrays.fill(terms, NOT_JOINED);
    forgetPushes(); // what waits to leave was for the place before
    sums.forget();
    reductions.forget();
    for (int server = 0; server < servers.length; server++) {
      sendJoin(server);
    }
  }

  /**
   * Asks one server's place for this worker again: its standby has taken its place, or the
   * connection broke. The worker stays at its step, and what was not answered is sent again.
   */
  public synchronized void rejoin(int server) {
    terms[server] = NOT_JOINED;
    sendJoin(server);
  }

  /** Whether a server has given this worker its place. */
  public synchronized boolean isJoined(int server) {
    return terms[server] != NOT_JOINED;
  }

  /** Whether the one who gives this worker a place was replaced by its standby, unknowing. */
  public synchronized boolean isReplaced(int server, Joined j) {
    return location.hasStandbys() && j.term() < newestTerms[server];
  }

  private void sendJoin(int server) {
    servers[server].send(
        new Join(
            location.run(),
            worker,
            location.tree().replicas(),
            buckets.size(),
            buckets.length(),
            location.rounding().format()));
  }

  /** Whether every server has given this worker its place. */
  public synchronized boolean isJoined() {
    return joined;
  }

  /** The first step to compute, once joined. */
  public synchronized long firstStep() {
    return Arrays.stream(steps).min().orElseThrow();
  }

  /** Why nothing will go on; null while it does. */
  public ParameterServerException failure() {
    return failure;
  }

  /** Ends the worker; the first cause counts. */
  public synchronized void fail(ParameterServerException cause) {
    if (failure == null) {
      failure = cause;
    }
  }

  /**
   * Whether the others have gone on so far without this worker that a version may be gone. Whatever
   * is pushed for its step is refused: that step is applied.
   */
  public synchronized boolean isOvertaken(long version) {
    return joined && newest >= version + values.length;
  }

  /** The newest version of which every bucket is here. */
  public long newestHeld() {
    return complete;
  }

  /** Whether every bucket of the version is here. */
  public boolean holds(long version) {
    return complete >= version;
  }

  private void forgetPushes() {
    for (Pushed node : pushed) {
      node.forget();
    }
  }

  /**
   * Whether a bucket's version is here, or a table's; the tables are numbered behind the buckets.
   */
  public synchronized boolean holds(int bucket, long version) {
    return joined && held[bucket] >= version;
  }

  /**
   * The worker goes on to a version that is complete, or arrives; pushes are for this step from now
   * on.
   */
  public synchronized float[] begin(long version) {
    return begin(version, version);
  }

  /** The same with values that are a little older than the step. */
  public synchronized float[] begin(long step, long version) {
    reading = Math.max(reading, version);
    if (step > current) {
      current = step;
      if (!isRead()) { // what was pushed before is being overwritten
        forgetPushes();
      }
      if (missed > version) { // it came when there was no place for it
        pull(version + 1);
      }
    }
    return place(version);
  }

  /** Where a version belongs, whatever is there. */
  public float[] place(long version) {
    return values[(int) (version % values.length)];
  }

  /**
   * Sends a bucket of the current step, once the other workers of this JVM have brought what is
   * added to it; while too much waits to leave, keeps it for {@link #sendWaiting}.
   */
  public void push(long step, int bucket, int lo, int hi, float[] gradient, double weight) {
    sums.push(step, bucket, lo, hi, gradient, weight);
  }

  /** Sends the gradients of a table's rows of the current step. */
  public void pushRows(long step, int table, int lo, int hi, SparseRows rows, double weight) {
    sums.pushRows(step, table, lo, hi, rows, weight);
  }

  /** The gradient noise of what the workers of this JVM have added. */
  public Estimate noise() {
    return sums.noise();
  }

  /** Keeps what is pushed until it was answered. */
  private final class Kept implements JvmSums.Target {
    @Override
    public void push(int node, long step, int bucket, float[] gradient, double weight) {
      synchronized (WorkerProtocol.this) {
        pushed[node].sums = gradient;
        pushed[node].weight = weight;
        pushed[node].steps[bucket] = step;
        pushed[node].ages[bucket] = (int) Math.max(0, step - reading);
        if (isRead()) {
          pushed[node].isWaiting[bucket] = true;
          sendWaiting(server(bucket));
        } else {
          send(node, bucket);
        }
      }
    }

    @Override
    public void pushRows(int node, long step, int table, SparseRows rows, double weight) {
      List<SparseRows> dealt = parts.deal(rows);
      synchronized (WorkerProtocol.this) {
        pushed[node].weight = weight;
        for (int part = 0; part < dealt.size(); part++) {
          int number = parts.number(table, part);
          pushed[node].rows[number] = dealt.get(part);
          pushed[node].steps[buckets.count() + number] = step;
          send(node, buckets.count() + number);
        }
      }
    }
  }

  /**
   * Sends what was kept, for as long as the server's outbox likes. The first buckets go first,
   * though backward finishes them last: the next forward begins with them.
   */
  public synchronized void sendWaiting(int server) {
    for (int bucket = server; bucket < buckets.count(); bucket += servers.length) {
      for (int node = 0; node < pushed.length; node++) {
        if (pushed[node].isWaiting[bucket]) {
          if (!servers[server].isWritable()) {
            return;
          }
          send(node, bucket);
        }
      }
    }
  }

  private void send(int number, int bucket) {
    Node node = nodes.get(number);
    Pushed what = pushed[number];
    what.isWaiting[bucket] = false;
    if (bucket >= buckets.count()) {
      sendRows(node, what, bucket);
      return;
    }
    int server = server(bucket);
    if (terms[server] == NOT_JOINED) { // whoever takes its place is sent it
      return;
    }
    Floats floats =
        new Floats(what.sums, Math.toIntExact(buckets.from(bucket)), buckets.length(bucket));
    servers[server].send(
        new Push(
            worker.incarnation(),
            terms[server],
            what.steps[bucket],
            bucket,
            node.lo(),
            node.hi(),
            what.ages[bucket],
            what.weight,
            encoding(bucket),
            isRead() ? floats : floats.copy())); // else it may still be on its way
  }

  /** Whether all that a worker has pushed was read when it holds the next version. */
  private boolean isRead() {
    return location.staleness() == 0 && !location.asynchronous();
  }

  private FloatEncoding encoding(int bucket) {
    return FloatEncoding.of(location.rounding(), buckets.from(bucket), buckets.length(bucket));
  }

  private int server(int bucket) {
    return bucket % servers.length;
  }

  private void sendRows(Node node, Pushed what, int number) {
    int table = number - buckets.count();
    SparseRows rows = what.rows[table];
    int pieces = PushRows.pieces(rows);
    for (int piece = 0; piece < pieces; piece++) {
      servers[server(number)].send(
          new PushRows(
              worker.incarnation(),
              terms[server(number)],
              what.steps[number],
              table,
              node.lo(),
              node.hi(),
              what.weight,
              piece,
              pieces,
              PushRows.piece(rows, piece)));
    }
  }

  /** Asks for rows of a table, each where it is. */
  public synchronized List<RowQuestion> pullRows(
      long version, int table, long[] keys, float[] into) {
    List<RowQuestion> asked = new ArrayList<>();
    int width = into.length / Math.max(1, keys.length);
    int[][] places = parts.places(keys);
    for (int part = 0; part < places.length; part++) {
      if (places[part].length > 0) {
        long[] own = Arrays.stream(places[part]).mapToLong(place -> keys[place]).toArray();
        RowQuestion question =
            new RowQuestion(
                parts.number(table, part), version, own, places[part], into, width, nextRequest);
        nextRequest += question.pieces();
        asked.add(question);
        ask(question);
      }
    }
    questions.addAll(asked);
    return asked;
  }

  private void ask(RowQuestion question) {
    int server = serverOf(question);
    question.missing(terms[server], servers[server]::send);
  }

  private int serverOf(RowQuestion question) {
    return server(buckets.count() + question.table());
  }

  /** Whether all rows that were asked for are in their place. */
  public synchronized boolean areAnswered(List<RowQuestion> asked) {
    return asked.stream().noneMatch(questions::contains);
  }

  /** Sends a copy of a client's part of a bucket. */
  public synchronized void answer(long round, int bucket, int client, float[] sums, double weight) {
    int server = server(bucket);
    Floats floats =
        new Floats(sums, Math.toIntExact(buckets.from(bucket)), buckets.length(bucket)).copy();
    servers[server].send(
        new Push(
            worker.incarnation(),
            terms[server],
            round,
            bucket,
            client,
            client + 1,
            weight,
            encoding(bucket),
            floats));
  }

  /** Tells that a client will not answer. */
  public synchronized void drop(long round, int client) {
    for (int server = 0; server < servers.length; server++) {
      servers[server].send(new Dropped(worker.incarnation(), terms[server], round, client));
    }
  }

  /** Brings a worker's part of a sum over all replicas. */
  public synchronized void reduce(long key, Map<Node, double[]> vectors) {
    reductions.add(key, vectors);
    for (int server = 0; server < servers.length; server++) {
      if (terms[server] != NOT_JOINED) {
        reductions.send(key, vectors, server, terms[server], servers[server]::send);
      }
    }
  }

  /** Whether a sum is finished. */
  public synchronized boolean isReduced(long key) {
    return reductions.isFinished(key);
  }

  /** A finished sum, once for each worker of this JVM. */
  public synchronized double[] reduced(long key) {
    return reductions.take(key);
  }

  /** Tells how far a worker is. */
  public void report(Worker of, long step, long computeNanos, long exchangeNanos) {
    for (Outbox server : servers) {
      server.send(new Report(of.name(), of.lo(), of.hi(), step, computeNanos, exchangeNanos));
    }
  }

  /** Tells of an error that starting this worker again would not mend. */
  public void reportFailure(String message) {
    servers[0].send(new Failed(message));
  }

  /**
   * Where the floats of arriving values belong.
   *
   * @return null if they are not wanted, or not any more
   */
  public synchronized Floats target(int server, Values header, int length) {
    int bucket = header.bucket();
    if (bucket < 0 || bucket >= held.length || length != length(bucket)) {
      throw new WireException(
          "values of bucket %d with %d floats; there are %d buckets of %d and %d tables"
              .formatted(bucket, length, buckets.count(), buckets.size(), location.tables()));
    }
    if (header.term() == terms[server] && !location.asynchronous()) { // nobody is overtaken there
      newest = Math.max(newest, header.version());
      missed = header.version() > furthest() ? Math.max(missed, header.version()) : missed;
    }
    return isWanted(server, header)
        ? new Floats(place(header.version()), bucket < buckets.count() ? from(bucket) : 0, length)
        : null;
  }

  private int from(int bucket) {
    return Math.toIntExact(buckets.from(bucket));
  }

  /** Floats that travel: a table's rows stay where they are. */
  private int length(int bucket) {
    return bucket < buckets.count() ? buckets.length(bucket) : 0;
  }

  /** Only the version after the held one, and never into the array that is being read. */
  private boolean isWanted(int server, Values header) {
    return joined
        && header.term() == terms[server]
        && server(header.bucket()) == server
        && header.version() == held[header.bucket()] + 1
        && header.version() <= furthest();
  }

  /** The last version whose place is not that of the one that is being read. */
  private long furthest() {
    return reading + values.length - 1;
  }

  /** Takes a message; the floats of {@link Values} are in place already. */
  public synchronized void receive(int server, Message message) {
    if (message instanceof Values v) {
      received(server, v);
    } else if (message instanceof Joined j) {
      joined(server, j);
    } else if (message instanceof Reduced r) {
      reductions.answered(server, r);
    } else if (message instanceof Rows r) {
      if (r.term() == terms[server]) {
        questions.removeIf(question -> question.take(r));
      }
    } else if (message instanceof Refused r) {
      fail(new ParameterServerException(r.reason(), r.text()));
    } else {
      throw new WireException("a server does not send " + message.type());
    }
  }

  private void received(int server, Values v) {
    if (!isWanted(server, v)) {
      return;
    }
    held[v.bucket()] = v.version();
    int slot = (int) (v.version() % values.length);
    if (++arrived[slot] == held.length) {
      arrived[slot] = 0;
      complete = v.version();
    }
  }

  private void joined(int server, Joined j) {
    if (j.incarnation() != worker.incarnation()) {
      return;
    }
    if (isReplaced(server, j)) {
      return;
    }
    newestTerms[server] = j.term();
    boolean isPromoted = location.hasStandbys() && j.term() > terms[server];
    if (terms[server] != NOT_JOINED && !isPromoted) {
      if (j.term() > terms[server]) {
        fail(
            new ParameterServerException(
                Reason.STALE_TERM,
                "%s: the shards were recovered (term %d); join again".formatted(worker, j.term())));
      }
      return;
    }
    terms[server] = j.term();
    steps[server] = j.step();
    if (joined) {
      resend(server);
    } else if (Arrays.stream(terms).noneMatch(term -> term == NOT_JOINED)) {
      start(firstStep());
    }
  }

  private void start(long step) {
    joined = true;
    current = step - 1;
    reading = step - 1;
    Arrays.fill(arrived, 0);
    Arrays.fill(held, step - 1);
    questions.clear();
    pull(step);
  }

  /** Asks every server for its buckets. */
  public synchronized void pull(long version) {
    for (int server = 0; server < servers.length; server++) {
      servers[server].send(new Pull(terms[server], Pull.ALL, version));
    }
  }

  /** Sends again whatever has not been answered by a server. */
  public synchronized void resend(int server) {
    if (terms[server] == NOT_JOINED) {
      sendJoin(server);
    }
    if (!joined || terms[server] == NOT_JOINED) {
      return;
    }
    for (int bucket = server; bucket < held.length; bucket += servers.length) {
      if (held[bucket] <= current) {
        resend(server, bucket);
      }
    }
    reductions.unanswered(server, terms[server], servers[server]::send);
    questions.stream().filter(question -> serverOf(question) == server).forEach(this::ask);
  }

  private void resend(int server, int bucket) {
    boolean isPushed = false;
    for (int n = 0; n < pushed.length; n++) {
      if (pushed[n].steps[bucket] >= held[bucket]) {
        isPushed = true;
        send(n, bucket);
      }
    }
    if (!isPushed) { // nothing yet, or a client's answer: the next version is asked for
      servers[server].send(new Pull(terms[server], bucket, held[bucket] + 1));
    }
  }
}
