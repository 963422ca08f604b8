#include "support/fault_injection.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <random>
#include <stdexcept>
#include <utility>

#include "surefoot/coordinates/diagonal.hpp"
#include "surefoot/directions/conjugate_gradient.hpp"
#include "surefoot/directions/heavy_ball.hpp"
#include "surefoot/directions/inferred.hpp"
#include "surefoot/directions/l_bfgs.hpp"
#include "surefoot/directions/nesterov.hpp"
#include "surefoot/directions/steepest.hpp"
#include "surefoot/loop/minimizer.hpp"
#include "surefoot/minimize.hpp"
#include "surefoot/objectives/box.hpp"
#include "surefoot/objectives/lasso.hpp"
#include "surefoot/registry.hpp"

namespace surefoot::test::soak {

std::string describe(const Plan& plan) {
  const auto optional = [](const char* name, const auto& value) {
    return value ? std::string(" ") + name + "=" + exact(static_cast<double>(*value)) : std::string();
  };
  const Landscape& land = plan.landscape;
  std::string text = "run " + std::to_string(plan.index) + " of seed " + std::to_string(plan.seed) + "\n";
  text += "  way:        " + name_of(plan.way, way_names);
  if (plan.way != Way::by_default) {
    text += ", rule '" + plan.rule + "'";
    if (plan.way == Way::heavy_ball) text += ", momentum " + exact(plan.momentum);
    if (plan.conjugate()) text += ", overlap " + exact(plan.overlap);
    if (plan.learns_pairs()) text += ", memory " + std::to_string(plan.memory);
    if (plan.way == Way::l_bfgs_inferred) text += ", tolerance " + exact(plan.inference);
  }
  text += "\n  objective:  " + name_of(land.kind, kind_names) + " of " + std::to_string(land.size) + ", " +
          name_of(plan.shape, shape_names) + ", " + name_of(plan.metric, metric_names) + ", times " +
          exact(land.scale) + ", plus " + exact(land.shift) + ", l2 " + exact(land.l2);
  if (plan.rays != Rays::none) {
    text += ", rays " + name_of(plan.rays, rays_names) + " from look " + std::to_string(plan.rays_lie_from);
  }
  if (plan.batched()) text += ", batches " + std::to_string(land.batches) + " spread " + exact(land.spread);
  if (plan.proximal()) text += ", l1 " + exact(plan.l1);
  text += "\n  start:      ";
  for (double entry : plan.start) text += exact(entry) + " ";
  text += "\n  told:      " + optional("first_step", plan.first_step) + optional("gradient", plan.stop.gradient) +
          optional("absolute_gradient", plan.stop.absolute_gradient) + optional("decrease", plan.stop.decrease) +
          optional("target", plan.stop.target) + optional("max_iterations", plan.stop.max_iterations) +
          optional("max_evaluations", plan.stop.max_evaluations) + optional("max_seconds", plan.stop.max_seconds) +
          " monitor{" + exact(plan.monitor.rise) + ", " + std::to_string(plan.monitor.memory) + ", " +
          std::to_string(plan.monitor.patience) + ", " + std::to_string(plan.monitor.max_rollbacks) + ", " +
          std::to_string(plan.monitor.regrow_after) + "}" + (plan.observed ? "" : " unobserved");
  text += "\n  goes wrong: " + name_of(plan.flaw, flaw_names);
  if (plan.flaw != Flaw::none) {
    text += (plan.sticky ? " from call " : " at call ") + std::to_string(plan.flaw_at) + ", entry " +
            std::to_string(plan.entry) + ", factor " + exact(plan.factor);
  }
  if (plan.cancel_at > 0) text += "; cancelled in call " + std::to_string(plan.cancel_at);
  if (plan.no_more_at > 0) text += "; the observer wants no more at event " + std::to_string(plan.no_more_at);
  if (plan.throws_at > 0) text += "; the observer throws at event " + std::to_string(plan.throws_at);
  if (plan.misuse != Misuse::none) text += "; misuse: " + name_of(plan.misuse, misuse_names);
  return text + "\n  again:      tests/soak --seed " + std::to_string(plan.seed) + " --from " +
         std::to_string(plan.index) + " --to " + std::to_string(plan.index) + "\n";
}

// --- the landscapes ------------------------------------------------------------------------------------------------

double Landscape::at(const Vector& w, Vector* gradient, int batch) const {
  double value = raw(w, gradient);
  if (batch >= 0) {
    for (Eigen::Index i = 0; i < size; ++i) {
      const double slope = spread * std::cos(2 * 3.14159265358979 * batch / batches + static_cast<double>(i));
      value += batches > 1 ? slope * w[i] : 0;
      if (gradient != nullptr && batches > 1) (*gradient)[i] += slope;
    }
  }
  if (gradient != nullptr) *gradient *= scale;
  return scale * value + shift;
}

void Landscape::curvature(const Vector& w, Vector& diagonal) const {
  const auto v = w.array();
  switch (kind) {
    case Kind::quadratic:
    case Kind::ball:
      diagonal = a;
      break;
    case Kind::rosenbrock:
      diagonal = 200 + 1200 * v.square();
      break;
    case Kind::logistic:
    case Kind::poisson: {
      const Vector weights = (X * w).unaryExpr([this](double z) {
        if (kind == Kind::poisson) return std::exp(z);
        return 1 / (2 + std::exp(z) + std::exp(-z));
      });
      diagonal = X.array().square().matrix().transpose() * weights / static_cast<double>(X.rows());
      diagonal.array() += l2;
      break;
    }
    case Kind::exponential:
      diagonal = a.array().square() * (a.array() * v).exp();
      break;
    case Kind::barrier:
      diagonal = (1 - v).square().inverse();
      break;
    case Kind::quartic:
      diagonal = 3 * a.array() * v.square();
      break;
    case Kind::plateau:
      diagonal = (1 - v.square()) * (-0.5 * v.square()).exp();
      break;
    case Kind::absolute:
      diagonal = a.array() * 1e-16 * (v.square() + 1e-16).pow(-1.5);
      break;
    case Kind::wells:
      diagonal = 3 * v.square() - 1;
      break;
    case Kind::flat:
    case Kind::linear:
    case Kind::concave:
      diagonal.setConstant(size, kind == Kind::concave ? -1 : 0);
      break;
  }
  diagonal *= scale;
}

double Landscape::raw(const Vector& w, Vector* gradient) const {
  const auto v = w.array();
  const auto give = [gradient](const auto& values) {
    if (gradient != nullptr) *gradient = values;
  };
  switch (kind) {
    case Kind::quadratic:
    case Kind::ball:
      give(a.cwiseProduct(w - b));
      // The centre lies 1 inside; as the test is "not inside", a NaN weight is outside.
      if (kind == Kind::ball && !((w - b).norm() <= 1 + b.norm())) {
        if (gradient != nullptr) gradient->setConstant(size, not_a_number);
        return not_a_number;
      }
      return 0.5 * (a.array() * (v - b.array()).square()).sum();
    case Kind::rosenbrock:
      return rosenbrock(w, gradient);
    case Kind::logistic:
    case Kind::poisson:
      return over_rows(w, gradient);
    case Kind::exponential:
      give((a.array() * ((a.array() * v).exp() - 3)).matrix());
      return (a.array() * v).exp().sum() - 3 * a.dot(w);
    case Kind::barrier:
      give(((1 - v).inverse() - 3).matrix());
      return v.unaryExpr([](double x) { return x < 1 ? -std::log(1 - x) - 3 * x : not_a_number; }).sum();
    case Kind::quartic:
      give((a.array() * v.cube()).matrix());
      return 0.25 * (a.array() * v.square().square()).sum();
    case Kind::flat:
      give(Vector::Zero(size));
      return 7;
    case Kind::plateau:
      give((v * (-0.5 * v.square()).exp()).matrix());
      return -(-0.5 * v.square()).exp().sum();
    case Kind::linear:
      give(a);
      return a.dot(w);
    case Kind::concave:
      give(-w - a);
      return -0.5 * w.squaredNorm() - a.dot(w);
    case Kind::absolute:
      give((a.array() * v / (v.square() + 1e-16).sqrt()).matrix());
      return (a.array() * (v.square() + 1e-16).sqrt()).sum();
    case Kind::wells:
      give((v.cube() - v).matrix());
      return (0.25 * v.square().square() - 0.5 * v.square()).sum();
  }
  return 0;
}

double Landscape::rosenbrock(const Vector& w, Vector* gradient) const {
  if (gradient != nullptr) gradient->setZero(size);
  double sum = 0;
  for (Eigen::Index i = 0; i < size; ++i) {
    const double left = 1 - w[i];
    sum += left * left;
    if (gradient != nullptr) (*gradient)[i] -= 2 * left;
    if (i + 1 == size) break;
    const double rise = w[i + 1] - w[i] * w[i];
    sum += 100 * rise * rise;
    if (gradient == nullptr) continue;
    (*gradient)[i] -= 400 * w[i] * rise;
    (*gradient)[i + 1] += 200 * rise;
  }
  return sum;
}

double Landscape::over_rows(const Vector& w, Vector* gradient) const {
  const Vector margins = X * w;
  Vector slopes(margins.size());
  double sum = 0;
  for (Eigen::Index row = 0; row < margins.size(); ++row) {
    const double z = margins[row];
    if (kind == Kind::poisson) {
      sum += std::exp(z) - y[row] * z;
      slopes[row] = std::exp(z) - y[row];
    } else {
      const double tail = std::exp(-std::abs(z));
      sum += std::max(z, 0.0) - y[row] * z + std::log1p(tail);
      slopes[row] = (z >= 0 ? 1 : tail) / (1 + tail) - y[row];
    }
  }
  const auto rows = static_cast<double>(X.rows());
  if (gradient != nullptr) *gradient = X.transpose() * slopes / rows + l2 * w;
  return sum / rows + 0.5 * l2 * w.squaredNorm();
}

// --- drawing a plan -------------------------------------------------------------------------------------------------

namespace {

/// Random numbers that are the same with every standard library (whose distributions are not).
class Draw {
 public:
  Draw(std::uint64_t seed, std::uint64_t index) : bits_(mix(mix(seed) ^ index)) {}

