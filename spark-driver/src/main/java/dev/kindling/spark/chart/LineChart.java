package dev.kindling.spark.chart;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Locale;

/**
 * A picture of some lines over a common axis, drawn with what the JDK has; needs no display, but a
 * font. Immutable.
 *
 * @param xLabel what runs to the right
 * @param yLabel what runs upward
 * @param lines in the order of the legend
 */
public record LineChart(String xLabel, String yLabel, List<Line> lines) {
  private static final int WIDTH = 960;
  private static final int HEIGHT = 600;
  private static final int LEFT = 70;
  private static final int RIGHT = 260;
  private static final int TOP = 20;
  private static final int BOTTOM = 50;
  private static final int TICKS = 5;
  private static final int[] COLOURS = {
    0x1f77b4, 0xff7f0e, 0x2ca02c, 0xd62728, 0x9467bd, 0x8c564b, 0xe377c2, 0x7f7f7f, 0xbcbd22,
    0x17becf
  };

  /**
   * One line.
   *
   * @param name for the legend
   * @param x ascending
   * @param y as many
   */
  public record Line(String name, double[] x, double[] y) {}

  /** Copies the list. */
  public LineChart {
    lines = List.copyOf(lines);
  }

  /** The picture. */
  public BufferedImage draw() {
    BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = image.createGraphics();
    g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    g.setColor(Color.WHITE);
    g.fillRect(0, 0, WIDTH, HEIGHT);
    Axis x = Axis.over(lines.stream().map(Line::x).toList(), LEFT, WIDTH - RIGHT);
    Axis y = Axis.over(lines.stream().map(Line::y).toList(), HEIGHT - BOTTOM, TOP);
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
    for (int tick = 0; tick <= TICKS; tick++) {
      double atX = x.least + (x.most - x.least) * tick / TICKS;
      double atY = y.least + (y.most - y.least) * tick / TICKS;
      g.setColor(new Color(0xdddddd));
      g.drawLine(LEFT, (int) y.pixel(atY), WIDTH - RIGHT, (int) y.pixel(atY));
      g.setColor(Color.BLACK);
      g.drawString(number(atX), (int) x.pixel(atX) - 10, HEIGHT - BOTTOM + 18);
      g.drawString(number(atY), 8, (int) y.pixel(atY) + 5);
    }
    g.drawRect(LEFT, TOP, WIDTH - RIGHT - LEFT, HEIGHT - BOTTOM - TOP);
    g.drawString(xLabel, (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12);
    g.drawString(yLabel, LEFT + 8, TOP + 16);
  }

  private static void line(Graphics2D g, Line line, Axis x, Axis y) {
    g.setStroke(new BasicStroke(2));
    Path2D path = new Path2D.Double();
    for (int i = 0; i < line.x.length; i++) {
      double atX = x.pixel(line.x[i]);
      double atY = y.pixel(line.y[i]);
      if (i == 0) {
        path.moveTo(atX, atY);
      } else {
        path.lineTo(atX, atY);
      }
    }
    g.draw(path);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, Math.abs(value) >= 100 ? "%.0f" : "%.3g", value);
  }

  /** From values to pixels. */
  private record Axis(double least, double most, int from, int to) {
    static Axis over(List<double[]> values, int from, int to) {
      double least = Double.POSITIVE_INFINITY;
      double most = Double.NEGATIVE_INFINITY;
      for (double[] each : values) {
        for (double value : each) {
          least = Math.min(least, value);
          most = Math.max(most, value);
        }
      }
      return most > least ? new Axis(least, most, from, to) : new Axis(least, least + 1, from, to);
    }

    double pixel(double value) {
      return from + (value - least) / (most - least) * (to - from);
    }
  }
}
