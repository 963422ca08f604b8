/// Is the gradient right? Names the coordinates that are not, with the gradient's own and the expected value.
///
///   auto check = surefoot::check_gradient(objective, w);
///   if (!check.ok) std::cerr << check.text();   // "coordinate 3: the gradient says 2.5, differences of the loss say -1.2"
///
/// Check at a point of no special kind: at a minimum, or where many weights are 0, mistakes hide.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "surefoot/loop/oracle.hpp"
#include "surefoot/loop/parameters.hpp"
#include "surefoot/loop/result.hpp"
#include "surefoot/objectives/differences.hpp"

namespace surefoot {

struct GradientCheckOptions {
  /// An entry is wrong when  |given − expected| > tolerance · max(|given|, |expected|) + 10 · error_of_expected.
  double tolerance = 1e-3;           // in (0, 1)
  std::optional<int> coordinates{};  // >= 1: check no more than these many; unset: all
  bool at_random = true;             // which ones, then: drawn, or the first
  std::uint64_t seed = 1;            // of the draw

  template <class Self, class Each>
  static void parameters(Self& self, Each&& each) {
    each("tolerance", self.tolerance, Range::between(0, 1), "how far an entry may be off, as a share of it");
    each("coordinates", self.coordinates, Range::at_least(1), "the largest number of coordinates to check");
  }
};

/// What check_gradient found.
struct GradientCheck {
  using Coordinate = GradientEntry;

  bool ok = false;                       // nothing was found to be wrong, and something to be right
  double loss = not_a_number;            // at w
  long checked = 0;                      // coordinates compared
  std::vector<Coordinate> wrong{};       // by index
  std::vector<Coordinate> unresolved{};  // the loss is too round (or has a kink) here to tell right from wrong
  Coordinate worst{};                    // the entry furthest from expected, measured by what it is allowed; −1: none
  std::vector<Eigen::Index> unfilled{};  // entries that the objective left as they were, or added to
  std::vector<Coordinate> not_finite{};  // entries that are NaN or Inf; not compared
  std::string refused{};                 // why nothing could be compared: the loss is not finite, a wrong size

  /// A line for each finding, the first `lines` of a kind.
  std::string text(std::size_t lines = 10) const {
    std::string out;
    if (!refused.empty()) out += refused + "\n";
    list(out, unfilled, lines, [](Eigen::Index i) {
      return "coordinate " + std::to_string(i) + ": the objective does not fill the gradient's entry, or adds to it";
    });
    list(out, not_finite, lines, [](const Coordinate& c) {
      return "coordinate " + std::to_string(c.index) + ": the gradient says " + number(c.given);
    });
    list(out, wrong, lines, [](const Coordinate& c) {
      return "coordinate " + std::to_string(c.index) + ": the gradient says " + number(c.given) +
             ", differences of the loss say " + number(c.expected) +
             (std::abs(c.given - c.expected) < 0.02 * std::abs(c.expected)
                  ? " (" + number(100 * (c.given / c.expected - 1)) + " % off)"
                  : "");
    });
    list(out, unresolved, lines, [](const Coordinate& c) {
      return "coordinate " + std::to_string(c.index) + ": can't tell: the gradient says " + number(c.given) +
             ", differences of the loss say " +
             (std::isfinite(c.expected) ? number(c.expected) + " give or take " + number(c.error_of_expected)
                                        : std::string("nothing: it is not finite nearby"));
    });
    if (ok) {
      out += "the gradient agrees with differences of the loss in " + std::to_string(resolved()) +
             (resolved() == 1 ? " coordinate\n" : " coordinates\n");
    } else if (checked > 0 && resolved() == 0) {
      out += "no coordinate could be judged\n";
    }
    return out;
  }
  /// Coordinates that could be told right or wrong.
  long resolved() const { return checked - static_cast<long>(unresolved.size()); }

