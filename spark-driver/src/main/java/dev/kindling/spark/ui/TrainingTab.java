package dev.kindling.spark.ui;

import java.util.Optional;
import org.apache.spark.ui.SparkUI;
import org.apache.spark.ui.SparkUITab;
import scala.jdk.javaapi.CollectionConverters;

/** The tab: a page, and what the page asks for. */
final class TrainingTab extends SparkUITab {
  private static final String PREFIX = "training";

  private TrainingTab(SparkUI ui) {
    super(ui, PREFIX);
    attachPage(new TrainingPage(this));
  }

  /** Adds the tab to a UI. */
  static TrainingTab attach(SparkUI ui) {
    TrainingTab tab = new TrainingTab(ui);
    ui.attachTab(tab);
    ui.attachHandler(
        ui.basePath() + "/" + PREFIX + "/" + TrainingServlet.PATH,
        new TrainingServlet(ui.store().store(), ui.sc().isDefined()),
        "/*");
    return tab;
  }

  /** The tab of a UI, if it has been added. */
  static Optional<TrainingTab> of(SparkUI ui) {
    return CollectionConverters.asJava(ui.getTabs()).stream()
        .filter(TrainingTab.class::isInstance)
        .map(TrainingTab.class::cast)
        .findFirst();
  }
}
