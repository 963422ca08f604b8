/// The margins of the points that a run came by last, so that a ray of a linear model mostly needs no read of the data: where
/// the gradient was computed at the ray's origin and at a point on it, the difference of the margins there says how they
/// change along the ray.
///
///   const auto place = kept.next(w, true);                      // a pass for loss and gradient at w writes them here,
///   kept.keep(w, gradient, doubt);                              // if they are not there already
///   const auto missing = kept.set_out(w, direction, rows);      // the ray w + t direction, and what must be read for it
///   kept.origin()[i] + t * kept.change()[i]                     // the margin of row i, until the next pass
///   kept.tried(t);                                              // the step whose point may be the next
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "surefoot/vector.hpp"

namespace surefoot {

using Index = Eigen::Index;

/// Eigen compares vectors of one size only.
inline bool same(const Vector& a, const Vector& b) { return a.size() == b.size() && a == b; }

class RayMargins {
 public:
  /// A ray's origin and two points on it; the ray itself is kept in two.
  static constexpr std::size_t places = 3;

  /// Where a pass at w keeps its margins: null where it need not, since there has been no ray for long.
  struct Place {
    double* margins = nullptr;
    bool filled = false;  // with them
  };
  /// From the next pass on they are kept: there will be rays.
  void expect(Index rows) {
    rows_ = rows;
    passes_since_ray_ = 0;
  }
  /// In place of the oldest, and the ray ends. `follows`: at the point of the ray's last trial they may follow from the ray,
  /// though not often in a row, since each time adds a rounding, nor where they have become much smaller than they were.
  Place next(const Vector& w, bool follows) {
    if (passes_since_ray_ >= rays_end_after) return {};
    ++passes_since_ray_;
    make_room(w.size());
    Point &oldest = points_.back(), &origin = points_[origin_];
    bool fills = follows && ready_ && origin.steps < most_steps && is_at_trial(w);
    const int steps = fills ? origin.steps + 1 : 0;
    const double largest = fills ? std::max(origin.largest, origin.margins.lpNorm<1>()) : 0;
    if (fills) {
      oldest.margins = origin.margins + tried_ * points_[change_].margins;
      // Their error is that of the largest since they were read.
      fills = largest <= most_shrunk * oldest.margins.lpNorm<1>();
    }
    oldest.steps = fills ? steps : 0;
    oldest.largest = fills ? largest : 0;
    oldest.known = ready_ = false;
    std::rotate(points_.begin(), points_.end() - 1, points_.end());
    return {points_[0].margins.data(), fills};
  }
  /// The point whose margins have been written. Its `doubt`: by how much their rounding may move the loss.
  void keep(const Vector& w, const Vector& gradient, double doubt) {
    points_[0].w = w;
    points_[0].gradient = gradient;
    points_[0].doubt = doubt;
    points_[0].known = true;
  }

  /// What is not known of a ray, where it is to be written; else null.
  struct Missing {
    double *origin = nullptr, *change = nullptr;
  };
  /// A ray over `rows`, which ends with `next`; `change`: what the margins change by along it, where that is known. Allocates
  /// at the first call only.
  Missing set_out(const Vector& w, const Vector& direction, Index rows, const Vector* change = nullptr) {
    expect(rows);
    make_room(w.size());
    ready_ = true;
    tried_ = std::numeric_limits<double>::quiet_NaN();
    origin_ = place_of(w);
    const bool known = origin_ < points_.size();
    const bool found = known && change == nullptr && find_change(direction);
    if (!known) {
      origin_ = points_.size() - 1;
      points_[origin_].w = w;
      points_[origin_].known = false;
      points_[origin_].steps = 0;
      points_[origin_].largest = 0;
    }
    if (!found) change_ = origin_ == points_.size() - 1 ? points_.size() - 2 : points_.size() - 1;
    Point& along = points_[change_];
    along.known = false;
    along.w = direction;
    if (change != nullptr) along.margins = *change;
    return {known ? nullptr : points_[origin_].margins.data(),
            found || change != nullptr ? nullptr : along.margins.data()};
  }
  /// The rows are others now: no margin is known.
  void forget() {
    for (Point& point : points_) point.known = false;
    ready_ = false;
  }
  bool ready() const { return ready_; }
  void tried(double step) { tried_ = step; }
  const double* origin() const { return points_[origin_].margins.data(); }
  const double* change() const { return points_[change_].margins.data(); }

 private:
  /// Where the gradient was computed. Of a ray its origin and margins only, or its direction and what they change by.
  struct Point {
    Vector w{}, gradient{}, margins{};
    double doubt = 0;
    bool known = false;
    int steps = 0;       // since the margins were computed from w
    double largest = 0;  // |margins|₁ before one of these
  };

  void make_room(Index size) {
    for (Point& point : points_) {
      if (point.w.size() == size && point.margins.size() == rows_) continue;
      point.w.resize(size);
      point.gradient.resize(size);
      point.margins.resize(rows_);
      point.known = ready_ = false;
    }
  }
  /// points_.size() if nowhere.
  std::size_t place_of(const Vector& w) const {
    std::size_t at = 0;
    while (at < points_.size() && !(points_[at].known && same(points_[at].w, w))) ++at;
    return at;
  }

  /// But for the rounding of w, which need not have been computed as here.
  bool is_at_trial(const Vector& w) const {
    const auto origin = points_[origin_].w.array(), way = points_[change_].w.array();
    if (w.size() != origin.size() || !std::isfinite(tried_)) return false;
    constexpr double rounding = 2 * std::numeric_limits<double>::epsilon();
    const auto off = (w.array() - (origin + tried_ * way)).abs();
    return (off <= rounding * (origin.abs() + (tried_ * way).abs())).all();
  }

  /// By the difference from a point on the ray, if there is one so far out that little is lost to rounding.
  bool find_change(const Vector& direction) {
    const Point& origin = points_[origin_];
    Index longest = 0;
    direction.cwiseAbs().maxCoeff(&longest);
    for (change_ = 0; change_ < points_.size(); ++change_) {
      Point& other = points_[change_];
      if (change_ == origin_ || !other.known) continue;
      const double step = (other.w[longest] - origin.w[longest]) / direction[longest];
      const auto off = (other.w - origin.w - step * direction).array().abs();
      const bool on_ray = step > 0 && (off <= 1e-12 * (other.w.array().abs() + origin.w.array().abs())).all();
      const double decrease = std::abs(origin.gradient.dot(other.w - origin.w));
      if (!on_ray || !(1e3 * origin.doubt <= decrease)) continue;
      other.known = false;
      other.margins = (other.margins - origin.margins) * (1 / step);
      if (std::isfinite(other.margins.sum())) return true;
    }
    return false;
  }

  static constexpr int rays_end_after = 40;  // passes without a ray
  static constexpr int most_steps = 8;
  static constexpr double most_shrunk = 100;

  std::array<Point, places> points_{};   // the newest first
  std::size_t origin_ = 0, change_ = 0;  // the places of the ray's
  Index rows_ = 0;
  bool ready_ = false;
  double tried_ = std::numeric_limits<double>::quiet_NaN();
  int passes_since_ray_ = rays_end_after;
};

}  // namespace surefoot
