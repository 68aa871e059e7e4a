#!/usr/bin/env bash
# Installs what is missing, builds Lathe in Release and starts the window. Without a display it runs the LeNet-5 sample headless and prints the
# comparison. A second start takes seconds.
#
#   packaging/run.sh [file…]
set -euo pipefail
cd "$(dirname "$0")/.."
. packaging/packages.sh
lathe_install_packages

build=build/release
if [ ! -f "$build/build.ninja" ]; then
  echo "Preparing the build in $build …" >&2
  cmake --preset release > /dev/null
fi
echo "Building (minutes the first time, seconds later) …" >&2
targets=(lathe-cli)
[ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] && targets+=(lathe)
cmake --build --preset release --target "${targets[@]}" > "$build/run.log" 2>&1 || {
  echo "The build failed; the end of $build/run.log:" >&2
  tail -n 30 "$build/run.log" >&2
  exit 1
}

if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
  exec "$build/bin/lathe" "$@"
fi
echo "No display: the LeNet-5 sample runs here; with a display this command opens the window." >&2
exec "$build/bin/lathe-cli" run resources/samples/lenet5/lenet5.pt --recipe resources/samples/lenet5/prune50-int8.json --data fashion-mnist
