/// The loop: one run over one objective. (How to call it: minimizer.hpp.)
#pragma once

#include <array>
#include <chrono>

#include "surefoot/directions/direction.hpp"
#include "surefoot/loop/diagnosis.hpp"
#include "surefoot/loop/natural_step.hpp"
#include "surefoot/loop/observer.hpp"
#include "surefoot/loop/oracle.hpp"
#include "surefoot/loop/stepper.hpp"
#include "surefoot/loop/stop.hpp"

namespace surefoot {

/// One run of the loop over one objective. Everything that other libraries repeat in each line search stands here once:
/// counting, limits, the guard against NaN and Inf, the best point, the ways out.
template <class ObjectiveType, class DirectionType, class Rule, class Observer>
class Descent {
  using OracleType = Oracle<ObjectiveType>;

 public:
  Descent(ObjectiveType& objective, DirectionType direction, Rule rule, Monitor monitor, const Stop& stop, double hint,
          Observer& observer)
      : oracle_(objective),
        direction_(std::move(direction)),
        stepper_(std::move(rule), monitor, hint, surefoot::learns_curvature<DirectionType>()),
        stop_(stop),
        observer_(observer) {}

  Result run(const Vector& w0) {
    open(w0);
    do {
      while (!ended_) iterate();
    } while (goes_on_from_lower());
    return finish();
  }

  void iterate() {
    if (there() || !renew()) return;  // the tests that need no ray; another batch, other coordinates
    const Point& origin = aim();      // the direction; may start elsewhere; not downhill: restart
    if (ended_) return;
    const Ask ask = stepper_.begin(ray_);
    if (settled(ask)) return;           // the tests that want to know how long the next step is
    Point* next = search(origin, ask);  // ask, probe, judge, until the rule takes a trial or gives up
    if (ended_) return;
    if (next == nullptr) {
      recover();  // a ray without a lower point: back to the best, or the diagnosis
    } else {
      settle(origin, *next);  // the monitor's word; then everybody learns, and it is the next iterate
    }
    ++iteration_;
  }

 private:
  using Clock = std::chrono::steady_clock;

  // --- the start ---------------------------------------------------------------------------------------------------

  void open(const Vector& w0) {
    for (Point& point : points_) {
      point.w.resize(w0.size());
      point.gradient.resize(w0.size());
    }
    d_.resize(w0.size());
    at_ = best_ = &points_[0];
    if constexpr (OracleType::has_coordinates) {
      oracle_.objective().enter(w0, at_->w);
    } else {
      at_->w = w0;
    }
    select_batch(-1);
    if constexpr (OracleType::is_proximal) at_->penalty = oracle_.objective().proximal(at_->w, 0.0);
    const bool finite_weights = at_->w.allFinite();
    if (finite_weights) oracle_.evaluate(*at_);
    start_ = at_->w;
    start_gradient_ = at_->gradient;
    start_loss_ = at_->loss;
    start_norm_ = norm(at_->w);
    first_gradient_max_ = at_->gradient_max;
    lowest_loss_ = at_->loss;
    events_.reserve(64);
    if (!at_->sound) {
      // (Who returns early where the loss is not finite need not fill the gradient.)
      const bool finite = finite_weights && std::isfinite(at_->loss);
      const std::string unfilled = finite ? oracle_.unfilled(at_->gradient) : std::string();
      if (!unfilled.empty()) {
        end(Code::gradient_not_filled, unfilled);
      } else {
        end(Code::start_not_finite, "the start is not finite: " + OracleType::what_is_not_finite(*at_));
      }
    }
    tell(Event::Kind::start, Cause::none, at_->loss);
    if (!at_->sound) return;
    unit_ = unit_of_loss(at_->loss, at_->gradient_max);
    stepper_.monitor().begin(at_->loss * unit_);
    settling_.emplace(first_gradient_max_);
    lower_bound_ = oracle_.lower_bound();
    if constexpr (has_residual) look_at_start();
    if constexpr (OracleType::is_batched) leave_best();
  }

  /// A proximal residual is measured along a step. From the minimum itself no step leads anywhere, so a start that is small
  /// enough must be seen before the first.
  void look_at_start() {
    start_residual_ = residual_beside_steps(*at_);
    if (!stop_.absolute_gradient || !(start_residual_ <= *stop_.absolute_gradient)) return;
    at_->gradient_max = first_gradient_max_ = start_residual_;
    residual_known_ = true;
  }

  // --- what may change between two iterations ------------------------------------------------------------------------

  bool renew() {
    if constexpr (OracleType::has_coordinates) {
      if (iteration_ > 0 && oracle_.objective().refresh(iteration_, at_->w)) recast();
    }
    if constexpr (OracleType::is_batched) {
      if (!next_batch()) return false;
    }
    return true;
  }

  /// The coordinates changed: the points that are kept move into the new ones, and what was learnt in the old is stale.
  void recast() {
    oracle_.objective().recast(start_, start_gradient_);
    // Of a ray's other points nothing is kept.
    const std::array kept{at_, best_ != at_ ? best_ : nullptr, lowest_, promising_};
    for (Point* point : kept) {
      if (point == nullptr) continue;
      oracle_.objective().recast(point->w, point->gradient);
      point->gradient_norm = norm(point->gradient);
    }
    start_norm_ = norm(start_);
    direction_.restart();
    stepper_.reopen();
    restarted_ = Cause::coordinates;
    longest_ = 0;
    natural_ = {};
  }

  /// Before the run ends where it stands: other coordinates may show a way on. True: it goes on from the best, in those.
  bool seen_from_elsewhere() {
    if constexpr (OracleType::has_coordinates) {
      if (!oracle_.objective().refresh(-1, best_->w)) return false;
      at_ = best_;
      recast();
      settling_.emplace(first_gradient_max_);
      return true;
    }
    return false;
  }

  void select_batch(int batch) {
    if constexpr (OracleType::is_batched) oracle_.objective().select(batch);
  }

  /// The next batch, evaluated at the iterate; at the end of an epoch the loss over all rows, by which the best point
  /// is known. Until then a step is provisional: if the fresh batch is not finite there, it is undone.
  bool next_batch() {
    const int batches = oracle_.objective().batches();
    if (batches < 1) throw std::invalid_argument("batches() = " + std::to_string(batches) + " must be at least 1");
    const int batch = iteration_ % batches;
    progress_ = static_cast<double>(iteration_) / batches;
    if (batch == 0 && iteration_ > 0) {
      if (limit_reached()) return false;
      full_check();
    }
    for (;;) {
      if (limit_reached()) return false;
      select_batch(batch);
      oracle_.evaluate(*at_);
      const auto advice = stepper_.fresh_batch(at_->sound ? at_->loss * unit_ : not_a_number, batches, step_);
      if (advice.action == Monitor::Action::carry_on) return true;
      if (advice.action == Monitor::Action::give_up) {
        end(Code::gave_up, "the batches' losses kept rising or were not finite, however short the step");
        return false;
      }
      go_back(advice, *at_);
    }
  }

