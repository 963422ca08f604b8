#include "fit/target.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <stdexcept>

#include "data/number.hpp"
#include "data/place.hpp"
#include "data/text.hpp"
#include "fit/rows.hpp"
#include "surefoot/data/error.hpp"
#include "surefoot/loop/parameters.hpp"

namespace surefoot::fitting {
namespace {

using Index = Eigen::Index;

constexpr std::size_t most_classes = 100;  // of numbers: more are a quantity and no names

/// A number as it would stand in a file: the fewest digits that give it back.
std::string shortest(double value) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  return {text, end};
}

/// For a row's target: with its place in the file, or else its row as a person counts them.
[[noreturn]] void refuse_target_of(const Table& table, Index row, const std::string& message) {
  if (const auto place = data::place_of_target(table, row)) {
    throw DataError(table.file, place->line, place->column, message);
  }
  throw DataError(table.file, "row " + std::to_string(row + 1) +
                                  (table.rows_left_out > 0 ? " of those with a target: " : ": ") + message);
}

/// The target of a table, and what can be said of it before a model is known.
class Given {
 public:
  explicit Given(const Table& table) : table_(table), name_(target_called(table.encoding)) {}

  const Table& table() const { return table_; }
  const std::string& name() const { return name_; }
  bool is_text() const { return !levels().empty(); }
  const std::vector<std::string>& levels() const { return table_.encoding.classes; }
  std::size_t classes() const { return is_text() ? levels().size() : values().size(); }
  bool has_too_many() const { return !is_text() && values().size() > most_classes; }
  /// Few numbers, all whole: grades, kinds or counts, perhaps.
  bool may_be_names() const {
    constexpr std::size_t few = 12;
    return !is_text() && values().size() > 2 && values().size() <= few &&
           std::all_of(values().begin(), values().end(), [](double value) { return value == std::floor(value); });
  }

  /// The classes' names, sorted: texts by bytes, numbers by size.
  std::vector<std::string> class_names() const {
    if (is_text()) return levels();
    std::vector<std::string> names;
    for (const double value : values()) names.push_back(shortest(value));
    return names;
  }
  /// Each row's class, from 0.
  Vector class_of_rows() const {
    if (is_text()) return table_.y;
    return table_.y.unaryExpr([&](double value) { return static_cast<double>(place_of(value)); });
  }

  /// Are the numbers 0, 1, 2 … already?
  bool are_classes() const {
    for (std::size_t k = 0; k < values().size(); ++k) {
      if (values()[k] != static_cast<double>(k)) return false;
    }
    return true;
  }

  /// A name for each row, say, is no class.
  bool tells_rows_apart() const { return is_text() && levels().size() > 20 && 2 * levels().size() > rows(); }

  /// "'c'", "2.5".
  std::string value_of_row(Index row) const {
    const double y = table_.y[row];
    return is_text() ? data::shown(levels()[static_cast<std::size_t>(y)]) : shortest(y);
  }
  /// Where the n-th different value is first met.
  Index row_of_new_value(std::size_t n) const {
    std::vector<double> seen;
    for (Index i = 0; i < table_.y.size(); ++i) {
      if (std::find(seen.begin(), seen.end(), table_.y[i]) != seen.end()) continue;
      seen.push_back(table_.y[i]);
      if (seen.size() == n) return i;
    }
    return 0;
  }
  /// The first that is no number; none where the text is of numbers, since it was asked to be text.
  std::optional<Index> row_of_text() const {
    for (Index i = 0; i < table_.y.size(); ++i) {
      const std::string& level = levels()[static_cast<std::size_t>(table_.y[i])];
      if (data::kind_of(level) != data::CellKind::number) return i;
    }
    return {};
  }

 private:
  std::size_t rows() const { return static_cast<std::size_t>(table_.rows()); }

  /// Of numbers: the different ones in order, up to one more than are classes. Looked for when first asked: a target
  /// that is a quantity is never read for them.
  const std::vector<double>& values() const {
    if (values_.empty()) find_values();
    return values_;
  }
  void find_values() const {
    double last = not_a_number, other = not_a_number;  // most targets have one of two values
    for (Index i = 0; i < table_.y.size() && values_.size() <= most_classes; ++i) {
      const double value = table_.y[i] + 0.0;  // -0 is 0
      if (value == last || value == other || std::isnan(value)) continue;
      other = last;
      last = value;
      const auto at = std::lower_bound(values_.begin(), values_.end(), value);
      if (at == values_.end() || *at != value) values_.insert(at, value);
    }
  }
  Index place_of(double value) const {
    return std::lower_bound(values_.begin(), values_.end(), value) - values_.begin();
  }

