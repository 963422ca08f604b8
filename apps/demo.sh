#!/usr/bin/env bash
# demo.sh: what a guessed step size does on real data, and what surefoot does there. Installs what is missing, builds,
# and then makes every figure that it prints; a claim that does not come true ends it with exit code 1.
#
#   ./apps/demo.sh
set -euo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C.UTF-8

data=apps/data/breast_cancer.csv
out=build/demo
log=$(mktemp)
trap 'rm -f "$log"' EXIT

say() { printf '%s\n' "$@"; }
fail() {
  say "demo.sh: $1" >&2
  exit 1
}

# --- Set-up and build ---------------------------------------------------------------------------------------------

say "Installing what is missing, and building (some minutes the first time) …"
surefoot=$(scripts/build-app.sh 2> "$log") || {
  cat "$log" >&2
  fail "the build failed (see above)"
}
mkdir -p "$out"
plain_loop=$(dirname "$surefoot")/plain_loop
surefoot=${surefoot#"$PWD"/}
began=$SECONDS

# --- 1. The user's own loop ---------------------------------------------------------------------------------------

# How far the columns' standard deviations lie apart (the last column is the diagnosis).
shape=$(awk -F, 'NR > 1 { for (j = 1; j < NF; ++j) { sum[j] += $j; square[j] += $j * $j } }
  END {
    rows = NR - 1
    for (j = 1; j < NF; ++j) {
      deviation = sqrt(square[j] / rows - (sum[j] / rows) ^ 2)
      if (j == 1 || deviation < least) least = deviation
      if (j == 1 || deviation > most) most = deviation
    }
    printf "%d tumours, benign or malignant; %d columns whose spreads differ %.0f,000-fold", rows, NF - 1, most / least / 1000
  }' "$data")

steps=1000
say "" \
  "$data: $shape." \
  "Logistic regression with a small penalty (--l2 1e-3; without one these classes separate)." \
  "" \
  "1. Your own loop on the raw columns: w -= step * gradient, $steps times (apps/demo/plain_loop.cpp)" \
  ""
printf '   %-14s %-10s %14s %14s %14s\n' model step 'loss at start' 'highest' 'at the end'
lowest_plain=Inf
plain() { # MODEL STEP
  local start highest last
  read -r start highest last < <("$plain_loop" "$data" diagnosis "$1" "$2" "$steps")
  printf '   %-14s %-10s %14s %14s %14s\n' "$1" "$2" "$start" "$highest" "$last"
  if [ "$1" = logistic ]; then
    lowest_plain=$(awk -v a="$last" -v b="$lowest_plain" 'BEGIN { print (b == "Inf" || a + 0 < b + 0) ? a : b }')
  fi
}
for step in 1e-6 1e-5 1e-4 1e-3 1e-2; do plain logistic "$step"; done
plain least-squares 1e-2
say "" \
  "   Too small crawls, too large is thrown far above the start, and none of five is good."

# --- 2. and 3. surefoot -------------------------------------------------------------------------------------------

# Fields of the JSON object that --json prints, one a line.
field() { sed -n "s/^  \"$1\": \"\{0,1\}\([^\",]*\).*/\1/p" "$out/result.json"; }
train() { "$surefoot" train "$data" --target diagnosis --l2 1e-3 --quiet --json "$@" > "$out/result.json"; }

highest_found=0 lowest_found=Inf
any_first_step() { # OPTIONS…
  printf '   %-12s %14s %12s %8s %10s\n' 'first step' loss status passes seconds
  highest_found=0 lowest_found=Inf
  local first loss
  for first in 1e-300 1e-10 1 1e10 1e300 'none given'; do
    if [ "$first" = 'none given' ]; then
      train "$@"
    else
      train --first-step "$first" "$@"
    fi
    loss=$(field loss)
    awk -v first="$first" -v loss="$loss" -v status="$(field status)" -v passes="$(field passes)" \
      -v seconds="$(field seconds)" \
      'BEGIN { printf "   %-12s %14.7f %12s %8d %10.4f\n", first, loss, status, passes, seconds }'
    highest_found=$(awk -v a="$loss" -v b="$highest_found" 'BEGIN { print (a + 0 > b + 0) ? a : b }')
    lowest_found=$(awk -v a="$loss" -v b="$lowest_found" 'BEGIN { print (b == "Inf" || a + 0 < b + 0) ? a : b }')
  done
}

say "" "2. surefoot on the same raw columns (--scale none), from any first step" ""
any_first_step --scale none
awk -v found="$highest_found" -v plain="$lowest_plain" 'BEGIN { exit !(found > 0 && found + 0 < plain + 0) }' ||
  fail "surefoot's highest loss $highest_found is not below the plain loop's lowest, $lowest_plain"
say "" "   The highest of these losses is below the lowest of every fixed step above ($lowest_plain)."

say "" "3. surefoot as it comes (standardised columns), from any first step" ""
any_first_step
awk -v high="$highest_found" -v low="$lowest_found" 'BEGIN { exit !(low > 0 && high - low <= 1e-6 * low) }' ||
  fail "the losses from $lowest_found to $highest_found are not one minimum"
say "" "   One minimum, whatever it starts with."

# --- 4. What people see -------------------------------------------------------------------------------------------

say "" "4. What you see: surefoot train $data --target diagnosis --l2 1e-3 --save … --trace …" ""
"$surefoot" train "$data" --target diagnosis --l2 1e-3 --save "$out/model.json" --trace "$out/trace.csv" 2>&1 |
  sed 's/^/   /'
"$surefoot" predict "$out/model.json" "$data" --quiet -o "$out/predictions.csv"
say "" "   and what the model says of each tumour (surefoot predict $out/model.json $data):" ""
head -n 4 "$out/predictions.csv" | sed 's/^/   /'

say "" \
  "The demo took $((SECONDS - began)) s after the build. Its files: $out/model.json, trace.csv (each step and why)," \
  "predictions.csv." \
  "" \
  "Look at next"
printf '  %-52s %s\n' \
  "$surefoot train YOUR.csv --target COLUMN" 'your own file' \
  "$surefoot strategies" 'the step rules to choose from' \
  docs/index.md 'the C++ library, and where to read on' \
  ./tests/run.sh 'all tests'
