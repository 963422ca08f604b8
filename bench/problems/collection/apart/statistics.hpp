/// Group "apart-statistics": likelihoods and robust losses.
#pragma once

#include <Eigen/Cholesky>
#include <algorithm>
#include <boost/math/special_functions/digamma.hpp>

#include "../problem.hpp"

namespace surefoot::problems {

/// Σ loss(target_i, x_i·w) / rows + ridge/2 |w|². `loss` returns the value, and writes its slope in the margin.
template <class Loss>
Evaluate of_margins(DenseMatrix X, Vector targets, double ridge, Loss loss) {
  return [=](const Vector& w, Vector& gradient) {
    const Vector margins = X * w;
    Vector slopes(margins.size());
    double sum = 0;
    for (Index i = 0; i < margins.size(); ++i) sum += loss(targets[i], margins[i], slopes[i]);
    const double rows = real(X.rows());
    gradient = X.transpose() * slopes / rows + ridge * w;
    return sum / rows + ridge / 2 * w.squaredNorm();
  };
}

/// K classes, one weight a class and column; labels 0 … K−1.
inline Evaluate softmax_regression(DenseMatrix X, std::vector<Index> labels, Index classes, double ridge) {
  return [=](const Vector& w, Vector& gradient) {
    const Eigen::Map<const DenseMatrix> W(w.data(), classes, X.cols());
    DenseMatrix margins = X * W.transpose();
    double sum = 0;
    for (Index i = 0; i < margins.rows(); ++i) {
      const Index label = labels[static_cast<std::size_t>(i)];
      const double highest = margins.row(i).maxCoeff(), own = margins(i, label);
      margins.row(i) = (margins.row(i).array() - highest).exp();
      const double total = margins.row(i).sum();
      sum += std::log(total) + highest - own;
      margins.row(i) /= total;
      margins(i, label) -= 1;
    }
    const double rows = real(X.rows());
    Eigen::Map<DenseMatrix>(gradient.data(), classes, X.cols()) = margins.transpose() * X / rows;
    gradient += ridge * w;
    return sum / rows + ridge / 2 * w.squaredNorm();
  };
}

/// Cox's partial likelihood (1972); rows in the order of their events, none censored, none tied.
inline Evaluate cox_regression(DenseMatrix X) {
  return [X](const Vector& w, Vector& gradient) {
    const Vector margins = X * w;
    const Index rows = margins.size();
    const double highest = margins.maxCoeff();
    const Vector hazard = (margins.array() - highest).exp();
    Vector at_risk(rows);
    double total = 0, sum = 0, met = 0;
    for (Index i = rows - 1; i >= 0; --i) {
      total += hazard[i];
      at_risk[i] = total;
      sum += std::log(total) + highest - margins[i];
    }
    Vector slopes(rows);
    for (Index i = 0; i < rows; ++i) {
      met += 1 / at_risk[i];
      slopes[i] = hazard[i] * met - 1;
    }
    gradient = X.transpose() * slopes / real(rows);
    return sum / real(rows);
  };
}

/// Two normal distributions of one deviation: logit of the first one's share, both means, log of the deviation.
inline Evaluate mixture_of_two(Vector data) {
  return [data](const Vector& w, Vector& gradient) {
    const double share = sigmoid(w[0]), deviation = std::exp(w[3]);
    gradient.setZero();
    double sum = 0;
    for (const double x : data) {
      const double z1 = (x - w[1]) / deviation, z2 = (x - w[2]) / deviation;
      const double log1 = -softplus(-w[0]) - z1 * z1 / 2, log2 = -softplus(w[0]) - z2 * z2 / 2;
      const double highest = std::max(log1, log2);
      const double likelihood = highest + std::log(std::exp(log1 - highest) + std::exp(log2 - highest));
      const double first = std::exp(log1 - likelihood), second = std::exp(log2 - likelihood);
      sum += w[3] - likelihood;
      gradient[0] -= first * (1 - share) - second * share;
      gradient[1] -= first * z1 / deviation;
      gradient[2] -= second * z2 / deviation;
      gradient[3] += 1 - first * z1 * z1 - second * z2 * z2;
    }
    gradient /= real(data.size());
    return sum / real(data.size());
  };
}

/// Minus log marginal likelihood of a Gaussian process: logs of length scale, amplitude and noise.
inline Evaluate gaussian_process(Vector x, Vector y) {
  return [x, y](const Vector& w, Vector& gradient) {
    const Index rows = x.size();
    const double length = std::exp(w[0]), amplitude = std::exp(2 * w[1]), noise = std::exp(2 * w[2]);
    const DenseMatrix squares = DenseMatrix::NullaryExpr(
        rows, rows, [&](Index i, Index j) { return (x[i] - x[j]) * (x[i] - x[j]) / (length * length); });
    const DenseMatrix signal = amplitude * (-squares.array() / 2).exp().matrix();
    const DenseMatrix identity = DenseMatrix::Identity(rows, rows);
    const Eigen::LLT<DenseMatrix> factor(signal + noise * identity);
    if (factor.info() != Eigen::Success || !w.allFinite()) {
      gradient.setConstant(not_a_number);
      return not_a_number;
    }
    const Vector a = factor.solve(y);
    const DenseMatrix inner = factor.solve(identity) - a * a.transpose();
    gradient[0] = inner.cwiseProduct(signal.cwiseProduct(squares)).sum() / 2;
    gradient[1] = inner.cwiseProduct(signal).sum();
    gradient[2] = inner.trace() * noise;
    return y.dot(a) / 2 + DenseMatrix(factor.matrixL()).diagonal().array().log().sum();
  };
}

inline Problems apart_statistics() {
  Problems problems;
  const auto add = [&problems](const std::string& name, const Vector& start, const Evaluate& loss,
                               double minimum = not_a_number, bool several_minima = false) {
    problems.push_back({name, "apart-statistics", start, loss, minimum, several_minima});
  };
  constexpr bool several = true;
  {
    Draws draws(501);
    const DenseMatrix X = draws.normals(150, 6), W = draws.normals(3, 6);
    std::vector<Index> labels;
    for (Index i = 0; i < X.rows(); ++i) {
      Vector noisy = W * X.row(i).transpose() + draws.normals(3);
      Index label = 0;
      noisy.maxCoeff(&label);
      labels.push_back(label);
    }
    add("softmax regression 3 x 6", Vector::Zero(18), softmax_regression(X, labels, 3, 1e-3));
  }
  {
    Draws draws(502);
    const DenseMatrix X = draws.normals(200, 8);
    const Vector rates = (X * (0.4 * draws.normals(8))).array().exp() * 3;
    const Vector counts = rates.unaryExpr([&](double rate) {
      double product = draws.uniform(), count = 0;
      for (; product > std::exp(-rate); ++count) product *= draws.uniform();
      return count;
    });
    add("poisson regression 8", Vector::Zero(8), of_margins(X, counts, 0, [](double count, double m, double& slope) {
          slope = std::exp(m) - count;
          return std::exp(m) - count * m;
        }));
  }
  {
    Draws draws(503);
    const Vector data = 7 + 2.5 * draws.normals(60).array();
    const double mean = data.mean(), variance = (data.array() - mean).square().mean();
    add(
        "normal likelihood, log deviation", Vector::Zero(2),
        [=](const Vector& w, Vector& g) {
          const double precision = std::exp(-2 * w[1]), gap = mean - w[0];
          g[0] = -gap * precision;
          g[1] = 1 - (variance + gap * gap) * precision;
          return w[1] + (variance + gap * gap) * precision / 2;
        },
        0.5 + std::log(variance) / 2);
  }
  {
    Draws draws(504);
    Vector data = Vector::Zero(80);
    for (int i = 0; i < 3; ++i) data -= draws.uniforms(80, 0, 1).array().log().matrix();  // shape 3
    const double mean = 40 * data.mean(), mean_log = (40 * data.array()).log().mean();
    add("gamma likelihood, log shape and rate", Vector::Zero(2), [=](const Vector& w, Vector& g) {
      const double shape = std::exp(w[0]), rate = std::exp(w[1]);
      if (!std::isfinite(shape) || !(shape > 0)) {
        g.setConstant(not_a_number);
        return not_a_number;
      }
      g[0] = shape * (boost::math::digamma(shape) - w[1] - mean_log);
      g[1] = -shape + rate * mean;
      return std::lgamma(shape) - shape * w[1] - (shape - 1) * mean_log + rate * mean;
    });
  }
  {
    Draws draws(505);
    const Vector logs = (std::log(20.0) + (-draws.uniforms(80, 0, 1).array().log()).log() / 1.7);
    add("weibull likelihood, log shape and scale", Vector::Zero(2), [logs](const Vector& w, Vector& g) {
      const double shape = std::exp(w[0]);
      const auto from_scale = (logs.array() - w[1]).eval();
      const auto power = (shape * from_scale).exp().eval();
      g[0] = shape * (-1 / shape - from_scale.mean() + (power * from_scale).mean());
      g[1] = shape - shape * power.mean();
      return -w[0] + shape * w[1] - (shape - 1) * logs.mean() + power.mean();
    });
  }
  {
    Draws draws(506);
    const DenseMatrix X = draws.normals(200, 20);
    Vector y = X * draws.normals(20) + 0.3 * draws.normals(200);
    for (Index i = 0; i < 200; i += 9) y[i] += 30 * draws.normal();
    add("huber regression 20", Vector::Zero(20), of_margins(X, y, 0, [](double target, double m, double& slope) {
          const double r = m - target;
          slope = std::clamp(r, -1.0, 1.0);
          return std::abs(r) <= 1 ? r * r / 2 : std::abs(r) - 0.5;
        }));
    add("student regression 20", Vector::Zero(20),
        of_margins(X, y, 0,
                   [](double target, double m, double& slope) {
                     const double r = m - target;
                     slope = 4 * r / (3 + r * r);
                     return 2 * std::log1p(r * r / 3);
                   }),
        not_a_number, several);
  }
  {
    Draws draws(507);
    const DenseMatrix X = draws.normals(150, 10);
    const Vector labels =
        (X * draws.normals(10) + draws.normals(150)).unaryExpr([](double m) { return m > 0 ? 1.0 : -1.0; });
    // Φ underflows 38 deviations out, and the loss is infinite from there on.
    add("probit regression 10", Vector::Zero(10), of_margins(X, labels, 0, [](double label, double m, double& slope) {
          const double z = label * m, below = std::erfc(-z / std::numbers::sqrt2) / 2;
          slope = -label * std::exp(-z * z / 2) / (std::sqrt(2 * std::numbers::pi) * below);
          return -std::log(below);
        }));
  }
  {
    Draws draws(508);
    const DenseMatrix X = draws.normals(120, 5);
    const Vector w = draws.normals(5);
    std::vector<std::pair<double, Index>> times;
    for (Index i = 0; i < 120; ++i) times.push_back({-std::log(draws.uniform()) * std::exp(-X.row(i).dot(w)), i});
    std::sort(times.begin(), times.end());
    DenseMatrix sorted(120, 5);
    for (Index i = 0; i < 120; ++i) sorted.row(i) = X.row(times[static_cast<std::size_t>(i)].second);
    add("cox regression 5", Vector::Zero(5), cox_regression(sorted));
  }
  {
    Draws draws(509);
    const DenseMatrix X = draws.normals(200, 30);
    const Vector labels = (X.col(0) + 0.5 * draws.normals(200)).unaryExpr([](double m) { return m > 0 ? 1.0 : -1.0; });
    add("squared hinge 30", Vector::Zero(30), of_margins(X, labels, 1e-3, [](double label, double m, double& slope) {
          const double short_by = std::max(0.0, 1 - label * m);
          slope = -2 * label * short_by;
          return short_by * short_by;
        }));
  }
  {
    Draws draws(510);
    Vector data = draws.normals(100);
    data.head(40).array() += 5;
    add("mixture of two normals", Vector{{0, -1, 1, 1}}, mixture_of_two(data), not_a_number, several);
  }
  {
    Draws draws(511);
    const Vector x = draws.uniforms(40, 0, 10);
    const Vector y = (2 * x.array()).sin().matrix() + 0.2 * draws.normals(40);
    add("gaussian process", Vector::Zero(3), gaussian_process(x, y), not_a_number, several);
  }
  return problems;
}

}  // namespace surefoot::problems
