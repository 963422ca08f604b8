/// The optima, computed once by reference.py and kept in a file.
#pragma once

#include <map>
#include <string>

#include "data.hpp"

namespace surefoot::linear {

class Optima {
 public:
  /// Reads what is kept in `path`, if it is there.
  Optima(std::string path, std::string interpreter);

  /// Of the set whose arrays are in `arrays`. Throws std::runtime_error if the reference left more than a hundredth of
  /// the excess that is measured, or contradicts what is published of the set.
  double find(const Data& data, const std::string& lambda, double l2, Bias bias, const std::string& arrays);

 private:
  double compute(const Data& data, double l2, const std::string& bias, const std::string& arrays) const;

  std::string path_, interpreter_;
  std::map<std::string, double> kept_{};  // "name,checksum,lambda,bias" → f*
};

}  // namespace surefoot::linear
