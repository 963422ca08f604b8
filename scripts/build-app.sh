#!/usr/bin/env bash
# build-app.sh: installs what is missing, builds the app (and the demo's plain loop beside it), and prints the path of the program; all else goes to stderr.
#
#   surefoot=$(scripts/build-app.sh) && "$surefoot" --version
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh build
{
  cmake --preset release
  cmake --build --preset release --parallel "$(nproc)" --target surefoot_app plain_loop
} >&2
echo "$PWD/build/release/surefoot"
