/// Group "apart-fields": energies of discretised fields, and of chains.
#pragma once

#include "../elements.hpp"

namespace surefoot::problems {

/// The square (0, 1)² with `side`² unknowns inside and given values on its border.
class Grid {
 public:
  template <class Border>
  Grid(Index side, Border border) : side_(side), padded_(DenseMatrix::Zero(side + 2, side + 2)) {
    for (Index i = 0; i <= side + 1; ++i) {
      for (Index j = 0; j <= side + 1; ++j) {
        if (i % (side + 1) == 0 || j % (side + 1) == 0) padded_(i, j) = border(real(i) * width(), real(j) * width());
      }
    }
  }

  double width() const { return 1 / real(side_ + 1); }

  /// Σ over both triangles of each cell of `density(p, derivative in p)`, where p is |∇u|² there, times the triangle's area;
  /// and its gradient.
  template <class Density>
  double energy(const Vector& w, Vector& gradient, Density density) const {
    DenseMatrix u = padded_, slopes = DenseMatrix::Zero(side_ + 2, side_ + 2);
    u.block(1, 1, side_, side_) = Eigen::Map<const DenseMatrix>(w.data(), side_, side_);
    const double h = width();
    double sum = 0;
    const auto triangle = [&](Index i, Index j, Index to) {  // the corner (i, j) and its neighbours towards `to`
      const double dx = (u(i + to, j) - u(i, j)) / h, dy = (u(i, j + to) - u(i, j)) / h;
      double derivative = 0;
      sum += density(dx * dx + dy * dy, derivative) * h * h / 2;
      const double x = derivative * dx * h, y = derivative * dy * h;
      slopes(i + to, j) += x;
      slopes(i, j + to) += y;
      slopes(i, j) -= x + y;
    };
    for (Index i = 0; i <= side_; ++i) {
      for (Index j = 0; j <= side_; ++j) {
        triangle(i, j, 1);
        triangle(i + 1, j + 1, -1);
      }
    }
    Eigen::Map<DenseMatrix>(gradient.data(), side_, side_) = slopes.block(1, 1, side_, side_);
    return sum;
  }

 private:
  Index side_;
  DenseMatrix padded_;
};

inline Problems apart_fields() {
  Problems problems;
  const auto add = [&problems](const std::string& name, const Vector& start, const Evaluate& loss,
                               double minimum = not_a_number, bool several_minima = false) {
    problems.push_back(
        {name + " " + std::to_string(start.size()), "apart-fields", start, loss, minimum, several_minima});
  };
  constexpr bool several = true;
  const auto zero = [](double, double) { return 0.0; };
  const auto half_square = [](double p, double& derivative) {  // ½ |∇u|²
    derivative = 0.5;
    return p / 2;
  };
  {
    const Grid grid(20, [](double x, double y) { return std::sin(std::numbers::pi * x) * (1 - 2 * y); });
    add("minimal surface", Vector::Zero(400), [grid](const Vector& w, Vector& g) {
      const double area = grid.energy(w, g, [](double p, double& derivative) {
        derivative = 0.5 / std::sqrt(1 + p);
        return std::sqrt(1 + p);
      });
      return area;
    });
  }
  {
    const Grid grid(25, zero);  // ½ |∇u|² + e^u − 20 u
    const double cell = grid.width() * grid.width();
    add("exponential reaction", Vector::Zero(625), [grid, cell, half_square](const Vector& w, Vector& g) {
      const double bending = grid.energy(w, g, half_square);
      const Vector e = w.array().exp();
      g += cell * (e.array() - 20).matrix();
      return bending + cell * (e - 20 * w).sum();
    });
    add("torsion", Vector::Zero(625), [grid, cell, half_square](const Vector& w, Vector& g) {
      const double bending = grid.energy(w, g, half_square);
      g.array() -= 5 * cell;
      return bending - 5 * cell * w.sum();
    });
  }
  {
    const Grid grid(15, zero);  // ¼ |∇u|⁴ − u: no curvature where the field is flat
    const double cell = grid.width() * grid.width();
    const Vector start = Vector::NullaryExpr(225, [](Index i) { return 0.1 * std::sin(real(i + 1)); });
    add("p-laplacian", start, [grid, cell](const Vector& w, Vector& g) {
      const double bending = grid.energy(w, g, [](double p, double& derivative) {
        derivative = p / 2;
        return p * p / 4;
      });
      g.array() -= cell;
      return bending - cell * w.sum();
    });
  }
  {
    const Index n = 200;  // a wall between −1 and 1
    const double h = 1 / real(n + 1), width = 0.02;
    Sum sum;
    sum.add<1>(
        2, [=](Index i) { return std::array{i * (n - 1)}; },
        [=](Index i, const auto& x) { return width / (2 * h) * square(x[0] + (i == 0 ? 1.0 : -1.0)); });
    sum.add<2>(n - 1, with_next, [=](Index, const auto& x) { return width / (2 * h) * square(x[1] - x[0]); });
    sum.add<1>(n, self, [=](Index, const auto& x) { return h / (4 * width) * square(square(x[0]) - 1.0); });
    add("ginzburg-landau", Vector::LinSpaced(n, -1, 1), sum, not_a_number, several);
  }
  {
    const Index n = 200;
    Draws draws(601);
    Vector noisy = 0.1 * draws.normals(n);
    for (Index i = 0; i < n; ++i) noisy[i] += real(i / 40 % 3);
    Sum sum;
    sum.add<1>(n, self, [noisy](Index i, const auto& x) { return 0.5 * square(x[0] - noisy[i]); });
    sum.add<2>(n - 1, with_next, [](Index, const auto& x) { return 0.5 * sqrt(square(x[1] - x[0]) + 1e-6); });
    add("total variation, smoothed at 1e-3", noisy, sum);
  }
  {
    const Index links = 30;  // hangs between (0, 0) and (1, 0); springs of a length and a stiffness
    const double rest = 1.4 / real(links), stiffness = 500;
    const auto spring = [=](const auto& dx, const auto& dy) {
      return 0.5 * stiffness * square(sqrt(square(dx) + square(dy)) - rest);
    };
    const Index beads = links - 1;
    Sum sum;
    sum.add<4>(
        beads - 1,
        [](Index i) {
          return std::array{2 * i, 2 * i + 1, 2 * i + 2, 2 * i + 3};
        },
        [spring](Index, const auto& x) { return spring(x[2] - x[0], x[3] - x[1]); });
    sum.add<2>(
        2,
        [=](Index i) {
          return std::array{2 * i * (beads - 1), 2 * i * (beads - 1) + 1};
        },
        [spring](Index i, const auto& x) { return spring(x[0] - real(i), x[1]); });
    sum.add<1>(
        beads, [](Index i) { return std::array{2 * i + 1}; }, [](Index, const auto& x) { return 0.1 * x[0]; });
    Vector start(2 * beads);
    for (Index i = 0; i < beads; ++i) {
      const double along = real(i + 1) / real(links);
      start[2 * i] = along;
      start[2 * i + 1] = -0.2 * std::sin(std::numbers::pi * along);
    }
    add("hanging chain", start, sum, not_a_number, several);
  }
  return problems;
}

}  // namespace surefoot::problems