  void full_check() {
    select_batch(-1);
    Point& whole = *free_point();
    whole.w = at_->w;
    whole.penalty = at_->penalty;
    oracle_.evaluate(whole);
    if (!whole.sound) return;
    stepper_.monitor().full_loss(whole.loss * unit_);
    if (whole.loss < best_->loss) best_ = &whole;
  }

  /// Mini-batches: the iterate apart from the best point, since its loss and gradient will be the batch's.
  void leave_best() {
    if (at_ == best_) at_ = free_point();
    at_->w = best_->w;
    at_->penalty = best_->penalty;
  }

  // --- the ray -------------------------------------------------------------------------------------------------------

  const Point& aim() {
    const Point* origin = at_;
    origin_point_ = nullptr;
    Point* elsewhere = free_point();
    const Origin where = direction_.origin(*at_, *elsewhere);
    if (where == Origin::known) {
      origin = origin_point_ = elsewhere;
    } else if (where == Origin::elsewhere && !limit_reached()) {
      oracle_.evaluate(*elsewhere);
      if (elsewhere->sound) {
        origin = origin_point_ = elsewhere;
        if (!OracleType::is_batched && elsewhere->loss < best_->loss) best_ = elsewhere;
      } else {
        direction_.restart();
      }
    }
    Aim way = aim_from(*origin);
    if (!way.downhill && origin_is_inferred()) {  // so the inference was wrong: from the best point that was evaluated
      forgo_inference(0);
      origin = at_ = best_;
      origin_point_ = nullptr;
      way = aim_from(*origin);
    }
    if (!way.downhill && origin->gradient_norm > 0) {  // uphill, across, or not finite
      direction_.restart();
      restarted_ = std::isfinite(way.cosine) ? Cause::uphill : Cause::not_finite;
      origin = at_;
      origin_point_ = nullptr;
      way = aim_from(*origin);
    }
    straight_down_ = way.cosine < -1 + 1e-12;
    along_gradient_ = !std::isfinite(way.natural);
    informed_ = !along_gradient_ || !natural_.known();
    // In a metric of its own a step of 1 is natural, however long the gradient is beside it.
    const bool in_metric = ProximalInMetric<ObjectiveType>;
    // The coordinates' own step is along −g itself, of which d may be a multiple (L-BFGS's first, of a huge gradient).
    const double steep = steepness(*origin), of_gradient = straight_down_ ? steep / way.length : 1;
    const double own = along_gradient_ ? oracle_.natural_step() * of_gradient : way.natural;
    const double natural = in_metric ? 1 : natural_.first(own, way.length, origin_is_inferred());

    ray_.k = steps_;
    ray_.loss = origin->loss * unit_;
    ray_.slope = (steep * unit_) * way.length * way.cosine;
    ray_.gradient_norm = steep;
    ray_.gradient_max = origin->gradient_max;
    ray_.direction_norm = way.length;
    ray_.iterate_norm = norm(origin->w);
    ray_.iterate_max = max_norm(origin->w);
    ray_.start_norm = start_norm_;
    ray_.distance = norm(origin->w - start_);
    ray_.towards_start = origin->gradient.dot(start_ - origin->w);
    ray_.natural_step = natural;
    ray_.lower_bound = lower_bound_ * unit_;
    ray_.unit = unit_;
    ray_.inferred = origin_is_inferred();
    ray_.batch_share = batch_share();
    ray_.progress = progress_;
    if (restarted_ != Cause::none) {
      stepper_.restarted(ray_);
      tell(Event::Kind::restart, restarted_);
      restarted_ = Cause::none;
    } else if (began_anew(direction_)) {
      tell(Event::Kind::restart, Cause::direction);
    }
    return *origin;
  }

  struct Aim {
    double natural, length, cosine;
    bool downhill;
  };
  Aim aim_from(const Point& origin) {
    if (OracleType::is_proximal && origin.gradient_norm == 0) {
      d_.setZero();
      const double steep = steepness(origin);
      return {not_a_number, steep, -1, steep > 0};
    }
    const double natural = aim_by_whatever_it_needs(origin);
    const double length = norm(d_), cos = cosine(origin.gradient, d_, origin.gradient_norm, length);
    return {natural, length, cos, cos < -1e-14};
  }

  double aim_by_whatever_it_needs(const Point& origin) {
    if constexpr (needs_hessian_products<DirectionType>()) {
      const auto interrupts = [](const void* run) { return !static_cast<const Descent*>(run)->may_call(0); };
      return direction_.aim(origin, d_, HessianAt<OracleType>{oracle_, origin.w, interrupts, this});
    } else {
      return direction_.aim(origin, d_);
    }
  }

  double batch_share() {
    if constexpr (OracleType::is_batched) return 1.0 / oracle_.objective().batches();
    return 1;
  }

  /// The inner loop. Returns the trial that the rule took, or the best lower one, or null.
  Point* search(const Point& origin, Ask ask) {
    using Action = Verdict::Action;
    kept_ = last_tried_ = nullptr;
    tries_ = 0;
    inferring_ = ray_ready_ = false;
    seen_ = {};
    for (;;) {
      if (limit_reached()) return nullptr;
      ++tries_;
      Point* point = try_step(origin, ask);
      Verdict verdict = point == nullptr ? Verdict::give_up() : judge(origin, *point);
      if (point != nullptr && verdict.action == Action::take) return point;
      if (point != nullptr && ended_) return nullptr;
      if (verdict.action != Action::retry) {
        point = best_kept();
        if (point == nullptr || is_lower(*point)) return point;
        verdict = ended_ ? Verdict::give_up() : judge(origin, *point);
        if (verdict.action == Action::take) return point;
        if (verdict.action == Action::give_up) return nullptr;
      }
      ask = verdict.next;
    }
  }

  /// The last word on the trial at `point`, which is told of and kept in mind if it is not taken. A free trial that is
  /// wanted is evaluated first, and judged again where the ray had told otherwise.
  Verdict judge(const Point& origin, Point& point) {
    using Action = Verdict::Action;
    trial_.number = tries_;
    Verdict verdict = weigh();
    if constexpr (has_rays) {
      if (verdict.action == Action::take && !is_as_told(point)) {
        if (ended_) return Verdict::give_up();
        forgo_inference(0);
        verdict = weigh();
      }
    }
    if (verdict.action == Action::take) return trial_moved_ ? verdict : Verdict::give_up();
    if (trial_.finite() && lower_than_kept()) {
      kept_ = &point;
      kept_trial_ = trial_;
    }
    told_.next_step = verdict.action == Action::retry ? verdict.next.step : not_a_number;
    const Cause judged = trial_.loss > ray_.loss ? Cause::rose : Cause::condition;
    tell(Event::Kind::trial, trial_.finite() ? judged : Cause::not_finite, point.loss, origin.loss);
    return verdict;
  }
  /// The rule's word; or, where the next ray can start at the minimiser of this one, "take it".
  Verdict weigh() {
    const bool opening = stepper_.opening();
    const Verdict verdict = stepper_.weigh(ray_, trial_);
    if (!trial_.finite()) natural_.not_finite();
    return !opening && infers_from_trial(verdict) ? Verdict::take() : verdict;
  }

