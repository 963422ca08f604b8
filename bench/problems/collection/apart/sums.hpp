/// Group "apart-sums": separable, chained and arrowhead sums, most of them known from CUTEst (Gould, Orban & Toint 2015)
/// and Lukšan, Matonoha & Vlček (2003), rewritten from their formulas; and a few classics in few unknowns.
#pragma once

#include "../elements.hpp"

namespace surefoot::problems {

inline Problems apart_sums() {
  Problems problems;
  const auto add = [&problems](const std::string& name, const Vector& start, const Evaluate& loss,
                               double minimum = not_a_number, bool several_minima = false) {
    problems.push_back({name + " " + std::to_string(start.size()), "apart-sums", start, loss, minimum, several_minima});
  };
  const auto all = [](Index n, double value) -> Vector { return Vector::Constant(n, value); };
  const auto same_and_last = [](Index n) { return [=](Index i) { return std::array{i, n - 1}; }; };
  const auto first_and = [](Index i) { return std::array<Index, 2>{0, i + 1}; };
  constexpr bool several = true;

  {  // Dixon & Price (1989)
    const Index n = 20;
    Sum sum;
    sum.add<1>(1, self, [](Index, const auto& x) { return square(x[0] - 1.0); });
    sum.add<2>(n - 1, with_next, [](Index i, const auto& x) { return real(i + 2) * square(2 * square(x[1]) - x[0]); });
    add("dixon-price", all(n, 1), sum, 0, several);
  }
  {
    const Vector weight = 0.5 * Vector::LinSpaced(10, 1, 10);
    add(
        "zakharov", all(10, 1),
        [weight](const Vector& w, Vector& g) {
          const double s = weight.dot(w);
          g = 2 * w + (2 * s + 4 * s * s * s) * weight;
          return w.squaredNorm() + s * s + s * s * s * s;
        },
        0);
  }
  {
    const Index n = 500;
    Sum sum;
    sum.add<2>(n - 1, same_and_last(n),
               [](Index, const auto& x) { return square(square(x[0]) + square(x[1])) - 4 * x[0] + 3.0; });
    add("arwhead", all(n, 1), sum, 0);
  }
  {
    const Index n = 500;
    Sum sum;
    sum.add<1>(1, self, [](Index, const auto& x) { return square(x[0] - 1.0); });
    sum.add<2>(n - 1, with_next, [](Index i, const auto& x) { return real(i + 2) * square(2 * x[1] - x[0]); });
    add("tridia", all(n, 1), sum, 0);
  }
  {
    const Index n = 500;
    Sum sum;
    sum.add<1>(1, self, [](Index, const auto& x) { return square(x[0] - 1.0); });
    sum.add<2>(n - 1, first_and, [](Index, const auto& x) { return 100 * square(x[0] - square(x[1])); });
    add("nondia", all(n, -1), sum, 0, several);
  }
  {
    const Index n = 500;
    Sum sum(16);
    sum.add<2>(n - 1, with_next, [](Index, const auto& x) {
      return fourth(x[0] - 2.0) + square(x[0] * x[1] - 2 * x[1]) + square(x[1] + 1.0);
    });
    add("edensch", all(n, 8), sum);
  }
  {
    const Index n = 500;
    Sum sum;
    sum.add<2>(n - 1, with_next,
               [](Index, const auto& x) { return square(square(x[0]) + square(x[1])) - 4 * x[0] + 3.0; });
    add("engval1", all(n, 2), sum);
  }
  {
    const Index n = 1000;
    Sum sum;
    sum.add<1>(1, self, [](Index, const auto& x) { return 4 * square(square(x[0]) - x[0]) + square(x[0] - 1.0); });
    sum.add<2>(n - 1, first_and,
               [](Index, const auto& x) { return 4 * square(square(x[1]) - x[0]) + square(x[1] - 1.0); });
    add("liarwhd", all(n, 4), sum, 0, several);
  }
  {
    const Vector weight = Vector::LinSpaced(100, 1, 100);
    add(
        "power", all(100, 1),
        [weight](const Vector& w, Vector& g) {
          const double s = weight.dot(w.cwiseAbs2());
          g = 4 * s * weight.cwiseProduct(w);
          return s * s;
        },
        0);
  }
  {
    const Index n = 500;
    Sum sum;
    sum.add<1>(n, self, [](Index i, const auto& x) { return fourth(x[0] - real(i + 1)); });
    add("quartc", all(n, 2), sum, 0);
  }
  {
    const Index n = 500;
    Sum sum;
    sum.add<4>(
        n / 2 - 1,
        [](Index i) {
          return std::array{2 * i, 2 * i + 1, 2 * i + 2, 2 * i + 3};
        },
        [](Index, const auto& x) {
          return fourth(exp(x[0]) - x[1]) + 100 * square(cube(x[1] - x[2])) + fourth(tan(x[2] - x[3]) + x[2] - x[3]) +
                 fourth(square(x[0])) + square(x[3] - 1.0);
        });
    Vector start = all(n, 2);
    start[0] = 1;
    add("cragglvy", start, sum, not_a_number, several);
  }
  {
    const Index n = 500;
    Sum sum;
    sum.add<5>(
        n - 4,
        [=](Index i) {
          return std::array{i, i + 1, i + 2, i + 3, n - 1};
        },
        [](Index, const auto& x) {
          return square(3.0 - 4 * x[0]) +
                 square(square(x[0]) + 2 * square(x[1]) + 3 * square(x[2]) + 4 * square(x[3]) + 5 * square(x[4]));
        });
    add("bdqrtic", all(n, 1), sum);
  }
  {
    const Index n = 100;
    Sum sum(1);
    sum.add<2>(n - 1, with_next,
               [](Index, const auto& x) { return 100 * square(x[1] - square(x[0])) + square(x[1] - 1.0); });
    add("genrose", Vector::LinSpaced(n, 1, real(n)) / real(n + 1), sum, 1, several);
  }
  {
    const Index n = 200;
    Sum sum;
    sum.add<2>(n - 1, with_next, [](Index, const auto& x) { return 100 * square(x[1] - x[0] + 1.0 - square(x[0])); });
    add("fletchcr", all(n, 0), sum, 0);
  }
  {
    const Index n = 100;
    Sum sum;
    sum.add<3>(
        n - 2,
        [=](Index i) {
          return std::array{i, i + 1, n - 1};
        },
        [](Index, const auto& x) { return fourth(x[0] + x[1] + x[2]); });
    sum.add<2>(1, with_next, [](Index, const auto& x) { return square(x[0] - x[1]); });
    sum.add<2>(
        1,
        [=](Index) {
          return std::array{n - 2, n - 1};
        },
        [](Index, const auto& x) { return square(x[0] + x[1]); });
    add("nondquar", Vector::NullaryExpr(n, [](Index i) { return i % 2 == 0 ? 1.0 : -1.0; }), sum, 0);
  }
  {
    const Index n = 200;
    Sum sum;
    sum.add<3>(n - 2, with_next_two, [](Index, const auto& x) {
      return -1.0 / (1.0 + square(x[0] - x[1])) - sin((std::numbers::pi * x[1] + x[2]) / 2.0) -
             exp(-square((x[0] + x[2]) / x[1] - 2.0));
    });
    add("schmvett", all(n, 0.5), sum, -3 * real(n - 2), several);
  }
  {
    const Index n = 200;
    Sum sum;
    sum.add<3>(n - 2, with_next_two, [=](Index, const auto& x) {
      return (10.0 / real(n + 2) + square(x[2])) * (2.0 - exp(-square(x[0] - x[1]) / (0.1 + square(x[2]))));
    });
    add("tointgss", all(n, 3), sum, not_a_number, several);
  }
  {
    const Index n = 50;
    Sum sum;
    sum.add<1>(1, self, [](Index, const auto& x) { return fourth(x[0] - 1.0); });
    sum.add<3>(
        n - 2,
        [=](Index i) {
          return std::array<Index, 3>{i + 1, n - 1, 0};
        },
        [](Index, const auto& x) { return square(sin(x[0] - x[1]) - square(x[2]) + square(x[0])); });
    sum.add<2>(
        1,
        [=](Index) {
          return std::array<Index, 2>{n - 1, 0};
        },
        [](Index, const auto& x) { return square(square(x[0]) - square(x[1])); });
    add("sinquad", all(n, 0.1), sum, 0, several);
  }
  {  // DIXMAANI (Dixon & Maany 1988): like A, but badly conditioned.
    const Index n = 300, third = n / 3;
    const auto ratio = [=](Index i) { return real(i + 1) * real(i + 1) / (real(n) * real(n)); };
    Sum sum(1);
    sum.add<1>(n, self, [ratio](Index i, const auto& x) { return ratio(i) * square(x[0]); });
    sum.add<2>(
        2 * third,
        [=](Index i) {
          return std::array{i, i + third};
        },
        [](Index, const auto& x) { return 0.125 * square(x[0]) * fourth(x[1]); });
    sum.add<2>(
        third,
        [=](Index i) {
          return std::array{i, i + 2 * third};
        },
        [ratio](Index i, const auto& x) { return 0.125 * ratio(i) * x[0] * x[1]; });
    add("dixmaani", all(n, 2), sum, 1);
  }
  {  // Σ |x_i|^(2 + 4 i/(n-1)): each unknown as flat as it likes
    const Index n = 20;
    add(
        "different powers", all(n, 1),
        [=](const Vector& w, Vector& g) {
          double sum = 0;
          for (Index i = 0; i < n; ++i) {
            const double power = 2 + 4 * real(i) / real(n - 1), below = std::pow(std::abs(w[i]), power - 1);
            sum += below * std::abs(w[i]);
            g[i] = std::copysign(power * below, w[i]);
          }
          return sum;
        },
        0);
  }
  {  // Gürbüzbalaban & Overton (2012): Nesterov's smooth Chebyshev–Rosenbrock function
    const Index n = 6;
    Sum sum;
    sum.add<1>(1, self, [](Index, const auto& x) { return 0.25 * square(x[0] - 1.0); });
    sum.add<2>(n - 1, with_next, [](Index, const auto& x) { return square(x[1] - 2 * square(x[0]) + 1.0); });
    Vector start = all(n, 1);
    start[0] = -1;
    add("chebyshev-rosenbrock", start, sum, 0);
  }
  {
    Sum sum;
    sum.add<2>(1, with_next, [](Index, const auto& x) {
      return square(square(x[0]) + x[1] - 11.0) + square(x[0] + square(x[1]) - 7.0);
    });
    add("himmelblau", Vector::Ones(2), sum, 0);  // four minima, all 0
  }
  {
    Sum sum;
    sum.add<2>(1, with_next, [](Index, const auto& x) {
      return 2 * square(x[0]) - 1.05 * fourth(x[0]) + cube(square(x[0])) / 6.0 + x[0] * x[1] + square(x[1]);
    });
    add("three-hump camel", Vector{{2, -1.5}}, sum, 0, several);
  }
  {
    const Index n = 100;
    const double h = 1 / real(n + 1);
    Sum sum;
    sum.add<1>(
        2, [=](Index i) { return std::array{i * (n - 1)}; }, [](Index, const auto& x) { return 0.5 * square(x[0]); });
    sum.add<2>(n - 1, with_next, [](Index, const auto& x) { return 0.5 * square(x[0] - x[1]); });
    sum.add<1>(n, self, [h](Index, const auto& x) { return -h * h * (2 * x[0] + cos(x[0])); });
    add("fletcbv2", h * Vector::LinSpaced(n, 1, real(n)), sum);
  }
  return problems;
}

}  // namespace surefoot::problems
