/// The 35 unconstrained test functions of Moré, Garbow & Hillstrom (1981), Testing unconstrained optimization software,
/// ACM TOMS 7(1), 17–41, as sums of squares: what a minimiser is tried on.
///
///   for (const surefoot::TestProblem& problem : surefoot::more_garbow_hillstrom()) {
///     auto result = surefoot::minimize(problem, problem.start);
///   }
///   auto large = surefoot::more_garbow_hillstrom(1000);  // those that take any number of unknowns
///
/// Formulas, data and starts were compared with several public transcriptions of the paper, not with the paper itself.
#pragma once

#include <vector>

#include "surefoot/objectives/mgh/any_size.hpp"
#include "surefoot/objectives/mgh/fixed_size.hpp"
#include "surefoot/objectives/mgh/test_problem.hpp"

namespace surefoot {

/// All 35, ordered by number; Watson, the penalties and Chebyquad at each size whose minimum the paper gives, the other
/// scalable ones at n = 10 (Powell's at 12), the linear ones with 2n residuals.
inline std::vector<TestProblem> more_garbow_hillstrom() {
  using namespace mgh;
  return {rosenbrock(),
          freudenstein_roth(),
          powell_badly_scaled(),
          brown_badly_scaled(),
          beale(),
          jennrich_sampson(),
          helical_valley(),
          bard(),
          gaussian(),
          meyer(),
          gulf(),
          box_three_dimensional(),
          powell_singular(),
          wood(),
          kowalik_osborne(),
          brown_dennis(),
          osborne_1(),
          biggs_exp6(),
          osborne_2(),
          watson(6),
          watson(9),
          watson(12),
          extended_rosenbrock(10),
          extended_powell_singular(12),
          penalty_1(4),
          penalty_1(10),
          penalty_2(4),
          penalty_2(10),
          variably_dimensioned(10),
          trigonometric(10),
          brown_almost_linear(10),
          discrete_boundary_value(10),
          discrete_integral_equation(10),
          broyden_tridiagonal(10),
          broyden_banded(10),
          linear_full_rank(10, 20),
          linear_rank_1(10, 20),
          linear_rank_1_with_zeros(10, 20),
          chebyquad(8),
          chebyquad(9),
          chebyquad(10)};
}

/// The scalable functions, 21 to 35, at `n` >= 3 unknowns: those that come in pairs or fours at the next such number.
/// (Watson's stops at 31 unknowns: `mgh::watson`.)
inline std::vector<TestProblem> more_garbow_hillstrom(Eigen::Index n) {
  using namespace mgh;
  at_least(3, "more_garbow_hillstrom", n);
  return {extended_rosenbrock((n + 1) / 2 * 2),
          extended_powell_singular((n + 3) / 4 * 4),
          penalty_1(n),
          penalty_2(n),
          variably_dimensioned(n),
          trigonometric(n),
          brown_almost_linear(n),
          discrete_boundary_value(n),
          discrete_integral_equation(n),
          broyden_tridiagonal(n),
          broyden_banded(n),
          linear_full_rank(n, 2 * n),
          linear_rank_1(n, 2 * n),
          linear_rank_1_with_zeros(n, 2 * n),
          chebyquad(n)};
}

}  // namespace surefoot