  /// The point at a step, with `trial_` filled: remembered where it was visited on this ray, else by a call. Null: the ray
  /// ends here, since the step changes no weight or leads nowhere new, or since the run has ended.
  Point* try_step(const Point& origin, const Ask& ask) {
    if (kept_ != nullptr && ask.step == kept_trial_.step) {
      trial_ = kept_trial_;
      return kept_;
    }
    Point* point = free_point();
    const Motion motion = move_along(origin, ask.step, *point);
    if (motion == Motion::none && !stepper_.opening()) {
      stuck_step_ = ask.step;
      return nullptr;
    }
    if (motion == Motion::undone) {
      if (at_ != best_) return nullptr;
      if (!residual_known_) first_gradient_max_ = start_residual_;
      residual_known_ = true;
      best_->gradient_max = 0;
      end(Code::gradient, "the proximal step leads back to the point itself: it is a minimum along every feasible way");
      return nullptr;
    }
    if (tries_ > 1 && motion == Motion::some) {
      const auto is_at = [&](const Point* other) { return other != nullptr && other->w == point->w; };
      const bool as_kept = is_at(kept_), as_last = is_at(last_tried_);
      if (!stepper_.opening() && (as_kept || as_last)) return nullptr;
      // Against a bound a longer step leads to the same point, and further ones will too.
      if (kept_ != nullptr && (as_kept || as_last) && ask.step > kept_trial_.step) return nullptr;
      if (as_last) {
        trial_.step = ask.step;
        return last_tried_;
      }
    }
    last_tried_ = point;
    trial_ = probe(origin, ask, *point, motion);
    return ended_ ? nullptr : point;
  }

  // --- free trials: on a ray that the objective has prepared, loss and slope cost no call (see HasRay) -------------------
  //
  // The first trial of a ray is evaluated, gradient and all, since it will probably be taken. If it is refused the ray is
  // prepared, and the others are free. Whichever of those is wanted in the end is evaluated then, and that counts. (A rule
  // whose searches end with the second trial time after time would gain nothing: there the second is evaluated too.)

  static constexpr bool has_rays = OracleType::may_have_rays;

  /// May this trial be free? Prepares the ray if need be.
  bool ray_is_ready(const Point& origin) {
    if constexpr (has_rays) {
      if (!believes_rays_ || std::isnan(seen_.step)) return false;
      if (tries_ == 2 && ended_at_second_ >= 3) return false;
      if (ray_ready_) return true;
      oracle_.along(origin.w, d_);
      ray_ready_ = true;
      if (!ray_checked_ && seen_.finite()) {  // once, since it costs as much as a trial
        ray_checked_ = true;
        Trial told = seen_;
        told.loss = static_cast<double>(oracle_.objective().on_ray(seen_.step).value) * unit_;
        believes_rays_ = same_loss_at_all(told, seen_);
      }
      return believes_rays_;
    }
    return false;
  }

  /// False: it is to be evaluated after all. (What may end the run, a loss beyond all measure, is not believed of a ray.)
  bool try_for_free(const Ask& ask, Point& point, Trial& trial) {
    if constexpr (has_rays) {
      const auto there = oracle_.on_ray(ask.step);
      const double loss = static_cast<double>(there.value), slope = static_cast<double>(there.slope);
      if (beyond_measure(norm(point.w), loss * unit_)) return false;
      point.loss = loss;
      point.gradient_norm = point.gradient_max = not_a_number;
      point.filled = false;
      point.sound = trial.sound = std::isfinite(loss) && std::isfinite(slope);
      trial.loss = loss * unit_;
      if (point.sound && wants_slope(ask, trial)) trial.slope = slope * unit_;
      if (!OracleType::is_batched && point.sound && loss < lowest_seen()) promising_ = &point;
    }
    return true;
  }

  /// Evaluates a free trial, if no limit is reached before: what the objective says replaces what the ray said.
  void fill(Point& point) {
    if (point.filled || limit_reached()) return;
    const Trial told = trial_;
    trial_.slope = not_a_number;
    visit({told.step, std::isfinite(told.slope) ? Probe::slope : Probe::loss}, point, trial_);
    if (promising_ == &point) promising_ = nullptr;
    if (kept_ == &point) kept_ = nullptr;  // for what the ray had said
    believes_rays_ = believes_rays_ && same_loss_at_all(told, trial_);
  }
  /// Evaluates the trial if it was free: is it what the rule had judged? (A difference that the rule could notice counts.)
  bool is_as_told(Point& point) {
    const Trial told = trial_;
    fill(point);
    if (ended_) return point.filled;  // else by a limit, before it was evaluated
    const bool same_loss = nearly_equal(told.loss, trial_.loss) ||
                           std::abs(told.loss - trial_.loss) <= 1e-3 * std::abs(trial_.model_decrease);
    const bool same_slope =
        !std::isfinite(told.slope) || std::abs(told.slope - trial_.slope) <= 1e-3 * std::abs(ray_.slope);
    return trial_.finite() && same_loss && same_slope;
  }
  /// Evaluates the trial if it was free: is it finite, and lower than where the ray began?
  bool is_lower(Point& point) {
    if constexpr (has_rays) {
      fill(point);
      return point.filled && trial_.finite() && trial_.loss < ray_.loss;
    }
    return true;
  }
  /// Is what a ray told that loss at all, but for its rounding? Else no ray is believed any more.
  static bool same_loss_at_all(const Trial& told, const Trial& seen) {
    const double size = std::max(std::abs(told.loss), std::abs(seen.loss));
    return seen.finite() && std::abs(told.loss - seen.loss) <= 1e-6 * size + 1e-3 * std::abs(seen.model_decrease);
  }

  double lowest_seen() const {
    double lowest = best_->loss;
    for (const Point* point : {lowest_, promising_}) {
      if (point != nullptr) lowest = std::min(lowest, point->loss);
    }
    return lowest;
  }
  /// Before the run ends: a free trial that was refused may be lower than all that was evaluated.
  void evaluate_promising() {
    if (promising_ == nullptr || !(promising_->loss < best_->loss)) return;
    if (nearly_equal(promising_->loss, best_->loss) || !may_call(1)) return;
    Point& point = *promising_;
    promising_ = nullptr;
    oracle_.evaluate(point);
    if (point.sound && point.loss < lowest_seen()) lowest_ = &point;
  }

  // --- inference: for a direction that starts its next ray at the exact minimiser of the last (see inferred.hpp) --------

  static constexpr bool infers = InferringDirection<DirectionType> && !OracleType::is_batched;

  /// May the next ray start where this trial's slopes say the minimiser is? Then the search is over.
  bool infers_from_trial(const Verdict& verdict) {
    if constexpr (infers) {
      if (!trial_.finite() || !trial_moved_ || verdict.action == Verdict::Action::give_up) return false;
      return inferring_ = direction_.infers(ray_, trial_, verdict.action == Verdict::Action::take);
    }
    return false;
  }
  bool origin_is_inferred() const { return origin_point_ != nullptr && origin_point_->inferred; }
  /// The next `rays` rays start at the iterate; whatever was inferred is dropped.
  void forgo_inference(int rays) {
    if constexpr (infers) direction_.forgo(rays);
    inferring_ = false;
  }