  const Table& table_;
  std::string name_;
  mutable std::vector<double> values_{};
};

void refuse_missing(const Table& table) {
  for (Index i = 0; i < table.y.size(); ++i) {
    if (!std::isnan(table.y[i])) continue;
    refuse_target_of(table, i, "there is no target; leave such rows out, as reading without an encoding does");
  }
}

void choose_model(const Given& given, const FitOptions& options, Target& target, std::vector<std::string>& notes) {
  if (!options.model.empty()) {
    target.model = make_model(options.model);
    target.why = "as asked";
  } else if (options.start) {
    target.model = make_model(options.start->model, options.start->options);
    target.why = "that of the model it starts from";
  } else if (given.is_text() && given.levels().size() > 2) {
    if (given.tells_rows_apart()) {
      throw DataError(given.table().file, given.name() + " has " + std::to_string(given.levels().size()) +
                                              " different texts in " + std::to_string(given.table().rows()) +
                                              " rows, so it tells rows apart rather than groups them; choose another "
                                              "target, or ask for the model softmax");
    }
    target.model = make_model("softmax");
    target.why = given.name() + " is text of " + std::to_string(given.levels().size()) + " levels";
  } else if (given.is_text() || given.classes() == 2) {
    target.model = make_model("logistic");
    target.why = given.is_text()
                     ? given.name() + " is text of two levels"
                     : given.name() + " has two values, " + given.class_names()[0] + " and " + given.class_names()[1];
  } else {
    target.model = make_model("least-squares");
    target.why = given.name() + " is a number";
    if (given.may_be_names()) {
      notes.push_back(given.name() + " has " + std::to_string(given.classes()) +
                      " different values, all whole, and is taken " +
                      "for a quantity; the model softmax would take them for classes, poisson for counts");
    }
  }
}

void refuse_other_than_classes(const Given& given, bool two, const std::string& model) {
  const std::string needs = model + " needs a target of " + (two ? "two classes" : "classes") + ", and " + given.name();
  if (given.classes() < 2) {
    throw DataError(given.table().file,
                    needs + " has 1 class, so there is nothing to tell apart; choose another target");
  }
  if (given.classes() == 2 || (!two && !given.has_too_many())) return;
  const Index row = given.row_of_new_value(two ? 3 : most_classes + 1);
  const std::string count = given.has_too_many() ? "more than " + std::to_string(most_classes) + " different values"
                                                 : std::to_string(given.classes()) + " classes";
  refuse_target_of(given.table(), row,
                   needs + " has " + count + ", here " + given.value_of_row(row) + (two ? ", the third" : "") +
                       "; use " + (given.has_too_many() ? "least-squares" : "softmax"));
}

void set_classes(const Given& given, bool two, Target& target) {
  refuse_other_than_classes(given, two, target.model.name());
  target.classes = given.class_names();
  if (given.is_text() || given.are_classes()) {
    target.given = &given.table().y;
  } else {
    target.recoded = given.class_of_rows();
  }
}

template <class Loss>
void set_numbers(const Given& given, const Loss& loss, Target& target) {
  const std::string needs = ", and " + target.model.name() + " needs ";
  if (given.is_text()) {
    const auto row = given.row_of_text();
    if (!row) throw std::invalid_argument(given.name() + " was to be text" + needs + "a number");
    refuse_target_of(
        given.table(), *row,
        given.name() + " is " + given.value_of_row(*row) + needs + "a number; mend it, or choose another model");
  }
  const Vector& y = given.table().y;
  for (Index i = 0; i < y.size(); ++i) {
    if (loss.accepts(y[i])) continue;
    refuse_target_of(given.table(), i,
                     given.name() + " is " + given.value_of_row(i) + needs + "targets that are " +
                         std::string(Loss::targets) + "; mend it, or choose another model");
  }
  target.given = &y;
}

/// Huber's delta and the quantile's width are in the target's units: what is not set must suit their size.
void suit_to_spread(const Given& given, Target& target, std::vector<std::string>& notes) {
  const bool is_huber = std::holds_alternative<HuberLoss>(target.model.loss);
  auto* const quantile = std::get_if<QuantileLoss>(&target.model.loss);
  if (!is_huber && quantile == nullptr) return;
  const double deviation = spread_of(given.table().y, given.table().weights).deviation;
  if (!(deviation > 0)) return;  // a constant target
  if (quantile != nullptr && !target.model.is_given("width")) {
    quantile->width = std::clamp(0.01 * deviation, 1e-300, 1e300);
  }
  const double delta = is_huber ? std::get<HuberLoss>(target.model.loss).delta : 0;
  if (!is_huber || target.model.is_given("delta") || (deviation < 100 * delta && deviation > 0.1 * delta)) return;
  const bool small = deviation > delta;
  const double power = std::pow(10, std::floor(std::log10(0.1 * deviation)) - 1);
  const double suitable = std::round(0.1 * deviation / power) * power;  // two digits say enough
  notes.push_back("Huber's delta is " + number(delta) + " in the target's units, whose deviation is " +
                  number(deviation) + ", so " +
                  (small ? "nearly every row counts by its distance alone" : "hardly a row is that far off") +
                  ": the model huber:delta=" + number(suitable) + ", say, would suit it");
}

}  // namespace

std::string target_called(const Encoding& encoding) {
  if (encoding.target_index == 0) return "the label";
  return encoding.named ? "the target '" + encoding.target_name + "'"
                        : "the target, column " + encoding.target_name + ",";
}

Target choose_target(const Table& table, const FitOptions& options, std::vector<std::string>& notes) {
  if (!table.has_target) throw std::invalid_argument("the table has no target: name one, {.target = \"price\"}");
  refuse_missing(table);
  const Given given(table);
  Target target;
  choose_model(given, options, target, notes);
  std::visit(
      [&]<class Loss>(const Loss& loss) {
        if constexpr (is_softmax<Loss> || is_binary<Loss>) {
          set_classes(given, is_binary<Loss>, target);
        } else {
          set_numbers(given, loss, target);
        }
      },
      target.model.loss);
  suit_to_spread(given, target, notes);
  return target;
}

}  // namespace surefoot::fitting
