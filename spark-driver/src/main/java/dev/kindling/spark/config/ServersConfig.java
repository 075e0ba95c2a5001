package dev.kindling.spark.config;

import dev.kindling.kernel.FloatFormat;
import dev.kindling.ps.NonFinite;
import dev.kindling.ps.Secret;
import dev.kindling.ps.ServerLocation.Address;
import dev.kindling.ps.Transport;
import dev.kindling.ps.sync.Policy;
import dev.kindling.ps.sync.Synchronous;
import dev.kindling.ps.transport.ServerTls;
import dev.kindling.spark.job.ServerOptions;
import dev.kindling.spark.job.ServerOptions.Placement;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * {@code servers}: where the parameters are, how workers reach them and when a step is complete.
 * Nothing but policy, not_finite and {@code wire} changes the result.
 *
 * @param policy see {@link ServerPolicy}
 * @param nonFinite {@code not_finite}: {@code abort} (default), {@code skip} or {@code roll_back}
 * @param placement {@code driver} (default), {@code executors}: in the executors, or {@code
 *     external}: processes of {@code kindling server}
 * @param executors in how many of the executors at most; 0, the default, for all that are there
 *     when the run starts
 * @param addresses {@code host:port} of each external server; several share the parameters
 * @param standbys 0 (default), or 1: each of the first half of the addresses has a standby in the
 *     second half, which takes its place when it is lost; nothing is computed again
 * @param transport of a server in the driver: {@code auto} (default), {@code in-process} or {@code
 *     socket}
 * @param port where the driver listens; 0, the default, for any free one
 * @param secretFile holds what both ends must know; drawn for each run where it is not set
 * @param secretEnv the same in an environment variable of the driver
 * @param wire what gradients and parameters are rounded to between replicas: {@code float32}
 *     (default), {@code bfloat16} or {@code float16}, which halve the bytes that travel
 * @param tls TLS 1.3, where anything of it is set; half of it is refused
 */