  /// After a ray from an inferred point that did not lead below the best: back there, with what was learnt; the second
  /// time in a row without it.
  void lose_inference() {
    tell(Event::Kind::retreat, Cause::failed_ray, best_->loss);
    at_ = best_;
    if (++lost_in_a_row_ < 2) {
      forgo_inference(0);
      return;
    }
    lost_in_a_row_ = 0;
    forgo_inference(20);
    direction_.restart();
    restarted_ = Cause::failed_ray;
  }

  /// The best finite lower trial of the ray, if there is one, as the one to take.
  Point* best_kept() {
    if (kept_ != nullptr) trial_ = kept_trial_;
    return kept_;
  }

  enum class Motion {
    none,  // the step is too short to change a weight
    some,
    undone,  // every weight moved, and the proximal map moved it back: the point is stationary
    not_finite
  };

  /// w + t d, through the proximal map where the objective has one.
  Motion move_along(const Point& origin, double step, Point& point) {
    if constexpr (ProximalInMetric<ObjectiveType>) {
      point.penalty = oracle_.objective().proximal_step(origin.w, origin.gradient, step, point.w);
      if (!point.w.allFinite()) return Motion::not_finite;
      if (point.w != origin.w) return Motion::some;
      return step >= 1 ? Motion::undone : Motion::none;
    }
    point.w = origin.w + step * d_;
    if (!point.w.allFinite()) return Motion::not_finite;
    const bool by_penalty_alone = OracleType::is_proximal && origin.gradient_norm == 0;
    if (point.w == origin.w && !by_penalty_alone) return Motion::none;
    if constexpr (OracleType::is_proximal) {
      const bool all_moved = ((point.w.array() != origin.w.array()) || (d_.array() == 0)).all();
      point.penalty = oracle_.objective().proximal(point.w, step);
      const bool visible = step * ray_.direction_norm > 1e-9 * ray_.iterate_norm;  // not a matter of rounding
      if (point.w == origin.w) return all_moved && visible ? Motion::undone : Motion::none;
    }
    return Motion::some;
  }

  /// One call: loss and gradient at once, so that a step that is taken costs one call and no point is visited twice.
  /// (A batch that the rule neither judges by nor learns from is not even visited.)
  Trial probe(const Point& origin, const Ask& ask, Point& point, Motion motion) {
    Trial trial{.step = ask.step, .model_decrease = ask.step * ray_.slope};
    trial_moved_ = motion != Motion::none;
    point.filled = true;
    if (motion == Motion::not_finite) {
      trial.sound = point.sound = false;
      point.loss = not_a_number;
      return trial;
    }
    if (motion == Motion::none) {  // too short to change a weight: no call, the opening goes further
      point.loss = origin.loss;
      trial.loss = ray_.loss;
      trial.slope = ray_.slope;
      return trial;
    }
    if constexpr (OracleType::is_batched) {
      if (goes_unseen(ask)) {
        point.loss = origin.loss;
        point.sound = true;
        point.gradient_norm = not_a_number;
        trial.loss = ray_.loss;
        return trial;
      }
    }
    if (ray_is_ready(origin) && try_for_free(ask, point, trial)) return trial;
    visit(ask, point, trial);
    if constexpr (OracleType::is_proximal) {
      trial.model_decrease = unit_ * (origin.gradient.dot(point.w - origin.w) + point.penalty - origin.penalty);
    }
    return trial;
  }

  void visit(const Ask& ask, Point& point, Trial& trial) {
    oracle_.evaluate(point);
    trial.loss = point.loss * unit_;
    trial.sound = point.sound;
    watch_bounds(point, trial);
    if (!point.sound && std::isfinite(point.loss)) {
      const std::string unfilled = oracle_.unfilled(point.gradient);
      if (!unfilled.empty()) end(Code::gradient_not_filled, unfilled);
    }
    if (!OracleType::is_proximal && point.sound && wants_slope(ask, trial)) trial.slope = slope_at(point);
    seen_ = trial;
    ray_ready_ = false;
  }
  /// Where two losses are equal but for rounding only slopes can tell up from down.
  bool wants_slope(const Ask& ask, const Trial& trial) const {
    return ask.with == Probe::slope || nearly_equal(trial.loss, ray_.loss);
  }

  /// Mini-batches: is there nobody who would learn from the new point on the old batch? Then it is not visited.
  bool goes_unseen(const Ask& ask) const {
    const bool measured = !stepper_.rule_adapts() && steps_ < 10;  // whether a fixed step looks too small
    return ask.with == Probe::none && stepper_.learns() == Learns::nothing && follows_gradient<DirectionType>() &&
           !stepper_.opening() && !measured;
  }

  /// A loss or weights beyond all measure: on the first ray a step that was too far; later a loss that falls without end.
  void watch_bounds(Point& point, Trial& trial) {
    met_minus_infinity_ = met_minus_infinity_ || point.loss == -infinity;
    if (OracleType::is_batched || !std::isfinite(point.loss)) return;
    const double length = norm(point.w);
    if (beyond_measure(length, trial.loss)) {
      if (steps_ == 0) {
        point.sound = trial.sound = false;
        return;
      }
      if (point.loss < best_->loss) {
        end(Code::unbounded_below,
            "the loss falls without end: it is " + number(point.loss) + " at |w| = " + number(length));
      }
    }
    const double lowest = lowest_ != nullptr ? std::min(lowest_->loss, best_->loss) : best_->loss;
    if (point.sound && point.loss < lowest) lowest_ = &point;
  }
  bool beyond_measure(double length, double loss) const {
    return length > 1e153 * std::max(1.0, start_norm_) || loss < -1e200;  // squares of both still fit a double
  }

  double slope_at(const Point& point) const {
    return (point.gradient_norm * unit_) * ray_.direction_norm *
           cosine(point.gradient, d_, point.gradient_norm, ray_.direction_norm);
  }

  bool lower_than_kept() const {
    if (kept_ != nullptr) return trial_.loss < kept_trial_.loss;
    return trial_.loss < ray_.loss;
  }

  // --- after the ray -------------------------------------------------------------------------------------------------

