#!/usr/bin/env bash
# run.sh SOURCE_DIR PREFIX WORK_DIR: compiles and runs every C++ block of README.md and docs/**/*.md against the surefoot
# installed in PREFIX. The conventions are in README.md beside this file; extract.awk turns a page into programs.
# What pkg-config answers is a list of words, and xargs calls try_one:
# shellcheck disable=SC2086,SC2046,SC2016,SC2317
set -euo pipefail
source=$1 prefix=$2 work=$3
here=$(cd "$(dirname "$0")" && pwd)

rm -rf "$work"
mkdir -p "$work/programs"

# 1. Each block becomes a program.
cd "$source"
pages=()
[ ! -f README.md ] || pages+=(README.md)
[ ! -d docs ] || while IFS= read -r page; do pages+=("$page"); done < <(find docs -name '*.md' | sort)
bad=0
for page in "${pages[@]+"${pages[@]}"}"; do
  name=${page%.md}
  awk -v page="$page" -v out="$work/programs/${name//\//-}" -f "$here/extract.awk" "$page" || bad=1
done
mapfile -t programs < <(find "$work/programs" -name '*.cpp' | sort)
if [ ${#programs[@]} -eq 0 ]; then
  echo "snippets: ${#pages[@]} pages, no C++ block in them"
  exit $bad
fi

# 2. What they are compiled with: as a user would, but unoptimised, since compiling is nearly all of the time.
export PKG_CONFIG_PATH
PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name surefoot.pc)")
export LD_LIBRARY_PATH
LD_LIBRARY_PATH=$(pkg-config --variable=libdir surefoot)
export SNIPPET_COMPILE="${CXX:-g++} -std=c++20 -O0"
export SNIPPET_FLAGS
SNIPPET_FLAGS=$(pkg-config --cflags --libs surefoot)
# g++ precompiles the header, and takes that where it is the first to be included; clang doesn't, and is slower here. So that
# nobody's own #include is forgotten behind it, a program must have it.
if ! ${CXX:-g++} --version | grep -q clang; then
  echo '#include <surefoot/surefoot.hpp>' > "$work/first.hpp"
  $SNIPPET_COMPILE -x c++-header "$work/first.hpp" $(pkg-config --cflags surefoot) -o "$work/first.hpp.gch"
  SNIPPET_FLAGS="-include $work/first.hpp $SNIPPET_FLAGS"
fi

# 3. Compile and run each, one program a core.
export SNIPPET_DATA=$source/apps/data
try_one() {
  local program=$1 file=${1%.cpp} name line
  name=$(basename "$file")
  line=$(sed -n 's/^#line \([0-9]*\) "\(.*\)"$/\2:\1/p' "$program" | tail -n 1)
  if ! grep -q '^#include <surefoot/' "$program"; then
    printf '%s: the program includes nothing of surefoot\n\n' "$line"
    return 1
  fi
  # shellcheck disable=SC2086
  if ! $SNIPPET_COMPILE "$program" $SNIPPET_FLAGS -o "$file.out" > "$file.log" 2>&1; then
    printf '%s: the block does not compile\n%s\n\n' "$line" "$(head -n 40 "$file.log")"
    return 1
  fi
  [ "$(cat "$file.mode")" = run ] || return 0
  mkdir -p "$file.dir"
  [ ! -d "$SNIPPET_DATA" ] || cp "$SNIPPET_DATA"/* "$file.dir/"
  local code=0
  # The outer 2> is for bash's own word on a program that aborts; the log has the program's.
  { (cd "$file.dir" && timeout 60 "$file.out") > "$file.log" 2>&1 < /dev/null || code=$?; } 2> /dev/null
  if [ $code -ne 0 ]; then
    [ $code -ne 124 ] || echo "stopped after 60 seconds" >> "$file.log"
    printf '%s: the program ends with exit code %d\n%s\n\n' "$line" $code "$(tail -n 40 "$file.log")"
    return 1
  fi
}
export -f try_one
printf '%s\0' "${programs[@]}" | xargs -0 -n 1 -P "$(nproc)" bash -c 'try_one "$1"' try_one || bad=1

if [ $bad -eq 0 ]; then
  echo "snippets: all ${#programs[@]} blocks of ${#pages[@]} pages compile and run"
else
  echo "snippets: not all of the ${#programs[@]} blocks of ${#pages[@]} pages compile and run; see above" >&2
fi
exit $bad
