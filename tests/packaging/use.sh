#!/usr/bin/env bash
# use.sh cmake|pkg-config PREFIX VERSION: builds the program in consumer/ against the surefoot in PREFIX, in an empty
# folder, the way a user does, and runs it.
set -euo pipefail
way=$1 prefix=$2 version=$3
consumer=$(cd "$(dirname "$0")" && pwd)/consumer
empty=$(mktemp -d)
trap 'rm -rf "$empty"' EXIT
cd "$empty"

case $way in
  cmake)
    cp "$consumer"/* .
    cmake -S . -B build -G Ninja -DCMAKE_PREFIX_PATH="$prefix" -DEXPECTED_VERSION="$version"
    cmake --build build
    ./build/consumer
    ./build/consumer_of_headers
    ;;
  pkg-config)
    cp "$consumer/main.cpp" .
    PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name surefoot.pc)")
    export PKG_CONFIG_PATH
    [ "$(pkg-config --modversion surefoot)" = "$version" ] || { echo "surefoot.pc is not of version $version" >&2; exit 1; }
    # Unquoted: pkg-config's answer is a list of words.
    # shellcheck disable=SC2046
    "${CXX:-g++}" -std=c++20 main.cpp $(pkg-config --cflags --libs surefoot) -o consumer
    LD_LIBRARY_PATH=$(pkg-config --variable=libdir surefoot) ./consumer
    ;;
  *)
    echo "use.sh: cmake or pkg-config, not '$way'" >&2
    exit 2
    ;;
esac
