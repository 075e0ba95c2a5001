package dev.kindling.optim;

import dev.kindling.spec.Spec;
import java.util.List;
import java.util.stream.Stream;

/**
 * An update rule, its formula in double precision, and what PyTorch's own gives.
 *
 * <p>The expected values were printed by PyTorch 2.13.0 (float64, {@code foreach=False}) for the
 * parameters 0.5, -1.25, 2.0, 0.03 after five steps with the gradient {@code ((7 t + 3 i) % 11 - 5)
 * / 8} of element i at step t from zero.
 *
 * @param optimizer read from its written form
 * @param formula the same rule for one element
 * @param pytorch the four parameters after five steps
 */
record OptimizerCase(Optimizer optimizer, Reference formula, double... pytorch) {

  @Override
  public String toString() {
    return optimizer.toString();
  }

  private static Optimizer read(String type, Object... arguments) {
    return Optimizer.of(Spec.of(type, arguments));
  }

  static Stream<OptimizerCase> all() {
    return Stream.of(descent(), adam(), nadam(), adaptive(), trust()).flatMap(List::stream);
  }

  private static List<OptimizerCase> descent() {
    return List.of(
        new OptimizerCase(
            read("SGD", "lr", 0.1, "momentum", 0.9, "dampening", 0.1, "weight_decay", 0.01),
            Reference.sgd(0.1, 0.9, 0.1, 0.01, false),
            0.614501226595,
            -1.33708415181,
            1.96357515213,
            -0.105397712939),
        new OptimizerCase(
            read("SGD", "lr", 0.1, "momentum", 0.9, "nesterov", true, "weight_decay", 0.01),
            Reference.sgd(0.1, 0.9, 0, 0.01, true),
            0.573286545448,
            -1.40380073851,
            1.98470052418,
            -0.109380434146),
        new OptimizerCase(
            read("SGD", "lr", 0.1, "weight_decay", 0.5),
            Reference.sgd(0.1, 0, 0, 0.5, false),
            0.367050234375,
            -1.02610570313,
            1.57440710937,
            0.004488115625));
  }

  private static List<OptimizerCase> adam() {
    return List.of(
        new OptimizerCase(
            read("Adam"),
            Reference.adam(1e-3, 0.9, 0.999, 1e-8, 0, 0, false),
            0.501582583169,
            -1.25026789996,
            1.99920618071,
            0.0281140631434),
        new OptimizerCase(
            read("Adam", "lr", 0.01, "betas", List.of(0.8, 0.99), "weight_decay", 0.1),
            Reference.adam(0.01, 0.8, 0.99, 1e-8, 0.1, 0, false),
            0.508933754365,
            -1.24182542826,
            1.97197000916,
            0.0128866025448),
        new OptimizerCase(
            read("Adam", "lr", 0.01, "betas", List.of(0.8, 0.9), "amsgrad", true),
            Reference.adam(0.01, 0.8, 0.9, 1e-8, 0, 0, true),
            0.513401646237,
            -1.25307793592,
            1.99263942404,
            0.013232226357),
        new OptimizerCase(
            read("AdamW"),
            Reference.adam(1e-3, 0.9, 0.999, 1e-8, 0, 0.01, false),
            0.501557524739,
            -1.25020541843,
            1.99910621534,
            0.0281126236606),
        new OptimizerCase(
            read("AdamW", "lr", 0.01, "betas", List.of(0.8, 0.9), "amsgrad", true),
            Reference.adam(0.01, 0.8, 0.9, 1e-8, 0, 0.01, true),
            0.513146072157,
            -1.25245466394,
            1.99164284839,
            0.0132229014487));
  }

