#include "format.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>

#include "number.hpp"
#include "records.hpp"

namespace surefoot::data {
namespace {

constexpr std::size_t sampled_records = 200;

// In the order of preference where two fit equally well. Semicolons come before commas for files whose decimal sign is
// the comma: there both part every line evenly.
const std::vector<Format> delimited_formats{
    {"tsv", '\t'}, {"semicolon", ';'}, {"csv", ','}, {"whitespace", whitespace_delimiter}};
const Format libsvm{"libsvm", '\0'};

using Sample = std::vector<std::vector<Cell>>;

Sample first_records(const Text& text, char delimiter) {
  Sample sample;
  Records records(text.begin(), text.end(), delimiter);
  std::vector<Cell> cells;
  while (sample.size() < sampled_records && records.next(cells)) sample.push_back(cells);
  return sample;
}

/// How evenly a delimiter parts the records: into how many cells most of them, and what share they are.
struct Fit {
  std::size_t fields = 1;
  double share = 0;
};

Fit fit_of(const Sample& sample) {
  std::map<std::size_t, std::size_t> counts;
  for (const auto& cells : sample) ++counts[cells.size()];
  Fit fit;
  for (const auto& [fields, count] : counts) {
    const double share = static_cast<double>(count) / static_cast<double>(sample.size());
    if (fields > 1 && share > fit.share) fit = {fields, share};
  }
  return fit;
}

std::string_view next_token(std::string_view& line) {
  const auto first = std::min(line.find_first_not_of(" \t"), line.size());
  line.remove_prefix(first);
  const std::string_view token = line.substr(0, line.find_first_of(" \t"));
  line.remove_prefix(token.size());
  return token;
}

/// INDEX:NUMBER
bool is_pair(std::string_view token) {
  const auto colon = token.find(':');
  if (colon == 0 || colon == std::string_view::npos) return false;
  const auto index = token.substr(0, colon);
  const bool digits = std::all_of(index.begin(), index.end(), is_digit);
  return (digits || index == "qid") && has_form_of_number(token.substr(colon + 1));
}

bool looks_like_libsvm(const Text& text) {
  std::size_t lines = 0;
  std::size_t with_pairs = 0;
  std::size_t labels_only = 0;
  for (const char* p = text.begin(); p < text.end() && lines < sampled_records;) {
    const char* const end = std::find_if(p, text.end(), [](char c) { return c == '\n' || c == '\r'; });
    std::string_view line(p, static_cast<std::size_t>(end - p));
    p = end + 1;
    line = line.substr(0, line.find('#'));
    const std::string_view label = next_token(line);
    if (label.empty()) continue;
    ++lines;
    const bool starts_well = has_form_of_number(label) || is_missing(label) || is_pair(label);
    const std::string_view first = next_token(line);
    const std::string_view second = next_token(line);
    if ((is_pair(first) && (starts_well || is_pair(second))) || is_pair(label)) {
      ++with_pairs;
    } else if (starts_well && first.empty()) {
      ++labels_only;
    }
  }
  return with_pairs > 0 && 2 * (with_pairs + labels_only) > lines;
}

/// Columns of blanks with a tab among them (auto-mpg.data) pass for tab-separated text with a cell like "18.0  8
/// 307.0": several numbers, in every record.
bool has_column_of_several_numbers(const Sample& sample, std::size_t fields) {
  for (std::size_t j = 0; j < fields; ++j) {
    const bool several = std::all_of(sample.begin(), sample.end(), [&](const auto& cells) {
      if (j >= cells.size()) return false;
      std::string_view rest = cells[j].text;
      std::size_t numbers = 0;
      for (auto token = next_token(rest); !token.empty(); token = next_token(rest)) {
        if (!has_form_of_number(token) && !is_missing(token)) return false;
        ++numbers;
      }
      return numbers > 1;
    });
    if (several && !sample.empty()) return true;
  }
  return false;
}

Format detect(const Text& text) {
  if (looks_like_libsvm(text)) return libsvm;
  Format best{"csv", ','};  // a single column
  Fit best_fit;
  for (const auto& format : delimited_formats) {
    const Sample sample = first_records(text, format.delimiter);
    const Fit fit = fit_of(sample);
    if (format.delimiter == whitespace_delimiter) {
      // Blanks stand in the cells of any format, so they part cells only where nothing else does.
      const bool nothing_else = best_fit.share < 0.5;
      const bool tab_is_a_blank = best.delimiter == '\t' && fit.fields > best_fit.fields &&
                                  fit.share >= best_fit.share &&
                                  has_column_of_several_numbers(first_records(text, '\t'), best_fit.fields);
      if (fit.share > 0 && (nothing_else || tab_is_a_blank)) return format;
    } else if (fit.share > best_fit.share) {
      best = format;
      best_fit = fit;
    }
  }
  return best;
}

}  // namespace

Format choose_format(const Text& text, const std::string& name) {
  if (name.empty()) return detect(text);
  if (name == libsvm.name) return libsvm;
  const auto found =
      std::find_if(delimited_formats.begin(), delimited_formats.end(), [&](const auto& f) { return f.name == name; });
  if (found != delimited_formats.end()) return *found;
  throw std::invalid_argument("format is '" + name + "'; it must be csv, tsv, semicolon, whitespace or libsvm");
}

bool looks_like_header(const Text& text, char delimiter) {
  const Sample sample = first_records(text, delimiter);
  if (sample.empty()) return false;
  const auto& first = sample.front();
  std::set<std::string_view> names;
  bool numbers_among_names = false;
  bool repeated = false;
  bool words_over_numbers = false;  // the surest sign: a column with a word on top and nothing but numbers below
  bool comes_again = false;         // a word of the first record is also a value of its column
  for (std::size_t j = 0; j < first.size(); ++j) {
    const std::string_view name = first[j].text;
    const CellKind kind = kind_of(name);
    if (name.empty()) continue;
    if (!names.insert(name).second) repeated = true;
    if (kind == CellKind::number || kind == CellKind::missing) numbers_among_names = true;
    bool numbers = false;
    bool others = false;
    for (std::size_t i = 1; i < sample.size(); ++i) {
      if (j >= sample[i].size()) continue;
      const std::string_view cell = sample[i][j].text;
      const CellKind below = kind_of(cell);
      if (below == CellKind::number) numbers = true;
      if (below == CellKind::other) others = true;
      if (cell == name) comes_again = true;
    }
    if (kind == CellKind::other && numbers && !others) words_over_numbers = true;
  }
  // Names may be numbers (years), but hardly twice the same; the cells of a data row often are.
  if (words_over_numbers) return !(numbers_among_names && repeated);
  return !names.empty() && !numbers_among_names && !repeated && !comes_again;
}

}  // namespace surefoot::data