  void settle(const Point& origin, Point& next) {
    Move move{.step = trial_.step,
              .displacement = norm(next.w - origin.w),
              .loss = next.loss * unit_,
              .slope = trial_.slope,
              .gradient_norm = next.gradient_norm,
              .trials = tries_};
    if constexpr (OracleType::is_proximal) {
      // Cut short by bounds: the rule is not to believe that a step beyond all measure is a good one.
      const double size = std::max(size_of(ray_.iterate_norm), move.displacement);
      move.step = std::min(move.step, 1e3 * (size / ray_.direction_norm));
    }
    const bool seen = !OracleType::is_batched || std::isfinite(next.gradient_norm);
    if (seen && (stepper_.learns() == Learns::pair || !stepper_.rule_adapts())) pair(origin, next, move);
    const bool passes_through = inferring_ && !(next.loss < best_->loss);  // not a point to stay at
    if (OracleType::is_batched || passes_through) {
      stepper_.learn(move, origin.gradient, next.gradient);
    } else {
      const auto advice = stepper_.settle(move, origin.gradient, next.gradient);
      if (advice.action != Monitor::Action::carry_on) {
        if (advice.action == Monitor::Action::give_up) {
          end(Code::gave_up, "the loss kept rising or cycling, however short the step, after " +
                                 std::to_string(stepper_.monitor().state.from_best) + " returns to the best point");
        } else {
          go_back(advice, next);
        }
        return;
      }
    }
    if constexpr (infers) {
      const bool lower = next.loss < best_->loss;
      if (origin_is_inferred() && !lower && !inferring_) return lose_inference();
      if (lower) lost_in_a_row_ = 0;
      rays_without_best_ = lower || !inferring_ ? 0 : rays_without_best_ + 1;
    }
    direction_.taken(origin, next);
    ++steps_;
    told_.previous_step = step_;
    step_ = trial_.step;
    if (tries_ > 1) ended_at_second_ = tries_ == 2 ? ended_at_second_ + 1 : 0;
    taken_length_ = move.displacement;
    taken_decrease_ = trial_.model_decrease;
    longest_ = std::max(longest_, taken_length_);
    natural_.taken(taken_length_, trial_.slope / ray_.slope, tries_ == 1, origin_is_inferred());
    if constexpr (OracleType::is_proximal) measure_residual(origin, next);
    at_ = &next;
    if constexpr (OracleType::is_batched) {
      failed_rays_ = 0;
    } else {
      keep_best();
      if (failed_rays_ > 0 && progressed_since_failure()) failed_rays_ = 0;
    }
    told_.tries = tries_;
    if constexpr (infers) {
      if (inferring_) told_.next_step = direction_.inferred_step();
    }
    tell(Event::Kind::step, cause_of_step(), next.loss, origin.loss);
    watch_cap();
    if (infers && rays_without_best_ >= 20) {  // a chain of inferences that leads nowhere
      tell(Event::Kind::retreat, Cause::cycle, best_->loss);
      rays_without_best_ = 0;
      at_ = best_;
      forgo_inference(20);
    }
  }

  /// Why this step and no other? After a search the refused trials tell.
  Cause cause_of_step() const {
    if (inferring_) return Cause::inferred;
    if (tries_ > 1) return Cause::searched;
    return along_gradient_ ? Cause::rule : natural_.why();
  }

  bool progressed_since_failure() const {
    const auto& [loss, gradient_max] = failed_at_;
    const bool lower = best_->loss < loss && !nearly_equal(best_->loss, loss, 4);
    return lower || best_->gradient_max < 0.9 * gradient_max;
  }

  /// The iterate becomes the best point if its loss is lower; or equal but for rounding with a smaller gradient.
  void keep_best() {
    lowest_loss_ = std::min({lowest_loss_, best_->loss, at_->loss});  // equal: by no more than rounding, in all
    const bool equal = nearly_equal(at_->loss, lowest_loss_) && at_->loss <= start_loss_;
    if (at_->loss < best_->loss || (equal && at_->gradient_max < best_->gradient_max)) best_ = at_;
    if (lowest_ != nullptr && best_->loss <= lowest_->loss) lowest_ = nullptr;
    if (promising_ != nullptr && best_->loss <= promising_->loss) promising_ = nullptr;
  }

  /// A trial that was refused may lie lower than every point that was taken (behind a hill). No run converges or stalls
  /// beside it: it goes on from there.
  bool goes_on_from_lower() {
    evaluate_promising();
    if (lowest_ == nullptr || !(lowest_->loss < best_->loss)) return false;
    const Status status = status_of(code_);
    if (status == Status::converged && nearly_equal(lowest_->loss, best_->loss))
      return false;  // a difference of rounding
    best_ = lowest_;
    lowest_ = nullptr;
    if constexpr (OracleType::is_proximal) best_->gradient_max = residual_beside_steps(*best_);
    const bool open_end = code_ == Code::target || code_ == Code::unbounded_below;
    if ((status != Status::converged && status != Status::stalled) || open_end || ++resumed_ > 20) return false;
    ended_ = false;
    at_ = best_;
    direction_.restart();
    restarted_ = Cause::lower;
    settling_.emplace(first_gradient_max_);
    return true;
  }

  void pair(const Point& origin, const Point& next, Move& move) {
    const auto s = next.w - origin.w;
    const auto y = next.gradient - origin.gradient;
    move.gradient_change = norm(y);
    move.cosine = cosine(s, y, move.displacement, move.gradient_change);
    const double curvature = move.gradient_change / move.displacement;
    if (move.cosine > 0 && curvature > sharpest_) sharpest_ = curvature;
  }

  static constexpr bool has_residual = OracleType::is_proximal && !OracleType::is_batched;

  /// The proximal residual |w − prox(w − t g)|∞ / t takes the gradient's place in the tests.
  void measure_residual(const Point& origin, Point& next) {
    if (!residual_known_) {
      first_gradient_max_ = residual(origin, trial_.step);
      best_->gradient_max = first_gradient_max_;
      settling_.emplace(first_gradient_max_);
      residual_known_ = true;
    }
    next.gradient_max = residual(next, trial_.step);
  }
  /// At a point that no step led to: at the last step, else at as long a one as an opening tries.
  double residual_beside_steps(const Point& point) {
    const double natural = size_of(norm(point.w)) / point.gradient_norm;
    return residual(point, step_ > 0 ? step_ : std::isfinite(natural) ? Opening::share * natural : 1);
  }
  double residual(const Point& point, double step) {
    // A step that moves no weight says nothing, nor does one that no weight could follow.
    const double size = size_of(norm(point.w)), natural = size / point.gradient_norm;
    const bool bounded = std::isfinite(natural);
    if (bounded) step = std::clamp(step, 1e-8 * natural, natural);
    // Nor does one at which the proximal part takes all of the weights, however small the gradient is.
    ProximalMove move = proximal_move(point, step);
    for (int tries = 0; move.length > Opening::early_share * size && tries < 300; ++tries) {
      step *= 0.1;
      move = proximal_move(point, step);
    }
    if (move.largest == 0 && bounded) {
      step = Opening::share * natural;
      move = proximal_move(point, step);
    }
    return move.largest / step;
  }
  /// The gradient's length; where that is zero, and the proximal part alone leads down, the residual.
  double steepness(const Point& point) {
    if constexpr (OracleType::is_proximal) {
      if (point.gradient_norm == 0) return residual(point, 1);
    }
    return point.gradient_norm;
  }
  struct ProximalMove {
    double largest, length;  // of a weight; of all
  };
  ProximalMove proximal_move(const Point& point, double step) {
    Vector& mapped = free_point(&point)->w;
    mapped = point.w - step * point.gradient;
    oracle_.objective().proximal(mapped, step);
    mapped -= point.w;
    return {max_norm(mapped), norm(mapped)};
  }