  std::uint64_t whole() { return bits_(); }
  double unit() { return static_cast<double>(bits_() >> 11) * 0x1p-53; }  // in [0, 1)
  bool chance(double share) { return unit() < share; }
  int below(int count) { return static_cast<int>(bits_() % static_cast<std::uint64_t>(count)); }
  int between(int low, int high) { return low + below(high - low + 1); }
  double uniform(double low, double high) { return low + (high - low) * unit(); }
  double log_uniform(double low, double high) {
    return std::clamp(std::exp(uniform(std::log(low), std::log(high))), low, high);
  }
  Vector vector(Eigen::Index size, double low, double high) {
    Vector v(size);
    for (double& entry : v) entry = uniform(low, high);
    return v;
  }
  template <class T>
  const T& one_of(const std::vector<T>& list) {
    return list[static_cast<std::size_t>(below(static_cast<int>(list.size())))];
  }

  /// Steele, Lea & Flood (2014), SplitMix64's finaliser: neighbouring indices give unrelated streams.
  static std::uint64_t mix(std::uint64_t x) {
    x += 0x9e3779b97f4a7c15;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
  }

 private:
  std::mt19937_64 bits_;
};

/// A value in the range that the registry prints: "in (0, 0.5)", ">= 1", "> 0", "finite".
double draw_in(const std::string& range, Draw& draw) {
  double low = -1e3, high = 1e3;
  char open = '(', close = ')';
  if (std::sscanf(range.c_str(), "in %c%lf, %lf%c", &open, &low, &high, &close) == 4) {
    if (low > 0 && high / low > 1e6) return draw.log_uniform(low, high);
    const double width = high - low;
    if (draw.chance(0.1)) return open == '[' ? low : low + 1e-9 * width;
    if (draw.chance(0.1)) return close == ']' ? high : high - 1e-9 * width;
    return draw.uniform(low, high);
  }
  if (range.rfind(">=", 0) == 0) {
    low = std::strtod(range.c_str() + 2, nullptr);
    return draw.chance(0.2) ? low : low + draw.log_uniform(1e-2, 50);
  }
  if (range.rfind('>', 0) == 0) {
    low = std::strtod(range.c_str() + 1, nullptr);
    return low + draw.log_uniform(1e-3, 1e3);
  }
  return draw.uniform(low, high);
}

/// What the generator knows of the registry.
struct Catalogue {
  std::vector<std::string> names;                          // every rule and every pair
  std::vector<std::string> any_direction, any_objective;   // those that fit beside others than −g; without slopes
  std::vector<std::string> shrinking, proposing, judging;  // by role
};

const Catalogue& catalogue() {
  static const Catalogue known = [] {
    Catalogue made;
    made.names = rule_names();
    for (const auto& entry : registry()) {
      for (const auto& alias : entry.aliases) made.names.push_back(alias);
      auto& role = entry.role == Role::shrinks    ? made.shrinking
                   : entry.role == Role::proposes ? made.proposing
                                                  : made.judging;
      role.push_back(entry.name);
    }
    for (const auto& name : made.names) {
      const AnyRule rule = make_rule(name);
      if (!rule.needs_gradient_direction()) made.any_direction.push_back(name);
      if (rule.probes() != Probe::slope) made.any_objective.push_back(name);
    }
    return made;
  }();
  return known;
}

/// One rule's name with some of its options drawn within their ranges.
std::string draw_options(const std::string& name, Draw& draw) {
  AnyRule rule = make_rule(name);
  std::string text = name;
  char before = ':';
  for (const auto& parameter : rule.parameters_now()) {
    if (!draw.chance(0.35)) continue;
    const double value = draw_in(parameter.range, draw);
    for (const double candidate : {value, std::round(value)}) {  // some parameters are whole numbers
      try {
        rule.set(parameter.name, candidate);
        text += before + parameter.name + "=" + exact(candidate);
        before = ',';
        break;
      } catch (const std::invalid_argument&) {
      }
    }
  }
  return text;
}

std::string draw_rule(const std::vector<std::string>& names, Draw& draw) {
  const std::string name = draw.one_of(names);
  if (draw.chance(0.4)) return name;
  for (int attempt = 0; attempt < 5; ++attempt) {  // the range of one option may depend on another
    const std::size_t plus = name.find('+');
    std::string text = draw_options(name.substr(0, plus), draw);
    if (plus != std::string::npos) text += "+" + draw_options(name.substr(plus + 1), draw);
    try {
      make_rule(text);
      return text;
    } catch (const std::invalid_argument&) {
    }
  }
  return name;
}

Landscape draw_landscape(Draw& draw) {
  Landscape land;
  land.kind = static_cast<Kind>(draw.below(static_cast<int>(kind_names.size())));
  land.size = draw.chance(0.2) ? 1 : draw.between(2, 20);
  const double condition = draw.log_uniform(1, 1e8);
  land.a = land.b = Vector(land.size);
  for (double& entry : land.a) entry = draw.log_uniform(1, condition);
  land.b = draw.vector(land.size, -2, 2);
  switch (land.kind) {
    case Kind::exponential:
      land.a = draw.vector(land.size, 0.1, 3);
      break;
    case Kind::logistic:
    case Kind::poisson: {
      land.X = DenseMatrix::NullaryExpr(24, land.size, [&] { return draw.uniform(-1, 1); });
      const double widest = draw.chance(0.5) ? 1e4 : 10;
      for (Eigen::Index j = 0; j < land.size; ++j) land.X.col(j) *= draw.log_uniform(1, widest);
      land.y = (land.X * land.b).unaryExpr([&](double z) -> double {
        return land.kind == Kind::poisson ? static_cast<double>(draw.below(6)) : (z > 0 ? 1.0 : 0.0);
      });
      land.l2 = draw.chance(0.5) ? draw.log_uniform(1e-6, 1) : 0;
      break;
    }
    default:
      break;
  }
  const double scales[] = {1, 1, 1, 1e150, 1e-150};
  land.scale = scales[draw.below(5)];
  if (draw.chance(0.1)) land.shift = land.scale * draw.log_uniform(1e3, 1e12) * (draw.chance(0.5) ? 1 : -1);
  return land;
}

Vector draw_start(const Landscape& land, Draw& draw) {
  Vector start = draw.vector(land.size, -2, 2);
  if (land.kind == Kind::barrier) start = draw.vector(land.size, -2, 0.9);
  if (land.kind == Kind::ball) start = land.b + draw.uniform(0, 1) * start.normalized();
  if (land.kind == Kind::poisson) start *= 0.01;
  if (draw.chance(0.1)) start *= draw.log_uniform(1e-8, 1e8);
  if (draw.chance(0.03)) start *= draw.log_uniform(1e-150, 1e150);
  if (draw.chance(0.1)) start.setZero();
  if (draw.chance(0.02)) start = land.b;  // the minimiser of a bowl
  if (draw.chance(0.01)) {
    const double bad[] = {not_a_number, infinity, -infinity};
    start[draw.below(static_cast<int>(land.size))] = bad[draw.below(3)];
  }
  return start;
}

Stop draw_stop(const Landscape& land, const Vector& start, Draw& draw) {
  Stop stop;
  stop.max_evaluations = draw.chance(0.05) ? draw.between(1, 4) : draw.between(5, 200);
  if (draw.chance(0.15)) stop.gradient = draw.log_uniform(1e-12, 0.5);
  if (draw.chance(0.05)) stop.absolute_gradient = land.scale * draw.log_uniform(1e-8, 1);
  if (draw.chance(0.05)) stop.decrease = draw.log_uniform(1e-8, 1e-1);
  if (draw.chance(0.1)) {
    const double at_start = land.at(start, nullptr, -1);
    const double target = at_start - std::abs(at_start) * draw.uniform(-0.1, 1);
    if (std::isfinite(target)) stop.target = target;
  }
  if (draw.chance(0.1)) stop.max_iterations = draw.between(0, 50);
  if (draw.chance(0.01)) stop.max_seconds = 0;
  return stop;
}

Monitor draw_monitor(Draw& draw) {
  Monitor monitor;
  monitor.rise = draw.chance(0.2) ? 0 : draw.log_uniform(1e-2, 1e3);
  monitor.memory = draw.between(1, 50);
  monitor.patience = draw.between(1, 60);
  monitor.max_rollbacks = draw.between(1, 60);
  monitor.regrow_after = draw.between(1, 60);
  return monitor;
}

void draw_flaw(Plan& plan, Draw& draw) {
  const int budget = static_cast<int>(*plan.stop.max_evaluations);
  if (!draw.chance(0.2)) plan.flaw = static_cast<Flaw>(draw.between(1, static_cast<int>(flaw_names.size()) - 1));
  // Most runs are over long before their budget: half of the faults come early.
  plan.flaw_at = draw.between(1, draw.chance(0.5) ? std::min(budget, 10) : budget);
  plan.sticky = draw.chance(0.35);
  plan.entry = draw.chance(0.3) ? -1 : draw.below(static_cast<int>(plan.landscape.size));
  plan.factor = draw.chance(0.5) ? draw.uniform(-3, 3) : draw.log_uniform(1e-6, 1e6);
  if (draw.chance(0.03)) plan.cancel_at = draw.between(1, budget);
  plan.observed = plan.way != Way::by_default || draw.chance(0.6);
  if (!plan.observed) return;
  if (draw.chance(0.03)) plan.no_more_at = draw.between(1, budget);
  if (draw.chance(0.02)) plan.throws_at = draw.between(1, budget);
}

/// Makes a plan that must be refused of one that need not.
void draw_misuse(Plan& plan, Draw& draw) {
  const Catalogue& known = catalogue();
  plan.misuse = static_cast<Misuse>(draw.between(1, static_cast<int>(misuse_names.size()) - 1));
  const bool chosen = plan.way != Way::by_default;
  switch (plan.misuse) {
    case Misuse::rule: {
      const std::vector<std::string> bad{"",
                                         "newton",
                                         "armijo:sufficient_decrease=0",
                                         "nonmonotone:memory=0",
                                         "nonmonotone:memory=1.5",
                                         "grow:growth=1",
                                         "armijo:no_such=1",
                                         "fixed:step=-1",
                                         "fixed:step=nan",
                                         "fixed:step",
                                         "bb1+"};
      if (chosen) plan.rule = draw.one_of(bad);
      break;
    }
    case Misuse::pair:
      if (chosen) {
        plan.rule = draw.chance(0.5) ? draw.one_of(known.proposing) + "+" + draw.one_of(known.judging)
                                     : draw.one_of(known.judging) + "+" + draw.one_of(known.shrinking);
      }
      break;
    case Misuse::stop: {
      if (draw.chance(0.3))
        plan.stop.max_evaluations = 0;
      else if (draw.chance(0.5))
        plan.stop.gradient = draw.chance(0.5) ? -1 : not_a_number;
      else
        plan.stop.target = draw.chance(0.5) ? infinity : not_a_number;
      return;
    }
    case Misuse::monitor:
      if (draw.chance(0.3))
        plan.monitor.patience = 0;
      else if (draw.chance(0.5))
        plan.monitor.memory = 0;
      else
        plan.monitor.rise = draw.chance(0.5) ? -1 : not_a_number;
      return;
    case Misuse::empty_start:
      plan.start = Vector();
      return;
    case Misuse::direction:
      if (plan.way == Way::heavy_ball)
        plan.momentum = draw.chance(0.5) ? 1 : not_a_number;
      else if (plan.learns_pairs())
        plan.memory = -1;
      else if (plan.conjugate())
        plan.overlap = 0;
      else
        plan.misuse = Misuse::first_step;
      break;
    case Misuse::scales:
      if (plan.metric != Metric::given)
        plan.misuse = Misuse::first_step;
      else if (draw.chance(0.5))
        plan.scales = Vector::Ones(plan.landscape.size + 1);
      else
        plan.scales[0] = draw.chance(0.5) ? 0 : not_a_number;
      break;
    case Misuse::bounds:
      if (plan.shape != Shape::proximal)
        plan.misuse = Misuse::first_step;
      else if (draw.chance(0.5))
        plan.high = Vector::Ones(plan.landscape.size + 1);
      else {
        plan.high[0] = -1;
        plan.low[0] = draw.chance(0.5) ? 1 : not_a_number;
      }
      break;
    default:
      break;
  }
  if (!chosen && (plan.misuse == Misuse::rule || plan.misuse == Misuse::pair)) plan.misuse = Misuse::first_step;
  if (plan.misuse == Misuse::first_step) {
    plan.first_step = draw.one_of(std::vector{0.0, -1.0, not_a_number, infinity, 1e301, 1e-310});
  }
}

}  // namespace

Plan draw_plan(std::uint64_t seed, std::uint64_t index) {
  Draw draw(seed, index);
  Plan plan;
  plan.seed = seed;
  plan.index = index;
  plan.way = static_cast<Way>(draw.below(static_cast<int>(way_names.size())));
  if (draw.chance(0.15)) plan.way = Way::steepest;
  const bool along_gradient = plan.way == Way::steepest || plan.way == Way::by_default;
  plan.landscape = draw_landscape(draw);
  Landscape& land = plan.landscape;
  plan.start = draw_start(land, draw);

  const double shape = draw.unit();
  if (along_gradient && shape < 0.3)
    plan.shape = Shape::proximal;
  else if (shape < 0.45)
    plan.shape = Shape::batches;
  else if (along_gradient && shape < 0.5)
    plan.shape = Shape::proximal_batches;
  if (plan.shape == Shape::smooth && draw.chance(0.4)) {
    plan.metric = static_cast<Metric>(draw.between(1, 3));
    plan.scales = Vector(land.size);
    for (double& entry : plan.scales) entry = draw.log_uniform(1e-4, 1e4);
  }
  // What with_direction leaves out.
  if (plan.batched() && (plan.conjugate() || plan.way == Way::l_bfgs_inferred)) plan.way = Way::l_bfgs;
  if (plan.metric == Metric::learnt_by_gradients && !along_gradient) plan.way = Way::l_bfgs;
  if (plan.proximal()) {
    plan.low = Vector::Constant(land.size, -infinity);
    plan.high = Vector::Constant(land.size, infinity);
    const bool box = plan.shape == Shape::proximal && draw.chance(0.6);
    if (!box || draw.chance(0.4)) plan.l1 = land.scale * draw.log_uniform(1e-6, 1e2);
    if (box) {
      plan.low = draw.vector(land.size, -3, 0);
      plan.high = plan.low + draw.vector(land.size, 0, 3);
      if (draw.chance(0.2)) plan.high[0] = plan.low[0];  // a weight that can't move
    }
  }
  if (plan.batched()) {
    land.batches = draw.between(1, 6);
    land.spread = draw.chance(0.3) ? 0 : draw.log_uniform(1e-4, 10);
  }
  plan.bounded = draw.chance(0.2);

  // Pairings that the library refuses are drawn as well, but seldom.
  const Catalogue& known = catalogue();
  const bool refusable = draw.chance(0.05);
  plan.rule =
      draw_rule(refusable || along_gradient ? (plan.proximal() && !refusable ? known.any_objective : known.names)
                                            : known.any_direction,
                draw);
  plan.momentum = draw.chance(0.5) ? 0.9 : draw.uniform(0, 0.999);
  plan.overlap = draw.chance(0.6) ? 0.2 : draw.log_uniform(1e-3, 1e300);
  plan.inference = std::array{1e-3, 0.0, 10.0}[static_cast<std::size_t>(draw.below(3))];
  plan.memory = std::array{0, 1, 5}[static_cast<std::size_t>(draw.below(3))];

  if (draw.chance(0.6)) plan.first_step = draw.log_uniform(1e-300, 1e300);
  plan.stop = draw_stop(land, plan.start, draw);
  if (draw.chance(0.2)) plan.monitor = draw_monitor(draw);
  draw_flaw(plan, draw);
  if (draw.chance(0.02)) draw_misuse(plan, draw);
  if (draw.chance(0.4)) {
    const bool lie = draw.chance(0.5);
    plan.rays = lie ? static_cast<Rays>(draw.between(2, static_cast<int>(rays_names.size()) - 1)) : Rays::true_to_it;
    plan.rays_lie_from = draw.between(1, 8);
  }
  return plan;
}

// --- carrying it out ------------------------------------------------------------------------------------------------

namespace {

/// Counts the objects that are alive: objectives, rules and observers of a run derive from it.
class Counted {
 public:
  Counted() { ++live; }
  Counted(const Counted&) { ++live; }
  Counted& operator=(const Counted&) = default;
  ~Counted() { --live; }
  static inline long live = 0;
};

/// The objective's way out of a run that goes on and on past its budget.
struct Runaway {};

/// The plan's landscape, with its fault. Batches: answers for the batch selected. More: offers loss(w) and its curvature
/// too; else it is the least that an objective may be.
template <bool Batches, bool More>
class Faulty : public Counted {
 public:
  Faulty(const Plan& plan, Witness& witness) : plan_(&plan), witness_(&witness) {}