public record ServersConfig(
    Policy policy,
    NonFinite nonFinite,
    String placement,
    int executors,
    List<String> addresses,
    int standbys,
    Transport transport,
    int port,
    Optional<Path> secretFile,
    Optional<String> secretEnv,
    FloatFormat wire,
    TlsConfig tls) {
  private static final String EXTERNAL = "external";
  private static final String EXECUTORS = "executors";
  private static final List<String> PLACEMENTS = List.of("driver", EXECUTORS, EXTERNAL);
  private static final List<String> NON_FINITE = List.of("abort", "skip", "roll_back");
  private static final List<String> TRANSPORTS = List.of("auto", "in-process", "socket");
  private static final List<String> WIRES = List.of("float32", "bfloat16", "float16");
  private static final int LARGEST_PORT = 65_535;

  static ServersConfig of(Section section) {
    ServersConfig config =
        new ServersConfig(
            ServerPolicy.of(section),
            NonFinite.of(section.choice("not_finite", "abort", NON_FINITE)),
            section.choice("placement", "driver", PLACEMENTS),
            section.atLeast(0, "executors", 0),
            section.texts("addresses", List.of()),
            section.atLeast(0, "standbys", 0),
            Transport.of(section.choice("transport", "auto", TRANSPORTS)),
            section.atLeast(0, "port", 0),
            section.text("secret_file").map(Path::of),
            section.text("secret_env"),
            wire(section.choice("wire", "float32", WIRES)),
            TlsConfig.of(section.section("tls")));
    section.end();
    config.check();
    return config;
  }

  private static FloatFormat wire(String name) {
    return FloatFormat.values()[WIRES.indexOf(name)];
  }

  private void check() {
    if (port > LARGEST_PORT) {
      throw new ConfigException("servers.port is %d; ports end at 65535".formatted(port));
    }
    if (isExternal() && addresses.isEmpty()) {
      throw new ConfigException(
          "servers.addresses is empty; servers.placement: external needs host:port of each running kindling server");
    }
    checkStandbys();
    if (addresses.stream().distinct().count() < addresses.size()) {
      throw new ConfigException(
          "servers.addresses names a server twice; each holds one share of the parameters");
    }
    if (isExternal() && secretFile.isEmpty() && secretEnv.isEmpty()) {
      throw new ConfigException(
          "servers.secret_file is missing; with servers.placement: external it names the file that"
              + " the server was started with (or servers.secret_env a variable)");
    }
    addresses.forEach(ServersConfig::address);
    tls.check(
        isExternal()
            ? Optional.empty()
            : Optional.of(isInExecutors() ? "the executors have" : "the driver has"));
  }

  private void checkStandbys() {
    if (standbys == 0) {
      return;
    }
    if (standbys > 1) {
      throw new ConfigException(
          "servers.standbys is %d; a server has none or 1".formatted(standbys));
    }
    if (!isExternal()) {
      throw new ConfigException(
          "servers.standbys is 1, but servers.placement is %s; only external servers have standbys yet"
              .formatted(placement));
    }
    if (addresses.size() % 2 != 0) {
      throw new ConfigException(
          "servers.addresses has %d entries; with servers.standbys: 1 the second half are the standbys of the first"
              .formatted(addresses.size()));
    }
    if (!(policy instanceof Synchronous) || nonFinite != NonFinite.ABORT) {
      throw new ConfigException(
          "servers.standbys is 1, which needs servers.policy synchronous or backup, and servers.not_finite abort");
    }
  }

  /** Whether the parameters are in executors. */
  public boolean isInExecutors() {
    return placement.equals(EXECUTORS);
  }

  private boolean isExternal() {
    return placement.equals(EXTERNAL);
  }

  private static Address address(String text) {
    int colon = text.lastIndexOf(':');
    try {
      int number = Integer.parseInt(text.substring(colon + 1));
      if (colon > 0 && number > 0 && number <= LARGEST_PORT) {
        return new Address(text.substring(0, colon), number);
      }
    } catch (NumberFormatException e) {
      throw notAnAddress(text, e);
    }
    throw notAnAddress(text, null);
  }

  private static ConfigException notAnAddress(String text, Exception cause) {
    return new ConfigException(
        "servers.addresses: '%s' is no address; write host:port".formatted(text), cause);
  }

  /**
   * What the job needs to know; reads secrets and certificates.
   *
   * @param environment of the driver
   */
  public ServerOptions options(Map<String, String> environment) throws IOException {
    boolean isInDriver = !isExternal() && !isInExecutors();
    Optional<ServerTls> own = isInDriver ? tls.server() : Optional.empty();
    List<Address> external = addresses.stream().map(ServersConfig::address).toList();
    int primaries = external.size() / (1 + standbys);
    return new ServerOptions(
        policy,
        nonFinite,
        Placement.valueOf(placement.toUpperCase(Locale.ROOT)),
        executors,
        transport,
        port,
        isExternal() ? external.subList(0, primaries) : List.of(),
        isExternal() ? external.subList(primaries, external.size()) : List.of(),
        secret(environment),
        own,
        tls.client());
  }

  private Optional<Secret> secret(Map<String, String> environment) throws IOException {
    if (secretFile.isPresent()) {
      return Optional.of(Secret.fromFile(secretFile.get()));
    }
    return secretEnv.map(variable -> Secret.fromEnvironment(environment, variable));
  }

  Map<String, Object> written() {
    Map<String, Object> map = ServerPolicy.written(policy);
    map.put("not_finite", NON_FINITE.get(nonFinite.ordinal()));
    map.put("placement", placement);
    if (executors > 0) {
      map.put("executors", executors);
    }
    if (!addresses.isEmpty()) {
      map.put("addresses", addresses);
    }
    if (standbys > 0) {
      map.put("standbys", standbys);
    }
    map.put("transport", TRANSPORTS.get(transport.ordinal()));
    map.put("port", port);
    map.put("wire", WIRES.get(wire.ordinal()));
    secretFile.ifPresent(file -> map.put("secret_file", file.toString()));
    secretEnv.ifPresent(variable -> map.put("secret_env", variable));
    if (!tls.written().isEmpty()) {
      map.put("tls", tls.written());
    }
    return map;
  }
}
