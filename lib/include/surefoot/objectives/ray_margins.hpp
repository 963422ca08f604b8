/// The margins of the points that a run came by last, so that a ray of a linear model mostly needs no read of the data: where
/// the gradient was computed at the ray's origin and at a point on it, the difference of the margins there says how they
/// change along the ray.
///
///   if (double* margins = kept.next()) …;                       // a pass for loss and gradient at w writes them here
///   kept.keep(w, gradient, doubt);
///   const auto missing = kept.set_out(w, direction, rows);      // the ray w + t direction, and what must be read for it
///   kept.origin()[i] + t * kept.change()[i]                     // the margin of row i, until the next pass
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

  /// Where a pass shall write the margins of its point: in place of the oldest, and the ray ends. Null where they need not be
  /// kept, since there has been no ray for long.
  double* next() {
    if (passes_since_ray_ >= rays_end_after) return nullptr;
    ++passes_since_ray_;
    std::rotate(points_.begin(), points_.end() - 1, points_.end());
    points_[0].known = ready_ = false;
    return points_[0].margins.data();
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
  /// A ray over `rows`, which ends with `next`. Allocates at the first call only.
  Missing set_out(const Vector& w, const Vector& direction, Index rows) {
    make_room(w.size(), rows);
    passes_since_ray_ = 0;
    ready_ = true;
    origin_ = place_of(w);
    const bool known = origin_ < points_.size();
    if (known && find_change(direction)) return {};
    if (!known) origin_ = points_.size() - 1;
    change_ = origin_ == points_.size() - 1 ? points_.size() - 2 : points_.size() - 1;
    points_[change_].known = false;
    return {known ? nullptr : points_[origin_].margins.data(), points_[change_].margins.data()};
  }
  bool ready() const { return ready_; }
  const double* origin() const { return points_[origin_].margins.data(); }
  const double* change() const { return points_[change_].margins.data(); }

 private:
  /// Where the gradient was computed. Of a ray only margins, or what they change by.
  struct Point {
    Vector w{}, gradient{}, margins{};
    double doubt = 0;
    bool known = false;
  };

  void make_room(Index size, Index rows) {
    for (Point& point : points_) {
      if (point.w.size() == size) continue;
      point.w.resize(size);
      point.gradient.resize(size);
      point.margins.resize(rows);
      point.known = false;
    }
  }
  /// points_.size() if nowhere.
  std::size_t place_of(const Vector& w) const {
    std::size_t at = 0;
    while (at < points_.size() && !(points_[at].known && same(points_[at].w, w))) ++at;
    return at;
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

  std::array<Point, places> points_{};   // the newest first
  std::size_t origin_ = 0, change_ = 0;  // the places of the ray's
  bool ready_ = false;
  int passes_since_ray_ = rays_end_after;
};

}  // namespace surefoot