  void go_back(const Monitor::Advice& advice, const Point& from) {
    told_.factor = advice.factor;
    tell(Event::Kind::rollback, advice.cause, from.loss, best_->loss);
    watch_cap();
    if constexpr (OracleType::is_batched) {
      leave_best();
    } else {
      at_ = best_;
    }
    natural_.shrink(advice.factor);
    direction_.restart();
  }

  /// Nothing lower was found on a ray. Along the negative gradient from the best point the reason is looked for; else
  /// the run goes back there with a shorter step.
  void recover() {
    if (origin_is_inferred()) return lose_inference();
    if (++failed_rays_ == 1) failed_at_ = {best_->loss, best_->gradient_max};
    if constexpr (OracleType::is_batched) {  // a batch may be at its own minimum: the next one is another matter
      if (failed_rays_ > 2 * oracle_.objective().batches()) {
        end(Code::gave_up, "no lower loss was found on any batch, however short the step");
      }
      return;
    }
    if (!stepper_.rule_adapts() && stuck_step_ > 0) {
      look_for_the_reason();  // it may be the monitor that shrank the step
      end(Code::gave_up, "the step " + number(stuck_step_) + " is too small to change any weight");
      return;
    }
    if (failed_rays_ == 1 && seen_from_elsewhere()) return;
    const bool again = failed_rays_ > 4;  // without any progress between them that rounding does not hide
    if (again || (failed_rays_ > 1 && settling_->small(best_->gradient_max)) ||
        (straight_down_ && at_ == best_ && origin_point_ == nullptr)) {
      look_for_the_reason();
      if (ended_ || restarted_ == Cause::coordinates) return;
    }
    const auto give_up = [&] {
      if (stepper_.not_finite_on_ray() > 3) {
        const bool falls = met_minus_infinity_;
        end(falls ? Code::unbounded_below : Code::domain_edge,
            std::string("downhill from the point returned the loss is ") + (falls ? "-Inf" : "not finite") +
                ", and nothing lower was found before that");
        return;
      }
      end(Code::gave_up, !suspicion_.empty()
                             ? suspicion_
                             : "no lower loss was found along the negative gradient, however short the step");
    };
    if (again) return give_up();
    const auto advice = stepper_.failed_ray(trial_.step);
    if (advice.action == Monitor::Action::give_up) return give_up();
    go_back(advice, *at_);
  }

  /// Why does the loss not fall along −g? Ends the run where that is known.
  void look_for_the_reason() {
    if (gradient_small_enough()) return;
    if (shows_a_step(*best_)) {
      look_around(*best_);
      if (!ended_) small_by_default();
    } else if (!small_by_default() && !hidden_by_units()) {
      end(Code::rounding_floor, "the loss can't resolve the decrease that is left: " + number(promise(*best_) / unit_) +
                                    " beside a loss of " + number(best_->loss));
    }
  }

  /// What −g promises, to first order and halved, over a step that weights can resolve. (The last that was taken may be
  /// next to nothing, beside a wall or a kink.)
  double promise(const Point& point) {
    const double length = std::max(taken_length_, 1e-7 * size_of(norm(point.w)));
    return 0.5 * (steepness(point) * unit_) * length;
  }
  bool shows_a_step(const Point& point) { return promise(point) > 64 * epsilon * std::abs(point.loss * unit_); }

  /// Two calls beside the point, and more where the gradient is at fault. Once for each point.
  void look_around(const Point& point) {
    if (diagnosed_loss_ == point.loss) return;
    diagnosed_loss_ = point.loss;
    suspicion_.clear();
    if (!find_way_down(point)) return;
    const long before = oracle_.evaluations();
    auto finding = diagnose(oracle_, point, d_, *free_point(&point), [&](long calls) { return may_call(calls); });
    diagnosis_evaluations_ += oracle_.evaluations() - before;
    if (!finding) return;
    if (finding->code == Code::gave_up) {
      suspicion_ = std::move(finding->reason);
    } else if (finding->code == Code::domain_edge && met_minus_infinity_) {
      end(Code::unbounded_below, "the loss is -Inf a step away from the point returned");
    } else if (finding->code != Code::rounding_floor || !small_by_default()) {
      wrong_gradient_ = in_user_coordinates(std::move(finding->wrong));
      end(finding->code, std::move(finding->reason));
    }
  }
  /// Along the negative gradient, or where bounds and penalties let it lead: d_, of unit length.
  bool find_way_down(const Point& point) {
    if constexpr (OracleType::is_proximal) {
      const ProximalMove move = proximal_move(point, 1e-3 * size_of(norm(point.w)) / steepness(point));
      d_ = free_point(&point)->w / move.length;
      return move.length > 0;
    } else {
      d_ = -point.gradient / point.gradient_norm;
      return true;
    }
  }

  std::vector<GradientEntry> in_user_coordinates(std::vector<GradientEntry> entries) {
    if constexpr (OracleType::has_coordinates) {
      for (GradientEntry& entry : entries) {
        d_.setZero();
        d_[entry.index] = 1;
        const double factor = oracle_.user_gradient_max(d_);
        for (double* value : {&entry.given, &entry.expected, &entry.error_of_expected}) *value *= factor;
      }
    }
    return entries;
  }

  // --- the ways out --------------------------------------------------------------------------------------------------

  /// The tests that need no ray.
  bool there() {
    if (limit_reached() || gradient_small_enough()) return true;
    if (stop_.target && best_->loss <= *stop_.target) {
      return end(Code::target,
                 "the loss " + number(best_->loss) + " is at or below the target " + number(*stop_.target));
    }
    const int limit = stop_.iteration_limit();
    if (iteration_ < limit) return false;
    return end(Code::iterations, "the limit of " + detail::counted(limit, "iteration") + " was reached");
  }

  /// The tests that want to know how long the next step is.
  bool settled(const Ask& ask) {
    if (ended_ || iteration_ == 0) return ended_;
    // −g promises what bounds and penalties won't let it keep: there the last step that was taken tells.
    constexpr bool projected = OracleType::is_proximal;
    const Progress now{.gradient_max = best_->gradient_max,
                       .best = best_->loss * unit_,
                       .here = at_->loss * unit_,
                       .start = start_loss_ * unit_,
                       .promise = -0.5 * (projected ? taken_decrease_ : ray_.slope * ask.step),
                       .step_length = projected ? taken_length_ : ask.step * ray_.direction_norm,
                       .longest = longest_,
                       .informed = informed_,
                       .size = d_.size(),
                       .entries_settled = entries_settled()};
    if (stop_.decrease && settling_->decreased_enough(now, *stop_.decrease)) {
      return end(Code::decrease, "the last 10 steps lowered the loss by less than " + number(*stop_.decrease) +
                                     " of what the run gained");
    }
    const bool known = !OracleType::is_proximal || residual_known_;
    if (!stop_.tests_convergence() && known && settling_->converged(now)) {
      if (seen_from_elsewhere() || hidden_by_units() || recedes()) return true;
      return end(Code::gradient, "the gradient fell from " + number(first_gradient_max_) + " to " +
                                     number(best_->gradient_max) + " and nothing more is promised");
    }
    if constexpr (!OracleType::is_batched) {
      if (settling_->at_floor(now)) {
        if (small_by_default() || hidden_by_units()) return true;
        if (shows_a_step(*best_)) look_around(*best_);  // rounding doesn't hide so much
        if (ended_) return true;
        if (!suspicion_.empty()) return end(Code::gave_up, suspicion_);
        return end(Code::rounding_floor,
                   "neither the loss nor its gradient has become smaller for many iterations: "
                   "what is left to gain is hidden by rounding");
      }
    }
    return false;
  }

