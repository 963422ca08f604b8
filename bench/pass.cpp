// What a pass over the data costs: LinearObjective::loss(w, gradient) itself, on one thread and on two. Prints Markdown.
//
//   build/bench/bench/pass                            both tables, three minutes
//   build/bench/bench/pass --markdown pass.md         into a file instead
//   build/bench/bench/pass --only sparse --runs 15
//
// Dense: the bytes of X that a pass reads a second, as a share of what a plain sum over the same memory reads on the same
// threads (eight accumulators of the machine's width; with prefetching or without, whichever is faster). CSR: nanoseconds a
// stored number. Medians of rounds in which everything that is compared runs once, so that what else the machine does
// meets all of it alike.

#include <stdlib.h>

#include <algorithm>
#include <boost/program_options.hpp>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <functional>
#include <iostream>
#include <random>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "surefoot/objectives/linear.hpp"

namespace {

using namespace surefoot;

struct Settings {
  double megabytes;  // of X
  int runs, threads;
};

// --- the rival: a plain sum ---------------------------------------------------------------------------------------------

// A register of each instruction set. (GCC takes no vector type of a template's own.)
using Doubles16 = double __attribute__((vector_size(16)));
using Floats16 = float __attribute__((vector_size(16)));
using Doubles32 = double __attribute__((vector_size(32)));
using Floats32 = float __attribute__((vector_size(32)));
using Doubles64 = double __attribute__((vector_size(64)));
using Floats64 = float __attribute__((vector_size(64)));

template <class OfDouble, class OfFloat, class Value>
using RegisterOf = std::conditional_t<std::is_same_v<Value, double>, OfDouble, OfFloat>;

/// The sum of `size` numbers.
template <class Register, bool prefetch, class Value>
[[gnu::always_inline]] inline double vector_sum(const Value* data, Index size) {
  constexpr Index lanes = sizeof(Register) / sizeof(Value), accumulators = 8, stride = accumulators * lanes;
  constexpr Index line = 64 / static_cast<Index>(sizeof(Value)), ahead = 4096 / static_cast<Index>(sizeof(Value));
  Register sums[accumulators] = {};
  Index i = 0;
  for (; i + stride <= size; i += stride) {
    if constexpr (prefetch) {
      for (Index j = 0; j < stride; j += line) __builtin_prefetch(data + i + ahead + j);
    }
    for (Index a = 0; a < accumulators; ++a) {
      Register values;
      std::memcpy(&values, data + i + a * lanes, sizeof values);
      sums[a] += values;
    }
  }
  for (Index a = 1; a < accumulators; ++a) sums[0] += sums[a];
  double total = 0;
  for (Index lane = 0; lane < lanes; ++lane) total += static_cast<double>(sums[0][lane]);
  for (; i < size; ++i) total += static_cast<double>(data[i]);
  return total;
}

// In the instruction set that the kernels use.
#if defined(__x86_64__)
template <bool prefetch, class Value>
__attribute__((target("avx512f"))) double sum_avx512(const Value* data, Index size) {
  return vector_sum<RegisterOf<Doubles64, Floats64, Value>, prefetch>(data, size);
}
template <bool prefetch, class Value>
__attribute__((target("avx2"))) double sum_avx2(const Value* data, Index size) {
  return vector_sum<RegisterOf<Doubles32, Floats32, Value>, prefetch>(data, size);
}
#endif
template <bool prefetch, class Value>
double sum_plain(const Value* data, Index size) {
  return vector_sum<RegisterOf<Doubles16, Floats16, Value>, prefetch>(data, size);
}

template <class Value>
using Sum = double (*)(const Value*, Index);

template <bool prefetch, class Value>
Sum<Value> best_sum() {
#if defined(__x86_64__)
  const std::string_view set = passes::kernels().name;
  if (set == "avx512") return sum_avx512<prefetch, Value>;
  if (set == "avx2") return sum_avx2<prefetch, Value>;
#endif
  return sum_plain<prefetch, Value>;
}

/// Shared among threads as a pass is.
template <class Value>
double sum_on(int threads, Sum<Value> sum, const std::vector<Value>& data) {
  const Index pieces = threads == 1 ? 1 : 4 * threads, all = std::ssize(data), each = (all + pieces - 1) / pieces;
  std::vector<double> sums(static_cast<std::size_t>(pieces));
  passes::for_each_piece(threads, pieces, [&](Index piece) {
    const Index first = std::min(piece * each, all);
    sums[static_cast<std::size_t>(piece)] = sum(data.data() + first, std::min(each, all - first));
  });
  double total = 0;
  for (const double of_piece : sums) total += of_piece;
  return total;
}

// --- timing -------------------------------------------------------------------------------------------------------------

double seconds_of(const std::function<double()>& work) {
  static volatile double kept = 0;  // so that nothing is left out
  const auto begin = std::chrono::steady_clock::now();
  kept = kept + work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// The median seconds of each, over rounds in which each runs once, after one that doesn't count.
std::vector<double> medians(int runs, const std::vector<std::function<double()>>& works) {
  std::vector<std::vector<double>> seconds(works.size());
  for (int round = -1; round < runs; ++round) {
    for (std::size_t i = 0; i < works.size(); ++i) {
      const double took = seconds_of(works[i]);
      if (round >= 0) seconds[i].push_back(took);
    }
  }
  std::vector<double> middle;
  for (auto& of_work : seconds) {
    std::sort(of_work.begin(), of_work.end());
    middle.push_back(of_work[of_work.size() / 2]);
  }
  return middle;
}

/// Loss and gradient at weights that are not zero, with an intercept.
template <class Model>
std::function<double()> pass_of(Model& model) {
  return [&model, w = Vector(Vector::Constant(model.columns() + 1, 1e-3)), gradient = Vector()]() mutable {
    return model.loss(w, gradient);
  };
}

// --- tables -------------------------------------------------------------------------------------------------------------

std::string fixed(double number, int digits) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", digits, number);
  return text;
}

void print_row(std::ostream& out, const std::vector<std::string>& cells) {
  out << '|';
  for (const auto& cell : cells) out << ' ' << cell << " |";
  out << std::endl;
}

std::vector<double> random_numbers(Index count, std::mt19937_64& random) {
  std::vector<double> numbers(static_cast<std::size_t>(count));
  for (double& number : numbers) number = static_cast<double>(random() >> 11) * 0x1p-52 - 1;
  return numbers;
}

Vector alternating_labels(Index rows) {
  return Vector::NullaryExpr(rows, [](Index i) { return static_cast<double>(i % 2); });
}

/// The speed of the sum on so many threads, and the shares of it that least squares and logistic regression reach.
template <class Value>
void add_shares(const std::vector<Value>& data, Index columns, int threads, int runs, std::vector<std::string>& cells) {
  using Rows = Eigen::Matrix<Value, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Eigen::Map<const Rows> X(data.data(), std::ssize(data) / columns, columns);
  const Vector y = alternating_labels(X.rows());
  const LinearOptions options{.threads = threads, .trusted = true};
  LeastSquares least_squares{X, y, options};
  Logistic logistic{X, y, options};
  const auto seconds = medians(runs, {[&] { return sum_on(threads, best_sum<false, Value>(), data); },
                                      [&] { return sum_on(threads, best_sum<true, Value>(), data); },
                                      pass_of(least_squares), pass_of(logistic)});
  const double of_sum = std::min(seconds[0], seconds[1]);
  cells.push_back(fixed(static_cast<double>(data.size() * sizeof(Value)) / of_sum / 1e9, 1));
  for (std::size_t model = 2; model < seconds.size(); ++model)
    cells.push_back(fixed(100 * of_sum / seconds[model], 0) + " %");
}

template <class Value>
void dense_table(std::ostream& out, const Settings& settings, const char* type) {
  std::mt19937_64 random(1);
  const auto count = static_cast<Index>(settings.megabytes * 1e6) / static_cast<Index>(sizeof(Value));
  const std::vector<double> numbers = random_numbers(count, random);
  const std::vector<Value> data(numbers.begin(), numbers.end());
  out << "\nDense " << type << ", " << fixed(settings.megabytes, 0) << " MB:\n\n";
  std::vector<std::string> titles{"columns"}, rule{"---:"};
  for (int threads = 1; threads <= settings.threads; ++threads) {
    const std::string on = threads == 1 ? " on one thread" : " on " + std::to_string(threads);
    for (const char* what : {"sum, GB/s,", "least squares", "logistic"}) {
      titles.push_back(what + on);
      rule.emplace_back("---:");
    }
  }
  print_row(out, titles);
  print_row(out, rule);
  for (const Index columns : {5, 20, 100, 500, 2000}) {
    std::vector<std::string> cells{std::to_string(columns)};
    for (int threads = 1; threads <= settings.threads; ++threads) {
      add_shares(data, columns, threads, settings.runs, cells);
    }
    print_row(out, cells);
  }
}

/// Rows of `stored` numbers each; column j is drawn as often as the square of an even draw says: the first ones are in
/// most rows, the last ones hardly anywhere.
SparseMatrix skewed_rows(Index rows, Index columns, Index stored) {
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> even(0, 1);
  SparseMatrix X(rows, columns);
  X.reserve(rows * stored);
  std::vector<Index> in_row;
  for (Index i = 0; i < rows; ++i) {
    in_row.clear();
    while (std::ssize(in_row) < stored) {
      while (std::ssize(in_row) < stored) {
        const double share = even(random);
        in_row.push_back(static_cast<Index>(share * share * static_cast<double>(columns)));
      }
      std::sort(in_row.begin(), in_row.end());
      in_row.erase(std::unique(in_row.begin(), in_row.end()), in_row.end());
    }
    X.startVec(i);
    for (const Index j : in_row) X.insertBack(i, j) = even(random) - 0.5;
  }
  X.finalize();
  return X;
}

void sparse_table(std::ostream& out, const Settings& settings) {
  struct Shape {
    Index stored, columns;
    double prototype;  // shared/PASSES.md: double values, one thread
  };
  constexpr Shape shapes[] = {{14, 120, 2.0},    {14, 50'000, 3.4},  {50, 2'000, 2.4},
                              {50, 50'000, 2.9}, {50, 500'000, 3.5}, {500, 50'000, 2.2}};
  out << "\nCSR, nanoseconds a stored number, logistic regression:\n\n";
  std::vector<std::string> titles{"stored a row", "columns", "prototype, one thread"}, rule(3, "---:");
  for (int threads = 1; threads <= settings.threads; ++threads) {
    for (const char* what : {"double", "float"}) {
      titles.push_back(std::string(what) + (threads == 1 ? ", one thread" : ", " + std::to_string(threads)));
      rule.emplace_back("---:");
    }
  }
  print_row(out, titles);
  print_row(out, rule);
  for (const Shape& shape : shapes) {
    const auto numbers = static_cast<Index>(settings.megabytes * 1e6 / 2 / 12);
    const SparseMatrix X = skewed_rows(numbers / shape.stored, shape.columns, shape.stored);
    const Eigen::SparseMatrix<float, Eigen::RowMajor> floats = X.cast<float>();
    const Vector y = alternating_labels(X.rows());
    std::vector<std::string> cells{std::to_string(shape.stored), std::to_string(shape.columns),
                                   fixed(shape.prototype, 1)};
    for (int threads = 1; threads <= settings.threads; ++threads) {
      const LinearOptions options{.threads = threads, .trusted = true};
      Logistic of_doubles{X, y, options};
      Logistic of_floats{floats, y, options};
      for (const double seconds : medians(settings.runs, {pass_of(of_doubles), pass_of(of_floats)})) {
        cells.push_back(fixed(1e9 * seconds / static_cast<double>(X.nonZeros()), 2));
      }
    }
    print_row(out, cells);
  }
}

void print_machine(std::ostream& out, const Settings& settings) {
  double load = 0;
  getloadavg(&load, 1);
  out << passes::available_threads() << " processors, " << passes::kernels().name << " kernels, load " << fixed(load, 1)
      << " before the run; medians of " << settings.runs << ".\n";
}

}  // namespace

int main(int argc, char** argv) {
  namespace po = boost::program_options;
  Settings settings{};
  po::options_description known("pass");
  known.add_options()("megabytes", po::value(&settings.megabytes)->default_value(200), "of X")(
      "runs", po::value(&settings.runs)->default_value(7), "that a median is of")(
      "threads", po::value(&settings.threads)->default_value(2), "from one to so many")(
      "only", po::value<std::string>(), "dense or sparse")(
      "markdown", po::value<std::string>(), "the file to write; unset: standard output")("help", "this text");
  po::variables_map options;
  try {
    po::store(po::parse_command_line(argc, argv, known), options);
    po::notify(options);
    if (options.count("help") > 0) {
      std::cout << known;
      return 0;
    }
    const std::string only = options.count("only") > 0 ? options["only"].as<std::string>() : "";
    if (!only.empty() && only != "dense" && only != "sparse") throw po::error("--only dense or sparse, not " + only);
    if (settings.runs < 1 || settings.threads < 1 || !(settings.megabytes > 0)) {
      throw po::error("--runs, --threads and --megabytes must be positive");
    }
    std::ofstream file;
    if (options.count("markdown") > 0) {
      file.open(options["markdown"].as<std::string>());
      if (!file) throw std::runtime_error("can't write " + options["markdown"].as<std::string>());
    }
    std::ostream& out = file.is_open() ? file : std::cout;
    print_machine(out, settings);
    if (only != "sparse") {
      dense_table<double>(out, settings, "double");
      dense_table<float>(out, settings, "float");
    }
    if (only != "dense") sparse_table(out, settings);
  } catch (const std::exception& error) {
    std::cerr << "pass: " << error.what() << '\n';
    return 2;
  }
}
