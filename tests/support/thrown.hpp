/// What was thrown, as text, so that a test can look for several things in it.
///
///   const std::string text = thrown([&] { make_rule("amijo"); });
///   CHECK(mentions(text, "armijo"));
#pragma once

#include <exception>
#include <stdexcept>
#include <string>

namespace surefoot {

/// The message of the `Expected` exception that `call` throws; a text that mentions nothing if it throws none.
template <class Expected = std::invalid_argument, class Call>
std::string thrown(Call&& call) {
  try {
    call();
  } catch (const Expected& error) {
    return error.what();
  }
  return "(nothing was thrown)";
}

inline bool mentions(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace surefoot
