#!/usr/bin/env bash
# install.sh BUILD_DIR SOURCE_DIR PREFIX: installs a built surefoot, moves the tree to PREFIX and looks it over.
set -euo pipefail
build=$1 source=$2 prefix=$3

fail() { echo "packaging: $*" >&2; exit 1; }

rm -rf "$prefix" "$prefix.before"
cmake --install "$build" --prefix "$prefix.before" > /dev/null
mv "$prefix.before" "$prefix"

for file in include/surefoot/surefoot.hpp include/surefoot/version.hpp share/licenses/surefoot/LICENSE; do
  [ -f "$prefix/$file" ] || fail "$file is not installed"
done
[ "$(cd "$source/lib/include" && find . -name '*.hpp' | sort)" = "$(cd "$prefix/include" && find . -name '*.hpp' | sort)" ] ||
  fail "the installed headers are not those of lib/include"

# A file that names the folder it was built in, or installed to first, can't follow the move. (-I: text only; programs
# may name their sources in assertions.)
if grep -rIlF -e "$prefix.before" -e "$build" -e "$source/lib" "$prefix"; then
  fail "the files above name a folder of this machine"
fi
# Used inside the library only.
if grep -rIl -e nlohmann_json:: -e FastFloat:: -e spdlog:: -e Boost:: "$prefix" --include='*.cmake'; then
  fail "the files above ask users for a package that only our own sources need"
fi

app=$prefix/bin/surefoot
if [ -e "$app" ]; then
  version=$(sed -n 's/.*version = "\(.*\)";/\1/p' "$source/lib/include/surefoot/version.hpp")
  "$app" --version | grep -qF "$version" || fail "bin/surefoot --version does not say $version"
fi
