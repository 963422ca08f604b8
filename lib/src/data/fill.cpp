#include "fill.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "number.hpp"

#if __has_include(<unistd.h>)
#include <unistd.h>
#endif

namespace surefoot::data {
namespace {

constexpr double not_there = std::numeric_limits<double>::quiet_NaN();

LevelIndex index_of(const std::vector<std::string>& levels) {
  LevelIndex index;
  for (std::size_t k = 0; k < levels.size(); ++k) index.emplace(levels[k], static_cast<int>(k));
  return index;
}

/// A cell that is no plain number: missing, or with a plus sign, or an error.
double unusual_number(const Source& source, const Use& use, const Cell& cell) {
  const auto field = static_cast<long>(use.field) + 1;
  const std::string name = shown(source.names[use.field]);
  switch (kind_of(cell.text)) {
    case CellKind::missing:
      return not_there;
    case CellKind::number: {
      const double value = to_number(cell.text);
      if (std::isfinite(value)) return value;
      source.text.refuse(
          cell.text.data(), field,
          shown(cell.text) + " in the column " + name + " is too large for a double; mend it, or leave the cell empty");
    }
    case CellKind::infinite:
      source.text.refuse(cell.text.data(), field,
                         shown(cell.text) + " in the column " + name +
                             " is not a finite number; mend it, or leave the cell empty (missing)");
    case CellKind::other:
      break;
  }
  source.text.refuse(cell.text.data(), field,
                     shown(cell.text) + " is not a number, but the column " + name + " is one of numbers; mend it");
}

double number_in(const Source& source, const Use& use, const Cell& cell) {
  return cell.number == cell.number ? cell.number : unusual_number(source, use, cell);
}

double weight_in(const Source& source, const Use& use, const Cell& cell) {
  const double weight = number_in(source, use, cell);
  if (weight >= 0) return weight;
  const auto field = static_cast<long>(use.field) + 1;
  const std::string name = shown(source.names[use.field]);
  source.text.refuse(cell.text.data(), field,
                     weight < 0 ? "the row weight " + shown(cell.text) + " in the column " + name +
                                      " is negative; it must be 0 or more"
                                : "the row weight in the column " + name + " is missing; give each row one, 0 or more");
}

/// The position of the cell's level, -1 if it is unknown.
int level_in(Use& use, std::string_view level) {
  const auto found = use.levels.find(level);
  if (found != use.levels.end()) return found->second;
  if (use.unknown++ == 0) use.first_unknown = level;
  return -1;
}

}  // namespace

Use use_of(const Encoding& encoding, std::size_t column, std::size_t field) {
  Use use;
  use.field = field;
  use.column = column;
  const bool is_target = static_cast<int>(column) + 1 == encoding.target_index;
  const bool is_text = encoding.columns[column].kind == ColumnKind::text;
  if (is_text) use.levels = index_of(encoding.columns[column].levels);
  if (is_target) {
    use.what = is_text ? Use::What::target_class : Use::What::target_number;
  } else if (static_cast<int>(column) + 1 == encoding.weights_index) {
    use.what = Use::What::weight;
  } else {
    use.what = is_text ? Use::What::text : Use::What::number;
  }
  return use;
}

std::vector<Use> uses_of_features(const Encoding& encoding, const std::vector<long>& field_of) {
  std::vector<Use> uses;
  for (std::size_t k = 0; k < encoding.features.size(); ++k) {
    const auto column = static_cast<std::size_t>(encoding.features[k].column);
    if (!uses.empty() && uses.back().column == column) continue;  // a further level
    uses.push_back(use_of(encoding, column, static_cast<std::size_t>(field_of[column])));
    uses.back().at = static_cast<Eigen::Index>(k);
  }
  return uses;
}

void fill(const Source& source, std::vector<Use>& uses, OfRow& of_row, bool keep_all, CellReader& cell_text,
          DenseMatrix& x, Vector& y, Vector& weights) {
  Use* const target = of_row.target ? &*of_row.target : nullptr;
  const bool has_text = std::any_of(uses.begin(), uses.end(), [](const Use& u) { return u.what == Use::What::text; });
  double* row = x.data();
  Eigen::Index i = 0;
  source.each_row<Look::values>([&](const std::vector<Cell>& cells) {
    source.text.forget_before(cells.front().text.data());
    if (target != nullptr) {
      const Cell& cell = cells[target->field];
      const bool missing = is_missing(cell.text);
      if (missing && !keep_all) return;
      if (missing) {
        ++target->missing;
        y[i] = not_there;
      } else if (target->what == Use::What::target_number) {
        y[i] = number_in(source, *target, cell);
      } else {
        const int level = level_in(*target, cell_text(cell));
        y[i] = level < 0 ? not_there : level;
      }
    }
    if (of_row.weight) weights[i] = weight_in(source, *of_row.weight, cells[of_row.weight->field]);
    if (has_text) std::fill(row, row + x.cols(), 0.0);
    for (Use& use : uses) {
      const Cell& cell = cells[use.field];
      if (use.what == Use::What::number) {
        const double value = number_in(source, use, cell);
        row[use.at] = value;
        if (value != value) ++use.missing;
        continue;
      }
      const bool missing = is_missing(cell.text);
      if (missing) ++use.missing;
      const int level = level_in(use, missing ? missing_level : cell_text(cell));
      if (level >= 0) row[use.at + level] = 1;
    }
    row += x.cols();
    ++i;
  });
  if (of_row.weight && !(weights.maxCoeff() > 0)) {
    throw DataError(source.text.file(), "every row weight in the column " + shown(source.names[of_row.weight->field]) +
                                            " is 0, so no row counts; give some rows a weight above 0");
  }
}

void impute(const Encoding& encoding, const std::vector<Use>& uses, DenseMatrix& x) {
  for (const Use& use : uses) {
    if (use.what != Use::What::number || use.missing == 0) continue;
    const double mean = encoding.columns[use.column].mean;
    for (Eigen::Index i = 0; i < x.rows(); ++i) {
      double& value = x(i, use.at);
      if (value != value) value = mean;
    }
  }
}

void refuse_what_cannot_fit(const Source& source, const Encoding& encoding, long rows) {
#if defined(_SC_PHYS_PAGES) && defined(_SC_PAGESIZE)
  const double there = static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE));
#else
  const double there = 0.5 * static_cast<double>(std::numeric_limits<std::ptrdiff_t>::max());
#endif
  const auto columns = static_cast<double>(encoding.features.size());
  const double needed = static_cast<double>(rows) * columns * sizeof(double);
  if (needed < there) return;
  const auto fewer_levels = [](const Column& a, const Column& b) { return a.levels.size() < b.levels.size(); };
  const Column& widest = *std::max_element(encoding.columns.begin(), encoding.columns.end(), fewer_levels);
  const std::string cause = widest.levels.empty() ? std::string()
                                                  : " (the column " + shown(widest.name) + " alone has " +
                                                        counted(static_cast<long>(widest.levels.size()), "level") + ")";
  throw DataError(source.text.file(), counted(rows, "row") + " of " + std::to_string(encoding.features.size()) +
                                          " columns" + cause + " do not fit in memory; leave columns out with --drop");
}

}  // namespace surefoot::data
