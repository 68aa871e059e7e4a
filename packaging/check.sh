#!/usr/bin/env bash
# Installs what is missing, builds everything in Release and runs all tests. The last line printed is that of ctest.
#
#   packaging/check.sh [ctest options…]
set -euo pipefail
cd "$(dirname "$0")/.."
. packaging/packages.sh
lathe_install_packages

cmake --preset release
cmake --build --preset release
ctest --preset release "$@"