  /// A weight in small units has a small gradient from the start: whether that has settled, only its own start can tell.
  /// (Against a bound or an L1 penalty a gradient stays what it is; there the residual alone tells.)
  bool entries_settled() const {
    if (OracleType::is_proximal || stop_.tests_convergence()) return true;
    if (!settling_->small(best_->gradient_max)) return false;
    const double tiny = 1e-12 * max_norm(start_gradient_);  // an entry that is 0 but for rounding never settles
    for (Eigen::Index i = 0; i < start_gradient_.size(); ++i) {
      if (std::abs(start_gradient_[i]) > tiny && !entry_settled(i)) return false;
    }
    return true;
  }

  bool entry_settled(Eigen::Index i) const {
    return std::abs(best_->gradient[i]) <= 1e-3 * std::abs(start_gradient_[i]);
  }

  /// Entries that have stayed as they were while the largest fell may be rounding, or belong to weights in units so large that
  /// their gradients are small. One call further along them tells: rounding doesn't keep its promise.
  bool hidden_by_units() {
    if constexpr (OracleType::is_proximal || !requires { oracle_.objective().believe_in_units({}); }) {
      return false;
    } else {
      if (!settling_->small(best_->gradient_max)) return false;
      const std::vector<Eigen::Index> entries = unsettled_entries();
      if (entries.empty() || units_seen_ == best_->loss || !may_call(1)) return false;
      units_seen_ = best_->loss;

      Point& further = *free_point(best_);
      d_.setZero();
      for (const Eigen::Index i : entries) d_[i] = best_->gradient[i];
      const double length = norm(d_), promise = 800 * epsilon * std::abs(best_->loss);
      further.w = best_->w - (promise / length) * (d_ / length);
      if (further.w == best_->w) return false;
      ++diagnosis_evaluations_;
      const double decrease = best_->loss - oracle_.loss(further.w, further.gradient);
      if (!(decrease >= 0.5 * promise && decrease <= 2 * promise)) return false;
      if (!oracle_.objective().believe_in_units(entries)) return false;
      at_ = best_;
      recast();
      settling_.emplace(first_gradient_max_);
      failed_rays_ = 0;
      return true;
    }
  }
  std::vector<Eigen::Index> unsettled_entries() const {
    std::vector<Eigen::Index> entries;
    for (Eigen::Index i = 0; i < start_gradient_.size(); ++i) {
      if (start_gradient_[i] != 0 && !entry_settled(i)) entries.push_back(i);
    }
    return entries;
  }

  /// Where nothing more can be gained the default test asks for a small gradient only. True: the run has ended, or goes on in
  /// other coordinates.
  bool small_by_default() {
    if (OracleType::is_proximal && !residual_known_) return false;  // no gradient says it beside a penalty
    if (stop_.tests_convergence() || !settling_->small(best_->gradient_max) || !entries_settled()) return false;
    return hidden_by_units() || recedes() ||
           end(Code::gradient, "the gradient fell from " + number(first_gradient_max_) + " to " +
                                   number(best_->gradient_max) + ", and the loss falls no further");
  }

  /// A gradient that has become small though the loss still falls as before, each time the weights go as far again: it has no
  /// minimum. (Beside one the gradient is smaller than the gain by many more digits.)
  bool recedes() {
    if (OracleType::is_proximal || stop_.tests_convergence() || !settling_->small(best_->gradient_max)) return false;
    const double way = norm(best_->w - start_);
    const double per_doubling = -way * (best_->gradient.dot(best_->w - start_) / way),
                 gained = start_loss_ - best_->loss;
    if (!(per_doubling > 1e-3 * gained) || !unsettled_entries().empty()) return false;
    return end(Code::unbounded_below, "the gradient is small, " + number(best_->gradient_max) +
                                          ", but the loss still falls by " + number(per_doubling) +
                                          " when the weights go as far again: it seems to have no minimum");
  }

  bool gradient_small_enough() {
    const double now = best_->gradient_max;
    if (now == 0 && (!OracleType::is_proximal || residual_known_)) {
      return end(Code::gradient, OracleType::is_proximal ? "the proximal residual is zero" : "the gradient is zero");
    }
    if (OracleType::is_proximal && !residual_known_) return false;
    if (stop_.gradient && now <= *stop_.gradient * first_gradient_max_) {
      return end(Code::gradient, "the gradient fell from " + number(first_gradient_max_) + " to " + number(now) +
                                     ", to " + number(*stop_.gradient) + " of its start or below");
    }
    if (stop_.absolute_gradient && now <= *stop_.absolute_gradient) {
      return end(Code::gradient,
                 "the largest gradient entry " + number(now) + " is at or below " + number(*stop_.absolute_gradient));
    }
    return false;
  }

  /// Do the limits allow so many more calls?
  bool may_call(long calls) const {
    if (stop_.cancel.stop_requested() || silenced_) return false;
    if (stop_.max_seconds && seconds() >= *stop_.max_seconds) return false;
    return !stop_.max_evaluations || oracle_.evaluations() + calls <= *stop_.max_evaluations;
  }

  /// The limits that hold between any two evaluations.
  bool limit_reached() {
    if (ended_) return true;
    if (stop_.cancel.stop_requested()) return end(Code::cancelled, "the run was cancelled");
    if (stop_.max_evaluations && oracle_.evaluations() >= *stop_.max_evaluations) {
      return end(Code::evaluations,
                 "the limit of " + detail::counted(*stop_.max_evaluations, "evaluation") + " was reached");
    }
    if (stop_.max_seconds && seconds() >= *stop_.max_seconds) {
      return end(Code::time, "the limit of " + number(*stop_.max_seconds) + " seconds was reached");
    }
    return false;
  }

  bool end(Code code, std::string reason) {
    if (!ended_) {
      code_ = code;
      reason_ = std::move(reason);
      ended_ = true;
    }
    return true;
  }

