package dev.kindling.spec;

import java.util.regex.Pattern;

/** Names in which {@code *} stands for any letters and {@code ?} for one. */
public final class NamePattern {
  private NamePattern() {}

  /** Whether a name fits: {@code *.bias} fits {@code 3.bias}. */
  public static boolean fits(String pattern, String name) {
    String quoted = Pattern.quote(pattern).replace("*", "\\E.*\\Q").replace("?", "\\E.\\Q");
    return Pattern.matches(quoted, name);
  }
}
