#include "oracle.hpp"

#include <cmath>
#include <stdexcept>

#include "surefoot/objectives/linear.hpp"
#include "surefoot/objectives/softmax.hpp"

namespace surefoot::linear {

namespace {

template <class Model>
class Wrapped : public Oracle {
 public:
  Wrapped(Model model, Index size) : model_(std::move(model)), size_(size) {}
  double loss(const Vector& w) override { return model_.loss(w); }
  double loss(const Vector& w, Vector& gradient) override { return model_.loss(w, gradient); }
  Index size() const override { return size_; }
  int threads() const override { return model_.threads(); }

 private:
  Model model_;
  Index size_;
};

Index size_of(const Data& data) { return (data.columns() + 1) * data.classes; }

}  // namespace

std::unique_ptr<Oracle> make_oracle(const Case& of, int threads) {
  const Data& data = *of.data;
  const LinearOptions options{.l2 = of.l2, .centre = data.centre, .scale = data.deviation, .threads = threads};
  const auto wrapped = [&](auto model) -> std::unique_ptr<Oracle> {
    return std::make_unique<Wrapped<decltype(model)>>(std::move(model), size_of(data));
  };
  return std::visit(
      [&](const auto& x) {
        if (data.model == "least-squares") return wrapped(LeastSquares{x, data.target, options});
        if (data.model == "logistic") return wrapped(Logistic{x, data.target, options});
        if (data.model == "poisson") return wrapped(Poisson{x, data.target, options});
        if (data.model == "softmax") return wrapped(Softmax{x, data.target, data.classes, options});
        throw std::invalid_argument("no oracle for the model '" + data.model + "'");
      },
      data.table.x);
}

Eigen::MatrixXd weights_of(const Vector& w, const Data& data) {
  const Index d = data.columns(), classes = data.classes;
  Eigen::MatrixXd weights(d + 1, classes);
  weights.topRows(d) = Eigen::Map<const Eigen::MatrixXd>(w.data(), d, classes);
  weights.row(d) = w.tail(classes).transpose();
  return weights;
}

Vector zero_start(const Case& of) { return Vector::Zero(size_of(*of.data)); }

Vector constant_start(const Case& of) {
  const Data& data = *of.data;
  Vector start = zero_start(of);
  auto intercepts = start.tail(data.classes);
  const double mean = data.target.mean();
  if (data.model == "least-squares") intercepts[0] = mean;
  if (data.model == "logistic") intercepts[0] = std::log(mean / (1 - mean));
  if (data.model == "poisson") intercepts[0] = std::log(mean);
  if (data.model == "softmax") {
    for (const double y : data.target) ++intercepts[static_cast<Index>(y)];
    intercepts = intercepts.array().log();
    intercepts.array() -= intercepts.mean();
  }
  return start;
}

}  // namespace surefoot::linear