  double loss(const Vector& w, Vector& gradient) { return answer(w, &gradient); }
  double loss(const Vector& w) requires More { return answer(w, nullptr); }
  void curvature(const Vector& w, Vector& diagonal) const requires More { plan_->landscape.curvature(w, diagonal); }
  double lower_bound() const {
    const Landscape& land = plan_->landscape;
    const bool zero = land.kind == Kind::quadratic || land.kind == Kind::rosenbrock || land.kind == Kind::quartic;
    return plan_->bounded && zero ? land.shift : -infinity;
  }
  int batches() const requires Batches { return plan_->landscape.batches; }
  void select(int batch) requires Batches { batch_ = batch; }

  struct OnRay {
    double value, slope;
  };
  bool has_ray() const { return plan_->rays != Rays::none; }
  void along(const Vector& w, const Vector& direction) {
    ray_start_ = w;
    ray_direction_ = direction;
  }
  OnRay on_ray(double step) {
    Vector gradient(ray_start_.size());
    const double value = plan_->landscape.at(ray_start_ + step * ray_direction_, &gradient, batch_);
    const OnRay truth{value, gradient.dot(ray_direction_)};
    const int number = ++witness_->looks;
    return number < plan_->rays_lie_from ? truth : as_told(truth, step, number);
  }