  private static List<OptimizerCase> nadam() {
    return List.of(
        new OptimizerCase(
            read("NAdam"),
            Reference.nadam(2e-3, 0.9, 0.999, 1e-8, 0, 0, 4e-3),
            0.500389426636,
            -1.25066395788,
            1.99966802989,
            0.0284764390879),
        new OptimizerCase(
            read("NAdam", "lr", 0.01, "weight_decay", 0.1, "momentum_decay", 0.01),
            Reference.nadam(0.01, 0.9, 0.999, 1e-8, 0.1, 0, 0.01),
            0.498699422737,
            -1.24541843059,
            1.98367563159,
            0.0222159625742),
        new OptimizerCase(
            read("NAdam", "lr", 0.01, "weight_decay", 0.1, "decoupled_weight_decay", true),
            Reference.nadam(0.01, 0.9, 0.999, 1e-8, 0, 0.1, 4e-3),
            0.499418985521,
            -1.2470965527,
            1.98839065025,
            0.0222672543485));
  }

  private static List<OptimizerCase> adaptive() {
    return List.of(
        new OptimizerCase(
            read("Adagrad"),
            Reference.adagrad(0.01, 0, 0, 0, 1e-10),
            0.501900435602,
            -1.25170026306,
            1.99781432158,
            0.0239288884562),
        new OptimizerCase(
            read(
                "Adagrad",
                "lr",
                0.1,
                "lr_decay",
                0.1,
                "weight_decay",
                0.1,
                "initial_accumulator_value",
                0.5),
            Reference.adagrad(0.1, 0.1, 0.1, 0.5, 1e-10),
            0.49660853044,
            -1.23948527255,
            1.92975387073,
            -0.00456250789706),
        new OptimizerCase(
            read("RMSprop"),
            Reference.rmsprop(0.01, 0.99, 1e-8, 0, 0, false),
            0.518475721754,
            -1.26727962412,
            1.97848893596,
            -0.0305294347121),
        new OptimizerCase(
            read("RMSprop", "lr", 0.01, "alpha", 0.9, "momentum", 0.9, "weight_decay", 0.1),
            Reference.rmsprop(0.01, 0.9, 1e-8, 0.1, 0.9, false),
            0.551616831366,
            -1.18474768897,
            1.84525290256,
            -0.0601289602883),
        new OptimizerCase(
            read("RMSprop", "lr", 0.01, "alpha", 0.9, "centered", true),
            Reference.rmsprop(0.01, 0.9, 1e-8, 0, 0, true),
            0.506234826887,
            -1.25568320265,
            1.99312362171,
            0.00960229991193),
        new OptimizerCase(
            read("RMSprop", "lr", 0.01, "alpha", 0.9, "momentum", 0.5, "centered", true),
            Reference.rmsprop(0.01, 0.9, 1e-8, 0, 0.5, true),
            0.524711873699,
            -1.24724838337,
            1.96968378145,
            -0.0120738220171),
        new OptimizerCase(
            read("Adadelta"),
            Reference.adadelta(1, 0.9, 1e-6, 0),
            0.498876609846,
            -1.25293566522,
            2.00107981379,
            0.0283915047044),
        new OptimizerCase(
            read("Adadelta", "lr", 0.5, "rho", 0.8, "weight_decay", 0.1),
            Reference.adadelta(0.5, 0.8, 1e-6, 0.1),
            0.499079859527,
            -1.24999087301,
            1.99842390652,
            0.0294109718841));
  }

  /** With a trust ratio of 1, which is what a tensor left out has: SGD and AdamW. */
  private static List<OptimizerCase> trust() {
    return List.of(
        new OptimizerCase(
            read("LARS", "weight_decay", 0.01),
            Reference.sgd(0.1, 0.9, 0, 0.01, false),
            0.599033007224,
            -1.35864852031,
            1.9661135125,
            -0.0976929912096),
        new OptimizerCase(
            read("LAMB"),
            Reference.adam(1e-3, 0.9, 0.999, 1e-6, 0, 0.01, false),
            0.50155752183,
            -1.25020541944,
            1.99910622236,
            0.0281126280791));
  }
}
