/// Functions 20 to 35 of Moré, Garbow & Hillstrom (1981), whose number of unknowns is free:
///
///   surefoot::TestProblem banded = surefoot::mgh::broyden_banded(1000);
///   auto result = surefoot::minimize(banded, banded.start);  // lowest loss: *banded.minimum
///
/// A size that a function cannot have throws std::invalid_argument. A loss or gradient costs O(n), Chebyquad's O(n²).
/// Minima that are no round number are the paper's six digits, continued by a computation in 60-digit arithmetic.
#pragma once

#include <algorithm>
#include <cmath>
#include <string_view>

#include "surefoot/objectives/mgh/test_problem.hpp"

namespace surefoot::mgh {

inline Index at_least(Index least, std::string_view name, Index size) {
  require(name, "size", real(size), Range::at_least(real(least)));
  return size;
}

/// `group` over and over, `size` entries in all.
inline Vector repeated(const Vector& group, Index size) { return group.replicate(size / group.size(), 1); }

/// Watson (Kowalik & Osborne 1968): a polynomial fitted to a differential equation; ill-conditioned, the more so the
/// larger n. n = 2 … 31; minima are published for 6, 9 and 12.
inline TestProblem watson(Index n) {
  require("watson", "size", real(n), Range::within(2, 31));
  TestProblem problem =
      by_rows(20, "watson", Vector::Zero(n), 31, [n](const Vector& w, Index i, Vector& slopes) -> double {
        slopes.setZero();
        if (i == 29) {
          slopes[0] = 1;
          return w[0];
        }
        if (i == 30) {
          slopes[0] = -2 * w[0];
          slopes[1] = 1;
          return w[1] - w[0] * w[0] - 1;
        }
        const double t = real(i + 1) / 29;
        double value = 0, derivative = 0;
        for (Index j = n - 1; j >= 0; --j) {  // Horner
          derivative = derivative * t + value;
          value = value * t + w[j];
        }
        double lower_power = 0, power = 1;  // t^(j-1), t^j
        for (Index j = 0; j < n; ++j) {
          slopes[j] = real(j) * lower_power - 2 * value * power;
          lower_power = power;
          power *= t;
        }
        return derivative - value * value - 1;
      });
  if (n == 6) problem.minimum = 2.2876700535524362e-3;
  if (n == 9) problem.minimum = 1.3997601380990199e-6;
  if (n == 12) problem.minimum = 4.7223811058917574e-10;
  return problem;
}

/// Rosenbrock's valley, once for each pair of unknowns.
inline TestProblem extended_rosenbrock(Index n) {
  const Index size = functions::require_groups("extended-rosenbrock", n, 2);
  TestProblem problem = at_once(
      21, "extended-rosenbrock", repeated(entries({-1.2, 1}), size),
      [](const Vector& w) {
        Vector r(w.size());
        for (Index i = 0; i < w.size(); i += 2) {
          r[i] = 10 * (w[i + 1] - w[i] * w[i]);
          r[i + 1] = 1 - w[i];
        }
        return r;
      },
      [](const Vector& w, const Vector& v) {
        Vector sum(w.size());
        for (Index i = 0; i < w.size(); i += 2) {
          sum[i] = -20 * w[i] * v[i] - v[i + 1];
          sum[i + 1] = 10 * v[i];
        }
        return sum;
      });
  problem.minimum = 0;
  problem.minimiser = Vector::Ones(size);
  return problem;
}

/// Powell's singular function, once for each four unknowns.
inline TestProblem extended_powell_singular(Index n) {
  const Index size = functions::require_groups("extended-powell-singular", n, 4);
  TestProblem problem = at_once(
      22, "extended-powell-singular", repeated(entries({3, -1, 0, 1}), size),
      [](const Vector& w) {
        Vector r(w.size());
        for (Index i = 0; i < w.size(); i += 4) {
          const double bc = w[i + 1] - 2 * w[i + 2], ad = w[i] - w[i + 3];
          r.segment<4>(i) << w[i] + 10 * w[i + 1], std::sqrt(5.0) * (w[i + 2] - w[i + 3]), bc * bc,
              std::sqrt(10.0) * ad * ad;
        }
        return r;
      },
      [](const Vector& w, const Vector& v) {
        Vector sum(w.size());
        for (Index i = 0; i < w.size(); i += 4) {
          const double cd = std::sqrt(5.0) * v[i + 1];
          const double bc = 2 * (w[i + 1] - 2 * w[i + 2]) * v[i + 2];
          const double ad = 2 * std::sqrt(10.0) * (w[i] - w[i + 3]) * v[i + 3];
          sum.segment<4>(i) << v[i] + ad, 10 * v[i] + bc, cd - 2 * bc, -cd - ad;
        }
        return sum;
      });
  problem.minimum = 0;
  problem.minimiser = Vector::Zero(size);
  return problem;
}

/// Gill, Murray & Pitfield (1972), penalty I: |w|² = 1/4, and a faint pull towards (1, …, 1).
inline TestProblem penalty_1(Index n) {
  at_least(1, "penalty-1", n);
  const double pull = std::sqrt(1e-5);
  TestProblem problem = at_once(
      23, "penalty-1", Vector::LinSpaced(n, 1, real(n)),
      [pull](const Vector& w) {
        Vector r(w.size() + 1);
        r << pull * (w.array() - 1).matrix(), w.squaredNorm() - 0.25;
        return r;
      },
      [pull](const Vector& w, const Vector& v) -> Vector { return pull * v.head(w.size()) + (2 * v[w.size()]) * w; });

  // Where the gradient vanishes all unknowns are equal, to x: 2e-5 (x - 1) + 4 x (n x² - 1/4) = 0. Newton from above,
  // where the cubic is convex and rising, falls on its largest root, the only positive one.
  double x = 1;
  for (int iteration = 0; iteration < 100; ++iteration) {
    x -= (1e-5 * (x - 1) + 2 * x * (real(n) * x * x - 0.25)) / (1e-5 + 6 * real(n) * x * x - 0.5);
  }
  problem.minimiser = Vector::Constant(n, x);
  problem.minimum = problem.loss(*problem.minimiser);
  return problem;
}

/// Gill, Murray & Pitfield (1972), penalty II. Minima are published for n = 4 and 10.
inline TestProblem penalty_2(Index n) {
  at_least(1, "penalty-2", n);
  const double pull = std::sqrt(1e-5);
  TestProblem problem = at_once(
      24, "penalty-2", Vector::Constant(n, 0.5),
      [pull](const Vector& w) {
        const Index size = w.size();
        Vector r(2 * size);
        r[0] = w[0] - 0.2;
        double sum = real(size) * w[0] * w[0] - 1;
        for (Index i = 1; i < size; ++i) {
          const double target = std::exp(real(i + 1) / 10) + std::exp(real(i) / 10);
          const double growth = std::exp(w[i] / 10);
          r[i] = pull * (growth + std::exp(w[i - 1] / 10) - target);
          r[size + i - 1] = pull * (growth - std::exp(-0.1));
          sum += real(size - i) * w[i] * w[i];
        }
        r[2 * size - 1] = sum;
        return r;
      },
      [pull](const Vector& w, const Vector& v) {
        const Index size = w.size();
        Vector sum(size);
        for (Index i = 0; i < size; ++i) {
          double of_growth = i == 0 ? 0 : v[i] + v[size + i - 1];
          if (i + 1 < size) of_growth += v[i + 1];
          sum[i] = of_growth * pull * std::exp(w[i] / 10) / 10 + v[2 * size - 1] * 2 * real(size - i) * w[i];
        }
        sum[0] += v[0];
        return sum;
      });
  if (n == 4) problem.minimum = 9.3762930073554415e-6;
  if (n == 10) problem.minimum = 2.9366053745674594e-4;
  return problem;
}

/// Variably dimensioned: a bowl and the fourth power of one weighted sum, so the curvature falls by orders as it nears.
inline TestProblem variably_dimensioned(Index n) {
  at_least(1, "variably-dimensioned", n);
  const Vector weights = Vector::LinSpaced(n, 1, real(n));
  TestProblem problem = at_once(
      25, "variably-dimensioned", (1 - weights.array() / real(n)).matrix(),
      [weights](const Vector& w) {
        const Vector from_one = (w.array() - 1).matrix();
        const double sum = weights.dot(from_one);
        Vector r(w.size() + 2);
        r << from_one, sum, sum * sum;
        return r;
      },
      [weights](const Vector& w, const Vector& v) -> Vector {
        const Index size = w.size();
        const double sum = weights.dot((w.array() - 1).matrix());
        return v.head(size) + (v[size] + 2 * sum * v[size + 1]) * weights;
      });
  problem.minimum = 0;
  problem.minimiser = Vector::Ones(n);
  return problem;
}

/// Spedicato (1975), trigonometric: many minima; from the standard start most methods end in one above 0. Those listed
/// for n = 10, 100 and 1000 are not the paper's: `minimize` ends there, and their losses were computed in 50 digits.
inline TestProblem trigonometric(Index n) {
  at_least(1, "trigonometric", n);
  const Vector weights = Vector::LinSpaced(n, 1, real(n));
  TestProblem problem = at_once(
      26, "trigonometric", Vector::Constant(n, 1 / real(n)),
      [weights](const Vector& w) -> Vector {
        // 1 - cos x, whose digits cancel near 0 until the loss is noise from its 11th digit on.
        const Eigen::ArrayXd from_one = 2 * (w.array() / 2).sin().square();
        return (from_one.sum() + weights.array() * from_one - w.array().sin()).matrix();
      },
      [weights](const Vector& w, const Vector& v) -> Vector {
        const Eigen::ArrayXd sines = w.array().sin();
        return (sines * v.sum() + v.array() * (weights.array() * sines - w.array().cos())).matrix();
      });
  problem.minimum = 0;
  if (n == 10) problem.local_minima = {2.7950561218794563e-5};
  if (n == 100) problem.local_minima = {1.84096254252779e-6};
  if (n == 1000) problem.local_minima = {2.14790124524342e-7};
  problem.minimiser = Vector::Zero(n);
  return problem;
}

/// Brown's almost-linear function: n − 1 linear residuals and one product. A second minimum, 1, lies at (0, …, 0, n+1).
inline TestProblem brown_almost_linear(Index n) {
  at_least(2, "brown-almost-linear", n);
  TestProblem problem = at_once(
      27, "brown-almost-linear", Vector::Constant(n, 0.5),
      [](const Vector& w) {
        Vector r = (w.array() + (w.sum() - real(w.size() + 1))).matrix();
        r[w.size() - 1] = w.prod() - 1;
        return r;
      },
      [](const Vector& w, const Vector& v) {
        const Index last = w.size() - 1;
        const double linear = v.head(last).sum();
        Vector sum(w.size());
        // The product of the others without a division, which a zero among them would spoil: from the left, from the right.
        double left = v[last];
        for (Index j = 0; j <= last; ++j) {
          sum[j] = left;
          left *= w[j];
        }
        double right = 1;
        for (Index j = last; j >= 0; --j) {
          sum[j] = sum[j] * right + linear + (j < last ? v[j] : 0);
          right *= w[j];
        }
        return sum;
      });
  problem.minimum = 0;
  problem.local_minima = {1};
  problem.minimiser = Vector::Ones(n);
  return problem;
}

/// Moré & Cosnard (1979), discrete boundary value: u'' = (u + t + 1)³ / 2, u(0) = u(1) = 0. The start is near the
/// solution, and the condition number grows as n².
inline TestProblem discrete_boundary_value(Index n) {
  at_least(1, "discrete-boundary-value", n);
  const double h = 1 / real(n + 1);
  const Vector t = h * Vector::LinSpaced(n, 1, real(n));
  TestProblem problem = at_once(
      28, "discrete-boundary-value", (t.array() * (t.array() - 1)).matrix(),
      [h, t](const Vector& w) {
        const Index below = w.size() - 1;
        Vector r = (2 * w.array() + h * h / 2 * (w + t).array().unaryExpr([](double x) {
                     return (x + 1) * (x + 1) * (x + 1);
                   })).matrix();
        r.tail(below) -= w.head(below);
        r.head(below) -= w.tail(below);
        return r;
      },
      [h, t](const Vector& w, const Vector& v) {
        const Index below = w.size() - 1;
        Vector sum = (v.array() * (2 + 1.5 * h * h * ((w + t).array() + 1).square())).matrix();
        sum.tail(below) -= v.head(below);
        sum.head(below) -= v.tail(below);
        return sum;
      });
  problem.minimum = 0;
  return problem;
}

/// Moré & Cosnard (1979), discrete integral equation: the boundary value problem multiplied by the inverse of its second
/// difference, so it has the same solution and is well conditioned.
inline TestProblem discrete_integral_equation(Index n) {
  at_least(1, "discrete-integral-equation", n);
  const double h = 1 / real(n + 1);
  const Vector t = h * Vector::LinSpaced(n, 1, real(n));
  // The kernel min(t_i, t_j) (1 − max(t_i, t_j)) times u, from two running sums; it is symmetric.
  const auto kernel = [t](const Vector& u) {
    Vector product(u.size());
    double sum = 0;
    for (Index i = 0; i < u.size(); ++i) {
      sum += t[i] * u[i];
      product[i] = (1 - t[i]) * sum;
    }
    sum = 0;
    for (Index i = u.size() - 1; i >= 0; --i) {
      product[i] += t[i] * sum;
      sum += (1 - t[i]) * u[i];
    }
    return product;
  };
  TestProblem problem = at_once(
      29, "discrete-integral-equation", (t.array() * (t.array() - 1)).matrix(),
      [h, t, kernel](const Vector& w) -> Vector { return w + h / 2 * kernel(((w + t).array() + 1).cube().matrix()); },
      [h, t, kernel](const Vector& w, const Vector& v) -> Vector {
        return (v.array() + 1.5 * h * ((w + t).array() + 1).square() * kernel(v).array()).matrix();
      });
  problem.minimum = 0;
  return problem;
}

/// Broyden (1965), tridiagonal.
inline TestProblem broyden_tridiagonal(Index n) {
  at_least(1, "broyden-tridiagonal", n);
  TestProblem problem = at_once(
      30, "broyden-tridiagonal", Vector::Constant(n, -1),
      [](const Vector& w) {
        const Index below = w.size() - 1;
        Vector r = ((3 - 2 * w.array()) * w.array() + 1).matrix();
        r.tail(below) -= w.head(below);
        r.head(below) -= 2 * w.tail(below);
        return r;
      },
      [](const Vector& w, const Vector& v) {
        const Index below = w.size() - 1;
        Vector sum = ((3 - 4 * w.array()) * v.array()).matrix();
        sum.head(below) -= v.tail(below);
        sum.tail(below) -= 2 * v.head(below);
        return sum;
      });
  problem.minimum = 0;
  return problem;
}

/// Broyden (1971), banded: each residual reads five unknowns before its own and one after.
inline TestProblem broyden_banded(Index n) {
  at_least(1, "broyden-banded", n);
  constexpr Index before = 5, after = 1;
  TestProblem problem = at_once(
      31, "broyden-banded", Vector::Constant(n, -1),
      [](const Vector& w) {
        Vector r(w.size());
        for (Index i = 0; i < w.size(); ++i) {
          double neighbours = 0;
          for (Index j = std::max<Index>(0, i - before); j <= std::min(w.size() - 1, i + after); ++j) {
            if (j != i) neighbours += w[j] * (1 + w[j]);
          }
          r[i] = w[i] * (2 + 5 * w[i] * w[i]) + 1 - neighbours;
        }
        return r;
      },
      [](const Vector& w, const Vector& v) {
        Vector sum(w.size());
        for (Index j = 0; j < w.size(); ++j) {
          double readers = 0;
          for (Index i = std::max<Index>(0, j - after); i <= std::min(w.size() - 1, j + before); ++i) {
            if (i != j) readers += v[i];
          }
          sum[j] = v[j] * (2 + 15 * w[j] * w[j]) - (1 + 2 * w[j]) * readers;
        }
        return sum;
      });
  problem.minimum = 0;
  return problem;
}

/// Linear, full rank, with `m` >= n residuals: the minimum m − n lies at (−1, …, −1).
inline TestProblem linear_full_rank(Index n, Index m) {
  at_least(1, "linear-full-rank", n);
  require("linear-full-rank", "m", real(m), Range::at_least(real(n)));
  TestProblem problem = at_once(
      32, "linear-full-rank", Vector::Ones(n),
      [m](const Vector& w) {
        Vector r = Vector::Constant(m, -2 / real(m) * w.sum() - 1);
        r.head(w.size()) += w;
        return r;
      },
      [m](const Vector& w, const Vector& v) -> Vector {
        return (v.head(w.size()).array() - 2 / real(m) * v.sum()).matrix();
      });
  problem.minimum = real(m - n);
  problem.minimiser = Vector::Constant(n, -1);
  return problem;
}

/// Linear, rank 1, with `m` >= n residuals: all points with Σ j w_j = 3 / (2m + 1) are minimisers.
inline TestProblem linear_rank_1(Index n, Index m) {
  at_least(1, "linear-rank-1", n);
  require("linear-rank-1", "m", real(m), Range::at_least(real(n)));
  const Vector columns = Vector::LinSpaced(n, 1, real(n));
  const Vector rows = Vector::LinSpaced(m, 1, real(m));
  TestProblem problem = at_once(
      33, "linear-rank-1", Vector::Ones(n),
      [=](const Vector& w) -> Vector { return (columns.dot(w) * rows.array() - 1).matrix(); },
      [=](const Vector&, const Vector& v) -> Vector { return rows.dot(v) * columns; });
  problem.minimum = real(m) * real(m - 1) / (2 * real(2 * m + 1));
  problem.minimiser = columns * (3 / real(2 * m + 1) / columns.squaredNorm());
  return problem;
}

/// Linear, rank 1, its first and last rows and columns zero, with `m` >= n residuals: all points with
/// Σ j w_j = 3 / (2m − 3), the sum over 1 < j < n, are minimisers.
inline TestProblem linear_rank_1_with_zeros(Index n, Index m) {
  at_least(3, "linear-rank-1-with-zeros", n);
  require("linear-rank-1-with-zeros", "m", real(m), Range::at_least(real(n)));
  Vector columns = Vector::LinSpaced(n, 1, real(n));
  columns[0] = columns[n - 1] = 0;
  Vector rows = Vector::LinSpaced(m, 0, real(m - 1));
  rows[m - 1] = 0;
  TestProblem problem = at_once(
      34, "linear-rank-1-with-zeros", Vector::Ones(n),
      [=](const Vector& w) -> Vector { return (columns.dot(w) * rows.array() - 1).matrix(); },
      [=](const Vector&, const Vector& v) -> Vector { return rows.dot(v) * columns; });
  problem.minimum = (real(m) * real(m) + 3 * real(m) - 6) / (2 * real(2 * m - 3));
  problem.minimiser = columns * (3 / real(2 * m - 3) / columns.squaredNorm());
  return problem;
}

/// Fletcher (1965), Chebyquad: points of equal weights whose mean integrates the first n Chebyshev polynomials on
/// (0, 1); exactly so only for n <= 7 and n = 9. Minima are published for n <= 10. (Where an unknown leaves
/// (0, 1) the polynomials grow at once by orders.)
inline TestProblem chebyquad(Index n) {
  at_least(1, "chebyquad", n);
  TestProblem problem = at_once(
      35, "chebyquad", Vector::LinSpaced(n, 1, real(n)) / real(n + 1),
      [](const Vector& w) {
        Vector r = Vector::Zero(w.size());
        for (const double at : w) {
          const double x = 2 * at - 1;
          double last = 1, value = x;  // T_{i-1}, T_i
          for (Index i = 0; i < w.size(); ++i) {
            r[i] += value;
            const double next = 2 * x * value - last;
            last = value;
            value = next;
          }
        }
        r /= real(w.size());
        for (Index i = 1; i < w.size(); i += 2) r[i] += 1 / (real(i + 1) * real(i + 1) - 1);
        return r;
      },
      [](const Vector& w, const Vector& v) {
        Vector sum(w.size());
        for (Index j = 0; j < w.size(); ++j) {
          const double x = 2 * w[j] - 1;
          double last = 1, value = x;        // T_{i-1}, T_i
          double last_slope = 0, slope = 1;  // their derivatives
          double total = 0;
          for (Index i = 0; i < w.size(); ++i) {
            total += v[i] * slope;
            const double next = 2 * x * value - last;
            const double next_slope = 2 * value + 2 * x * slope - last_slope;
            last = value;
            value = next;
            last_slope = slope;
            slope = next_slope;
          }
          sum[j] = 2 * total / real(w.size());
        }
        return sum;
      });
  if (n <= 7 || n == 9) problem.minimum = 0;
  if (n == 8) problem.minimum = 3.5168737256779317e-3;
  if (n == 10) {
    problem.minimum = 4.7727136963753490e-3;  // not in the paper: the lowest from 300 random starts
    problem.local_minima = {6.5039548008823061e-3, 9.5006288502216725e-3};
  }
  return problem;
}

}  // namespace surefoot::mgh