 private:
  OnRay as_told(const OnRay& truth, double step, int number) const {
    const double size = std::abs(witness_->calls.front().loss);
    switch (plan_->rays) {
      case Rays::none:
      case Rays::true_to_it:
        break;
      case Rays::too_low:
        return {truth.value - size, truth.slope};
      case Rays::too_high:
        return {truth.value + size, truth.slope};
      case Rays::noisy:
        return {truth.value * (1 + 1e-3 * noise(number)), truth.slope};
      case Rays::not_finite:
        return {number % 2 == 0 ? not_a_number : -infinity, not_a_number};
      case Rays::flipped:
        return {truth.value, -truth.slope};
      case Rays::falling:
        return {-1e3 * step, -1e3};
    }
    return truth;
  }
  /// Between −1 and 1, by the call.
  double noise(int number) const {
    const auto bits = Draw::mix(Draw::mix(plan_->index) + static_cast<std::uint64_t>(number));
    return 2 * static_cast<double>(bits >> 11) * 0x1p-53 - 1;
  }

  double answer(const Vector& w, Vector* gradient) {
    const int number = witness_->count() + 1;
    const bool flawed =
        plan_->flaw != Flaw::none && (plan_->sticky ? number >= plan_->flaw_at : number == plan_->flaw_at);
    witness_->points.push_back(w);
    witness_->calls.push_back({.joint = gradient != nullptr, .batch = batch_});
    if (number == plan_->cancel_at) witness_->cancel.request_stop();
    if (number > *plan_->stop.max_evaluations + 300) throw Runaway{};

    const bool keeps = flawed && plan_->flaw == Flaw::not_filled && gradient != nullptr;
    const Vector before = keeps ? *gradient : Vector();
    double value = plan_->landscape.at(w, gradient, batch_);
    if (flawed) spoil(value, gradient, before, number);
    auto& call = witness_->calls.back();
    call.loss = value;
    call.sound =
        std::isfinite(value) && (gradient == nullptr || (gradient->size() == w.size() && gradient->allFinite()));
    if (gradient != nullptr) call.gradient_max = max_norm(*gradient);
    return value;
  }

