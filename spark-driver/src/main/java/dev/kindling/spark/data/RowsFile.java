package dev.kindling.spark.data;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.kindling.data.DataException;
import dev.kindling.data.Target;

/** {@link DataFrameRows} as JSON, with all that was learned; every number comes back as it was. */
public final class RowsFile {
  private static final ObjectMapper JSON =
      JsonMapper.builder().addMixIn(Target.class, Kinds.class).build();

  private RowsFile() {}

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = Target.Labels.class, name = "labels"),
    @JsonSubTypes.Type(value = Target.Values.class, name = "values")
  })
  private interface Kinds {}

  /** The text of a file. */
  public static String write(DataFrameRows rows) {
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(rows) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @param source what messages call it
   * @throws DataException where it is something else
   */
  public static DataFrameRows read(String source, String text) {
    try {
      return JSON.readValue(text, DataFrameRows.class);
    } catch (JsonProcessingException e) {
      throw new DataException(
          "%s: this is not what training has written about the features (%s)"
              .formatted(source, e.getOriginalMessage()),
          e);
    }
  }
}
