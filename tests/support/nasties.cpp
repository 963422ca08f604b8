#include "nasties.hpp"  // beside this file: the benchmark compiles it too

#include <algorithm>
#include <cmath>
#include <utility>

#include "surefoot/objectives/functions.hpp"

namespace surefoot {

namespace nasty {

using Index = Eigen::Index;
using Value = std::function<double(const Vector&, Vector&)>;

inline constexpr double nan = std::numeric_limits<double>::quiet_NaN();

double real(Index i) { return static_cast<double>(i); }

/// sqrt(2) cos(1.3 i j + i + 2 j), i and j from 1: spread like random numbers of variance 1, the same everywhere.
DenseMatrix table(Index rows, Index columns) {
  return DenseMatrix::NullaryExpr(rows, columns, [](Index row, Index column) {
    const double i = real(row + 1), j = real(column + 1);
    return std::sqrt(2.0) * std::cos(1.3 * i * j + i + 2 * j);
  });
}

Vector wave(Index size, double s) {
  return Vector::NullaryExpr(size, [s](Index k) {
    const double i = real(k + 1);
    return std::sqrt(2.0) * std::cos(s * i + i * i);
  });
}

/// From `first` to `last` in equal ratios.
Vector log_spaced(Index size, double first, double last) {
  return Vector::NullaryExpr(
      size, [=](Index i) { return first * std::pow(last / first, real(i) / real(std::max<Index>(size - 1, 1))); });
}

Nasty with_minimiser(std::string name, Vector start, Vector minimiser, Value value) {
  Vector slope(minimiser.size());
  const double minimum = value(minimiser, slope);
  return {std::move(name), std::move(start), std::move(value), minimum, true, std::move(minimiser)};
}

/// A convex loss minus its tangent's slope at the minimiser that it shall have.
Nasty planted(std::string name, Vector start, Vector minimiser, Value convex) {
  Vector slope(minimiser.size());
  convex(minimiser, slope);
  const auto value = [convex = std::move(convex), slope](const Vector& w, Vector& gradient) {
    const double loss = convex(w, gradient) - slope.dot(w);
    gradient -= slope;
    return loss;
  };
  return with_minimiser(std::move(name), std::move(start), std::move(minimiser), value);
}

double outside(Vector& gradient) {
  gradient.setConstant(nan);
  return nan;
}

// --- edges of a domain --------------------------------------------------------------------------------------------

/// −log(1−x) − 3x, minimum at 2/3, NaN from 1 on.
Nasty barrier() {
  return with_minimiser("log barrier", Vector::Zero(1), Vector::Constant(1, 2.0 / 3), [](const Vector& w, Vector& g) {
    g[0] = 1 / (1 - w[0]) - 3;
    return -std::log(1 - w[0]) - 3 * w[0];
  });
}

/// −Σ log(1 − a_i·x) over 60 half-spaces, whose centre is planted where some of them are near.
Nasty analytic_centre() {
  const DenseMatrix A = table(60, 20);
  const Vector direction = wave(20, 3);
  const Vector centre = 0.9 * direction / (A * direction).maxCoeff();  // nine tenths of the way to the nearest wall
  return planted("analytic centre", Vector::Zero(20), centre, [A](const Vector& w, Vector& g) {
    const Vector room = (1 - (A * w).array()).matrix();
    if (!(room.minCoeff() > 0)) return outside(g);
    g = A.transpose() * room.cwiseInverse();
    return -room.array().log().sum();
  });
}

/// A quadratic of condition 1e3 inside the unit ball, NaN outside; the minimiser lies 0.05 from the wall.
Nasty ball() {
  const Index n = 30;
  const Vector centre = 0.95 * wave(n, 2).normalized();
  const Quadratic bowl = Quadratic::log_spaced(n, 1e3, centre);
  return with_minimiser("NaN outside a ball", -0.9 * wave(n, 5).normalized(), centre,
                        [bowl](const Vector& w, Vector& g) { return w.norm() <= 1 ? bowl.loss(w, g) : outside(g); });
}

/// Σ x − 2 a √x, minimum at a², NaN for x < 0.
Nasty square_roots() {
  const Vector a = log_spaced(6, 0.1, 3);
  return with_minimiser("square roots", Vector::Constant(6, 25), a.cwiseAbs2(), [a](const Vector& w, Vector& g) {
    const Vector root = w.cwiseSqrt();
    g = (1 - (a.array() / root.array())).matrix();
    return (w - 2 * a.cwiseProduct(root)).sum();
  });
}

/// The negative log-likelihood of a normal distribution in (mean, deviation): log σ is NaN where a step makes σ < 0.
Nasty normal_likelihood() {
  const Vector data = (50 + 3 * wave(40, 1).array()).matrix();
  const double mean = data.mean();
  const double deviation = std::sqrt((data.array() - mean).square().mean());
  return with_minimiser("normal likelihood", Vector{{0, 1}}, Vector{{mean, deviation}},
                        [data](const Vector& w, Vector& g) {
                          const double sigma = w[1], rows = real(data.size());
                          const auto z = ((data.array() - w[0]) / sigma).eval();
                          g[0] = -z.sum() / sigma;
                          g[1] = (rows - z.square().sum()) / sigma;
                          return rows * std::log(sigma) + z.square().sum() / 2;
                        });
}

/// Σ x log x plus 50 (a·x)² for three rows a, on x > 0, at the edge of which the slope is infinite.
Nasty entropy() {
  const Index n = 40;
  const DenseMatrix A = table(3, n);
  const Vector minimiser = log_spaced(n, 1e-4, 2);
  return planted("entropy", Vector::Ones(n), minimiser, [A](const Vector& w, Vector& g) {
    if (!(w.minCoeff() > 0)) return outside(g);
    const Vector r = A * w;
    const Vector logs = w.array().log().matrix();
    g = (logs.array() + 1).matrix() + 100 * A.transpose() * r;
    return w.dot(logs) + 50 * r.squaredNorm();
  });
}

// --- overflow -------------------------------------------------------------------------------------------------------

/// Poisson regression on an intercept, an age, a year and an income, as they stand in the file.
Nasty poisson() {
  const Index rows = 120;
  DenseMatrix X = table(rows, 4);
  X.col(0).setOnes();
  X.col(1) = (40 + 12 * X.col(1).array()).matrix();
  X.col(2) = (2000 + 8 * X.col(2).array()).matrix();
  X.col(3) = (3e4 + 9e3 * X.col(3).array()).matrix();
  const Vector minimiser{{0.5, -0.02, 1e-3, 4e-5}};
  const Vector counts = (X * minimiser).array().exp().matrix();
  return with_minimiser("poisson on raw columns", Vector::Zero(4), minimiser, [X, counts](const Vector& w, Vector& g) {
    const Vector margins = X * w;
    const Vector rates = margins.array().exp().matrix();
    g = X.transpose() * (rates - counts) / real(X.rows());
    return (rates - counts.cwiseProduct(margins)).sum() / real(X.rows());
  });
}

/// Σ exp(k x) − k c x with k from 1 to 1000: a step of 1 overflows.
Nasty steep_exponentials() {
  const Vector k = log_spaced(4, 1, 1000), c{{0.5, 2, 10, 100}};
  const Vector minimiser = (c.array().log() / k.array()).matrix();
  return with_minimiser("steep exponentials", Vector::Zero(4), minimiser, [k, c](const Vector& w, Vector& g) {
    const Vector kw = k.cwiseProduct(w), e = kw.array().exp().matrix();
    g = k.cwiseProduct(e - c);
    return (e - c.cwiseProduct(kw)).sum();
  });
}

/// Σ cosh(x) from 30 and more, where every Newton step is 1 long.
Nasty cosh_from_afar() {
  const Index n = 8;
  const Vector start = Vector::LinSpaced(n, 30, 37);
  return with_minimiser("cosh from afar", start, Vector::Zero(n), [](const Vector& w, Vector& g) {
    g = w.array().sinh().matrix();
    return w.array().cosh().sum();
  });
}

/// Σ log cosh(a·x − b), written as people write it: Inf where cosh overflows.
Nasty log_cosh() {
  const DenseMatrix A = table(40, 8);
  const Vector minimiser = wave(8, 4), b = A * minimiser;
  return with_minimiser("logcosh", Vector::Constant(8, 20), minimiser, [A, b](const Vector& w, Vector& g) {
    const Vector r = A * w - b;
    g = A.transpose() * r.array().tanh().matrix();
    return r.array().cosh().log().sum();
  });
}

// --- units --------------------------------------------------------------------------------------------------------

/// Columns from 1e-8 to 1e8, each with a coefficient to match, so that every column matters.
DenseMatrix scaled_table(const Vector& scale) { return table(80, scale.size()) * scale.asDiagonal(); }

Nasty scaled_least_squares() {
  const Vector scale = log_spaced(9, 1e-8, 1e8);
  const DenseMatrix X = scaled_table(scale);
  const Vector minimiser = (wave(9, 6).array() / scale.array()).matrix(), y = X * minimiser;
  return with_minimiser("least squares, columns 1e-8 to 1e8", Vector::Zero(9), minimiser,
                        [X, y](const Vector& w, Vector& g) {
                          const Vector r = X * w - y;
                          g = X.transpose() * r / real(X.rows());
                          return r.squaredNorm() / (2 * real(X.rows()));
                        });
}

double softplus(double margin) { return std::max(margin, 0.0) + std::log1p(std::exp(-std::abs(margin))); }

/// Mean of log(1 + exp m) − p m.
Value logistic(const DenseMatrix& X, const Vector& p) {
  return [X, p](const Vector& w, Vector& g) {
    const Vector m = X * w;
    g = X.transpose() * (1 / (1 + (-m.array()).exp()) - p.array()).matrix() / real(X.rows());
    return (m.unaryExpr([](double margin) { return softplus(margin); }) - p.cwiseProduct(m)).sum() / real(X.rows());
  };
}

Nasty scaled_logistic() {
  const Vector scale = log_spaced(9, 1e-8, 1e8);
  const DenseMatrix X = scaled_table(scale);
  const Vector minimiser = (wave(9, 6).array() / scale.array()).matrix();
  const Vector p = (1 / (1 + (-(X * minimiser).array()).exp())).matrix();
  return with_minimiser("logistic, columns 1e-8 to 1e8", Vector::Zero(9), minimiser, logistic(X, p));
}

/// Rosenbrock's valley with one unknown counted in thousandths and the other in thousands.
Nasty rosenbrock_in_other_units() {
  const Vector unit{{1e3, 1e-3}};
  const Rosenbrock valley(2);
  return with_minimiser("Rosenbrock, units 1e3 and 1e-3", valley.start().cwiseProduct(unit), unit,
                        [valley, unit](const Vector& w, Vector& g) {
                          const double loss = valley.loss(w.cwiseQuotient(unit), g);
                          g = g.cwiseQuotient(unit);
                          return loss;
                        });
}

template <class Objective>
Nasty times(std::string name, double factor, Objective objective, Vector start, Vector minimiser) {
  return with_minimiser(std::move(name), std::move(start), std::move(minimiser),
                        [objective, factor](const Vector& w, Vector& g) {
                          const double loss = objective.loss(w, g);
                          g *= factor;
                          return factor * loss;
                        });
}

Nasty rosenbrock_times(const std::string& label, double factor) {
  const Rosenbrock valley(10);
  return times("Rosenbrock times " + label, factor, valley, valley.start(), valley.minimiser());
}

Nasty quadratic_times(const std::string& label, double factor) {
  const Vector minimiser = wave(50, 2);
  return times("quadratic times " + label, factor, Quadratic::log_spaced(50, 1e4, minimiser), Vector::Zero(50),
               minimiser);
}

/// (1e150 x − 1)².
Nasty tiny_unknown(double start) {
  return with_minimiser("(1e150 x - 1)^2 from " + std::string(start == 0 ? "0" : "1"), Vector::Constant(1, start),
                        Vector::Constant(1, 1e-150), [](const Vector& w, Vector& g) {
                          const double r = 1e150 * w[0] - 1;
                          g[0] = 2 * r * 1e150;
                          return r * r;
                        });
}

/// (x − 1e150)² · 1e-300.
Nasty huge_unknown() {
  return with_minimiser("(x - 1e150)^2 1e-300", Vector::Zero(1), Vector::Constant(1, 1e150),
                        [](const Vector& w, Vector& g) {
                          const double r = 1e-150 * (w[0] - 1e150);
                          g[0] = 2 * r * 1e-150;
                          return r * r;
                        });
}

/// ½ Σ (1e160 i x_i)² from 1e-150: a curvature of 1e320, so that steps x / g are subnormal numbers.
Nasty underflowing_steps() {
  const Vector scale = 1e160 * Vector::LinSpaced(3, 1, 3);
  return with_minimiser("steps that underflow", Vector::Constant(3, 1e-150), Vector::Zero(3),
                        [scale](const Vector& w, Vector& g) {
                          const Vector r = scale.cwiseProduct(w);
                          g = scale.cwiseProduct(r);
                          return r.squaredNorm() / 2;
                        });
}

/// ½ xᵀ H x with eigenvalues 1 … 1e12 in turned axes (I − 2vvᵀ), each as much of the first loss as any other.
Nasty ill_conditioned() {
  const Index n = 10;
  const Vector root = log_spaced(n, 1, 1e6);
  const Vector v = wave(n, 1).normalized();
  const auto turned = [v](const Vector& w) -> Vector { return w - 2 * v.dot(w) * v; };
  return with_minimiser("condition 1e12", turned(root.cwiseInverse()), Vector::Zero(n),
                        [root, turned](const Vector& w, Vector& g) {
                          const Vector r = root.cwiseProduct(turned(w));
                          g = turned(root.cwiseProduct(r));
                          return r.squaredNorm() / 2;
                        });
}

// --- what rounding hides, and what is flat --------------------------------------------------------------------------

Nasty offset(const std::string& label, double constant, Index n, double condition) {
  const Quadratic bowl = Quadratic::log_spaced(n, condition);
  return with_minimiser(label + " plus a small quadratic", Vector::Ones(n), Vector::Zero(n),
                        [bowl, constant](const Vector& w, Vector& g) { return bowl.loss(w, g) + constant; });
}

/// 1 − exp(−½ Σ d x²) from where the slope is 1e-6 of the steepest.
Nasty plateau() {
  const Vector d = log_spaced(4, 1, 10);
  return with_minimiser("plateau", Vector{{3.5, 1, 1, 0.7}}, Vector::Zero(4), [d](const Vector& w, Vector& g) {
    const double e = std::exp(-0.5 * d.dot(w.cwiseAbs2()));
    g = e * d.cwiseProduct(w);
    return 1 - e;
  });
}

/// (σ(x) − ½)² from where σ is 1 but for 2e-9. Past the minimum a second plateau lies as high as the first.
Nasty saturated_sigmoid() {
  return with_minimiser("saturated sigmoid", Vector::Constant(1, 20), Vector::Zero(1), [](const Vector& w, Vector& g) {
    const double sigma = 1 / (1 + std::exp(-w[0]));
    const double rest = 1 / (1 + std::exp(w[0]));  // 1 − σ, which would have lost its digits
    g[0] = 2 * (sigma - 0.5) * sigma * rest;
    return (sigma - 0.5) * (sigma - 0.5);
  });
}

/// Σ log(1 + (x − c)²) from a million away: concave almost all the way.
Nasty heavy_tails() {
  const Vector centre = wave(5, 3);
  return with_minimiser("heavy tails", Vector::Constant(5, 1e6), centre, [centre](const Vector& w, Vector& g) {
    const auto r = (w - centre).array().eval();
    g = (2 * r / (1 + r.square())).matrix();
    return r.square().log1p().sum();
  });
}

/// Σ i x⁴: no curvature at the minimum.
Nasty flat_quartic() {
  const Vector weight = Vector::LinSpaced(10, 1, 10);
  return with_minimiser("flat quartic", Vector::Ones(10), Vector::Zero(10), [weight](const Vector& w, Vector& g) {
    g = 4 * weight.cwiseProduct(w.array().cube().matrix());
    return weight.dot(w.array().square().square().matrix());
  });
}

/// Σ √(x² + 1e-16): |x| but for 1e-8.
Nasty smoothed_abs() {
  return with_minimiser("|x| smoothed at 1e-8", Vector::LinSpaced(10, 0.5, 5), Vector::Zero(10),
                        [](const Vector& w, Vector& g) {
                          const Vector root = (w.array().square() + 1e-16).sqrt().matrix();
                          g = w.cwiseQuotient(root);
                          return root.sum();
                        });
}

/// Σ √(r² + 1e-8) of residuals that all vanish at one point: least absolute deviations, smoothed at 1e-4.
Nasty smoothed_deviations() {
  const DenseMatrix A = table(40, 8);
  const Vector minimiser = wave(8, 2), b = A * minimiser;
  return with_minimiser("absolute deviations smoothed at 1e-4", Vector::Zero(8), minimiser,
                        [A, b](const Vector& w, Vector& g) {
                          const Vector r = A * w - b;
                          const Vector root = (r.array().square() + 1e-8).sqrt().matrix();
                          g = A.transpose() * r.cwiseQuotient(root);
                          return root.sum();
                        });
}

// --- many valleys, saddles, no minimum --------------------------------------------------------------------------------

/// A network of 2 inputs, 10 tanh units and one output, fitted to 12 points: it has more weights than it needs, so the
/// minimum is 0. Weights: 10 × 2 inner, 10 inner biases, 10 outer, 1 outer bias.
Nasty network() {
  const Index units = 10, rows = 12;
  const DenseMatrix X = table(rows, 2);
  const Vector y =
      Vector::NullaryExpr(rows, [X](Index i) { return std::sin(2 * X(i, 0)) + 0.5 * X(i, 1) * X(i, 1) - 0.5; });
  const auto value = [=](const Vector& w, Vector& g) {
    const Eigen::Map<const DenseMatrix> inner(w.data(), units, 2);
    const auto bias = w.segment(2 * units, units), outer = w.segment(3 * units, units);
    const DenseMatrix hidden = ((X * inner.transpose()).rowwise() + bias.transpose()).array().tanh();
    const Vector r = (hidden * outer).array() + w[4 * units] - y.array();
    const DenseMatrix back = (r * outer.transpose()).array() * (1 - hidden.array().square());
    Eigen::Map<DenseMatrix>(g.data(), units, 2) = back.transpose() * X / real(rows);
    g.segment(2 * units, units) = back.colwise().sum().transpose() / real(rows);
    g.segment(3 * units, units) = hidden.transpose() * r / real(rows);
    g[4 * units] = r.sum() / real(rows);
    return r.squaredNorm() / (2 * real(rows));
  };
  return {"tanh network", 0.5 * wave(4 * units + 1, 7), value, 0, true, {}};
}

/// ½ |U Vᵀ − M|² for a 6 × 5 matrix M of rank 2, from near the saddle at 0. It has no other minima than M itself.
Nasty factorisation() {
  const Index rows = 6, columns = 5, rank = 2, split = rows * rank;
  Vector minimiser = wave((rows + columns) * rank, 2);
  const auto product = [=](const Vector& w) -> DenseMatrix {
    return Eigen::Map<const DenseMatrix>(w.data(), rows, rank) *
           Eigen::Map<const DenseMatrix>(w.data() + split, columns, rank).transpose();
  };
  const DenseMatrix M = product(minimiser);
  return with_minimiser("factorisation from a saddle", 1e-3 * wave((rows + columns) * rank, 5), minimiser,
                        [=](const Vector& w, Vector& g) {
                          const DenseMatrix r = product(w) - M;
                          Eigen::Map<DenseMatrix>(g.data(), rows, rank) =
                              r * Eigen::Map<const DenseMatrix>(w.data() + split, columns, rank);
                          Eigen::Map<DenseMatrix>(g.data() + split, columns, rank) =
                              r.transpose() * Eigen::Map<const DenseMatrix>(w.data(), rows, rank);
                          return r.squaredNorm() / 2;
                        });
}

/// Logistic regression on labels that a plane separates: the loss falls towards 0 as the weights grow.
Nasty separable_logistic() {
  const DenseMatrix X = table(50, 4);
  const Vector labels = ((X * wave(4, 1)).array() > 0).cast<double>().matrix();
  return {"separable logistic", Vector::Zero(4), logistic(X, labels), nan, false, {}};
}

/// log(1 + exp(−x)): falls towards 0, ever more slowly.
Nasty vanishing_slope() {
  const auto value = [](const Vector& w, Vector& g) {
    g[0] = -1 / (1 + std::exp(w[0]));
    return softplus(-w[0]);
  };
  return {"log(1 + exp(-x))", Vector::Zero(1), value, nan, false, {}};
}

Nasty start_at_the_minimum() {
  const Vector minimiser = wave(10, 3);
  const Quadratic bowl = Quadratic::log_spaced(10, 100, minimiser);
  return with_minimiser("start at the minimum", minimiser, minimiser,
                        [bowl](const Vector& w, Vector& g) { return bowl.loss(w, g); });
}

}  // namespace nasty

std::vector<Nasty> nasties() {
  using namespace nasty;
  return {barrier(),
          analytic_centre(),
          ball(),
          square_roots(),
          normal_likelihood(),
          entropy(),
          poisson(),
          steep_exponentials(),
          cosh_from_afar(),
          log_cosh(),
          scaled_least_squares(),
          scaled_logistic(),
          rosenbrock_in_other_units(),
          rosenbrock_times("1e150", 1e150),
          rosenbrock_times("1e-150", 1e-150),
          quadratic_times("1e150", 1e150),
          quadratic_times("1e-150", 1e-150),
          tiny_unknown(0),
          tiny_unknown(1),
          huge_unknown(),
          underflowing_steps(),
          ill_conditioned(),
          offset("1e9", 1e9, 10, 100),
          offset("1e5", 1e5, 50, 1e4),
          plateau(),
          saturated_sigmoid(),
          heavy_tails(),
          flat_quartic(),
          smoothed_abs(),
          smoothed_deviations(),
          network(),
          factorisation(),
          separable_logistic(),
          vanishing_slope(),
          start_at_the_minimum()};
}

}  // namespace surefoot
