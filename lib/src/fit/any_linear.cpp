#include "fit/any_linear.hpp"

#include <limits>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace surefoot::fitting {
namespace {

template <class Model>
class Held final : public AnyLinear {
 public:
  template <class... Arguments>
  explicit Held(Arguments&&... arguments) : model_(std::forward<Arguments>(arguments)...) {}

  double loss(const Vector& w) override { return model_.loss(w); }
  double loss(const Vector& w, Vector& gradient) override {
    if (was_measured(w)) {
      gradient = measured_.gradient;
      measured_.w.resize(0);
      return measured_.loss;
    }
    return model_.loss(w, gradient);
  }
  double measure(const Vector& w) override {
    measured_.loss = model_.loss(w, measured_.gradient);
    measured_.w = w;
    return measured_.gradient.allFinite() ? measured_.loss : infinity;
  }
  double lower_bound() const override { return model_.lower_bound(); }
  long reads() const override { return model_.reads(); }
  int threads() const override { return model_.threads(); }
  Index rows() const override { return model_.rows(); }

  double loss(const Vector& w, Vector& gradient, Vector& diagonal) override {
    return ask<double>([&](auto& model) {
      const double loss = model.loss(w, gradient, diagonal);
      measured_ = {w, gradient, loss};
      return loss;
    });
  }
  void curvature(const Vector& w, Vector& diagonal) override { model_.curvature(w, diagonal); }
  void hessian(const Vector& w, Eigen::MatrixXd& to) override {
    if constexpr (one_margin) {
      model_.metric(w, to);
    } else {
      model_.hessian(w, to);
    }
  }
  void keep_curvature() override {
    ask([](auto& model) { model.keep_curvature(); });
  }
  void hessian_times(const Vector& w, const Vector& v, Vector& product) override {
    ask([&](auto& model) { model.hessian_times(w, v, product); });
  }
  double loss(const Vector& w, Vector& gradient, double l1, DualPoint& dual) override {
    return model_.loss(w, gradient, l1, dual);
  }
  double at_margins(const Vector& margins, Vector* slopes, Vector* curvatures) override {
    return ask<double>([&](auto& model) { return model.at_margins(margins, slopes, curvatures); });
  }
  bool has_hessian_products() const override { return one_margin; }
  bool has_ray() const override {
    if constexpr (one_margin) return model_.has_ray();
    return false;
  }
  void along(const Vector& w, const Vector& direction) override {
    ask([&](auto& model) { model.along(w, direction); });
  }
  passes::RowSums on_ray(double step) override {
    return ask<passes::RowSums>([&](auto& model) { return model.on_ray(step); });
  }
  bool sums_products() const override {
    if constexpr (one_margin) return model_.sums_products();
    return false;
  }
  void sum_product(double step, bool anew) override {
    ask([&](auto& model) { model.sum_product(step, anew); });
  }
  void along_sum(const Vector& w, const Vector& direction) override {
    ask([&](auto& model) { model.along_sum(w, direction); });
  }

 private:
  /// What the model answers, if it has one margin a row.
  template <class Answer = void, class Call>
  Answer ask(Call&& call) {
    if constexpr (one_margin) {
      return call(model_);
    } else {
      throw std::logic_error("AnyLinear: softmax has several margins a row");
    }
  }
  static constexpr bool one_margin = requires(Model & model) { model.on_ray(1.0); };

  /// But for the rounding of coordinates that the run descends in.
  bool was_measured(const Vector& w) const {
    if (measured_.w.size() != w.size()) return false;
    constexpr double rounding = 8 * std::numeric_limits<double>::epsilon();
    return ((w - measured_.w).array().abs() <= rounding * measured_.w.array().abs()).all();
  }

  /// What the pass that measured the start said, kept for the run that begins there: its first evaluation is no pass.
  struct Measured {
    Vector w{}, gradient{};
    double loss = 0;
  } measured_{};
  Model model_;
};

template <class Matrix>
std::unique_ptr<AnyLinear> make(const Matrix& x, const Vector& y, const AnyLoss& loss, Index classes,
                                const LinearOptions& options) {
  return std::visit(
      [&]<class Loss>(const Loss& held) -> std::unique_ptr<AnyLinear> {
        if constexpr (is_softmax<Loss>) {
          return std::make_unique<Held<Softmax<Matrix>>>(x, y, classes, options);
        } else {
          return std::make_unique<Held<LinearObjective<Loss, Matrix>>>(x, y, options, held);
        }
      },
      loss);
}

}  // namespace

std::unique_ptr<AnyLinear> make_linear(const DenseMatrix& x, const Vector& y, const AnyLoss& loss, Index classes,
                                       const LinearOptions& options) {
  return make(x, y, loss, classes, options);
}
std::unique_ptr<AnyLinear> make_linear(const SparseMatrix& x, const Vector& y, const AnyLoss& loss, Index classes,
                                       const LinearOptions& options) {
  return make(x, y, loss, classes, options);
}

}  // namespace surefoot::fitting
