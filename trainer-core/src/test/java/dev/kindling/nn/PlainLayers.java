package dev.kindling.nn;

import dev.kindling.tensor.Tensor;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;

/**
 * The formulas that PyTorch documents, on rows of doubles, one multiplication at a time: what
 * layers are compared with. A matrix is {@code [rows][columns]}; a sequence is a matrix with a row
 * for each position.
 */
final class PlainLayers {
  private final Map<String, Tensor> state;

  /** With the parameters of a layer. */
  PlainLayers(Map<String, Tensor> state) {
    this.state = state;
  }

  static double[][] doubles(float[][] rows) {
    double[][] same = new double[rows.length][];
    for (int i = 0; i < rows.length; i++) {
      same[i] = doubles(rows[i]);
    }
    return same;
  }

  static double[] doubles(float[] elements) {
    double[] same = new double[elements.length];
    for (int i = 0; i < same.length; i++) {
      same[i] = elements[i];
    }
    return same;
  }

  double[][] matrix(String name) {
    return doubles((float[][]) state.get(name).toNested());
  }

  double[] vector(String name) {
    return doubles(state.get(name).toArray());
  }

  /** {@code W x + b}. */
  static double[] linear(double[][] weight, double[] bias, double[] x) {
    double[] y = new double[weight.length];
    for (int o = 0; o < y.length; o++) {
      y[o] = bias[o];
      for (int i = 0; i < x.length; i++) {
        y[o] += weight[o][i] * x[i];
      }
    }
    return y;
  }

  /** A linear layer of this name, at every position. */
  double[][] linear(String name, double[][] x) {
    double[][] y = new double[x.length][];
    for (int t = 0; t < x.length; t++) {
      y[t] = linear(matrix(name + ".weight"), vector(name + ".bias"), x[t]);
    }
    return y;
  }

  /** A layer normalisation of this name, at every position. */
  double[][] norm(String name, double[][] x) {
    double[] weight = vector(name + ".weight");
    double[] bias = vector(name + ".bias");
    double[][] y = new double[x.length][x[0].length];
    for (int t = 0; t < x.length; t++) {
      double mean = 0;
      double square = 0;
      for (double element : x[t]) {
        mean += element / x[t].length;
      }
      for (double element : x[t]) {
        square += (element - mean) * (element - mean) / x[t].length;
      }
      for (int i = 0; i < x[t].length; i++) {
        y[t][i] = (x[t][i] - mean) / Math.sqrt(square + 1e-5) * weight[i] + bias[i];
      }
    }
    return y;
  }

  /** Attention of this name: {@code softmax(q k^T / sqrt(d)) v} of each head, then a linear one. */
  double[][] attention(
      String name, double[][] query, double[][] memory, int heads, boolean isCausal) {
    double[][] weight = matrix(name + ".in_proj_weight");
    double[] bias = vector(name + ".in_proj_bias");
    int dim = query[0].length;
    int width = dim / heads;
    double[][] joined = new double[query.length][dim];
    for (int t = 0; t < query.length; t++) {
      double[] q = linear(weight, bias, query[t]);
      for (int h = 0; h < heads; h++) {
        double[] shares = new double[isCausal ? t + 1 : memory.length];
        double sum = 0;
        for (int s = 0; s < shares.length; s++) {
          double[] k = linear(weight, bias, memory[s]);
          double score = 0;
          for (int i = h * width; i < (h + 1) * width; i++) {
            score += q[i] * k[dim + i] / Math.sqrt(width);
          }
          shares[s] = Math.exp(score);
          sum += shares[s];
        }
        for (int s = 0; s < shares.length; s++) {
          double[] v = linear(weight, bias, memory[s]);
          for (int i = h * width; i < (h + 1) * width; i++) {
            joined[t][i] += shares[s] / sum * v[2 * dim + i];
          }
        }
      }
    }
    return linear(name + ".out_proj", joined);
  }

  static double[][] plus(double[][] a, double[][] b) {
    double[][] sum = new double[a.length][a[0].length];
    for (int t = 0; t < a.length; t++) {
      for (int i = 0; i < a[t].length; i++) {
        sum[t][i] = a[t][i] + b[t][i];
      }
    }
    return sum;
  }

  static double[][] map(double[][] x, DoubleUnaryOperator function) {
    double[][] y = new double[x.length][x[0].length];
    for (int t = 0; t < x.length; t++) {
      for (int i = 0; i < x[t].length; i++) {
        y[t][i] = function.applyAsDouble(x[t][i]);
      }
    }
    return y;
  }

  /** {@code x / 2 * (1 + erf(x / sqrt(2)))}, the error function as its series about 0. */
  static double gelu(double x) {
    double z = x / Math.sqrt(2);
    double term = z;
    double sum = z;
    for (int n = 1; n < 200; n++) {
      term *= -z * z / n;
      sum += term / (2 * n + 1);
    }
    return x / 2 * (1 + 2 / Math.sqrt(Math.PI) * sum);
  }

  /** {@code tanh} or another function of {@code W_ih x + b_ih + W_hh h + b_hh}. */
  double[] rnn(String suffix, double[] x, double[] h, DoubleUnaryOperator squash) {
    double[] a = linear(matrix("weight_ih" + suffix), vector("bias_ih" + suffix), x);
    double[] b = linear(matrix("weight_hh" + suffix), vector("bias_hh" + suffix), h);
    double[] next = new double[h.length];
    for (int i = 0; i < h.length; i++) {
      next[i] = squash.applyAsDouble(a[i] + b[i]);
    }
    return next;
  }

  /** A step of a gated recurrent unit. */
  double[] gru(String suffix, double[] x, double[] h) {
    double[] a = linear(matrix("weight_ih" + suffix), vector("bias_ih" + suffix), x);
    double[] b = linear(matrix("weight_hh" + suffix), vector("bias_hh" + suffix), h);
    int n = h.length;
    double[] next = new double[n];
    for (int i = 0; i < n; i++) {
      double reset = 1 / (1 + Math.exp(-a[i] - b[i]));
      double update = 1 / (1 + Math.exp(-a[n + i] - b[n + i]));
      double candidate = Math.tanh(a[2 * n + i] + reset * b[2 * n + i]);
      next[i] = (1 - update) * candidate + update * h[i];
    }
    return next;
  }
}
