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

# Path and steps of each rule of the registry. The tables stay beside the pictures: a test runs the rules again and
# compares, and --stamp writes into each picture which table it shows.
rules=docs/pictures/strategies
rm -f "$rules"/*.tsv "$rules"/*.svg
"$build/bench/traces" --rules "$rules"
for table in "$rules"/*.tsv; do
  rule=$(basename "$table" .tsv)
  # A quarter of what gnuplot writes says what is so anyway.
  gnuplot -e "rule='$rule'; table='$table'" docs/pictures/strategy.gp |
    sed 's/ stroke-linecap="butt"//; s/ stroke-linejoin="miter"//; s/ stroke-width="1.00"//' > "$rules/$rule.svg"
done
"$build/bench/traces" --stamp "$rules"
