/// Fault injection: short random runs in which something goes wrong on purpose, and what must hold all the same.
///
///   const Plan plan = draw_plan(seed, index);          // run `index` of `seed`: the same again, and alone
///   const Outcome outcome = carry_out(plan);
///   if (const auto broken = find_violation(plan, outcome); !broken.empty()) std::cerr << describe(plan) << broken;
///
/// A plan is drawn over rule × direction × coordinates × landscape × scale of the loss × first step × stop × fault. The
/// objective is one type-erased landscape behind a witness that writes down each call and its answer, so that what the
/// library says of its run can be held against what it really asked and was told.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "surefoot/loop/monitor.hpp"
#include "surefoot/loop/result.hpp"
#include "surefoot/loop/stop.hpp"
#include "surefoot/vector.hpp"

namespace surefoot::test::soak {

// --- what a run is made of ------------------------------------------------------------------------------------------

enum class Way { steepest, heavy_ball, nesterov, cg_pr, cg_hz, cg_dy, l_bfgs, l_bfgs_inferred, by_default };
enum class Metric {
  plain,
  given,               // diagonal
  learnt,              // diagonal, from the objective's curvature
  learnt_by_gradients  // diagonal, of an objective that has none
};
enum class Shape { smooth, proximal, batches, proximal_batches };
enum class Kind {
  quadratic,
  rosenbrock,
  logistic,     // separable, and so without a minimum, where l2 is 0
  exponential,  // Σ exp(a w) − 3 a w: overflows a little way out
  barrier,      // Σ −log(1 − w) − 3 w: NaN past 1
  ball,         // a quadratic that is NaN outside a ball
  quartic,
  flat,      // a constant
  plateau,   // −Σ exp(−w²/2): flat far out
  linear,    // falls without end
  concave,   // falls without end, faster and faster
  absolute,  // |w| smoothed at 1e-8
  poisson,   // log link on raw columns: overflows
  wells      // Σ w⁴/4 − w²/2: two minima an entry, a maximum between them
};
enum class Flaw {
  none,
  nan_loss,
  infinite_loss,
  minus_infinite_loss,
  nan_gradient,
  infinite_gradient,
  wrong_sign,      // of the gradient
  noise,           // 1e-3 of the loss
  one_coordinate,  // of the gradient is off
  not_filled,      // an entry of the gradient, or all of them
  wrong_size,      // of the gradient
  thrown           // an exception
};
/// Has the objective rays, and what do they say?
enum class Rays {
  none,
  true_to_it,
  too_low,   // by the size of the start's loss
  too_high,  // by as much
  noisy,     // 1e-3 of the loss
  not_finite,
  flipped,  // slopes of the wrong sign
  falling   // −1e3 times the step
};
/// A call that must be refused before any work.
enum class Misuse { none, rule, pair, first_step, stop, monitor, direction, empty_start, scales, bounds };

inline constexpr std::array way_names{"steepest", "heavy-ball", "nesterov",        "cg PR+",    "cg HZ",
                                      "cg DY",    "l-bfgs",     "l-bfgs inferred", "minimize()"};
inline constexpr std::array metric_names{"plain", "diagonal given", "diagonal learnt", "diagonal learnt by gradients"};
inline constexpr std::array shape_names{"smooth", "proximal", "mini-batches", "proximal mini-batches"};
inline constexpr std::array kind_names{"quadratic", "rosenbrock", "logistic", "exponential", "barrier",
                                       "ball",      "quartic",    "flat",     "plateau",     "linear",
                                       "concave",   "absolute",   "poisson",  "wells"};
inline constexpr std::array flaw_names{"none",           "NaN loss",       "Inf loss",   "-Inf loss",
                                       "NaN gradient",   "Inf gradient",   "wrong sign", "noise",
                                       "one coordinate", "entry unfilled", "wrong size", "throw"};
inline constexpr std::array rays_names{"none",  "true",       "too low", "too high",
                                       "noisy", "not finite", "flipped", "falling"};
inline constexpr std::array misuse_names{"none",    "rule",      "pair",        "first step", "stop",
                                         "monitor", "direction", "empty start", "scales",     "bounds"};

template <class Enum, std::size_t N>
std::string name_of(Enum value, const std::array<const char*, N>& names) {
  return names.at(static_cast<std::size_t>(value));
}

/// A number with all its digits.
inline std::string exact(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.17g", value);
  return text;
}

/// Every loss of the generator behind one type.
struct Landscape {
  Kind kind = Kind::quadratic;
  Eigen::Index size = 1;
  double scale = 1, shift = 0;
  Vector a{}, b{};  // an entry a weight: curvatures or slopes, and centres
  DenseMatrix X{};
  Vector y{};
  double l2 = 0;
  int batches = 1;
  double spread = 0;  // of the batches' gradients around the whole one

  /// The loss of batch `batch` (−1: of everything); fills `gradient` where there is one. The batches are the loss plus
  /// slopes that cancel over an epoch.
  double at(const Vector& w, Vector* gradient, int batch) const;
  void curvature(const Vector& w, Vector& diagonal) const;

  /// Does the loss grow in every direction? Then it is not unbounded below, nor does it fall towards infinity.
  bool coercive() const {
    switch (kind) {
      case Kind::flat:
      case Kind::plateau:
      case Kind::linear:
      case Kind::concave:
        return false;
      case Kind::logistic:
      case Kind::poisson:
        return l2 > 0;
      default:
        return true;
    }
  }

