package dev.kindling.spark.chart;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.util.List;

/**
 * A picture of some lines over a common axis, drawn with what the JDK has; needs no display, but a
 * font. Immutable.
 *
 * @param xLabel what runs to the right
 * @param yLabel what runs upward
 * @param lines in the order of the legend
 * @param isLogarithmic whether equal ways to the right are equal factors
 */
public record LineChart(String xLabel, String yLabel, List<Line> lines, boolean isLogarithmic) {
  private static final int WIDTH = 960;
  private static final int HEIGHT = 600;
  private static final int LEFT = 70;
  private static final int RIGHT = 260;
  private static final int TOP = 30;
  private static final int BOTTOM = 50;
  private static final Color GRID = new Color(0xe4e4e4);

  /** A line of so many points at most has a dot at each. */
  private static final int DOTS = 20;

  private static final int DOT = 7;
  private static final int[] COLOURS = {
    0x1f77b4, 0xff7f0e, 0x2ca02c, 0xd62728, 0x9467bd, 0x8c564b, 0xe377c2, 0x7f7f7f, 0xbcbd22,
    0x17becf
  };

  /**
   * One line.
   *
   * @param name for the legend
   * @param x ascending
   * @param y as many; NaN leaves a gap
   */
  public record Line(String name, double[] x, double[] y) {}

  /** Copies the list. */
  public LineChart {
    lines = List.copyOf(lines);
  }

  /** Lines over an even axis. */
  public LineChart(String xLabel, String yLabel, List<Line> lines) {
    this(xLabel, yLabel, lines, false);
  }

  /** The picture. */
  public BufferedImage draw() {
    BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = image.createGraphics();
    g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    g.setColor(Color.WHITE);
    g.fillRect(0, 0, WIDTH, HEIGHT);
    g.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    Axis x = new Axis(isLogarithmic, lines.stream().map(Line::x).toList(), LEFT, WIDTH - RIGHT);
    Axis y = new Axis(false, lines.stream().map(Line::y).toList(), HEIGHT - BOTTOM, TOP);
    axes(g, x, y);
    for (int i = 0; i < lines.size(); i++) {
      g.setColor(new Color(COLOURS[i % COLOURS.length]));
      line(g, lines.get(i), x, y);
      g.drawString(lines.get(i).name(), WIDTH - RIGHT + 20, TOP + 20 * (i + 1));
    }
    g.dispose();
    return image;
  }

  private void axes(Graphics2D g, Axis x, Axis y) {
    g.setColor(GRID);
    x.marks().forEach(mark -> g.drawLine(mark.pixel(), TOP, mark.pixel(), HEIGHT - BOTTOM));
    y.marks().forEach(mark -> g.drawLine(LEFT, mark.pixel(), WIDTH - RIGHT, mark.pixel()));
    g.setColor(Color.BLACK);
    FontMetrics font = g.getFontMetrics();
    x.marks().forEach(mark -> centred(g, mark.text(), mark.pixel(), HEIGHT - BOTTOM + 18));
    for (Axis.Mark mark : y.marks()) {
      g.drawString(mark.text(), LEFT - 8 - font.stringWidth(mark.text()), mark.pixel() + 5);
    }
    g.drawRect(LEFT, TOP, WIDTH - RIGHT - LEFT, HEIGHT - BOTTOM - TOP);
    centred(g, xLabel, (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12);
    g.drawString(yLabel, LEFT, TOP - 8);
  }

  private static void centred(Graphics2D g, String text, int x, int y) {
    g.drawString(text, x - g.getFontMetrics().stringWidth(text) / 2, y);
  }

  private static void line(Graphics2D g, Line line, Axis x, Axis y) {
    g.setStroke(new BasicStroke(2));
    Path2D path = new Path2D.Double();
    boolean isDrawing = false;
    for (int i = 0; i < line.x.length; i++) {
      boolean isThere = Double.isFinite(line.y[i]);
      if (isThere) {
        point(g, path, isDrawing, x.pixel(line.x[i]), y.pixel(line.y[i]), line.x.length <= DOTS);
      }
      isDrawing = isThere;
    }
    g.draw(path);
  }

  private static void point(
      Graphics2D g, Path2D path, boolean isDrawing, double x, double y, boolean hasDot) {
    if (isDrawing) {
      path.lineTo(x, y);
    } else {
      path.moveTo(x, y);
    }
    if (hasDot) {
      g.fill(new Ellipse2D.Double(x - DOT / 2.0, y - DOT / 2.0, DOT, DOT));
    }
  }
}