  void spoil(double& value, Vector* gradient, const Vector& before, int number) {
    const auto spoil_entries = [&](auto with) {
      if (gradient == nullptr) return;
      if (plan_->entry < 0) {
        for (Eigen::Index i = 0; i < gradient->size(); ++i) (*gradient)[i] = with(i);
      } else {
        (*gradient)[plan_->entry] = with(plan_->entry);
      }
    };
    ++witness_->flawed;
    switch (plan_->flaw) {
      case Flaw::none:
        break;
      case Flaw::nan_loss:
        value = not_a_number;
        break;
      case Flaw::infinite_loss:
        value = infinity;
        break;
      case Flaw::minus_infinite_loss:
        value = -infinity;
        break;
      case Flaw::nan_gradient:
        spoil_entries([](Eigen::Index) { return not_a_number; });
        break;
      case Flaw::infinite_gradient:
        spoil_entries([](Eigen::Index) { return -infinity; });
        break;
      case Flaw::wrong_sign:
        if (gradient != nullptr) *gradient = -*gradient;
        break;
      case Flaw::noise:
        value *= 1 + 1e-3 * noise(number);
        break;
      case Flaw::one_coordinate:
        if (gradient != nullptr) (*gradient)[std::max(plan_->entry, 0)] *= plan_->factor;
        break;
      case Flaw::not_filled:
        spoil_entries([&](Eigen::Index i) {
          witness_->unnoticeable += std::isfinite(before[i]) ? 1 : 0;
          return before[i];
        });
        break;
      case Flaw::wrong_size:
        if (gradient != nullptr) gradient->setZero(plan_->entry < 0 ? 0 : gradient->size() + 1);
        break;
      case Flaw::thrown:
        throw Thrown{plan_->seed, plan_->index, number, false};
    }
  }

  const Plan* plan_;
  Witness* witness_;
  int batch_ = -1;
  Vector ray_start_{}, ray_direction_{};
};

/// Mini-batches with an L1 penalty.
class FaultyBatchesWithL1 : public Faulty<true, true> {
 public:
  FaultyBatchesWithL1(const Plan& plan, Witness& witness) : Faulty(plan, witness), map_(&plan) {}
  double proximal(Vector& w, double step) const { return map_->proximal_map(w, step); }

 private:
  const Plan* map_;
};

struct Watcher : Counted {
  const Plan* plan;
  Heard* heard;
  bool in_words;

  Watcher(const Plan& of, Heard& into, bool words) : plan(&of), heard(&into), in_words(words) {}

  bool operator()(const Event& event) const {
    Heard& h = *heard;
    const auto complain = [&](const std::string& what) {
      if (h.wrong.empty()) h.wrong = "event " + std::to_string(h.events) + ": " + what;
    };
    ++h.events;
    if (in_words) h.text += "    " + std::to_string(event.evaluations) + ": " + surefoot::describe(event) + "\n";
    if (plan->no_more_at > 0 && h.events > plan->no_more_at && event.kind != Event::Kind::end) ++h.after_no_more;
    if ((h.events == 1) != (event.kind == Event::Kind::start)) complain("the first event, and no other, is the start");
    if (h.ends > 0) complain("something happened after the end");
    if (event.evaluations < h.evaluations) complain("the count of evaluations went down");
    if (describe_is_empty(event)) complain("it has no words");
    h.evaluations = event.evaluations;
    switch (event.kind) {
      case Event::Kind::start:
        ++h.starts;
        break;
      case Event::Kind::end:
        ++h.ends;
        break;
      case Event::Kind::step:
        ++h.steps;
        if (!std::isfinite(event.loss)) complain("a step to a loss that is not finite");
        if (!(event.step > 0) || !std::isfinite(event.step)) complain("a step of " + exact(event.step));
        break;
      case Event::Kind::rollback:
        ++h.rollbacks;
        if (!(event.factor > 0 && event.factor < 1)) complain("a rollback by " + exact(event.factor));
        break;
      case Event::Kind::trial:
        if (event.cause == Cause::not_finite) ++h.not_finite;
        break;
      default:
        break;
    }
    if (plan->throws_at == h.events) throw Thrown{plan->seed, plan->index, h.events, true};
    return plan->no_more_at != h.events;
  }

