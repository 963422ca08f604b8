/// Functions 1 to 19 of Moré, Garbow & Hillstrom (1981), whose number of unknowns is fixed:
///
///   surefoot::TestProblem meyer = surefoot::mgh::meyer();
///   auto result = surefoot::minimize(meyer, meyer.start);  // lowest loss: *meyer.minimum
///
/// Minima that are no round number are the paper's six digits, continued by a computation in 60-digit arithmetic.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

#include "surefoot/objectives/mgh/test_problem.hpp"

namespace surefoot::mgh {

inline double square(double x) { return x * x; }

/// Rosenbrock (1960): a curved valley.
inline TestProblem rosenbrock() {
  TestProblem problem = by_rows(1, "rosenbrock", entries({-1.2, 1}), 2, [](const Vector& w, Index i, Vector& slopes) {
    if (i == 0) {
      slopes << -20 * w[0], 10;
      return 10 * (w[1] - w[0] * w[0]);
    }
    slopes << -1, 0;
    return 1 - w[0];
  });
  problem.minimum = 0;
  problem.minimiser = entries({1, 1});
  return problem;
}

/// Freudenstein & Roth (1963): from the standard start most methods end in the local minimum at (11.41, −0.8968).
inline TestProblem freudenstein_roth() {
  TestProblem problem =
      by_rows(2, "freudenstein-roth", entries({0.5, -2}), 2, [](const Vector& w, Index i, Vector& slopes) {
        const double b = w[1];
        if (i == 0) {
          slopes << 1, (10 - 3 * b) * b - 2;
          return -13 + w[0] + ((5 - b) * b - 2) * b;
        }
        slopes << 1, (3 * b + 2) * b - 14;
        return -29 + w[0] + ((b + 1) * b - 14) * b;
      });
  problem.minimum = 0;
  problem.local_minima = {48.984253679240021};
  problem.minimiser = entries({5, 4});
  return problem;
}

/// Powell (1970), badly scaled: the minimum lies near (1.098e-5, 9.106).
inline TestProblem powell_badly_scaled() {
  TestProblem problem =
      by_rows(3, "powell-badly-scaled", entries({0, 1}), 2, [](const Vector& w, Index i, Vector& slopes) {
        if (i == 0) {
          slopes << 1e4 * w[1], 1e4 * w[0];
          return 1e4 * w[0] * w[1] - 1;
        }
        slopes << -std::exp(-w[0]), -std::exp(-w[1]);
        return std::exp(-w[0]) + std::exp(-w[1]) - 1.0001;
      });
  problem.minimum = 0;
  return problem;
}

/// Brown, badly scaled: the unknowns differ by a factor of 5e11 at the minimum.
inline TestProblem brown_badly_scaled() {
  TestProblem problem =
      by_rows(4, "brown-badly-scaled", entries({1, 1}), 3, [](const Vector& w, Index i, Vector& slopes) {
        if (i == 0) {
          slopes << 1, 0;
          return w[0] - 1e6;
        }
        if (i == 1) {
          slopes << 0, 1;
          return w[1] - 2e-6;
        }
        slopes << w[1], w[0];
        return w[0] * w[1] - 2;
      });
  problem.minimum = 0;
  problem.minimiser = entries({1e6, 2e-6});
  return problem;
}

/// Beale (1958): a flat floor, steep walls, a saddle at (0, 1).
inline TestProblem beale() {
  TestProblem problem = by_rows(5, "beale", entries({1, 1}), 3, [](const Vector& w, Index i, Vector& slopes) {
    constexpr std::array targets{1.5, 2.25, 2.625};
    const double lower_power = std::pow(w[1], i);
    const double power = lower_power * w[1];
    slopes << power - 1, w[0] * real(i + 1) * lower_power;
    return targets[static_cast<std::size_t>(i)] - w[0] * (1 - power);
  });
  problem.minimum = 0;
  problem.minimiser = entries({3, 0.5});
  return problem;
}

/// Jennrich & Sampson (1968), ten residuals: exponentials that no choice of the unknowns fits.
inline TestProblem jennrich_sampson() {
  TestProblem problem =
      by_rows(6, "jennrich-sampson", entries({0.3, 0.4}), 10, [](const Vector& w, Index i, Vector& slopes) {
        const double k = real(i + 1);
        const double first = std::exp(k * w[0]);
        const double second = std::exp(k * w[1]);
        slopes << -k * first, -k * second;
        return 2 + 2 * k - (first + second);
      });
  problem.minimum = 124.36218235561485;
  return problem;
}

/// Fletcher & Powell (1963): a helical valley round the third axis. The angle jumps by a whole turn across the half
/// plane a = 0, b < 0 (this value is the one of its right-hand side) and is undefined on the axis: NaN there.
inline TestProblem helical_valley() {
  TestProblem problem =
      by_rows(7, "helical-valley", entries({-1, 0, 0}), 3, [](const Vector& w, Index i, Vector& slopes) {
        using std::numbers::pi;
        const double a = w[0], b = w[1];
        const double radius = std::hypot(a, b);
        if (i == 0) {
          if (radius == 0) {
            slopes << Vector::Constant(3, std::numeric_limits<double>::quiet_NaN());
            return slopes[0];
          }
          const double turns = a == 0 ? std::copysign(0.25, b) : std::atan(b / a) / (2 * pi) + (a < 0 ? 0.5 : 0);
          const double per_turn = 50 / pi / radius;
          slopes << per_turn * (b / radius), -per_turn * (a / radius), 10;
          return 10 * (w[2] - 10 * turns);
        }
        if (i == 1) {
          slopes << 10 * a / radius, 10 * b / radius, 0;
          return 10 * (radius - 1);
        }
        slopes << 0, 0, 1;
        return w[2];
      });
  problem.minimum = 0;
  problem.minimiser = entries({1, 0, 0});
  return problem;
}

/// Bard (1970): a rational fit. A valley leads to infinity, (0.8406, −∞, −∞).
inline TestProblem bard() {
  TestProblem problem = by_rows(8, "bard", entries({1, 1, 1}), 15, [](const Vector& w, Index i, Vector& slopes) {
    constexpr std::array targets{0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39,
                                 0.37, 0.58, 0.73, 0.96, 1.34, 2.10, 4.39};
    const double u = real(i + 1);
    const double v = 16 - u;
    const double least = std::min(u, v);
    const double below = v * w[1] + least * w[2];
    slopes << -1, u * v / square(below), u * least / square(below);
    return targets[static_cast<std::size_t>(i)] - (w[0] + u / below);
  });
  problem.minimum = 0.0082148773065789748;
  problem.local_minima = {17.428693333333333};  // at infinity: the targets' spread about their mean
  return problem;
}

/// A Gaussian bell fitted to its own values, rounded to four digits: the start is almost the minimum.
inline TestProblem gaussian() {
  TestProblem problem = by_rows(9, "gaussian", entries({0.4, 1, 0}), 15, [](const Vector& w, Index i, Vector& slopes) {
    constexpr std::array targets{0.0009, 0.0044, 0.0175, 0.0540, 0.1295, 0.2420, 0.3521, 0.3989};
    const double from_centre = (7 - real(i)) / 2 - w[2];
    const double bell = std::exp(-w[1] * square(from_centre) / 2);
    slopes << bell, -w[0] * bell * square(from_centre) / 2, w[0] * bell * w[1] * from_centre;
    return w[0] * bell - targets[static_cast<std::size_t>(std::min(i, 14 - i))];
  });
  problem.minimum = 1.127932769618648e-8;
  return problem;
}

/// Meyer & Roth (1972): a thermistor's resistance. Unknowns of sizes 1e-3, 1e3 and 1e2 along a hair-thin valley.
inline TestProblem meyer() {
  TestProblem problem =
      by_rows(10, "meyer", entries({0.02, 4000, 250}), 16, [](const Vector& w, Index i, Vector& slopes) {
        constexpr std::array targets{34780., 28610., 23650., 19630., 16370., 13720., 11540., 9744.,
                                     8261.,  7030.,  6005.,  5147.,  4427.,  3820.,  3307.,  2872.};
        const double below = 45 + 5 * real(i + 1) + w[2];
        const double growth = std::exp(w[1] / below);
        slopes << growth, w[0] * growth / below, -w[0] * growth * w[1] / square(below);
        return w[0] * growth - targets[static_cast<std::size_t>(i)];
      });
  problem.minimum = 87.945855170851121;
  return problem;
}

/// Gulf research and development, Cox (1969), 99 residuals exp(−|y − b|^c / a) − t. The paper prints "y m i b" where a
/// minus sign belongs: only with it is (50, 25, 1.5) the minimiser that the paper names. Where b passes one of the y
/// with c < 1 the slope is infinite.
inline TestProblem gulf() {
  TestProblem problem = by_rows(11, "gulf", entries({5, 2.5, 0.15}), 99, [](const Vector& w, Index i, Vector& slopes) {
    const double t = real(i + 1) / 100;
    const double from_y = 25 + std::pow(-50 * std::log(t), 2.0 / 3) - w[1];
    const double distance = std::abs(from_y);
    const double power = std::pow(distance, w[2]) / w[0];
    const double decay = std::exp(-power);
    // As the distance goes to 0, d^c log d goes to 0 too where c > 0.
    const double logarithm = distance == 0 && w[2] > 0 ? 0 : std::log(distance);
    const double by_distance = w[2] * std::pow(distance, w[2] - 1) / w[0];
    slopes << decay * power / w[0], decay * by_distance * std::copysign(1.0, from_y), -decay * power * logarithm;
    return decay - t;
  });
  problem.minimum = 0;
  problem.minimiser = entries({50, 25, 1.5});
  return problem;
}

/// Box (1966) in three dimensions, ten residuals. The loss is 0 at (1, 10, 1), at (10, 1, −1) and wherever a = b, c = 0.
inline TestProblem box_three_dimensional() {
  TestProblem problem =
      by_rows(12, "box-three-dimensional", entries({0, 10, 20}), 10, [](const Vector& w, Index i, Vector& slopes) {
        const double t = real(i + 1) / 10;
        const double first = std::exp(-t * w[0]);
        const double second = std::exp(-t * w[1]);
        const double reference = std::exp(-t) - std::exp(-10 * t);
        slopes << -t * first, t * second, -reference;
        return first - second - w[2] * reference;
      });
  problem.minimum = 0;
  problem.minimiser = entries({1, 10, 1});
  return problem;
}

/// Powell (1962): the Jacobian is singular at the minimiser.
inline TestProblem powell_singular() {
  TestProblem problem =
      by_rows(13, "powell-singular", entries({3, -1, 0, 1}), 4, [](const Vector& w, Index i, Vector& slopes) {
        const double root5 = std::sqrt(5.0), root10 = std::sqrt(10.0);
        const double bc = w[1] - 2 * w[2], ad = w[0] - w[3];
        switch (i) {
          case 0:
            slopes << 1, 10, 0, 0;
            return w[0] + 10 * w[1];
          case 1:
            slopes << 0, 0, root5, -root5;
            return root5 * (w[2] - w[3]);
          case 2:
            slopes << 0, 2 * bc, -4 * bc, 0;
            return square(bc);
          default:
            slopes << 2 * root10 * ad, 0, 0, -2 * root10 * ad;
            return root10 * square(ad);
        }
      });
  problem.minimum = 0;
  problem.minimiser = Vector::Zero(4);
  return problem;
}

/// Wood (Colville 1968): two coupled valleys, and a saddle near (−1, 1, −1, 1), loss 7.9, where descents linger.
inline TestProblem wood() {
  TestProblem problem = by_rows(14, "wood", entries({-3, -1, -3, -1}), 6, [](const Vector& w, Index i, Vector& slopes) {
    const double root10 = std::sqrt(10.0), root90 = std::sqrt(90.0);
    slopes.setZero();
    switch (i) {
      case 0:
        slopes << -20 * w[0], 10, 0, 0;
        return 10 * (w[1] - square(w[0]));
      case 1:
        slopes[0] = -1;
        return 1 - w[0];
      case 2:
        slopes << 0, 0, -2 * root90 * w[2], root90;
        return root90 * (w[3] - square(w[2]));
      case 3:
        slopes[2] = -1;
        return 1 - w[2];
      case 4:
        slopes[1] = slopes[3] = root10;
        return root10 * (w[1] + w[3] - 2);
      default:
        slopes[1] = 1 / root10;
        slopes[3] = -1 / root10;
        return (w[1] - w[3]) / root10;
    }
  });
  problem.minimum = 0;
  problem.minimiser = Vector::Ones(4);
  return problem;
}

/// Kowalik & Osborne (1968): a rational fit, with a second valley to (∞, −14.07, −∞, −∞).
inline TestProblem kowalik_osborne() {
  TestProblem problem = by_rows(
      15, "kowalik-osborne", entries({0.25, 0.39, 0.415, 0.39}), 11, [](const Vector& w, Index i, Vector& slopes) {
        constexpr std::array targets{0.1957, 0.1947, 0.1735, 0.1600, 0.0844, 0.0627,
                                     0.0456, 0.0342, 0.0323, 0.0235, 0.0246};
        constexpr std::array inputs{4.0, 2.0, 1.0, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625};
        const double u = inputs[static_cast<std::size_t>(i)];
        const double above = u * (u + w[1]);
        const double below = u * (u + w[2]) + w[3];
        const double by_below = w[0] * above / square(below);
        slopes << -above / below, -w[0] * u / below, u * by_below, by_below;
        return targets[static_cast<std::size_t>(i)] - w[0] * above / below;
      });
  problem.minimum = 3.0750560384923743e-4;
  problem.local_minima = {1.0273430486954578e-3};  // at infinity
  return problem;
}

/// Brown & Dennis (1971), 20 residuals, each itself a sum of squares; far from 0 at the minimum.
inline TestProblem brown_dennis() {
  TestProblem problem =
      by_rows(16, "brown-dennis", entries({25, 5, -5, -1}), 20, [](const Vector& w, Index i, Vector& slopes) {
        const double t = real(i + 1) / 5;
        const double a = w[0] + t * w[1] - std::exp(t);
        const double b = w[2] + std::sin(t) * w[3] - std::cos(t);
        slopes << 2 * a, 2 * t * a, 2 * b, 2 * std::sin(t) * b;
        return square(a) + square(b);
      });
  problem.minimum = 85822.201626356345;
  return problem;
}

/// Osborne (1972), the first: two exponentials, nearly alike, through 33 measurements.
inline TestProblem osborne_1() {
  TestProblem problem =
      by_rows(17, "osborne-1", entries({0.5, 1.5, -1, 0.01, 0.02}), 33, [](const Vector& w, Index i, Vector& slopes) {
        constexpr std::array targets{0.844, 0.908, 0.932, 0.936, 0.925, 0.908, 0.881, 0.850, 0.818, 0.784, 0.751,
                                     0.718, 0.685, 0.658, 0.628, 0.603, 0.580, 0.558, 0.538, 0.522, 0.506, 0.490,
                                     0.478, 0.467, 0.457, 0.448, 0.438, 0.431, 0.424, 0.420, 0.414, 0.411, 0.406};
        const double t = 10 * real(i);
        const double first = std::exp(-t * w[3]);
        const double second = std::exp(-t * w[4]);
        slopes << -1, -first, -second, t * w[1] * first, t * w[2] * second;
        return targets[static_cast<std::size_t>(i)] - (w[0] + w[1] * first + w[2] * second);
      });
  problem.minimum = 5.4648946974829064e-5;
  return problem;
}

/// Biggs (1971), EXP6, 13 residuals: three exponentials. The paper gives the local minimum 5.65565e-3; the loss is 0 at
/// (1, 10, 1, 5, 4, 3), from which the data were made, and at the same with its terms exchanged.
inline TestProblem biggs_exp6() {
  TestProblem problem =
      by_rows(18, "biggs-exp6", entries({1, 2, 1, 1, 1, 1}), 13, [](const Vector& w, Index i, Vector& slopes) {
        const double t = real(i + 1) / 10;
        const double target = std::exp(-t) - 5 * std::exp(-10 * t) + 3 * std::exp(-4 * t);
        const double a = std::exp(-t * w[0]), b = std::exp(-t * w[1]), c = std::exp(-t * w[4]);
        slopes << -t * w[2] * a, t * w[3] * b, a, -b, -t * w[5] * c, c;
        return w[2] * a - w[3] * b + w[5] * c - target;
      });
  problem.minimum = 0;
  problem.local_minima = {5.6556499254999310e-3};
  problem.minimiser = entries({1, 10, 1, 5, 4, 3});
  return problem;
}

/// Osborne (1972), the second: one exponential and three bells through 65 measurements.
inline TestProblem osborne_2() {
  TestProblem problem =
      by_rows(19, "osborne-2", entries({1.3, 0.65, 0.65, 0.7, 0.6, 3, 5, 7, 2, 4.5, 5.5}), 65,
              [](const Vector& w, Index i, Vector& slopes) {
                constexpr std::array targets{
                    1.366, 1.191, 1.112, 1.013, 0.991, 0.885, 0.831, 0.847, 0.786, 0.725, 0.746, 0.679, 0.608,
                    0.655, 0.616, 0.606, 0.602, 0.626, 0.651, 0.724, 0.649, 0.649, 0.694, 0.644, 0.624, 0.661,
                    0.612, 0.558, 0.533, 0.495, 0.500, 0.423, 0.395, 0.375, 0.372, 0.391, 0.396, 0.405, 0.428,
                    0.429, 0.523, 0.562, 0.607, 0.653, 0.672, 0.708, 0.633, 0.668, 0.645, 0.632, 0.591, 0.559,
                    0.597, 0.625, 0.739, 0.710, 0.729, 0.720, 0.636, 0.581, 0.428, 0.292, 0.162, 0.098, 0.054};
                const double t = real(i) / 10;
                const double decay = std::exp(-t * w[4]);
                double fitted = w[0] * decay;
                slopes[0] = -decay;
                slopes[4] = t * w[0] * decay;
                for (Index k = 1; k <= 3; ++k) {
                  const double height = w[k], sharpness = w[4 + k], from_centre = t - w[7 + k];
                  const double bell = std::exp(-square(from_centre) * sharpness);
                  fitted += height * bell;
                  slopes[k] = -bell;
                  slopes[4 + k] = height * bell * square(from_centre);
                  slopes[7 + k] = -2 * height * bell * sharpness * from_centre;
                }
                return targets[static_cast<std::size_t>(i)] - fitted;
              });
  problem.minimum = 0.040137736293547738;
  return problem;
}

}  // namespace surefoot::mgh
