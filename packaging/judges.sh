#!/usr/bin/env bash
# The Python that judges what Lathe exports: torch of the LibTorch wheel, ONNX Runtime and onnx, with what they need (packaging/judges.txt).
#
#   packaging/judges.sh                     → installs what is missing, prints …/judges-1a2b3c4d5e6f/bin/python
#   packaging/judges.sh SCRIPT [ARGUMENT…]  → the same, and runs a Python script with it
#
# Beside LibTorch (packaging/libtorch.sh says where); 0.3 GB. Idempotent: a second call takes milliseconds. Ends with 1 and one sentence where
# something cannot be had.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
say() { printf 'judges: %s\n' "$*" >&2; }

torch="$("$here/libtorch.sh")"
root="$(dirname "$torch")"
base="$(command -v python3.11 || command -v python3 || true)"
[ -n "$base" ] && "$base" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || {
  say "Python 3.11 is needed, which Debian 12 has as python3; here it is $("${base:-python3}" --version 2>&1 || true)"
  exit 1
}
folder="$root/judges-$(cat "$here/judges.txt" "$here/stand_ins.py" <(echo "$torch $base") | sha256sum | cut -c 1-12)"

exec 8> "$root/.judges.lock"
flock 8   # two tests at once must not install into one folder
if [ ! -f "$folder/.complete" ]; then
  say "installing the Python packages of packaging/judges.txt into $folder"
  rm -rf "$folder"
  # An environment of its own, so that it is also found by "python -I", as which Lathe starts its judges.
  "$base" -m venv --without-pip "$folder"
  site="$folder/lib/python3.11/site-packages"
  "$base" -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps --only-binary=:all: --require-hashes \
    --target "$site" --requirement "$here/judges.txt" >&2 || {
    say "a package of packaging/judges.txt cannot be had (see above)"
    exit 1
  }
  printf '%s\n' "$torch" > "$site/lathe_torch.pth"
  "$base" "$here/stand_ins.py" "$torch/torch/lib" "$site" >&2
  "$folder/bin/python" -I -c 'import numpy, onnx, onnxruntime, torch' || {
    say "$folder does not work (see above)"
    exit 1
  }
  touch "$folder/.complete"
fi
exec 8>&-

[ $# -gt 0 ] || { printf '%s\n' "$folder/bin/python"; exit 0; }
exec "$folder/bin/python" -B "$@" # -B: nothing is written beside the scripts
