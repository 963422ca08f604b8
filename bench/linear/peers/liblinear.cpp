// LIBLINEAR (Fan et al. 2008) through its C interface: logistic regression by Newton's method in a trust region (-s 0)
// and by coordinate descent in the dual (-s 7). Its bias is one more column, and penalised like the others; it is
// measured in that objective of its own.

#include <linear.h>

#include <cstdlib>

#include "peer.hpp"

namespace surefoot::linear {

namespace {

/// The rows in LIBLINEAR's own form.
struct Rows {
  std::vector<feature_node> nodes{};
  std::vector<feature_node*> starts{};
  std::vector<double> labels{};
  problem whole{};

  explicit Rows(const Data& data) {
    const auto d = static_cast<int>(data.columns());
    std::vector<std::size_t> offsets;
    const auto end_row = [&] {
      nodes.push_back({d + 1, 1.0});
      nodes.push_back({-1, 0.0});
    };
    if (const auto* dense = std::get_if<DenseMatrix>(&data.fitted)) {
      nodes.reserve(static_cast<std::size_t>(dense->rows() * (dense->cols() + 2)));
      for (Index i = 0; i < dense->rows(); ++i) {
        offsets.push_back(nodes.size());
        for (int j = 0; j < d; ++j) {
          if ((*dense)(i, j) != 0) nodes.push_back({j + 1, (*dense)(i, j)});
        }
        end_row();
      }
    } else {
      const auto& sparse = std::get<SparseMatrix>(data.fitted);
      nodes.reserve(static_cast<std::size_t>(sparse.nonZeros() + 2 * sparse.rows()));
      for (Index i = 0; i < sparse.rows(); ++i) {
        offsets.push_back(nodes.size());
        for (SparseMatrix::InnerIterator entry(sparse, i); entry; ++entry) {
          nodes.push_back({static_cast<int>(entry.col()) + 1, entry.value()});
        }
        end_row();
      }
    }
    for (const std::size_t offset : offsets) starts.push_back(nodes.data() + offset);
    labels.assign(data.target.begin(), data.target.end());
    whole = {.l = static_cast<int>(starts.size()), .n = d + 1, .y = labels.data(), .x = starts.data(), .bias = 1};
  }
};

Attempt run(const Rows& rows, int solver, const Case& of, double tolerance, double limit) {
  parameter how{};
  how.solver_type = solver;
  how.eps = tolerance;
  how.C = 1 / (of.l2 * static_cast<double>(rows.whole.l));
  std::srand(1);  // the dual draws its order of rows from rand()
  const Stopwatch watch;
  model* fitted = train(&rows.whole, &how);
  Attempt attempt{.seconds = watch.seconds()};
  // It takes the first label that it meets for the positive one.
  const double sign = fitted->label[0] == 1 ? 1 : -1;
  const Eigen::MatrixXd weights = sign * Eigen::Map<const Vector>(fitted->w, rows.whole.n);
  free_and_destroy_model(&fitted);
  attempt.excess = excess(of, weights, Bias::penalised);
  if (attempt.seconds > limit) return {.note = over_the_limit};
  return attempt;
}

void silent(const char*) {}

}  // namespace

Peers liblinear_peers(const Data& data, const Setup&) {
  if (data.model != "logistic") return {};
  set_print_string_function(silent);
  const Stopwatch watch;
  const auto rows = std::make_shared<const Rows>(data);
  const double conversion = watch.seconds();
  Peers peers;
  for (const int solver : {L2R_LR, L2R_LR_DUAL}) {
    peers.push_back({.name = family::liblinear + " -s " + std::to_string(solver),
                     .has_tolerance = true,
                     .loosest = 10,
                     .prepare = conversion,
                     .run = [rows, solver](const Case& of, double tolerance, int, double limit) {
                       return run(*rows, solver, of, tolerance, limit);
                     }});
  }
  return peers;
}

std::string liblinear_version() {
  return "LIBLINEAR " + std::to_string(::liblinear_version / 100) + "." + std::to_string(::liblinear_version / 10 % 10);
}

}  // namespace surefoot::linear
