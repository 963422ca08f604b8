/// Group "rescaled": known functions whose unknowns are counted in units that differ by powers of ten.
#pragma once

#include "more_garbow_hillstrom.hpp"
#include "problem.hpp"
#include "quadratics.hpp"

namespace surefoot::problems {

/// The same function of w / unit: same losses, another shape.
inline Problem rescaled(const Problem& problem, const Vector& unit, const std::string& label) {
  return {.name = problem.name + ", units " + label,
          .group = "rescaled",
          .start = problem.start.cwiseProduct(unit),
          .evaluate =
              [evaluate = problem.evaluate, unit](const Vector& w, Vector& g) {
                const double loss = evaluate(w.cwiseQuotient(unit), g);
                g = g.cwiseQuotient(unit);
                return loss;
              },
          .minimum = problem.minimum,
          .several_minima = problem.several_minima};
}

inline Problems rescaled_problems() {
  const auto plain = [](const TestProblem& problem) {
    return Problem{.name = problem.name + " " + std::to_string(problem.size),
                   .group = "mgh",
                   .start = problem.start,
                   .evaluate = [problem](const Vector& w, Vector& g) { return problem.loss(w, g); },
                   .minimum = problem.minimum.value_or(not_a_number)};
  };
  const auto units = [](Index n, double decades, std::uint64_t seed) {
    Draws draws(seed);
    const Vector exponents = draws.uniforms(n, -decades, decades);
    return exponents.unaryExpr([](double exponent) { return std::pow(10, exponent); }).eval();
  };
  Draws draws(400);
  const Vector start = draws.normals(50), centre = draws.normals(50);
  const Problem quadratic{.name = "quadratic log 50 1e2",
                          .group = "quadratics",
                          .start = start,
                          .evaluate = RotatedQuadratic(spectra::log(50, 1e2), centre, draws),
                          .minimum = 0};
  return {rescaled(plain(mgh::rosenbrock()), Vector{{1e3, 1e-3}}, "1e±3"),
          rescaled(plain(mgh::beale()), Vector{{1e-5, 1e5}}, "1e±5"),
          rescaled(plain(mgh::wood()), units(4, 2, 401), "1e±2"),
          rescaled(plain(mgh::extended_rosenbrock(20)), units(20, 2, 402), "1e±2"),
          rescaled(plain(mgh::broyden_tridiagonal(30)), units(30, 6, 403), "1e±6"),
          rescaled(plain(mgh::discrete_integral_equation(20)), units(20, 4, 404), "1e±4"),
          rescaled(quadratic, units(50, 4, 405), "1e±4")};
}

}  // namespace surefoot::problems
