package dev.kindling.spec;

import java.util.Collection;

/** A description that cannot be read: the message names what, where and the mend. */
public final class SpecException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /** An error with its whole message. */
  public SpecException(String message) {
    super(message);
  }

  /** An unknown name, with the nearest known one: {@code train: unknown key 'epoch'; ...}. */
  public static SpecException unknown(
      String where, String what, String name, Collection<String> known) {
    return new SpecException(
        "%s: unknown %s '%s'; did you mean '%s'? Known: %s"
            .formatted(where, what, name, nearest(name, known), String.join(", ", known)));
  }

  /** The known name with the smallest edit distance. */
  public static String nearest(String name, Collection<String> known) {
    String best = "";
    int least = Integer.MAX_VALUE;
    for (String candidate : known) {
      int distance = editDistance(name, candidate);
      if (distance < least) {
        least = distance;
        best = candidate;
      }
    }
    return best;
  }

  private static int editDistance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
