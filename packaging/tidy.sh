#!/usr/bin/env bash
# clang-tidy over our sources: all of them, or those named. Its findings are errors.
#
#   packaging/tidy.sh [file.cpp…]
set -euo pipefail
cd "$(dirname "$0")/.."
. packaging/packages.sh
lathe_install_packages clang-tidy-14

cmake --preset release -B build/tidy -DCMAKE_CXX_FLAGS= > /dev/null
files=("$@")
[ ${#files[@]} -gt 0 ] || mapfile -t files < <(git ls-files 'core/*.cpp' 'app/*.cpp' 'views/*.cpp')
printf '%s\n' "${files[@]}" | xargs -P "$(nproc)" -n 2 clang-tidy-14 -p build/tidy --quiet --header-filter="^$PWD/(core|views|app)/" 2> >(grep -v 'warnings generated' >&2)
