#!/usr/bin/env bash
# The tables of docs/strategies/index.md, made anew: builds bench/strategies.cpp, runs it (half an hour on one core), and
# puts what it prints between the page's marks.
#
#   bench/strategies.sh [BUILD_DIR]      a CMake build folder; build/release where none is given
set -euo pipefail
cd "$(dirname "$0")/.."
build=${1:-build/release}
page=docs/strategies/index.md

cmake -S . -B "$build" -G Ninja -DSUREFOOT_BUILD_BENCH=ON > /dev/null
cmake --build "$build" --target bench_strategies > /dev/null
tables=$(mktemp -d)
trap 'rm -rf "$tables"' EXIT
bench() { "$build/bench/strategies" "$@"; }

{
  printf '\n### Every rule\n\n'
  bench --hints
  printf '\n### Pairs\n\nMeans over the same problems, without a first step (the last column: beside the best of these pairs):\n\n'
  bench --summary --rules auto+nonmonotone,abb-variable+nonmonotone,abb-variable+zhang-hager,bb1+nonmonotone,bb1+armijo,cyclic-bb+nonmonotone,lmsd+nonmonotone,adgd2+nonmonotone
  printf '\n### Thirty-seven random problems\n\nMeans from no first step, 1e-300 and 1e300, and the worst run:\n\n'
  bench --random
  printf '\n### What a rule itself costs\n\nOn the recorded numbers of its own run on rosen50, through `AnyRule`; `lmsd` without its vectors.\n\n'
  bench --cost
  printf '\n'
} > "$tables/tables.md"

awk -v tables="$tables/tables.md" '
  /^<!-- end of the tables -->/ { inside = 0 }
  !inside { print }
  /^<!-- tables, by bench\/strategies.sh -->/ { while ((getline line < tables) > 0) print line; inside = 1 }
' "$page" > "$tables/page.md"
cp "$tables/page.md" "$page"
