#!/usr/bin/env bash
# setup.sh GROUP…: installs what is missing of these groups of Debian or Ubuntu packages, and nothing else.
#
#   build   compilers and libraries, for the app and for the tests
#   clang   the second compiler, clang-format and clang-tidy: for working on surefoot
#
# Where nothing is missing it asks for no password and no network. Elsewhere than on Debian or Ubuntu it only says what
# is needed: CMake then names what it doesn't find.
set -euo pipefail

build=(g++ cmake ninja-build pkg-config libeigen3-dev zlib1g-dev libboost-program-options-dev libboost-math-dev
  libspdlog-dev libtbb-dev nlohmann-json3-dev libfast-float-dev catch2)
clang=(clang clang-format clang-tidy)

wanted=()
for group in "$@"; do
  case $group in
    build) wanted+=("${build[@]}") ;;
    clang) wanted+=("${clang[@]}") ;;
    *)
      echo "setup.sh: no group '$group'; there are: build clang" >&2
      exit 2
      ;;
  esac
done

if ! command -v apt-get > /dev/null; then
  echo "setup.sh: no apt-get here, so nothing is installed; Debian's names of what is needed: ${wanted[*]}" >&2
  exit 0
fi

missing=()
for package in "${wanted[@]}"; do
  status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2> /dev/null || true)
  [ "$status" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo > /dev/null; then
    echo "setup.sh: run this once as root, then again what you ran: apt-get update && apt-get install ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi

echo "setup.sh: installing ${missing[*]}" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt_get() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 apt-get -q -o Acquire::Retries=3 "$@" \
    > "$log" 2>&1 < /dev/null || {
    cat "$log" >&2
    echo "setup.sh: apt-get $1 failed (see above)" >&2
    exit 1
  }
}
apt_get update
apt_get install -y --no-install-recommends "${missing[@]}"
