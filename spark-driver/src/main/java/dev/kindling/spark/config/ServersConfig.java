package dev.kindling.spark.config;

import dev.kindling.ps.Transport;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code servers}: where the parameters are and how workers reach them. Decides nothing of the
 * result.
 *
 * @param transport {@code auto} (default), {@code in-process} or {@code socket}
 * @param port where the driver listens; 0, the default, for any free one
 */
public record ServersConfig(Transport transport, int port) {
  private static final List<String> TRANSPORTS = List.of("auto", "in-process", "socket");
  private static final int LARGEST_PORT = 65_535;

  static ServersConfig of(Section section) {
    Transport transport = Transport.of(section.choice("transport", "auto", TRANSPORTS));
    int port = section.atLeast(0, "port", 0);
    if (port > LARGEST_PORT) {
      throw new ConfigException("servers.port is %d; ports end at 65535".formatted(port));
    }
    section.end();
    return new ServersConfig(transport, port);
  }

  Map<String, Object> written() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("transport", TRANSPORTS.get(transport.ordinal()));
    map.put("port", port);
    return map;
  }
}
