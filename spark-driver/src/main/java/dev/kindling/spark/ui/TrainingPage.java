package dev.kindling.spark.ui;

import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import org.apache.spark.ui.CspNonce;
import org.apache.spark.ui.UIUtils;
import org.apache.spark.ui.WebUIPage;
import scala.Option;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;
import scala.xml.Node;
import scala.xml.Unparsed;

/** The empty page below Spark's header; a script of our own draws on it. */
final class TrainingPage extends WebUIPage {
  private final TrainingTab tab;

  TrainingPage(TrainingTab tab) {
    super("");
    this.tab = tab;
  }

  @Override
  public Seq<Node> render(HttpServletRequest request) {
    String base = UIUtils.prependBaseUri(request, tab.basePath(), "/training/");
    String html =
        """
        <link rel="stylesheet" href="%1$slive/training.css" type="text/css"/>
        <div id="training" data-base="%1$slive/"><p class="quiet">No training yet.</p></div>
        <script src="%1$slive/training.js"%2$s></script>
        """
            .formatted(base, nonce());
    Node body = new Unparsed(html);
    return UIUtils.headerSparkPage(
        request,
        "Training",
        () -> CollectionConverters.asScala(List.of(body)).toSeq(),
        tab,
        Option.empty(),
        false,
        false,
        false);
  }

  /** Spark's header allows scripts that name the answer's own number, and no others. */
  private static String nonce() {
    String number = CspNonce.get();
    return number == null ? "" : " nonce=\"" + number + "\"";
  }
}
