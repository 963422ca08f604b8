/// The loop: gradient descent with a direction, a step rule, a monitor and a stop, chosen at compile time.
///
///   surefoot::Minimizer minimizer{surefoot::SteepestDescent{}, surefoot::BarzilaiBorwein{}, surefoot::Monitor{},
///                                 surefoot::Stop{}};
///   auto result = minimizer.run(objective, w0);
#pragma once

#include <array>
#include <chrono>

#include "surefoot/directions/direction.hpp"
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
        stepper_(std::move(rule), monitor, hint),
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
    start_loss_ = at_->loss;
    start_norm_ = norm(at_->w);
    first_gradient_max_ = at_->gradient_max;
    tell(Event::Kind::start, Cause::none);
    if (!at_->sound) {
      const std::string unfilled = finite_weights ? oracle_.unfilled(at_->gradient) : std::string();
      if (!unfilled.empty()) {
        end(Code::gradient_not_filled, unfilled);
      } else {
        end(Code::start_not_finite, "the start is not finite: " + OracleType::what_is_not_finite(*at_));
      }
      return;
    }
    unit_ = unit_of_loss(at_->loss, at_->gradient_max);
    stepper_.monitor().begin(at_->loss * unit_);
    settling_.emplace(first_gradient_max_);
    lower_bound_ = oracle_.lower_bound();
    if constexpr (OracleType::is_batched) leave_best();
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
    oracle_.objective().recast(start_, d_);
    const std::array kept{at_, best_ != at_ ? best_ : nullptr, lowest_};  // of a ray's other points nothing is kept
    for (Point* point : kept) {
      if (point == nullptr) continue;
      oracle_.objective().recast(point->w, point->gradient);
      point->gradient_norm = norm(point->gradient);
    }
    start_norm_ = norm(start_);
    direction_.restart();
    stepper_.reopen();
    restarted_ = true;
    longest_ = last_length_ = 0;
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
    if (where != Origin::here) {
      if (where == Origin::elsewhere) oracle_.evaluate(*elsewhere);
      if (elsewhere->sound) {
        origin = origin_point_ = elsewhere;
        if (!OracleType::is_batched && elsewhere->loss < best_->loss) best_ = elsewhere;
      } else {
        direction_.restart();
      }
    }
    double natural = direction_.aim(*origin, d_);
    double d_norm = norm(d_);
    double cos = cosine(origin->gradient, d_, origin->gradient_norm, d_norm);
    if (!(cos < -1e-14) && origin->gradient_norm > 0) {  // not downhill, or not finite
      direction_.restart();
      restarted_ = true;
      origin = at_;
      origin_point_ = nullptr;
      natural = direction_.aim(*at_, d_);
      d_norm = norm(d_);
      cos = cosine(at_->gradient, d_, at_->gradient_norm, d_norm);
    }
    straight_down_ = cos < -1 + 1e-12;
    along_gradient_ = !std::isfinite(natural);
    if (along_gradient_ && was_natural_ && last_length_ > 0) natural = last_length_ / d_norm;
    was_natural_ = was_natural_ || !along_gradient_;

    ray_.k = steps_;
    ray_.loss = origin->loss * unit_;
    ray_.slope = (origin->gradient_norm * unit_) * d_norm * cos;
    ray_.gradient_norm = origin->gradient_norm;
    ray_.gradient_max = origin->gradient_max;
    ray_.direction_norm = d_norm;
    ray_.iterate_norm = norm(origin->w);
    ray_.iterate_max = max_norm(origin->w);
    ray_.start_norm = start_norm_;
    ray_.distance = norm(origin->w - start_);
    ray_.towards_start = origin->gradient.dot(start_ - origin->w);
    ray_.natural_step = natural;
    ray_.lower_bound = lower_bound_ * unit_;
    ray_.batch_share = batch_share();
    ray_.progress = progress_;
    if (restarted_) {
      stepper_.restarted(ray_);
      tell(Event::Kind::restart, Cause::none);
      restarted_ = false;
    }
    return *origin;
  }

  double batch_share() {
    if constexpr (OracleType::is_batched) return 1.0 / oracle_.objective().batches();
    return 1;
  }

  /// The inner loop. Returns the trial that the rule took, or the best lower one, or null.
  Point* search(const Point& origin, Ask ask) {
    kept_ = nullptr;
    tries_ = 0;
    for (;;) {
      if (limit_reached()) return nullptr;
      ++tries_;
      Point* point = kept_ != nullptr && ask.step == kept_trial_.step ? kept_ : free_point();
      if (point != kept_) {
        const Motion motion = move_along(origin, ask.step, *point);
        if (motion == Motion::none && !stepper_.opening()) {
          stuck_step_ = ask.step;
          return best_kept();
        }
        if (motion == Motion::undone) {
          if (at_ != best_) return best_kept();
          best_->gradient_max = 0;
          end(Code::gradient,
              "the proximal step leads back to the point itself: it is a minimum along every feasible way");
          return nullptr;
        }
        trial_ = probe(origin, ask, *point, motion);
        if (ended_) return nullptr;
      } else {
        trial_ = kept_trial_;
      }
      trial_.number = tries_;
      const Verdict verdict = stepper_.weigh(ray_, trial_);
      if (verdict.action == Verdict::Action::take) return trial_moved_ ? point : best_kept();
      if (trial_.finite() && lower_than_kept()) {
        kept_ = point;
        kept_trial_ = trial_;
      }
      told_.next_step = verdict.action == Verdict::Action::retry ? verdict.next.step : not_a_number;
      const Cause judged = trial_.loss > ray_.loss ? Cause::rose : Cause::condition;
      tell(Event::Kind::trial, trial_.finite() ? judged : Cause::not_finite, point->loss, origin.loss);
      if (ended_) return nullptr;
      if (verdict.action == Verdict::Action::give_up) return best_kept();
      ask = verdict.next;
    }
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
    point.w = origin.w + step * d_;
    if (!point.w.allFinite()) return Motion::not_finite;
    if (point.w == origin.w) return Motion::none;
    if constexpr (OracleType::is_proximal) {
      const bool all_moved = ((point.w.array() != origin.w.array()) || (d_.array() == 0)).all();
      point.penalty = oracle_.objective().proximal(point.w, step);
      if (point.w == origin.w) return all_moved ? Motion::undone : Motion::none;
    }
    return Motion::some;
  }

  /// One call: loss and gradient at once, so that a step that is taken costs one call and no point is visited twice.
  /// (A batch that the rule neither judges by nor learns from is not even visited.)
  Trial probe(const Point& origin, const Ask& ask, Point& point, Motion motion) {
    Trial trial{.step = ask.step, .model_decrease = ask.step * ray_.slope};
    trial_moved_ = motion != Motion::none;
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
    oracle_.evaluate(point);
    trial.loss = point.loss * unit_;
    trial.sound = point.sound;
    watch_bounds(point, trial);
    if (!point.sound && std::isfinite(point.loss)) {
      const std::string unfilled = oracle_.unfilled(point.gradient);
      if (!unfilled.empty()) end(Code::gradient_not_filled, unfilled);
    }
    if constexpr (OracleType::is_proximal) {
      trial.model_decrease = unit_ * (origin.gradient.dot(point.w - origin.w) + point.penalty - origin.penalty);
    } else if (point.sound && (ask.with == Probe::slope || nearly_equal(trial.loss, ray_.loss))) {
      trial.slope = slope_at(point);
    }
    return trial;
  }

  /// Mini-batches: is there nobody who would learn from the new point on the old batch? Then it is not visited.
  bool goes_unseen(const Ask& ask) const {
    const bool measured = !stepper_.rule_adapts() && steps_ < 10;  // whether a fixed step looks too small
    return ask.with == Probe::none && stepper_.learns() == Learns::nothing && follows_gradient<DirectionType>() &&
           !stepper_.opening() && !measured;
  }

  /// A loss or weights beyond all measure: on the first ray a step that was too far; later a loss that falls without end.
  void watch_bounds(Point& point, Trial& trial) {
    if (OracleType::is_batched || !std::isfinite(point.loss)) return;
    const double length = norm(point.w);
    if (length > 1e150 * std::max(1.0, start_norm_) || trial.loss < -1e280) {  // squares of both still fit a double
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
    const bool seen = !OracleType::is_batched || std::isfinite(next.gradient_norm);
    if (seen && (stepper_.learns() == Learns::pair || !stepper_.rule_adapts())) pair(origin, next, move);
    if constexpr (OracleType::is_batched) {
      stepper_.learn(move);
    } else {
      const auto advice = stepper_.settle(move);
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
    direction_.taken(origin, next);
    ++steps_;
    step_ = trial_.step;
    last_length_ = taken_length_ = move.displacement;
    longest_ = std::max(longest_, last_length_);
    if constexpr (OracleType::is_proximal) measure_residual(origin, next);
    at_ = &next;
    failed_rays_ = 0;
    if constexpr (!OracleType::is_batched) keep_best();
    told_.tries = tries_;
    tell(Event::Kind::step, Cause::none, next.loss, origin.loss);
  }

  /// The iterate becomes the best point if its loss is lower; or equal but for rounding with a smaller gradient.
  void keep_best() {
    const bool flatter =
        nearly_equal(at_->loss, best_->loss, 4) && at_->gradient_max < best_->gradient_max && at_->loss <= start_loss_;
    if (at_->loss < best_->loss || flatter) best_ = at_;
    if (lowest_ != nullptr && best_->loss <= lowest_->loss) lowest_ = nullptr;
  }

  /// A trial that was refused may lie lower than every point that was taken (behind a hill). No run converges or stalls
  /// beside it: it goes on from there.
  bool goes_on_from_lower() {
    if (lowest_ == nullptr || !(lowest_->loss < best_->loss)) return false;
    const Status status = status_of(code_);
    if (status == Status::converged && nearly_equal(lowest_->loss, best_->loss))
      return false;  // a difference of rounding
    best_ = lowest_;
    lowest_ = nullptr;
    const bool open_end = code_ == Code::target || code_ == Code::unbounded_below;
    if ((status != Status::converged && status != Status::stalled) || open_end || ++resumed_ > 20) return false;
    ended_ = false;
    at_ = best_;
    if constexpr (OracleType::is_proximal) {
      if (step_ > 0) best_->gradient_max = residual(*best_, step_);
    }
    direction_.restart();
    restarted_ = true;
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

  /// The proximal residual |w − prox(w − t g)|∞ / t takes the gradient's place in the tests.
  void measure_residual(const Point& origin, Point& next) {
    if (!residual_known_) {
      first_gradient_max_ = max_norm(next.w - origin.w) / trial_.step;
      best_->gradient_max = first_gradient_max_;
      settling_.emplace(first_gradient_max_);
      residual_known_ = true;
    }
    next.gradient_max = residual(next, trial_.step);
  }
  double residual(const Point& point, double step) {
    Vector& mapped = free_point(&point)->w;
    mapped = point.w - step * point.gradient;
    oracle_.objective().proximal(mapped, step);
    return max_norm(point.w - mapped) / step;
  }

  void go_back(const Monitor::Advice& advice, const Point& from) {
    told_.factor = advice.factor;
    tell(Event::Kind::rollback, advice.cause, from.loss, best_->loss);
    if constexpr (OracleType::is_batched) {
      leave_best();
    } else {
      at_ = best_;
    }
    last_length_ *= advice.factor;
    direction_.restart();
  }

  /// Nothing lower was found on a ray. Along the negative gradient from the best point the reason is looked for; else
  /// the run goes back there with a shorter step.
  void recover() {
    ++failed_rays_;
    if constexpr (OracleType::is_batched) {  // a batch may be at its own minimum: the next one is another matter
      if (failed_rays_ > 2 * oracle_.objective().batches()) {
        end(Code::gave_up, "no lower loss was found on any batch, however short the step");
      }
      return;
    }
    if (!stepper_.rule_adapts() && stuck_step_ > 0) {
      end(Code::gave_up, "the step " + number(stuck_step_) + " is too small to change any weight");
      return;
    }
    if (straight_down_ && at_ == best_ && origin_point_ == nullptr) {
      diagnose();
      if (ended_) return;
    }
    const auto advice = stepper_.failed_ray(trial_.step);
    if (advice.action == Monitor::Action::give_up || failed_rays_ > 4) {
      end(Code::gave_up, "no lower loss was found along the negative gradient, however short the step");
    } else {
      go_back(advice, *at_);
    }
  }

  /// Why does the loss not fall along −g? Two calls beside the best point tell a wrong gradient from an edge and from
  /// rounding.
  void diagnose() {
    const Point& point = *best_;
    const double size = norm(point.w) > 0 ? norm(point.w) : 1;
    const double length = taken_length_ > 0 ? taken_length_ : Opening::share * size;
    const double promise = 0.5 * (point.gradient_norm * unit_) * length;
    if (gradient_small_enough() || small_by_default()) return;
    if (promise <= 64 * epsilon * std::abs(ray_.loss)) {
      end(Code::rounding_floor, "the loss can't resolve the decrease that is left: " + number(promise / unit_) +
                                    " beside a loss of " + number(point.loss));
      return;
    }
    if (stop_.max_evaluations && oracle_.evaluations() + 2 > *stop_.max_evaluations) return;
    if constexpr (!OracleType::is_proximal && !OracleType::is_batched) {
      const double h =
          std::min(1e-3 * size, std::max(1e-7 * size, 800 * epsilon * std::abs(point.loss) / point.gradient_norm));
      Point& beside = *free_point();
      const auto loss_at = [&](double shift) {
        beside.w = point.w + (shift / point.gradient_norm) * point.gradient;
        return oracle_.loss(beside.w, beside.gradient);
      };
      const double down = loss_at(-h), up = loss_at(h);
      const double below = (point.loss - down) / h, above = (up - point.loss) / h, mean = (above + below) / 2;
      if (!std::isfinite(down)) {
        end(Code::domain_edge, "the loss is not finite a step of " + number(h) + " downhill from the point returned");
      } else if (std::isfinite(up) && std::abs(above - below) <= 0.2 * std::max(std::abs(above), std::abs(below)) &&
                 std::abs(mean - point.gradient_norm) > 0.2 * point.gradient_norm) {
        end(Code::gradient_disagrees, "the loss changes by " + number(mean) +
                                          " a unit along the gradient, whose length says " +
                                          number(point.gradient_norm));
      }
    }
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
    const Progress now{.gradient_max = best_->gradient_max,
                       .best = best_->loss * unit_,
                       .start = start_loss_ * unit_,
                       .promise = -0.5 * ray_.slope * ask.step,
                       .step_length = ask.step * ray_.direction_norm,
                       .longest = longest_,
                       .informed = !along_gradient_ || !was_natural_,
                       .size = d_.size()};
    if (stop_.decrease && settling_->decreased_enough(now, *stop_.decrease)) {
      return end(Code::decrease, "the last 10 steps lowered the loss by less than " + number(*stop_.decrease) +
                                     " of what the run gained");
    }
    if (!stop_.tests_convergence() && settling_->converged(now)) {
      return end(Code::gradient, "the gradient fell from " + number(first_gradient_max_) + " to " +
                                     number(best_->gradient_max) + " and nothing more is promised");
    }
    if constexpr (!OracleType::is_batched) {
      if (settling_->at_floor(now)) {
        if (small_by_default()) return true;
        return end(Code::rounding_floor,
                   "neither the loss nor its gradient has become smaller for many iterations: "
                   "what is left to gain is hidden by rounding");
      }
    }
    return false;
  }

  /// The default test's bound on the gradient, where nothing more can be gained.
  bool small_by_default() {
    if (stop_.tests_convergence() || !(best_->gradient_max <= 1e-8 * first_gradient_max_)) return false;
    return end(Code::gradient, "the gradient fell from " + number(first_gradient_max_) + " to " +
                                   number(best_->gradient_max) + ", and the loss falls no further");
  }

  bool gradient_small_enough() {
    const double now = best_->gradient_max;
    if (now == 0 && (!OracleType::is_proximal || residual_known_)) {
      return end(Code::gradient, "the gradient is zero");
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
      const bool no_more_calls = code_ == Code::evaluations || code_ == Code::time || code_ == Code::cancelled;
      if (iteration_ > 0 && !no_more_calls) full_check();
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
    result.rolled_back_for = stepper_.monitor().state.counts;
    result.rollbacks = result.rolled_back_for.total();
    result.step = step_;
    result.start_loss = start_loss_;
    result.start_gradient_norm = first_gradient_max_;
    result.trials_not_finite = stepper_.not_finite();
    const double slack = 1 / (sharpest_ * step_);
    if (!stepper_.rule_adapts() && sharpest_ > 0 && slack > 100) result.step_too_small = slack;
    result.seconds = seconds();
    tell(Event::Kind::end, Cause::none, result.loss, start_loss_);
    return result;
  }

  // --- small things --------------------------------------------------------------------------------------------------

  /// A place for a trial: none of those in use.
  Point* free_point(const Point* also = nullptr) {
    for (Point& point : points_) {
      if (&point != at_ && &point != best_ && &point != kept_ && &point != origin_point_ && &point != lowest_ &&
          &point != also)
        return &point;
    }
    return nullptr;  // seven places, six uses: never
  }

  double seconds() const { return std::chrono::duration<double>(Clock::now() - began_).count(); }

  void tell(Event::Kind kind, Cause cause, double loss = not_a_number, double previous = not_a_number) {
    if constexpr (!std::is_same_v<Observer, Unobserved>) {
      told_.kind = kind;
      told_.cause = cause;
      told_.iteration = iteration_;
      told_.evaluations = oracle_.evaluations();
      told_.loss = std::isnan(loss) && kind == Event::Kind::start ? at_->loss : loss;
      told_.previous_loss = previous;
      told_.gradient_max = at_->gradient_max;
      told_.step = trial_.step;
      told_.rollbacks = stepper_.monitor().state.counts.total();
      told_.seconds = seconds();
      if (!notify(observer_, told_) && kind != Event::Kind::end) end(Code::cancelled, "the observer asked for the end");
      told_ = {};
    }
  }

  OracleType oracle_;
  DirectionType direction_;
  Stepper<Rule> stepper_;
  const Stop& stop_;
  Observer& observer_;
  std::optional<Settling> settling_;
  Clock::time_point began_ = Clock::now();

  std::array<Point, 7> points_{};
  Point* at_ = nullptr;            // the iterate
  Point* best_ = nullptr;          // the lowest so far
  Point* kept_ = nullptr;          // the lowest finite trial of this ray that was refused
  Point* lowest_ = nullptr;        // a refused trial, if it is lower than the best that was taken
  Point* origin_point_ = nullptr;  // where the ray starts, when not at the iterate
  Vector d_{}, start_{};

  Ray ray_{};
  Trial trial_{}, kept_trial_{};
  Event told_{};
  int iteration_ = 0, steps_ = 0, tries_ = 0, failed_rays_ = 0, resumed_ = 0;
  double unit_ = 1;
  double start_loss_ = not_a_number, start_norm_ = not_a_number, first_gradient_max_ = not_a_number,
         lower_bound_ = -infinity;
  double step_ = not_a_number, last_length_ = 0, taken_length_ = 0, longest_ = 0, stuck_step_ = 0, sharpest_ = 0,
         progress_ = 0;
  bool trial_moved_ = true;
  bool straight_down_ = true;  // d is −g but for rounding
  bool along_gradient_ = true, was_natural_ = false, restarted_ = false, residual_known_ = false;
  bool ended_ = false;
  Code code_ = Code::gave_up;
  std::string reason_{};
};

/// What else a run may be told.
struct RunOptions {
  std::optional<double> first_step{};  // > 0; unset: found by the opening

  template <class Self, class Each>
  static void parameters(Self& self, Each&& each) {
    each("first_step", self.first_step, Range::within(smallest_step, largest_step), "the step to try first");
  }
};

/// Gradient descent put together from its policies. A value: running it does not change it.
template <Direction DirectionType, StepRule Rule>
struct Minimizer {
  DirectionType direction;
  Rule rule;
  Monitor monitor{};
  Stop stop{};

  /// Minimises `objective` from `w0`. Throws std::invalid_argument for an option out of its range or policies that
  /// can't be combined, before any work, and lets the objective's own exceptions through; whatever goes wrong
  /// numerically is in the result.
  template <class ObjectiveType, class Observer = Unobserved>
  requires Objective<std::remove_reference_t<ObjectiveType>> Result run(ObjectiveType&& objective, const Vector& w0,
                                                                        const RunOptions& options = {},
                                                                        Observer&& observer = Observer{})
  const {
    using Bare = std::remove_reference_t<ObjectiveType>;
    static_assert(!Proximal<Bare> || surefoot::follows_gradient<DirectionType>(),
                  "a proximal objective needs SteepestDescent: its step runs along the negative gradient");
    if (w0.size() == 0) throw std::invalid_argument("w0 has no entries: there is nothing to minimise over");
    validate_rule(rule);
    if (!surefoot::follows_gradient<DirectionType>() && needs_gradient_direction(rule)) {
      throw std::invalid_argument(
          "this rule's steps are for the negative gradient alone: choose SteepestDescent, or a rule "
          "that judges (armijo, nonmonotone, weak-wolfe, grow)");
    }
    if constexpr (requires { DirectionType::parameters(direction, [](auto&&...) {}); }) {
      validate(direction, DirectionType::name);
    }
    validate(monitor, Monitor::name);
    validate(stop, Stop::name);
    validate(options, "run");
    if (Proximal<Bare> && probes(rule) == Probe::slope) {
      throw std::invalid_argument(
          "a proximal objective has no slopes along its path: choose a rule that judges by "
          "losses (armijo, nonmonotone, grow) or proposes (bb)");
    }
    using BareObserver = std::remove_reference_t<Observer>;
    Descent<Bare, DirectionType, Rule, BareObserver> descent(objective, direction, rule, monitor, stop,
                                                             options.first_step.value_or(not_a_number), observer);
    return descent.run(w0);
  }
};

template <class DirectionType, class Rule>
Minimizer(DirectionType, Rule, Monitor, Stop) -> Minimizer<DirectionType, Rule>;
template <class DirectionType, class Rule>
Minimizer(DirectionType, Rule, Monitor) -> Minimizer<DirectionType, Rule>;
template <class DirectionType, class Rule>
Minimizer(DirectionType, Rule) -> Minimizer<DirectionType, Rule>;

}  // namespace surefoot