 private:
  /// Words cost more than the rest of a run: only some events are put into them.
  bool describe_is_empty(const Event& event) const {
    return heard->events % 16 == 1 && surefoot::describe(event).empty();
  }
};

/// A rule of the registry that is counted. (Members of AnyRule serve the loop as they are.)
struct CountedRule : AnyRule, Counted {
  explicit CountedRule(AnyRule rule) : AnyRule(std::move(rule)) {}
};

/// Calls `use` with the plan's objective, whatever its type.
template <class Use>
void with_objective(const Plan& plan, Witness& witness, Use use) {
  if (plan.shape == Shape::batches) {
    Faulty<true, true> objective(plan, witness);
    use(objective);
  } else if (plan.shape == Shape::proximal_batches) {
    FaultyBatchesWithL1 objective(plan, witness);
    use(objective);
  } else if (plan.shape == Shape::proximal) {
    Faulty<false, true> objective(plan, witness);
    Boxed boxed(objective, plan.low, plan.high);
    WithL1 penalised(boxed, plan.l1);
    use(penalised);
  } else if (plan.metric == Metric::plain) {
    Faulty<false, false> objective(plan, witness);
    use(objective);
  } else if (plan.metric == Metric::learnt_by_gradients) {
    Faulty<false, false> objective(plan, witness);
    Diagonal scaled(objective);
    use(scaled);
  } else {
    Faulty<false, true> objective(plan, witness);
    using Scaled = Diagonal<Faulty<false, true>>;
    Scaled scaled = plan.metric == Metric::given ? Scaled(objective, plan.scales) : Scaled(objective);
    use(scaled);
  }
}

/// Calls `use` with the plan's direction. Proximal objectives compile with the negative gradient only; some other pairs are
/// left out, since each costs seconds to compile (see draw_plan).
template <class ObjectiveType, class Use>
void with_direction(const Plan& plan, Use use) {
  using Form = ConjugateGradient::Form;
  constexpr bool learns_by_gradients = Coordinates<ObjectiveType> && !HasLoss<ObjectiveType>;
  if constexpr (!Proximal<ObjectiveType>) {
    if (plan.way == Way::l_bfgs) return use(LBFGS{.memory = plan.memory});
  }
  if constexpr (!Proximal<ObjectiveType> && !learns_by_gradients) {
    if (plan.way == Way::heavy_ball) return use(HeavyBall{.momentum = plan.momentum});
    if (plan.way == Way::nesterov) return use(Nesterov{});
  }
  if constexpr (!Proximal<ObjectiveType> && !learns_by_gradients && !Batched<ObjectiveType>) {
    if (plan.way == Way::l_bfgs_inferred) {
      return use(Inferred<LBFGS>{.inner = {.memory = plan.memory}, .tolerance = plan.inference});
    }
    if (plan.conjugate()) {
      const Form form = plan.way == Way::cg_pr   ? Form::polak_ribiere
                        : plan.way == Way::cg_hz ? Form::hager_zhang
                                                 : Form::dai_yuan;
      return use(ConjugateGradient{.form = form, .overlap = plan.overlap});
    }
  }
  use(SteepestDescent{});
}

}  // namespace

Outcome carry_out(const Plan& plan, bool in_words) {
  Outcome outcome;
  const long alive = Counted::live;
  const auto began = std::chrono::steady_clock::now();
  Stop stop = plan.stop;
  if (plan.cancel_at > 0) stop.cancel = outcome.witness.cancel.get_token();
  try {
    with_objective(plan, outcome.witness, [&](auto& objective) {
      using ObjectiveType = std::remove_reference_t<decltype(objective)>;
      Watcher watcher(plan, outcome.heard, in_words);
      if (plan.way == Way::by_default) {
        MinimizeOptions options{.stop = stop, .first_step = plan.first_step, .monitor = plan.monitor};
        if (plan.observed) options.observer = watcher;
        outcome.result = minimize(objective, plan.start, options);
      } else {
        with_direction<ObjectiveType>(plan, [&](auto direction) {
          const Minimizer minimizer{direction, CountedRule(make_rule(plan.rule)), plan.monitor, stop};
          outcome.result = minimizer.run(objective, plan.start, {.first_step = plan.first_step}, watcher);
        });
      }
    });
  } catch (const Thrown& thrown) {
    outcome.kind = Outcome::Kind::thrown;
    outcome.thrown = thrown;
  } catch (const Runaway&) {
    outcome.kind = Outcome::Kind::ran_away;
  } catch (const std::invalid_argument& refused) {
    outcome.kind = Outcome::Kind::refused;
    outcome.refusal = refused.what();
  } catch (const std::exception& other) {
    outcome.kind = Outcome::Kind::other_exception;
    outcome.refusal = other.what();
  }
  outcome.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  outcome.left_alive = Counted::live - alive;
  return outcome;
}

// --- what must hold -------------------------------------------------------------------------------------------------

namespace {

/// Must the library refuse this plan?
bool must_be_refused(const Plan& plan) {
  if (plan.misuse != Misuse::none) return true;
  if (plan.way == Way::by_default) return false;
  const AnyRule rule = make_rule(plan.rule);
  if (plan.way != Way::steepest && rule.needs_gradient_direction()) return true;
  return plan.proximal() && rule.probes() == Probe::slope;
}

/// Holds one outcome against its plan; the first thing that is broken, or an empty text.
class Judge {
 public:
  Judge(const Plan& plan, const Outcome& outcome)
      : plan_(plan), outcome_(outcome), result_(outcome.result), witness_(outcome.witness) {}

  std::string find_violation() {
    if (outcome_.left_alive != 0) {
      return std::to_string(outcome_.left_alive) + " objects of the run were not destroyed";
    }
    switch (outcome_.kind) {
      case Outcome::Kind::ran_away:
        return "it went on, more than 300 calls past its budget";
      case Outcome::Kind::other_exception:
        return "an exception that nobody threw: " + outcome_.refusal;
      case Outcome::Kind::refused:
        return refused();
      case Outcome::Kind::thrown:
        return thrown();
      case Outcome::Kind::returned:
        return returned();
    }
    return {};
  }

 private:
  std::string refused() const {
    if (witness_.count() > 0)
      return "refused after " + std::to_string(witness_.count()) + " calls: " + outcome_.refusal;
    if (outcome_.refusal.empty()) return "refused without a reason";
    if (!must_be_refused(plan_)) return "refused for no good reason: " + outcome_.refusal;
    return {};
  }

