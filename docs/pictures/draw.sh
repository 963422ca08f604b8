#!/usr/bin/env bash
# Draws every picture of docs/ again, from runs made now: builds bench/traces.cpp, runs it, and lets gnuplot
# (Debian: gnuplot-nox) draw its tables. Prints what the runs did: the figures that the pages quote.
#
#   docs/pictures/draw.sh [BUILD_DIR]      a CMake build folder; build/release where none is given
set -euo pipefail
cd "$(dirname "$0")/../.."
build=${1:-build/release}
command -v gnuplot > /dev/null || { echo "draw.sh: there is no gnuplot; apt-get install gnuplot-nox" >&2; exit 1; }

cmake -S . -B "$build" -G Ninja -DSUREFOOT_BUILD_BENCH=ON > /dev/null
cmake --build "$build" --target bench_traces > /dev/null
traces=$(mktemp -d)
trap 'rm -rf "$traces"' EXIT
"$build/bench/traces" "$traces" apps/data/breast_cancer.csv
gnuplot -e "traces='$traces'; out='docs/pictures'" docs/pictures/draw.gp
