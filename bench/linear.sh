#!/usr/bin/env bash
# Runs surefoot::fit beside scikit-learn, LIBLINEAR and liblbfgs on the sets of bench/linear/.
#
#   bench/linear.sh               everything: the table of docs/benchmarks.md
#   bench/linear.sh OPTION…       passed on to the program, which prints a table; docs/ stays as it is:
#     bench/linear.sh --csv runs.csv                                      keeps every solver's figures
#     bench/linear.sh --only ours,grid --against runs.csv                 ours again, beside the peers' figures kept there
#     bench/linear.sh --set mushrooms,sms --l2 1e-3 --only ours,liblbfgs
#     bench/linear.sh --folder my-data                                    other sets: files, and options in sets.txt
#     bench/linear.sh --help
#
# Installs what is missing of Debian's packages. BUILD_DIR names a build folder other than build/bench.
set -euo pipefail
called_from=$PWD
cd "$(dirname "$0")/.."
build=${BUILD_DIR:-build/bench}

scripts/setup.sh build
# OpenBLAS: with the BLAS that numpy gets by default scikit-learn would be several times slower.
packages=(python3-sklearn python3-scipy libopenblas0-pthread liblinear-dev liblbfgs-dev)
if ! dpkg-query -W -f '${db:Status-Status}\n' "${packages[@]}" 2> /dev/null | grep -cx installed | grep -qx "${#packages[@]}"
then
  as_root=()
  [ "$(id -u)" -eq 0 ] || as_root=(sudo)
  "${as_root[@]}" apt-get -qq update
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "${packages[@]}" \
    > /dev/null
fi

cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DSUREFOOT_BUILD_BENCH=ON -DSUREFOOT_BUILD_TESTS=OFF \
  -DSUREFOOT_BUILD_APPS=OFF > /dev/null
cmake --build "$build" --target bench_linear > /dev/null
linear=$(realpath "$build")/bench/linear/linear

if [ $# -gt 0 ]; then
  cd "$called_from"
  exec "$linear" "$@"
fi

tables=$(mktemp -d)
trap 'rm -rf "$tables"' EXIT
"$linear" --markdown "$tables/table.md" --csv "$build/linear.csv"

# The table stands between two lines of the page; the rest of it is written by hand.
page=docs/benchmarks.md
awk -v table="$tables/table.md" '
  /^<!-- end of linear models -->/ { inside = 0 }
  !inside { print }
  /^<!-- linear models, by bench\/linear.sh -->/ { while ((getline line < table) > 0) print line; inside = 1 }
' "$page" > "$tables/page.md"
cp "$tables/page.md" "$page"