  std::string thrown() const {
    const Thrown& thrown = *outcome_.thrown;
    const int number = thrown.by_observer ? plan_.throws_at : plan_.flaw_at;
    if (thrown != Thrown{plan_.seed, plan_.index, number, thrown.by_observer}) return "the exception was changed";
    if (!thrown.by_observer && witness_.count() != plan_.flaw_at) return "the objective was called after it had thrown";
    if (thrown.by_observer && outcome_.heard.events != plan_.throws_at) return "events went on after a throw";
    return {};
  }

  std::string returned() {
    if (must_be_refused(plan_)) return "not refused";
    if (plan_.flaw == Flaw::thrown && witness_.flawed > 0) return "the objective's exception was swallowed";
    if (plan_.throws_at > 0 && outcome_.heard.events >= plan_.throws_at)
      return "the observer's exception was swallowed";
    if (witness_.unnoticeable > 0) return "a gradient entry that is not filled holds a finite number";
    if (auto wrong = counts(); !wrong.empty()) return wrong;
    if (auto wrong = events(); !wrong.empty()) return wrong;
    if (auto wrong = words(); !wrong.empty()) return wrong;
    const bool start_sound = witness_.count() > 0 && witness_.calls.front().sound;
    if (!start_sound) return failed_start();
    if (auto wrong = point(); !wrong.empty()) return wrong;
    return reason_holds();
  }

  std::string counts() const {
    const long joint =
        std::count_if(witness_.calls.begin(), witness_.calls.end(), [](const auto& c) { return c.joint; });
    const long alone = witness_.count() - joint;
    if (result_.gradient_evaluations != joint || result_.loss_evaluations != alone) {
      return "it counted " + std::to_string(result_.gradient_evaluations) + " joint calls and " +
             std::to_string(result_.loss_evaluations) + " of the loss alone; there were " + std::to_string(joint) +
             " and " + std::to_string(alone);
    }
    if (witness_.count() > *plan_.stop.max_evaluations) {
      return "out of budget: " + std::to_string(witness_.count()) + " calls of " +
             std::to_string(*plan_.stop.max_evaluations);
    }
    if (plan_.stop.max_iterations && result_.iterations > *plan_.stop.max_iterations) return "too many iterations";
    if (plan_.cancel_at > 0 && witness_.count() > plan_.cancel_at) {
      return std::to_string(witness_.count() - plan_.cancel_at) + " calls after it was cancelled";
    }
    if (result_.rolled_back_for.total() != result_.rollbacks) return "the rollbacks' causes don't add up";
    if (result_.iterations < 0 || result_.seconds < 0) return "negative counts";
    if (!std::isnan(result_.step) && !(result_.step >= smallest_step && result_.step <= largest_step)) {
      return "a step out of its range: " + exact(result_.step);
    }
    return {};
  }

  std::string events() const {
    if (!plan_.observed) return {};
    const Heard& heard = outcome_.heard;
    if (!heard.wrong.empty()) return heard.wrong;
    if (heard.starts != 1 || heard.ends != 1) return "not one start and one end among the events";
    if (heard.evaluations != witness_.count()) return "the end's count of evaluations is not that of the calls";
    // The rollback at which the monitor gives up is counted, but is none.
    const int untold = result_.rollbacks - heard.rollbacks;
    if (untold != 0 && !(untold == 1 && result_.code == Code::gave_up)) {
      return std::to_string(result_.rollbacks) + " rollbacks, of which the observer heard " +
             std::to_string(heard.rollbacks);
    }
    if (heard.steps > result_.iterations) return "more steps than iterations";
    if (heard.not_finite != result_.trials_not_finite) {
      return std::to_string(result_.trials_not_finite) + " trials were not finite; the observer heard of " +
             std::to_string(heard.not_finite);
    }
    if (heard.after_no_more > 0) return "events after the observer wanted no more";
    return {};
  }

  std::string words() const {
    if (result_.status != status_of(result_.code)) return "status and code don't fit";
    if (result_.reason.empty()) return "no reason";
    if (plan_.index % 32 == 0 && result_.explain().empty()) return "no explanation";
    return {};
  }

  /// The start's answer was not finite (or its weights were not, so that there was no call).
  std::string failed_start() const {
    const bool by_flaw = (plan_.flaw == Flaw::not_filled || plan_.flaw == Flaw::wrong_size) && witness_.flawed > 0;
    // An entry that was left out may come with a loss that is not finite: then either may be named.
    const bool loss_finite = witness_.count() > 0 && std::isfinite(witness_.calls.front().loss);
    const bool fits = result_.code == (by_flaw ? Code::gradient_not_filled : Code::start_not_finite) ||
                      (by_flaw && !loss_finite && result_.code == Code::start_not_finite);
    if (result_.status != Status::failed) return "the start is not finite, but it did not fail";
    if (!fits) return "the start is not finite, but the code is " + std::string(to_string(result_.code));
    if (witness_.count() > 1) return "calls after a start that is not finite";
    if (plan_.proximal() || plan_.metric != Metric::plain) return {};  // moved into the domain; rounded
    for (Eigen::Index i = 0; i < plan_.start.size(); ++i) {
      const double is = result_.w[i], was = plan_.start[i];
      if (is != was && !(std::isnan(is) && std::isnan(was))) return "a failed run moved from its start";
    }
    return {};
  }

  /// Finite, visited, as answered, no worse than the start, and the best seen.
  std::string point() {
    if (result_.w.size() != plan_.start.size()) return "the weights have another size";
    if (!result_.w.allFinite()) return "weights that are not finite";
    if (!std::isfinite(result_.loss)) return "a loss that is not finite: " + exact(result_.loss);
    if (!std::isfinite(result_.gradient_norm) || result_.gradient_norm < 0) {
      return "a gradient norm of " + exact(result_.gradient_norm);
    }
    const double start_loss = total(0);
    if (result_.start_loss != start_loss) return "the start's loss is said to be " + exact(result_.start_loss);
    if (result_.loss > start_loss) return "worse than the start: " + exact(result_.loss) + " > " + exact(start_loss);
    if (std::string wrong = bounds(); !wrong.empty()) return wrong;
    if (!visited()) return "the point that came back was never visited with this answer: loss " + exact(result_.loss);
    const double lowest = lowest_seen();
    const bool looked_around = result_.diagnosis_evaluations > 0;  // what the diagnosis sees is no candidate
    if (!looked_around && result_.loss > lowest && !nearly_equal(result_.loss, lowest, 64)) {
      return "not the best point seen: " + exact(result_.loss) + ", though one had " + exact(lowest);
    }
    return {};
  }

  std::string bounds() const {
    if (plan_.shape != Shape::proximal) return {};
    const bool inside =
        (result_.w.array() >= plan_.low.array()).all() && (result_.w.array() <= plan_.high.array()).all();
    return inside ? "" : "weights out of their bounds";
  }

  /// The whole loss at a call, with the non-smooth part.
  double total(int call) const {
    const auto i = static_cast<std::size_t>(call);
    return witness_.calls[i].loss + (plan_.proximal() ? plan_.l1 * witness_.points[i].template lpNorm<1>() : 0);
  }

