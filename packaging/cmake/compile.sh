#!/bin/bash
# Starts the compiler through ccache: compile.sh CCACHE COMPILER ARGUMENT…
#
# Paths below this source tree count relative to it, so that a second clone finds what the first compiled. Where the compiler itself fails (an internal
# error, killed for memory), the file is compiled once more without the cache: GCC 12 was seen to fail once at what it then compiled.
set -u
export CCACHE_BASEDIR=${BASH_SOURCE[0]%/packaging/cmake/*}
# What the compiler says is looked at, and ccache counts the language.
export LC_ALL=C.UTF-8

messages=$(mktemp)
trap 'rm -f "$messages"' EXIT
"$@" 2> "$messages"
status=$?
cat "$messages" >&2
if [ $status -ne 0 ] && grep -qE 'internal compiler error|signal terminated program' "$messages"; then
  echo "compile.sh: the compiler itself failed; once more without the cache." >&2
  CCACHE_DISABLE=1 "$@"
  status=$?
fi
exit $status
