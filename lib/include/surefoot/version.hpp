/// Which surefoot this is. CMake, the package and `surefoot --version` read the number from here.
#pragma once

namespace surefoot {

inline constexpr const char* version = "0.1.0";

}  // namespace surefoot