 private:
  double raw(const Vector& w, Vector* gradient) const;
  double rosenbrock(const Vector& w, Vector* gradient) const;
  double over_rows(const Vector& w, Vector* gradient) const;
};

/// One run, before it is carried out.
struct Plan {
  std::uint64_t seed = 0, index = 0;

  Way way = Way::steepest;
  std::string rule{};
  double momentum = 0.9, overlap = 0.2, inference = 1e-3;
  int memory = 0;
  Metric metric = Metric::plain;
  Vector scales{};
  Shape shape = Shape::smooth;
  double l1 = 0;
  Vector low{}, high{};
  Landscape landscape{};
  Vector start{};
  bool bounded = false;  // the objective states a lower bound
  Rays rays = Rays::none;
  int rays_lie_from = 1;  // the look

  std::optional<double> first_step{};
  Stop stop{};
  Monitor monitor{};

  Flaw flaw = Flaw::none;
  int flaw_at = 0;  // the call, from 1
  bool sticky = false;
  int entry = -1;      // of the gradient; −1: all
  double factor = 1;   // that it is off by
  int cancel_at = 0;   // the call in which the stop token is told; 0: never
  int no_more_at = 0;  // the event to which the observer answers "no more"
  int throws_at = 0;   // the event at which the observer throws
  bool observed = true;
  Misuse misuse = Misuse::none;

  /// The proximal map of l1 |w|₁ within the bounds, told here once more: the judge does not take the library's.
  double proximal_map(Vector& w, double step) const {
    const double threshold = step * l1;
    for (Eigen::Index i = 0; i < w.size(); ++i) {
      const double x = w[i];
      w[i] = std::abs(x) <= threshold ? 0 : x - (threshold > 0 ? std::copysign(threshold, x) : 0);
    }
    if (shape == Shape::proximal) w = w.cwiseMax(low).cwiseMin(high);
    return l1 * w.lpNorm<1>();
  }

  bool conjugate() const { return way == Way::cg_pr || way == Way::cg_hz || way == Way::cg_dy; }
  bool learns_pairs() const { return way == Way::l_bfgs || way == Way::l_bfgs_inferred; }
  bool batched() const { return shape == Shape::batches || shape == Shape::proximal_batches; }
  bool proximal() const { return shape == Shape::proximal || shape == Shape::proximal_batches; }
  bool clean() const { return flaw == Flaw::none && cancel_at == 0 && no_more_at == 0 && throws_at == 0; }
};

std::string describe(const Plan& plan);
Plan draw_plan(std::uint64_t seed, std::uint64_t index);

// --- what became of it ---------------------------------------------------------------------------------------------

/// What the objective (or the observer) of a plan throws: not derived from std::exception, so that nobody catches it by
/// accident, and with a payload.
struct Thrown {
  std::uint64_t seed, index;
  int number;  // the call or the event
  bool by_observer;
  bool operator==(const Thrown&) const = default;
};

/// Every call and its answer.
struct Witness {
  struct Call {
    double loss = not_a_number;  // as answered, without a non-smooth part
    double gradient_max = not_a_number;
    bool joint = false;
    bool sound = false;  // was the answer finite?
    int batch = -1;
  };
  std::vector<Call> calls{};
  std::vector<Vector> points{};
  std::stop_source cancel{};
  int flawed = 0;        // calls that were answered wrongly
  int looks = 0;         // along rays
  int unnoticeable = 0;  // gradient entries that were left as they came, and came finite: nobody could tell

  int count() const { return static_cast<int>(calls.size()); }
};

/// What the observer heard.
struct Heard {
  int events = 0, starts = 0, ends = 0, steps = 0, rollbacks = 0, not_finite = 0;
  int after_no_more = 0;
  long evaluations = 0;  // by the last event
  std::string wrong{};   // the first thing that does not fit
  std::string text{};    // every event in words, where it is wanted
};

/// What became of a plan.
struct Outcome {
  enum class Kind { returned, refused, thrown, ran_away, other_exception };
  Kind kind = Kind::returned;
  Result result{};
  Witness witness{};
  Heard heard{};
  std::string refusal{};
  std::optional<Thrown> thrown{};
  long left_alive = 0;
  double seconds = 0;
};

/// Runs a plan. Whatever its objective or its observer throws is caught here; nothing else is hidden.
Outcome carry_out(const Plan& plan, bool in_words = false);

/// Holds one outcome against its plan; the first thing that is broken, or an empty text.
std::string find_violation(const Plan& plan, const Outcome& outcome);

/// Do two outcomes of one plan agree to the bit?
bool same_bits(const Outcome& a, const Outcome& b);

/// Ends the process, with the description of the run, when one run takes too long: even one that no longer calls the
/// objective.
class Watchdog {
 public:
  Watchdog(std::uint64_t seed, double limit_seconds)
      : thread_([this, seed, limit_seconds](const std::stop_token& stop) { watch(stop, seed, limit_seconds); }) {}

  void begin(std::uint64_t index) {
    index_ = index;
    ++runs_;
  }

 private:
  void watch(const std::stop_token& stop, std::uint64_t seed, double limit_seconds) const;

  std::atomic<std::uint64_t> runs_ = 0, index_ = 0;
  std::jthread thread_;
};

}  // namespace surefoot::test::soak
