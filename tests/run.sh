#!/usr/bin/env bash
# Every test, from a bare machine: installs what is missing, builds, and runs all tests plain and under
# AddressSanitizer + UBSan; an installed surefoot from an empty folder; every C++ block of the docs; the format; and the
# build with clang++ where there is one.
#
#   ./tests/run.sh           takes some minutes
#   ./tests/run.sh --all     also installs clang, runs the tests under it, clang-tidy, and the tests tagged [.long]
#
# One test again, once built:  ctest --preset release -R NAME   (or: build/release/tests/surefoot_tests "its title")
set -euo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C.UTF-8
cores=$(nproc)

all=no
case ${1:-} in
  '') ;;
  --all) all=yes ;;
  -h | --help) sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$0"; exit 0 ;;
  *) echo "run.sh: --all or nothing, not '$1'" >&2; exit 2 ;;
esac

passed=0 failed=0 failures=()
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# step TITLE COMMAND…: counts as one test, and the rest goes on when it fails.
step() {
  local title=$1 begin=$SECONDS
  shift
  printf '\n== %s\n' "$title"
  if "$@"; then
    passed=$((passed + 1))
    printf '== %s: good (%d s)\n' "$title" $((SECONDS - begin))
  else
    failed=$((failed + 1))
    failures+=("$title")
    printf '== %s: FAILED (%d s)\n' "$title" $((SECONDS - begin))
    return 1
  fi
}

# run_tests PRESET: each of ctest's entries counts as one.
run_tests() {
  local preset=$1 begin=$SECONDS code=0 long=() bad run
  [ $all = no ] || long=(-C long)
  printf '\n== tests: %s\n' "$preset"
  ctest --preset "$preset" --parallel "$cores" "${long[@]}" 2>&1 | tee "$log" || code=$?
  read -r bad run < <(sed -n 's/.*tests passed, \([0-9]*\) tests failed out of \([0-9]*\).*/\1 \2/p' "$log") || true
  bad=${bad:-0} run=${run:-0}
  passed=$((passed + run - bad))
  # ctest may also fail as a whole: no test found, or stopped half-way.
  [ $code -eq 0 ] || [ "$bad" -gt 0 ] || bad=1
  failed=$((failed + bad))
  [ "$bad" -eq 0 ] || failures+=("ctest --preset $preset")
  printf '== tests: %s (%d s)\n' "$preset" $((SECONDS - begin))
}

build() {
  local preset=$1
  shift
  cmake --preset "$preset" "$@" > "$log" 2>&1 || { cat "$log"; return 1; }
  cmake --build --preset "$preset" --parallel "$cores"
}

# A newer compiler has newer warnings, and shows them; fail for one may only those that surefoot is held to.
werror() {
  case "$1 $("$1" -dumpversion)" in
    'g++ 12'* | 'clang++ 14'*) echo -DSUREFOOT_WERROR=ON ;;
    *) echo -DSUREFOOT_WERROR=OFF ;;
  esac
}

our_files() { find lib apps tests bench -name '*.hpp' -o -name '*.cpp' 2> /dev/null | sort; }

# Versions of clang-format differ in small things: the tree is kept in the style of Debian 12's.
format_version=14
find_clang_format() {
  local program
  for program in clang-format-$format_version clang-format; do
    if "$program" --version 2> /dev/null | grep -q "version $format_version\."; then
      echo "$program"
      return
    fi
  done
}
well_formatted() {
  our_files | xargs --no-run-if-empty "$1" --dry-run -Werror || {
    echo "Put it right with: find lib apps tests bench -name '*.?pp' | xargs $1 -i"
    return 1
  }
}

# Every source of ours, and every header by way of the test that compiles each alone.
tidy() {
  { our_files | grep '^\(lib\|apps\)/.*\.cpp$' || true; find build/clang/tests/each_header -name '*.hpp.cpp'; } |
    xargs -n 1 -P "$cores" clang-tidy --quiet -p build/clang 2>&1 | sed '/ warnings generated\.$/d'
}

# --- Set-up, build, test ------------------------------------------------------------------------------------------

groups=(build)
[ $all = no ] || groups+=(clang)
scripts/setup.sh "${groups[@]}"

clang_format=$(find_clang_format)
if [ -n "$clang_format" ]; then
  step "format ($clang_format)" well_formatted "$clang_format" || true
else
  echo "== format: not looked at, there is no clang-format $format_version here"
fi

if step 'build: release' build release -DSUREFOOT_BUILD_TESTS=ON "$(werror g++)"; then
  run_tests release
fi

# Without SUREFOOT_WERROR: under the sanitizers g++ 12 warns of uninitialised values inside Eigen that are none.
if step 'build: AddressSanitizer and UBSan' build asan; then
  export UBSAN_OPTIONS=print_stacktrace=1
  run_tests asan
fi

if command -v clang++ > /dev/null; then
  if step 'build: clang' build clang "$(werror clang++)" && [ $all = yes ]; then
    run_tests clang
    step 'clang-tidy' tidy || true
  fi
else
  echo "== build: clang: left out, there is no clang++ here (./tests/run.sh --all installs it)"
fi

# --- What came of it ----------------------------------------------------------------------------------------------

printf '\nAll of this took %d min %d s.\n' $((SECONDS / 60)) $((SECONDS % 60))
if [ ${#failures[@]} -gt 0 ]; then
  printf 'Failed: %s\n' "${failures[@]}"
  echo "Look above for the first '== … FAILED' or '***Failed'; run one test again with: ctest --preset release -R NAME"
else
  echo "Look at next: ./apps/demo.sh shows what surefoot does on real data; docs/index.md says where to read on."
fi
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
