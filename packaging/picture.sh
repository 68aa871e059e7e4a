#!/usr/bin/env bash
# Makes the picture of the window in README.md: opens the sample, runs the comparison and writes resources/help/window.png. Needs the Release build
# (packaging/run.sh) and xvfb. The history and the settings are those of an empty home folder.
set -euo pipefail
cd "$(dirname "$0")/.."
home="$(mktemp -d)"
trap 'rm -rf "$home"' EXIT
HOME="$home" XDG_DATA_HOME= XDG_STATE_HOME= XDG_CONFIG_HOME= xvfb-run -a -s "-screen 0 1440x900x24" \
  build/release/bin/lathe --sample lenet5 --run --language en --theme light --select conv2 --stage optimized --colour time \
  --screenshot "$PWD/resources/help/window.png"
