#include "sets.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "surefoot/data/read.hpp"
#include "words.hpp"

namespace surefoot::linear {

namespace {

namespace fs = std::filesystem;

/// "FILE --target T --drop A,B --text C --model M".
Set described(const std::string& folder, const std::string& line, std::optional<double> published = {}) {
  std::istringstream words(line);
  std::string file, option, value;
  words >> file;
  Set set{.name = file.substr(0, file.find('.')), .published = published};
  ReadOptions options;
  while (words >> option >> value) {
    if (option == "--target") {
      options.target = value;
    } else if (option == "--drop") {
      options.drop = split(value);
    } else if (option == "--text") {
      options.text = split(value);
    } else if (option == "--model") {
      set.model = value;
    } else {
      throw std::invalid_argument("no option '" + option + "' for a set: " + line);
    }
  }
  set.load = [path = (fs::path(folder) / file).string(), options] { return read(path, options); };
  return set;
}

bool is_libsvm(const std::string& path) { return read(path).format == "libsvm"; }

}  // namespace

std::vector<Set> shared_sets(const std::string& folder) {
  return {
      described(folder, "titanic.csv --target survived --drop name,ticket,cabin --text pclass", 0.440702336),
      described(folder, "DoctorVisits.tsv --target visits --drop 1 --model poisson", 0.5425114133),
      described(folder, "california_housing.csv --target median_house_value", 2367938815),
      described(folder, "mushrooms", 0.05022141124),
      described(folder, "sms_spam.libsvm.gz", 0.1218398168),
      described(folder, "digits.csv.gz --target 65 --model softmax", 0.08614548624),
  };
}

std::vector<Set> folder_sets(const std::string& folder) {
  std::vector<Set> sets;
  std::ifstream list(fs::path(folder) / "sets.txt");
  if (list) {
    for (std::string line; std::getline(list, line);) {
      if (!line.empty() && line[0] != '#') sets.push_back(described(folder, line));
    }
    return sets;
  }
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.is_regular_file()) files.push_back(entry.path().filename().string());
  }
  std::sort(files.begin(), files.end());
  for (const std::string& file : files) {
    sets.push_back(described(folder, is_libsvm((fs::path(folder) / file).string()) ? file : file + " --target -1"));
  }
  return sets;
}

}  // namespace surefoot::linear
