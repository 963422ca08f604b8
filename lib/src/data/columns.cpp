#include "columns.hpp"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <stdexcept>
#include <unordered_map>
#include <unordered_set>

#include "surefoot/loop/parameters.hpp"

namespace surefoot::data {
namespace {

/// How many letters to change, add or take away (Levenshtein).
std::size_t distance_between(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t change = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({change, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

std::vector<std::string> closest_first(std::vector<std::string> names, const std::string& wanted) {
  constexpr std::size_t long_name = 100;  // the distance takes the product of both lengths
  constexpr std::size_t many = 10000;
  if (wanted.size() > long_name || names.size() > many) return names;
  std::vector<std::pair<std::size_t, std::string>> ranked;
  for (auto& name : names) {
    const std::size_t distance = name.size() > long_name ? long_name : distance_between(name, wanted);
    ranked.emplace_back(distance, std::move(name));
  }
  const auto nearer = [](const auto& a, const auto& b) { return a.first < b.first; };
  std::stable_sort(ranked.begin(), ranked.end(), nearer);
  for (std::size_t k = 0; k < names.size(); ++k) names[k] = std::move(ranked[k].second);
  return names;
}

}  // namespace

void make_unique(std::vector<std::string>& names, std::vector<std::string>& notes) {
  std::unordered_set<std::string> taken(names.begin(), names.end());
  std::unordered_set<std::string> seen;
  std::unordered_map<std::string, int> last_suffix;
  std::vector<std::string> renamed;
  for (std::size_t j = 0; j < names.size(); ++j) {
    std::string& name = names[j];
    const bool empty = name.empty();
    if (empty) name = std::to_string(j + 1);
    if (empty ? taken.insert(name).second : seen.insert(name).second) continue;
    const std::string same = name;
    int& suffix = last_suffix.try_emplace(same, 1).first->second;
    while (!taken.insert(name).second) name = same + "." + std::to_string(++suffix);
    renamed.push_back("column " + std::to_string(j + 1) + " is called " + shown(name));
  }
  if (!renamed.empty()) notes.push_back("names that occur twice in the header: " + listed(renamed));
}

long find_column(const std::vector<std::string>& names, const std::string& wanted) {
  const auto found = std::find(names.begin(), names.end(), wanted);
  if (found != names.end()) return found - names.begin();
  const auto count = static_cast<long>(names.size());
  long index = 0;
  const char* const end = wanted.data() + wanted.size();
  const auto result = std::from_chars(wanted.data(), end, index);
  if (result.ec != std::errc() || result.ptr != end) return -1;
  if (index >= 1 && index <= count) return index - 1;
  if (index <= -1 && index >= -count) return count + index;
  return -1;
}

std::size_t require_column(const std::vector<std::string>& names, const std::string& wanted, const std::string& role,
                           const std::string& file) {
  const long found = find_column(names, wanted);
  if (found >= 0) return static_cast<std::size_t>(found);
  throw DataError(file, "there is no column " + shown(wanted) + " for " + role + "; there are " +
                            listed(closest_first(names, wanted), 10) + " (or an index from 1 to " +
                            std::to_string(names.size()) + ", -1 for the last)");
}

std::vector<Feature> features_of(const Encoding& encoding) {
  std::vector<Feature> features;
  if (encoding.sparse_format) features.reserve(encoding.columns.size());
  for (std::size_t j = 0; j < encoding.columns.size(); ++j) {
    const Column& column = encoding.columns[j];
    const int position = static_cast<int>(j);
    if (position + 1 == encoding.target_index || column.kind == ColumnKind::left_out) continue;
    if (column.kind == ColumnKind::number) {
      features.push_back({column.name, position, -1});
      continue;
    }
    for (std::size_t k = 0; k < column.levels.size(); ++k) {
      features.push_back({column.name + "=" + column.levels[k], position, static_cast<int>(k)});
    }
  }
  return features;
}

std::string why_left_out(Wish wish) {
  switch (wish) {
    case Wish::drop:
      return "dropped";
    case Wish::not_kept:
      return "not in keep";
    case Wish::weights:
      return "row weights";
    case Wish::none:
    case Wish::text:
    case Wish::number:
      break;
  }
  return {};
}

namespace {

/// The column of row weights is no feature, whatever else is wished.
void wish_weights(const std::vector<std::string>& names, std::size_t weights, Wishes& wishes) {
  Wish& of_column = wishes.of_column[weights];
  if (static_cast<long>(weights) == wishes.target) {
    throw std::invalid_argument("column " + shown(names[weights]) + " is both the target and the row weights");
  }
  if (of_column == Wish::drop || of_column == Wish::text) {
    throw std::invalid_argument("column " + shown(names[weights]) + " holds the row weights and is named in " +
                                (of_column == Wish::drop ? "drop" : "text") + " too");
  }
  of_column = Wish::weights;
  wishes.weights = static_cast<long>(weights);
}

void keep_only(const std::vector<std::string>& names, const std::vector<bool>& kept, Wishes& wishes) {
  for (std::size_t j = 0; j < names.size(); ++j) {
    const bool used = kept[j] || static_cast<long>(j) == wishes.target || wishes.of_column[j] == Wish::weights;
    if (used) continue;
    if (wishes.of_column[j] == Wish::text || wishes.of_column[j] == Wish::number) {
      throw std::invalid_argument("column " + shown(names[j]) + " is named in " +
                                  (wishes.of_column[j] == Wish::text ? "text" : "number") +
                                  ", but not in keep; name it there too");
    }
    if (wishes.of_column[j] == Wish::none) wishes.of_column[j] = Wish::not_kept;
  }
}

}  // namespace

void note_weights(Table& table) {
  if (table.weights.size() == 0) return;
  const Encoding& encoding = table.encoding;
  const long zeros = (table.weights.array() == 0).count();
  table.notes.push_back(
      "row weights from " + encoding.columns[static_cast<std::size_t>(encoding.weights_index) - 1].name + ", " +
      number(table.weights.minCoeff()) + " to " + number(table.weights.maxCoeff()) +
      (zeros > 0 ? ": " + counted(zeros, "row") + " of weight 0 " + (zeros == 1 ? "counts" : "count") + " for nothing"
                 : ""));
}

Wishes wishes_of(const ReadOptions& options, const std::vector<std::string>& names, const std::string& file) {
  Wishes wishes{std::vector<Wish>(names.size(), Wish::none)};
  const auto wish = [&](const std::vector<std::string>& wanted, Wish what, const std::string& field) {
    for (const auto& name : wanted) {
      Wish& of_column = wishes.of_column[require_column(names, name, field, file)];
      if (of_column != Wish::none && of_column != what) {
        throw std::invalid_argument("column " + shown(name) + " is named in " + field +
                                    " and in another of drop, text and number; name it in one of them");
      }
      of_column = what;
    }
  };
  wish(options.drop, Wish::drop, "drop");
  wish(options.text, Wish::text, "text");
  wish(options.number, Wish::number, "number");
  if (!options.target.empty()) {
    const std::size_t target = require_column(names, options.target, "the target", file);
    wishes.target = static_cast<long>(target);
    if (wishes.of_column[target] == Wish::drop) {
      throw std::invalid_argument("column " + shown(names[target]) + " is both the target and in drop");
    }
  }
  std::vector<bool> kept(names.size());
  for (const auto& name : options.keep) {
    const std::size_t column = require_column(names, name, "keep", file);
    if (wishes.of_column[column] == Wish::drop) {
      throw std::invalid_argument("column " + shown(name) + " is named in keep and in drop; name it in one of them");
    }
    kept[column] = true;
  }
  if (!options.weights.empty()) {
    wish_weights(names, require_column(names, options.weights, "the row weights", file), wishes);
  }
  if (!options.keep.empty()) keep_only(names, kept, wishes);
  return wishes;
}

}  // namespace surefoot::data
