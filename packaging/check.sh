#!/usr/bin/env bash
# Installs what is missing, builds everything in Release and runs all tests. The last line printed is that of ctest.
#
#   packaging/check.sh [ctest options…]
#
# CI=true turns warnings into errors.
set -euo pipefail
cd "$(dirname "$0")/.."
. packaging/packages.sh
lathe_install_packages

flags=()
[ "${CI:-}" = true ] && flags+=(-DCMAKE_CXX_FLAGS=-Werror)
cmake --preset release "${flags[@]}"
cmake --build --preset release
ctest --preset release "$@"