  Result finish() {
    if constexpr (OracleType::is_batched) {
      const bool known = code_ == Code::gradient || code_ == Code::target;  // both are said of the best point
      if (iteration_ > 0 && !known && may_call(1)) full_check();
    }
    if constexpr (has_residual) {
      if (!residual_known_ && best_->sound) {  // no step was taken
        first_gradient_max_ = start_residual_;
        best_->gradient_max = residual_beside_steps(*best_);
      }
    }
    Result result;
    result.status = status_of(code_);
    result.code = code_;
    result.reason = std::move(reason_);
    result.loss = best_->loss;
    result.gradient_norm = best_->gradient_max;
    if constexpr (OracleType::has_coordinates) {
      result.w.resize(best_->w.size());
      oracle_.objective().leave(best_->w, result.w);
    } else {
      result.w = best_->w;
    }
    result.iterations = iteration_;
    result.loss_evaluations = oracle_.loss_evaluations();
    result.gradient_evaluations = oracle_.gradient_evaluations();
    result.ray_trials = oracle_.ray_trials();
    result.hessian_products = oracle_.hessian_products();
    result.rolled_back_for = stepper_.monitor().state.counts;
    result.rollbacks = result.rolled_back_for.total();
    result.step = step_;
    result.start_loss = start_loss_;
    result.start_gradient_norm = first_gradient_max_;
    result.trials_not_finite = stepper_.not_finite();
    result.wrong_gradient = std::move(wrong_gradient_);
    result.diagnosis_evaluations = diagnosis_evaluations_;
    if constexpr (!OracleType::is_batched) result.scale = spread();
    const double slack = 1 / (sharpest_ * step_);
    if (!stepper_.rule_adapts() && sharpest_ > 0 && slack > 100) result.step_too_small = slack;
    result.seconds = seconds();
    tell(Event::Kind::end, Cause::none, result.loss, start_loss_);
    result.events = std::move(events_);
    return result;
  }

  /// Seen between the start and the best point, in the user's coordinates.
  ScaleSpread spread() {
    if constexpr (requires { oracle_.objective().scale(); }) {
      const Vector& scale = oracle_.objective().scale();
      return scale_spread((best_->w - start_).cwiseProduct(scale),
                          (best_->gradient - start_gradient_).cwiseQuotient(scale));
    } else {
      return scale_spread(best_->w - start_, best_->gradient - start_gradient_);
    }
  }

  // --- small things --------------------------------------------------------------------------------------------------

  /// A place for a trial: none of those in use.
  Point* free_point(const Point* also = nullptr) {
    for (Point& point : points_) {
      if (&point != at_ && &point != best_ && &point != kept_ && &point != origin_point_ && &point != lowest_ &&
          &point != last_tried_ && &point != promising_ && &point != also)
        return &point;
    }
    return nullptr;  // a place more than uses: never
  }

  double seconds() const { return std::chrono::duration<double>(Clock::now() - began_).count(); }

  /// Tells the observer, and keeps the rare kinds for the result.
  void tell(Event::Kind kind, Cause cause, double loss = not_a_number, double previous = not_a_number) {
    using Kind = Event::Kind;
    const bool observed = listens(observer_);
    const bool rare = kind == Kind::rollback || kind == Kind::cap || kind == Kind::retreat || kind == Kind::restart;
    const bool keep = rare && events_.size() < events_.capacity();
    if (!observed && !keep) return;
    const bool heard = observed && (!silenced_ || kind == Kind::end);
    told_.kind = kind;
    told_.cause = cause;
    told_.iteration = iteration_;
    told_.evaluations = oracle_.evaluations();
    told_.loss = loss;
    told_.previous_loss = previous;
    told_.gradient_max = at_->gradient_max;
    if (std::isnan(told_.step)) told_.step = trial_.step;
    told_.rollbacks = stepper_.monitor().state.counts.total();
    told_.seconds = seconds();
    if (keep) events_.push_back(told_);
    if (heard && !notify(observer_, told_) && kind != Kind::end) {
      silenced_ = true;
      end(Code::cancelled, "the observer asked for the end");
    }
    told_ = {};
  }

  /// Tells of a cap on the step that the monitor set or moved since.
  void watch_cap() {
    const double cap = stepper_.monitor().state.cap;
    if (cap == cap_) return;
    told_.step = cap_;
    told_.next_step = cap;
    const bool grew = cap > cap_;
    cap_ = cap;
    tell(Event::Kind::cap, grew ? Cause::regrown : Cause::rose);
  }

  OracleType oracle_;
  DirectionType direction_;
  Stepper<Rule> stepper_;
  NaturalStep natural_{};
  const Stop& stop_;
  Observer& observer_;
  std::optional<Settling> settling_;
  Clock::time_point began_ = Clock::now();

  std::array<Point, has_rays ? 9 : 8> points_{};
  Point* at_ = nullptr;            // the iterate
  Point* best_ = nullptr;          // the lowest so far
  Point* kept_ = nullptr;          // the lowest finite trial of this ray that was refused
  Point* lowest_ = nullptr;        // a refused trial, if it is lower than the best that was taken
  Point* last_tried_ = nullptr;    // on this ray
  Point* promising_ = nullptr;     // a free trial that was refused, if it is lower than all of these; never one of them
  Point* origin_point_ = nullptr;  // where the ray starts, when not at the iterate
  Vector d_{}, start_{}, start_gradient_{};

  Ray ray_{};
  Trial trial_{}, kept_trial_{};
  Trial seen_{};  // the last on this ray that was evaluated
  Event told_{};
  int iteration_ = 0, steps_ = 0, tries_ = 0, failed_rays_ = 0, resumed_ = 0;
  double unit_ = 1;
  double start_loss_ = not_a_number, start_norm_ = not_a_number, first_gradient_max_ = not_a_number,
         start_residual_ = not_a_number, lower_bound_ = -infinity, lowest_loss_ = not_a_number;
  double step_ = not_a_number, taken_length_ = 0, taken_decrease_ = 0, longest_ = 0, stuck_step_ = 0, sharpest_ = 0,
         progress_ = 0, cap_ = infinity;
  struct {
    double loss = not_a_number, gradient_max = not_a_number;
  } failed_at_{};                     // the best point at the first of the failed rays
  double units_seen_ = not_a_number;  // the best loss when hidden_by_units looked
  double diagnosed_loss_ = not_a_number;
  long diagnosis_evaluations_ = 0;
  bool silenced_ = false;  // the observer asked for the end: it hears of nothing more but that
  bool met_minus_infinity_ = false;
  bool trial_moved_ = true;
  bool ray_ready_ = false, ray_checked_ = false;
  bool believes_rays_ = oracle_.has_rays();
  int ended_at_second_ = 0;    // so many searches in a row, with their second trial
  bool straight_down_ = true;  // d is −g but for rounding
  bool along_gradient_ = true, informed_ = true, residual_known_ = false;
  Cause restarted_ = Cause::none;  // the direction, since the last ray, and why
  bool inferring_ = false;         // the next ray starts at an inferred point
  int lost_in_a_row_ = 0, rays_without_best_ = 0;
  bool ended_ = false;
  Code code_ = Code::gave_up;
  std::string reason_{}, suspicion_{};
  std::vector<GradientEntry> wrong_gradient_{};
  std::vector<Event> events_{};
};

}  // namespace surefoot
