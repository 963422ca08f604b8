#include "columns.hpp"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <stdexcept>
#include <unordered_map>
#include <unordered_set>

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

Wishes wishes_of(const ReadOptions& options, const std::vector<std::string>& names, const std::string& file) {
  Wishes wishes{std::vector<Wish>(names.size(), Wish::none), -1};
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
  return wishes;
}

}  // namespace surefoot::data
