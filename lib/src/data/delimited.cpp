#include "delimited.hpp"

#include <algorithm>
#include <cstdio>
#include <numeric>
#include <optional>
#include <unordered_map>

#include "columns.hpp"
#include "fill.hpp"
#include "kinds.hpp"
#include "number.hpp"
#include "source.hpp"
#include "statistics.hpp"

namespace surefoot::data {
namespace {

std::string number_text(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

void note_latin1(const CellReader& cell_text, Table& table) {
  if (cell_text.met_latin1()) table.notes.emplace_back("the file is not UTF-8; its texts are read as Latin-1");
}

/// Left out because the options said so, of which nobody needs to be told.
bool as_wished(const Column& column) {
  const auto is_it = [&](Wish wish) { return column.why == why_left_out(wish); };
  return is_it(Wish::drop) || is_it(Wish::not_kept) || is_it(Wish::weights);
}

void note_what_was_read(const std::vector<Use>& uses, Table& table) {
  const auto& columns = table.encoding.columns;
  std::vector<std::string> numbers;
  std::vector<std::string> texts;
  for (const Use& use : uses) {
    if (use.missing == 0) continue;
    const Column& column = columns[use.column];
    const std::string entry = std::to_string(use.missing) + " in " + column.name;
    if (use.what == Use::What::number) {
      numbers.push_back(entry + " (" + number_text(column.mean) + ")");
    } else {
      texts.push_back(entry);
    }
  }
  if (!numbers.empty()) table.notes.push_back("missing numbers, now the mean of their column: " + listed(numbers));
  if (!texts.empty()) table.notes.push_back("missing texts, now a level NA of their own: " + listed(texts));

  std::vector<std::string> constant;
  for (const Use& use : uses) {
    const Column& column = columns[use.column];
    const bool same = use.what == Use::What::number ? column.min == column.max : column.levels.size() == 1;
    if (same) constant.push_back(column.name);
  }
  if (!constant.empty()) {
    table.notes.push_back(counted(static_cast<long>(constant.size()), "constant column") + ": " + listed(constant));
  }
  for (std::size_t j = 0; j < columns.size(); ++j) {
    if (columns[j].kind == ColumnKind::left_out && !as_wished(columns[j])) {
      table.notes.push_back(columns[j].name + " left out: " + columns[j].why);
    }
  }
}
void name_target(Encoding& encoding, std::size_t position) {
  const Column& target = encoding.columns[position];
  encoding.target_name = target.name;
  encoding.target_index = target.index;
  encoding.classes = target.levels;
}

void refuse_no_features(const Text& text, const Encoding& encoding) {
  if (!encoding.features.empty()) return;
  std::vector<std::string> reasons;
  for (const Column& column : encoding.columns) {
    if (column.index != encoding.target_index) reasons.push_back(column.name + " " + column.why);
  }
  throw DataError(text.file(), "no column is left to learn from" +
                                   (reasons.empty() ? ": the target is the only one" : ": " + listed(reasons)) +
                                   "; give a file with more columns, or another format");
}

/// The statistics of the number columns, before missing cells are filled up.
void describe_columns(Encoding& encoding, const std::vector<Use>& uses, const DenseMatrix& x, const Vector& y) {
  const auto describe = [](Column& column, const Statistics& statistics) {
    column.min = statistics.min;
    column.max = statistics.max;
    column.mean = statistics.mean;
    column.deviation = statistics.deviation;
  };
  std::vector<Eigen::Index> wanted;
  std::vector<std::size_t> columns;
  for (const Use& use : uses) {
    if (use.what != Use::What::number) continue;
    wanted.push_back(use.at);
    columns.push_back(use.column);
  }
  const auto statistics = statistics_of(x.data(), x.rows(), x.cols(), wanted);
  for (std::size_t k = 0; k < columns.size(); ++k) describe(encoding.columns[columns[k]], statistics[k]);
  if (encoding.target_index > 0 && encoding.classes.empty()) {
    const auto of_target = statistics_of(y.data(), y.size(), 1, {0});
    describe(encoding.columns[static_cast<std::size_t>(encoding.target_index) - 1], of_target.front());
  }
}

}  // namespace

Table read_delimited(const Text& text, const Format& format, const ReadOptions& options) {
  CellReader cell_text;
  const bool named = options.header.value_or(looks_like_header(text, format.delimiter));
  const Source source = open_source(text, format.delimiter, named, cell_text);
  const Wishes wishes = wishes_of(options, source.names, text.file());
  Kinds kinds = decide_kinds(source, wishes, cell_text);

  Table table;
  table.file = text.file();
  table.format = format.name;
  table.has_target = wishes.target >= 0;
  table.rows_left_out = kinds.rows_left_out;
  table.notes = source.notes;
  Encoding& encoding = table.encoding;
  encoding.named = named;
  encoding.columns = std::move(kinds.columns);
  if (table.has_target) name_target(encoding, static_cast<std::size_t>(wishes.target));
  encoding.weights_index = static_cast<int>(wishes.weights) + 1;
  encoding.features = features_of(encoding);
  refuse_no_features(text, encoding);
  refuse_what_cannot_fit(source, encoding, kinds.rows);

  std::vector<long> field_of(encoding.columns.size());
  std::iota(field_of.begin(), field_of.end(), 0L);
  std::vector<Use> uses = uses_of_features(encoding, field_of);
  OfRow of_row;
  if (table.has_target) {
    const auto position = static_cast<std::size_t>(wishes.target);
    of_row.target = use_of(encoding, position, position);
    table.y.resize(kinds.rows);
  }
  if (wishes.weights >= 0) {
    const auto position = static_cast<std::size_t>(wishes.weights);
    of_row.weight = use_of(encoding, position, position);
    table.weights.resize(kinds.rows);
  }
  DenseMatrix x(kinds.rows, static_cast<Eigen::Index>(encoding.features.size()));
  fill(source, uses, of_row, false, cell_text, x, table.y, table.weights);
  describe_columns(encoding, uses, x, table.y);
  impute(encoding, uses, x);
  table.x = std::move(x);

  for (const Use& use : uses) table.missing_cells += use.missing;
  if (!named && !options.header) {
    table.notes.emplace_back("no header was found: columns are called by their index, from 1");
  }
  if (table.rows_left_out > 0)
    table.notes.push_back(counted(table.rows_left_out, "row") + " without a target left out");
  note_what_was_read(uses, table);
  note_weights(table);
  note_latin1(cell_text, table);
  return table;
}

namespace {

/// A header is seen by the names that are known from the other file, even over a single row of text.
bool has_header(const Text& text, char delimiter, const Encoding& as, const ReadOptions& options) {
  if (options.header) return *options.header;
  if (as.named) {
    Records records(text.begin(), text.end(), delimiter);
    std::vector<Cell> first;
    CellReader cell_text;
    records.next(first);
    for (const Cell& cell : first) {
      const std::string_view name = cell_text(cell);
      const auto is_it = [&](const Column& column) { return column.name == name; };
      if (kind_of(name) == CellKind::other && std::any_of(as.columns.begin(), as.columns.end(), is_it)) return true;
    }
  }
  return looks_like_header(text, delimiter);
}

/// Where in the file each column of the encoding stands; -1: not there, and not needed.
std::vector<long> match_columns(const Source& source, const Encoding& as, const ReadOptions& options) {
  std::vector<long> field_of(as.columns.size(), -1);
  const long target = long{as.target_index} - 1;
  if (as.named && source.named) {
    std::vector<bool> needed(as.columns.size());
    for (const Feature& feature : as.features) needed[static_cast<std::size_t>(feature.column)] = true;
    std::unordered_map<std::string_view, long> places;
    for (std::size_t j = 0; j < source.fields(); ++j) places.emplace(source.names[j], static_cast<long>(j));
    std::vector<std::string> absent;
    for (std::size_t c = 0; c < field_of.size(); ++c) {
      const auto found = places.find(as.columns[c].name);
      if (found != places.end()) {
        field_of[c] = found->second;
      } else if (needed[c]) {
        absent.push_back(shown(as.columns[c].name));
      }
    }
    if (!absent.empty()) {
      throw DataError(source.text.file(),
                      "the column" + std::string(absent.size() > 1 ? "s " : " ") + listed(absent, 10) +
                          " of the training file " + (absent.size() > 1 ? "are" : "is") + " not there; add " +
                          (absent.size() > 1 ? "them" : "it") + ", there are " + listed(source.names, 10));
    }
  } else {
    const std::size_t known = as.columns.size();
    const bool without_target = target >= 0 && source.fields() + 1 == known;
    if (source.fields() != known && !without_target) {
      throw DataError(source.text.file(),
                      "there are " + counted(static_cast<long>(source.fields()), "column") +
                          ", but the training file had " + std::to_string(known) +
                          (target >= 0 ? " (one fewer without the target)" : "") +
                          "; without names in both files, the columns must stand in the same places");
    }
    long field = 0;
    for (std::size_t c = 0; c < known; ++c) {
      if (without_target && static_cast<long>(c) == target) continue;
      field_of[c] = field++;
    }
  }
  if (target >= 0 && !options.target.empty()) {
    field_of[static_cast<std::size_t>(target)] =
        static_cast<long>(require_column(source.names, options.target, "the target", source.text.file()));
  }
  if (target >= 0 && field_of[static_cast<std::size_t>(target)] >= 0) {
    long& field = field_of[static_cast<std::size_t>(target)];
    for (const auto& name : options.drop) {
      if (find_column(source.names, name) == field) field = -1;
    }
  }
  return field_of;
}

void note_unknown(const Use& use, const Encoding& as, const std::string& meaning, Table& table) {
  if (use.unknown == 0) return;
  table.notes.push_back(counted(use.unknown, "cell") + " of " + as.columns[use.column].name +
                        " with a text that the training file lacks, such as " + shown(use.first_unknown) + ": " +
                        meaning);
}

}  // namespace

Table read_delimited(const Text& text, const Format& format, const Encoding& as, const ReadOptions& options) {
  CellReader cell_text;
  const bool named = has_header(text, format.delimiter, as, options);
  const Source source = open_source(text, format.delimiter, named, cell_text);
  const std::vector<long> field_of = match_columns(source, as, options);
  long rows = 0;
  source.each_row<Look::cells>([&](const std::vector<Cell>&) { ++rows; });

  Table table;
  table.file = text.file();
  table.format = format.name;
  table.encoding = as;
  table.notes = source.notes;
  refuse_no_rows(source, rows, 0);
  refuse_what_cannot_fit(source, as, rows);

  std::vector<Use> uses = uses_of_features(as, field_of);
  OfRow of_row;
  std::optional<Use>& target = of_row.target;
  if (as.target_index > 0) {
    const auto position = static_cast<std::size_t>(as.target_index) - 1;
    if (field_of[position] >= 0) {
      target = use_of(as, position, static_cast<std::size_t>(field_of[position]));
      table.y.resize(rows);
    }
  }
  DenseMatrix x(rows, static_cast<Eigen::Index>(as.features.size()));
  fill(source, uses, of_row, true, cell_text, x, table.y, table.weights);
  impute(as, uses, x);
  table.x = std::move(x);

  std::vector<std::string> missing;
  for (const Use& use : uses) {
    table.missing_cells += use.missing;
    const std::string& name = as.columns[use.column].name;
    if (use.missing > 0 && use.what == Use::What::number)
      missing.push_back(std::to_string(use.missing) + " in " + name);
    note_unknown(use, as, "all its 0/1 columns are 0", table);
  }
  if (!missing.empty()) table.notes.push_back("missing numbers, now the training file's mean: " + listed(missing));
  if (target) {
    const long without = target->missing + target->unknown;
    table.has_target = without < rows;
    if (target->missing > 0 && table.has_target) {
      table.notes.push_back(counted(target->missing, "row") + " without a target");
    }
    note_unknown(*target, as, "no class to compare with", table);
  }
  if (!table.has_target) table.y.resize(0);
  note_latin1(cell_text, table);
  return table;
}

}  // namespace surefoot::data