  bool counts_for_best(int call) const {
    const auto& c = witness_.calls[static_cast<std::size_t>(call)];
    return c.joint && c.sound && c.batch == -1;
  }

  bool visited() const {
    // In learnt coordinates a kept point is carried over from one scale to the next, with a rounding each time.
    const bool learns = plan_.metric == Metric::learnt || plan_.metric == Metric::learnt_by_gradients;
    const double slack = learns ? 1e-13 : 0;
    for (int call = witness_.count() - 1; call >= 0; --call) {
      if (!counts_for_best(call) || total(call) != result_.loss) continue;
      const auto& w = witness_.points[static_cast<std::size_t>(call)];
      if (((result_.w - w).array().abs() <= slack * w.array().abs()).all() && gradient_fits(call)) return true;
    }
    return false;
  }

  bool gradient_fits(int call) const {
    if (plan_.proximal()) return true;  // the residual of the proximal step takes its place
    const double answered = witness_.calls[static_cast<std::size_t>(call)].gradient_max;
    // Scaled and back again.
    const double slack = plan_.metric == Metric::plain ? 0 : 1e-13 * answered + 1e-300;
    return std::abs(result_.gradient_norm - answered) <= slack;
  }

  double lowest_seen() const {
    double lowest = infinity;
    const double limit = 1e149 * std::max(1.0, norm(plan_.start));  // past it nothing is believed on the first ray
    const auto& first = witness_.calls.front();
    const double unit = unit_of_loss(total(0), first.gradient_max);
    for (int call = 0; call < witness_.count(); ++call) {
      if (!counts_for_best(call) || total(call) * unit < -1e199) continue;
      if (norm(witness_.points[static_cast<std::size_t>(call)]) > limit) continue;
      if (plan_.metric != Metric::plain && norm(witness_.points[static_cast<std::size_t>(call)]) > 1e60) continue;
      lowest = std::min(lowest, total(call));
    }
    return lowest;
  }

  /// Does the code hold of what can be seen?
  std::string reason_holds() const {
    const Stop& stop = plan_.stop;
    const double first = result_.start_gradient_norm, now = result_.gradient_norm;
    const auto wrong = [&](const char* what) { return std::string(to_string(result_.code)) + ", but " + what; };
    switch (result_.code) {
      case Code::gradient: {
        const bool small = now == 0 || (stop.gradient && now <= *stop.gradient * first) ||
                           (stop.absolute_gradient && now <= *stop.absolute_gradient) ||
                           (!stop.tests_convergence() && now <= 1e-8 * first * (1 + 1e-12));
        return small ? claimed_minimum() : wrong("it is not small");
      }
      case Code::decrease:
        return stop.decrease ? "" : wrong("nobody asked for it");
      case Code::target:
        return stop.target && result_.loss <= *stop.target ? "" : wrong("it was not reached");
      case Code::iterations:
        return stop.max_iterations && result_.iterations == *stop.max_iterations ? "" : wrong("that was not the limit");
      case Code::evaluations:
        return witness_.count() == *stop.max_evaluations ? "" : wrong("that was not the limit");
      case Code::time:
        return stop.max_seconds ? "" : wrong("there was no limit");
      case Code::cancelled: {
        const bool told = plan_.cancel_at > 0 && witness_.count() >= plan_.cancel_at;
        const bool asked = plan_.no_more_at > 0 && outcome_.heard.events >= plan_.no_more_at;
        return told || asked ? "" : wrong("nobody asked for it");
      }
      case Code::start_not_finite:
        return wrong("it is");
      case Code::gradient_not_filled: {
        const bool unfilled = plan_.flaw == Flaw::not_filled || plan_.flaw == Flaw::wrong_size;
        return unfilled && witness_.flawed > 0 ? "" : wrong("it was");
      }
      default:
        return {};
    }
  }

  /// A proximal run that says that it stands at a minimum: no proximal step, short or long, leads clearly lower. (Of a
  /// smooth loss the answered gradient says as much.) Only where the answers were true, or visibly false.
  std::string claimed_minimum() const {
    const bool believed = plan_.flaw == Flaw::none || plan_.flaw == Flaw::nan_loss ||
                          plan_.flaw == Flaw::infinite_loss || plan_.flaw == Flaw::minus_infinite_loss ||
                          plan_.flaw == Flaw::nan_gradient || plan_.flaw == Flaw::infinite_gradient ||
                          witness_.flawed == 0;
    if (plan_.shape != Shape::proximal || result_.gradient_norm != 0 || !believed) return {};
    Vector gradient(result_.w.size()), w;
    const double smooth = plan_.landscape.at(result_.w, &gradient, -1);
    const double largest = max_norm(gradient), size = std::max(max_norm(result_.w), 1e-3);
    if (!std::isfinite(smooth) || !(largest > 0)) return {};
    const double negligible = 1e-6 * (total(0) - result_.loss) + 1e-10 * std::abs(result_.loss);
    for (double move = 1; move > 1e-9; move /= 10) {
      const double step = move * size / largest;
      w = result_.w - step * gradient;
      const double penalty = plan_.proximal_map(w, step);
      const double lower = result_.loss - (plan_.landscape.at(w, nullptr, -1) + penalty);
      if (lower > negligible) {
        return "it says that it stands at a minimum, but a proximal step of " + exact(step) + " leads lower by " +
               exact(lower);
      }
    }
    return {};
  }

  const Plan& plan_;
  const Outcome& outcome_;
  const Result& result_;
  const Witness& witness_;
};

}  // namespace

std::string find_violation(const Plan& plan, const Outcome& outcome) { return Judge(plan, outcome).find_violation(); }

bool same_bits(const Outcome& a, const Outcome& b) {
  const auto same = [](double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); };
  if (a.kind != b.kind || a.witness.count() != b.witness.count() || a.refusal != b.refusal) return false;
  const Result &r = a.result, &s = b.result;
  if (r.code != s.code || r.iterations != s.iterations || r.rollbacks != s.rollbacks || r.w.size() != s.w.size() ||
      !same(r.loss, s.loss) || !same(r.gradient_norm, s.gradient_norm) || !same(r.step, s.step)) {
    return false;
  }
  for (Eigen::Index i = 0; i < r.w.size(); ++i) {
    if (!same(r.w[i], s.w[i])) return false;
  }
  return true;
}

void Watchdog::watch(const std::stop_token& stop, std::uint64_t seed, double limit_seconds) const {
  using namespace std::chrono_literals;
  std::uint64_t seen = 0;
  double waited = 0;
  while (!stop.stop_requested()) {
    std::this_thread::sleep_for(50ms);
    waited = runs_ == seen ? waited + 0.05 : 0;
    seen = runs_;
    if (waited < limit_seconds || seen == 0) continue;
    std::cerr << "VIOLATION: no end after " << limit_seconds << " s\n"
              << describe(draw_plan(seed, index_)) << std::flush;
    std::_Exit(1);
  }
}

}  // namespace surefoot::test::soak
