#include "record.hpp"

#include <charconv>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <string_view>

namespace surefoot::problems {

namespace {

constexpr std::string_view header =
    "solver\tmode\tproblem\tcalls\tseconds\tended\tstart_loss\tslope_left\timprovements";

std::string_view next_field(std::string_view& line, char separator) {
  const auto end = line.find(separator);
  const std::string_view field = line.substr(0, end);
  line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
  return field;
}

template <class Number, class... Format>
Number parsed(std::string_view text, Format... format) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, format...);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw std::runtime_error("not a record of runs: '" + std::string(text) + "'");
  }
  return value;
}

double parsed_hex(std::string_view text) { return parsed<double>(text, std::chars_format::hex); }

std::string hex(double value) {
  char text[32];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value, std::chars_format::hex);
  return std::string(text, end);
}

}  // namespace

void write_csv(const std::string& path, const Runs& runs) {
  std::ofstream file(path);
  file << header << '\n';
  for (const Run& run : runs) {
    char seconds[32];
    std::snprintf(seconds, sizeof seconds, "%.3f", run.seconds);
    file << run.solver << '\t' << (run.mode == Mode::tight ? "tight" : "standard") << '\t' << run.problem << '\t'
         << run.calls << '\t' << seconds << '\t' << run.ended << '\t' << hex(run.start_loss) << '\t'
         << hex(run.slope_left) << '\t';
    const char* separator = "";
    for (const Improvement& improvement : run.improvements) {
      file << separator << improvement.calls << ' ' << hex(improvement.loss);
      separator = " ";
    }
    file << '\n';
  }
  if (!file.flush()) throw std::runtime_error("could not write " + path);
}

Runs read_csv(const std::string& path) {
  std::ifstream file(path);
  std::string text;
  if (!std::getline(file, text) || text != header) throw std::runtime_error(path + " is not a record of runs");
  Runs runs;
  while (std::getline(file, text)) {
    std::string_view line = text;
    Run& run = runs.emplace_back();
    run.solver = next_field(line, '\t');
    run.mode = next_field(line, '\t') == "tight" ? Mode::tight : Mode::standard;
    run.problem = next_field(line, '\t');
    run.calls = parsed<long>(next_field(line, '\t'));
    run.seconds = parsed<double>(next_field(line, '\t'));
    run.ended = next_field(line, '\t');
    run.start_loss = parsed_hex(next_field(line, '\t'));
    run.slope_left = parsed_hex(next_field(line, '\t'));
    while (!line.empty()) {
      const long calls = parsed<long>(next_field(line, ' '));
      run.improvements.push_back({calls, parsed_hex(next_field(line, ' '))});
    }
  }
  return runs;
}

}  // namespace surefoot::problems
