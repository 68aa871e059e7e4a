#!/usr/bin/env bash
# Installs what is missing, builds everything in Release and runs all tests. The last line printed is that of ctest.
#
#   packaging/check.sh [ctest options…]
set -euo pipefail
cd "$(dirname "$0")/.."
. packaging/packages.sh
. packaging/build.sh
lathe_install_packages
packaging/judges.sh > /dev/null

lathe_build
ctest --preset release "$@"
