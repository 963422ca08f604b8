// Catch2 v2 has no compiled main; CMake uses this file there and Catch2's own with v3.
#define CATCH_CONFIG_MAIN
#include "catch.hpp"
