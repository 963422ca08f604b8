#include "record.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <stdexcept>

#include "words.hpp"

namespace surefoot::linear {

namespace {

constexpr const char* header =
    "set,rows,columns,model,lambda,solver,threads,setting,seconds,fastest,whole,excess,passes,prepare,runs,note";
constexpr std::size_t fields = 16;

std::string text(double number) {
  if (std::isnan(number)) return "";
  char digits[32];
  std::snprintf(digits, sizeof digits, "%.6g", number);
  return digits;
}

double number(const std::string& text) { return text.empty() ? unknown : std::stod(text); }

std::string without_commas(std::string words) {
  std::replace(words.begin(), words.end(), ',', ';');
  std::replace(words.begin(), words.end(), '\n', ' ');
  return words;
}

}  // namespace

void write_csv(const std::string& path, const Records& records) {
  std::ofstream file(path);
  file << header << '\n';
  for (const Record& r : records) {
    file << r.set << ',' << r.rows << ',' << r.columns << ',' << r.model << ',' << r.lambda << ',' << r.solver << ','
         << r.threads << ',' << r.setting << ',' << text(r.seconds) << ',' << text(r.fastest) << ',' << text(r.whole)
         << ',' << text(r.excess) << ',' << text(r.passes) << ',' << text(r.prepare) << ',' << r.runs << ','
         << without_commas(r.note) << '\n';
  }
  if (!file.flush()) throw std::runtime_error("could not write " + path);
}

Records read_csv(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line) || line != header) throw std::runtime_error(path + " is not a record of runs");
  Records records;
  while (std::getline(file, line)) {
    const std::vector<std::string> words = split(line);
    if (words.size() != fields) throw std::runtime_error("not a record of a run: '" + line + "'");
    records.push_back({.set = words[0],
                       .rows = std::stol(words[1]),
                       .columns = std::stol(words[2]),
                       .model = words[3],
                       .lambda = words[4],
                       .solver = words[5],
                       .threads = std::stoi(words[6]),
                       .setting = words[7],
                       .seconds = number(words[8]),
                       .fastest = number(words[9]),
                       .whole = number(words[10]),
                       .excess = number(words[11]),
                       .passes = number(words[12]),
                       .prepare = number(words[13]),
                       .runs = std::stoi(words[14]),
                       .note = words[15]});
  }
  return records;
}

}  // namespace surefoot::linear
