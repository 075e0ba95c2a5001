package dev.kindling.spark.ui;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.spark.util.kvstore.KVStore;
import org.apache.spark.util.kvstore.KVStoreIterator;

/**
 * What the page asks for: {@code events?from=N} gives the events from a number on, and the page's
 * own script and style come from the jar. Thread-safe.
 */
final class TrainingServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;

  /** Below the tab. */
  static final String PATH = "live";

  /** So many events in one answer. */
  private static final int MOST = 2000;

  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,18}");

  private static final Map<String, String> FILES =
      Map.of("/training.js", "text/javascript", "/training.css", "text/css");

  private final transient KVStore store;
  private final boolean isLive;

  TrainingServlet(KVStore store, boolean isLive) {
    this.store = store;
    this.isLive = isLive;
  }

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    String path = request.getPathInfo();
    response.setCharacterEncoding(StandardCharsets.UTF_8.name());
    if ("/events".equals(path)) {
      events(request, response);
    } else if (path != null && FILES.containsKey(path)) {
      response.setContentType(FILES.get(path));
      try (InputStream file = TrainingServlet.class.getResourceAsStream(path.substring(1))) {
        file.transferTo(response.getOutputStream());
      }
    } else {
      response.sendError(HttpServletResponse.SC_NOT_FOUND);
    }
  }

  private void events(HttpServletRequest request, HttpServletResponse response) throws IOException {
    String from = request.getParameter("from");
    if (from == null || !NUMBER.matcher(from).matches()) {
      response.sendError(HttpServletResponse.SC_BAD_REQUEST, "events?from=N: N is a number from 0");
      return;
    }
    response.setContentType("application/json");
    response.getWriter().write(json(Long.parseLong(from)));
  }

  private String json(long from) throws IOException {
    StringBuilder events = new StringBuilder();
    long next = from;
    try (KVStoreIterator<StoredEvent> stored =
        store.view(StoredEvent.class).first(from).max(MOST).closeableIterator()) {
      while (stored.hasNext()) {
        StoredEvent event = stored.next();
        events.append(events.isEmpty() ? "" : ",\n").append(event.json);
        next = event.index + 1;
      }
    } catch (IOException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException("the store of the UI cannot be read", e);
    }
    return "{\"live\":%b,\"next\":%d,\"more\":%b,\"events\":[%s]}"
        .formatted(isLive, next, next - from == MOST, events);
  }
}