 private:
  template <class Items, class Line>
  static void list(std::string& out, const Items& items, std::size_t lines, Line&& line) {
    for (std::size_t k = 0; k < items.size() && k < lines; ++k) out += line(items[k]) + "\n";
    if (items.size() > lines) out += "… and " + std::to_string(items.size() - lines) + " more like these\n";
  }
};

namespace gradient_check {

/// Which coordinates, in ascending order.
inline std::vector<Eigen::Index> choose(Eigen::Index size, const GradientCheckOptions& options) {
  std::vector<Eigen::Index> all(static_cast<std::size_t>(size));
  std::iota(all.begin(), all.end(), Eigen::Index{0});
  if (!options.coordinates || *options.coordinates >= size) return all;
  const auto wanted = static_cast<std::size_t>(*options.coordinates);
  if (options.at_random) {
    std::mt19937_64 random(options.seed);  // not a std:: distribution: those differ from one library to another
    for (std::size_t k = 0; k < wanted; ++k) std::swap(all[k], all[k + random() % (all.size() - k)]);
  }
  all.resize(wanted);
  std::sort(all.begin(), all.end());
  return all;
}

/// NaN where the buffer held NaN before, a number where it held 0: such an entry was not filled, or was added to.
/// False where the objective gives its gradient another size.
template <class ObjectiveType>
bool sort_out_nan(ObjectiveType& objective, const Vector& w, const Vector& gradient, GradientCheck& check) {
  if (gradient.allFinite()) return true;
  Vector again = Vector::Zero(w.size());
  if (gradient.hasNaN()) loss_and_gradient(objective, w, again);
  if (again.size() != w.size()) return false;
  for (Eigen::Index i = 0; i < gradient.size(); ++i) {
    if (std::isfinite(gradient[i])) continue;
    if (std::isnan(gradient[i]) && std::isfinite(again[i])) {
      check.unfilled.push_back(i);
    } else {
      check.not_finite.push_back({.index = i, .given = gradient[i]});
    }
  }
  return true;
}

}  // namespace gradient_check

/// Compares the objective's gradient at w with differences of its loss, coordinate by coordinate. A coordinate costs 6
/// calls of the loss as a rule and 120 at most (joint calls, where the objective has no loss(w) of its own). The step is
/// scaled to |w_i| and chosen by its error, so neither the unit of the loss nor that of the weights matters. Of an
/// objective with a proximal part the smooth part is checked; of one with batches, the selected one.
/// Throws std::invalid_argument for an option out of its range and for a w without entries or with one that isn't
/// finite, and lets the objective's own exceptions through.
template <class ObjectiveType>
requires Objective<std::remove_reference_t<ObjectiveType>> GradientCheck
check_gradient(ObjectiveType&& objective, const Vector& w, const GradientCheckOptions& options = {}) {
  using Bare = std::remove_reference_t<ObjectiveType>;
  static_assert(!Coordinates<Bare>, "check the gradient of the objective itself, not that in other coordinates");
  validate(options, "check_gradient");
  if (w.size() == 0) throw std::invalid_argument("w has no entries: there is no gradient to check");
  for (Eigen::Index i = 0; i < w.size(); ++i) require("check_gradient", "w[" + std::to_string(i) + "]", w[i], Range{});

  GradientCheck check;
  Oracle<Bare> oracle(objective);
  Point at{.w = w};
  oracle.evaluate(at);
  check.loss = at.loss;
  if (!std::isfinite(at.loss)) {
    check.refused = "the loss is " + number(at.loss) + " here: check the gradient where it is finite";
    return check;
  }
  if (!gradient_check::sort_out_nan(objective, w, at.gradient, check)) {
    check.refused = oracle.unfilled(at.gradient);
    return check;
  }

  Vector moved = w, scratch;
  const auto loss = [&](const Vector& v) { return oracle.loss(v, scratch); };
  double worst = -1;
  for (const Eigen::Index i : gradient_check::choose(w.size(), options)) {
    const double given = at.gradient[i];
    if (!std::isfinite(given)) continue;
    const DifferenceSlope slope = slope_by_differences(loss, moved, i, at.loss, 0.1 * options.tolerance);
    const GradientCheck::Coordinate entry{i, given, slope.value, slope.error};
    ++check.checked;
    if (!slope.found()) {
      check.unresolved.push_back(entry);
      continue;
    }
    const double size = std::max(std::abs(given), std::abs(slope.value));
    const double off = std::abs(given - slope.value), doubt = 10 * slope.error;
    const double allowed = options.tolerance * size + doubt;
    if (off / allowed > worst) {
      worst = off / allowed;
      check.worst = entry;
    }
    if (off > allowed) {
      check.wrong.push_back(entry);
    } else if (off > 0 && doubt > 0.1 * size && doubt > 1e-3 * slope.variation) {
      check.unresolved.push_back(entry);
    }
  }
  check.ok = check.wrong.empty() && check.unfilled.empty() && check.not_finite.empty() &&
             (w.size() == 0 || check.resolved() > 0);
  return check;
}

}  // namespace surefoot
