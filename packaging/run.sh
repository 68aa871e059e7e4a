#!/usr/bin/env bash
# Installs what is missing, builds Lathe in Release and starts the window. Without a display it runs the LeNet-5 sample headless and prints the
# comparison. A second start takes seconds.
#
#   packaging/run.sh [file…]
set -euo pipefail
cd "$(dirname "$0")/.."
. packaging/packages.sh
. packaging/build.sh
lathe_install_packages

targets=(lathe-cli)
[ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] && targets+=(lathe)
lathe_build "${targets[@]}"

if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
  exec build/release/bin/lathe "$@"
fi
echo "No display: the LeNet-5 sample runs here; with a display this command opens the window." >&2
exec build/release/bin/lathe-cli run resources/samples/lenet5/lenet5.pt --recipe resources/samples/lenet5/prune50-int8.json --data fashion-mnist
