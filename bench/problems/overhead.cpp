#include "overhead.hpp"

#include <lbfgs.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "collection/problem.hpp"
#include "surefoot/directions/l_bfgs.hpp"
#include "surefoot/loop/minimizer.hpp"
#include "surefoot/steps/weak_wolfe.hpp"

namespace surefoot::problems {

namespace {

/// Rosenbrock's function for n = 2, else a diagonal quadratic of condition 1e6: both cost a few operations an unknown and
/// last as many iterations as are asked for.
struct Cheap {
  Index size;
  int iterations = size == 2 ? 25 : 200;
  Vector eigenvalues = log_spaced(std::max<Index>(size, 3), 1, 1e6);

  Vector start() const {
    if (size == 2) return Vector{{-1.2, 1}};
    return Vector::NullaryExpr(size, [](Index i) { return 1 + 0.5 * std::cos(real(i)); });
  }

  [[gnu::noinline]] double evaluate(const double* w, double* g) const {
    if (size == 2) {
      const double valley = w[1] - w[0] * w[0], rest = 1 - w[0];
      g[0] = -400 * w[0] * valley - 2 * rest;
      g[1] = 200 * valley;
      return 100 * valley * valley + rest * rest;
    }
    const Eigen::Map<const Vector> at(w, size);
    Eigen::Map<Vector> gradient(g, size);
    gradient = eigenvalues.cwiseProduct(at);
    return gradient.dot(at) / 2;
  }
};

struct Spent {
  double nanoseconds = 0;
  long calls = 0, iterations = 0;
};

struct Counted {
  const Cheap* cheap;
  long* calls;
  double loss(const Vector& w, Vector& gradient) const {
    ++*calls;
    return cheap->evaluate(w.data(), gradient.data());
  }
};

Spent with_surefoot(const Cheap& cheap, int memory) {
  Spent spent;
  const Minimizer minimizer{LBFGS{.memory = memory}, WeakWolfe{}, Monitor{},
                            Stop{.gradient = 0, .max_iterations = cheap.iterations}};
  spent.iterations = minimizer.run(Counted{&cheap, &spent.calls}, cheap.start()).iterations;
  return spent;
}

Spent with_liblbfgs(const Cheap& cheap, int memory) {
  struct Instance {
    const Cheap& cheap;
    Spent spent{};
  } instance{cheap};
  lbfgs_parameter_t parameter;
  lbfgs_parameter_init(&parameter);
  parameter.m = memory;
  parameter.epsilon = 0;
  parameter.max_iterations = cheap.iterations;
  const auto evaluate = [](void* given, const double* w, double* g, int, double) {
    auto& self = *static_cast<Instance*>(given);
    ++self.spent.calls;
    return self.cheap.evaluate(w, g);
  };
  const auto progress = [](void* given, const double*, const double*, double, double, double, double, int, int, int) {
    ++static_cast<Instance*>(given)->spent.iterations;
    return 0;
  };
  Vector w = cheap.start();
  lbfgs(static_cast<int>(w.size()), w.data(), nullptr, evaluate, progress, &instance, &parameter);
  return instance.spent;
}

template <class Run>
double nanoseconds(Run&& run) {
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  run();
  return std::chrono::duration<double, std::nano>(Clock::now() - begin).count();
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

constexpr int repeats = 21;

double call_alone(const Cheap& cheap) {
  const Vector w = cheap.start();
  Vector g(cheap.size);
  const long calls = 2'000'000 / cheap.size + 100;
  std::vector<double> times;
  for (int repeat = 0; repeat < repeats; ++repeat) {
    times.push_back(nanoseconds([&] {
                      for (long call = 0; call < calls; ++call) cheap.evaluate(w.data(), g.data());
                    }) /
                    static_cast<double>(calls));
  }
  return median(times);
}

struct Overhead {
  double nanoseconds_an_iteration = 0, calls_an_iteration = 0;
};

template <class Run>
Overhead overhead(const Cheap& cheap, double call, Run&& run) {
  Spent spent;
  const int runs = static_cast<int>(std::max<Index>(1, 20'000 / (cheap.size * cheap.iterations / 50)));
  std::vector<double> times;
  for (int repeat = 0; repeat < repeats; ++repeat) {
    times.push_back(nanoseconds([&] {
                      for (int again = 0; again < runs; ++again) spent = run();
                    }) /
                    runs);
  }
  const auto calls = static_cast<double>(spent.calls), iterations = static_cast<double>(spent.iterations);
  return {(median(times) - calls * call) / iterations, calls / iterations};
}

}  // namespace

void write_overhead(std::ostream& out) {
  out << "| n | iterations | a call of the objective, ns | liblbfgs, 6 pairs | ours, 6 pairs | ours, as `minimize` "
         "sets it "
         "|\n|---|---|---|---|---|---|\n";
  out.precision(0);
  out.setf(std::ios::fixed);
  for (const Index n : {2, 100, 10'000}) {
    const Cheap cheap{n};
    const double call = call_alone(cheap);
    const Overhead theirs = overhead(cheap, call, [&] { return with_liblbfgs(cheap, 6); });
    const Overhead same = overhead(cheap, call, [&] { return with_surefoot(cheap, 6); });
    const Overhead most = overhead(cheap, call, [&] { return with_surefoot(cheap, 0); });
    out << "| " << n << " | " << cheap.iterations << " | " << call;
    for (const Overhead& each : {theirs, same, most}) {
      out << " | " << each.nanoseconds_an_iteration << " (";
      out.precision(2);
      out << each.calls_an_iteration << " calls)";
      out.precision(0);
    }
    out << " |" << std::endl;
  }
}

}  // namespace surefoot::problems
