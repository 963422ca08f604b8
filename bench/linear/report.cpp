#include "report.hpp"

#include <cmath>
#include <cstdio>
#include <ostream>
#include <string_view>

#include "peers/peer.hpp"

namespace surefoot::linear {

namespace {

/// Three digits, or a dash.
std::string digits(double number) {
  if (std::isnan(number)) return "–";
  char text[32];
  const int after = number >= 100 ? 0 : number >= 10 ? 1 : number >= 0.1 ? 2 : 3;
  std::snprintf(text, sizeof text, "%.*f", after, number);
  return text;
}

std::string milliseconds(double seconds) { return digits(1e3 * seconds); }

std::string power(double number) {
  if (std::isnan(number)) return "–";
  char text[32];
  std::snprintf(text, sizeof text, "%.0e", number);
  return text;
}

/// The records of one set with one penalty.
class Row {
 public:
  explicit Row(Records records) : records_(std::move(records)) {}

  const Record& any() const { return records_.front(); }

  /// The fastest whose name begins so; null if none arrived.
  const Record* fastest(const std::string& name) const {
    const Record* best = nullptr;
    for (const Record& record : records_) {
      if (record.solver.starts_with(name) && record.arrived() && (best == nullptr || record.seconds < best->seconds))
        best = &record;
    }
    return best;
  }
  double seconds(const std::string& name) const {
    const Record* best = fastest(name);
    return best == nullptr ? unknown : best->seconds;
  }
  /// With what it takes to bring the data into the peer's form, which ours has in its seconds.
  double prepared_seconds(const std::string& name) const {
    double best = unknown;
    for (const Record& record : records_) {
      if (!record.solver.starts_with(name) || !record.arrived()) continue;
      best = std::fmin(best, record.seconds + (std::isnan(record.prepare) ? 0 : record.prepare));
    }
    return best;
  }
  const Record* ours() const {
    for (const Record& record : records_) {
      if (record.solver == family::ours) return &record;
    }
    return nullptr;
  }

 private:
  Records records_;
};

std::vector<Row> rows_of(const Records& records) {
  std::vector<Records> groups;
  for (const Record& record : records) {
    auto same = groups.begin();
    while (same != groups.end() && (same->front().set != record.set || same->front().lambda != record.lambda)) ++same;
    if (same == groups.end()) same = groups.insert(same, Records{});
    same->push_back(record);
  }
  return {groups.begin(), groups.end()};
}

/// "12.3 newton-cg ×2": the fastest of a family, with what tells it from its siblings and its threads.
std::string cell(const Record* fastest, const std::string& name) {
  if (fastest == nullptr) return digits(unknown);
  return milliseconds(fastest->seconds) + fastest->solver.substr(name.size()) + " ×" + std::to_string(fastest->threads);
}

void write_row(std::ostream& out, const Row& row) {
  const Record& any = row.any();
  const Record none{};
  const Record& ours = row.ours() == nullptr ? none : *row.ours();
  const double peers = std::fmin(row.seconds(family::sklearn), row.seconds(family::liblinear));
  const double prepared = std::fmin(row.prepared_seconds(family::sklearn), row.prepared_seconds(family::liblinear));
  const std::string lbfgs = family::liblbfgs + " 20";
  const std::string cells[] = {any.set + " " + std::to_string(any.rows) + "×" + std::to_string(any.columns),
                               any.lambda,
                               cell(row.fastest(family::sklearn), family::sklearn),
                               cell(row.fastest(family::liblinear), family::liblinear),
                               cell(row.fastest(lbfgs), lbfgs),
                               milliseconds(row.seconds(family::liblbfgs + " 6")),
                               milliseconds(ours.seconds) + " ×" + std::to_string(ours.threads),
                               milliseconds(row.seconds(family::ours + " on one thread")),
                               milliseconds(ours.whole),
                               power(ours.excess),
                               digits(ours.passes),
                               digits(ours.seconds / peers),
                               digits(ours.seconds / prepared),
                               digits(ours.seconds / row.seconds(lbfgs)),
                               digits(ours.seconds / row.prepared_seconds(lbfgs)),
                               digits(ours.seconds / row.seconds(family::grid))};
  for (const std::string& text : cells) out << "| " << text << ' ';
  out << "|\n";
}

}  // namespace

void write_table(std::ostream& out, const std::string& about, const Records& records, Figure figure) {
  out << about << "\n\n";
  const std::string_view titles[] = {"set",
                                     "λ",
                                     "scikit-learn, ms",
                                     "LIBLINEAR, ms",
                                     "liblbfgs, 20 pairs, ms",
                                     "6 pairs, ms",
                                     "ours, ms",
                                     "on one thread, ms",
                                     "to its own stop, ms",
                                     "excess there",
                                     "passes",
                                     "ours / best of scikit-learn and LIBLINEAR",
                                     "the same, their scaling and conversions counted",
                                     "ours / liblbfgs, 20 pairs",
                                     "the same, standardising counted",
                                     "ours / best of the grid"};
  for (const std::string_view title : titles) out << "| " << title << ' ';
  out << "|\n";
  for (std::size_t k = 0; k < std::size(titles); ++k) out << "|---";
  out << "|\n";
  Records shown = records;
  if (figure == Figure::fastest) {
    for (Record& record : shown) record.seconds = record.fastest;
  }
  for (const Row& row : rows_of(shown)) write_row(out, row);
}

}  // namespace surefoot::linear
