#!/usr/bin/env bash
# Runs surefoot::minimize beside liblbfgs, Ceres, dlib, GSL and NLopt on the collection of bench/problems/.
#
#   bench/problems.sh               everything: the tables of docs/benchmarks.md and the data profiles of docs/pictures/
#   bench/problems.sh OPTION…       passed on to the program, which prints a summary; docs/ stays as it is:
#     bench/problems.sh --csv runs.csv                            keeps every run
#     bench/problems.sh --only surefoot --against runs.csv        ours again, beside the peers' runs kept there
#     bench/problems.sh --group quadratics --only surefoot,Ceres
#     bench/problems.sh --help
#
# Installs what is missing of Debian's packages. BUILD_DIR names a build folder other than build/bench.
set -euo pipefail
called_from=$PWD
cd "$(dirname "$0")/.."
build=${BUILD_DIR:-build/bench}

scripts/setup.sh build
packages=(liblbfgs-dev libceres-dev libdlib-dev libgsl-dev libnlopt-dev gnuplot-nox)
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
cmake --build "$build" --target bench_problems > /dev/null
problems=$(realpath "$build")/bench/problems/problems

if [ $# -gt 0 ]; then
  cd "$called_from"
  exec nice "$problems" "$@"
fi

tables=$(mktemp -d)
trap 'rm -rf "$tables"' EXIT
nice "$problems" --markdown "$tables/tables.md" --profile "$tables/profile" --csv "$build/runs.csv"

# The tables stand between two lines of the page; the rest of it is written by hand.
page=docs/benchmarks.md
awk -v tables="$tables/tables.md" '
  /^<!-- end of the tables -->/ { inside = 0 }
  !inside { print }
  /^<!-- tables, by bench\/problems.sh -->/ { while ((getline line < tables) > 0) print line; inside = 1 }
' "$page" > "$tables/page.md"
cp "$tables/page.md" "$page"
gnuplot -e "profile='$tables/profile'; out='docs/pictures'" bench/problems/profile.gp
