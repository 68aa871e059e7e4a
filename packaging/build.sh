# Configures and builds Lathe in Release and says how far it is; sourced by run.sh and check.sh, which set pipefail.

# lathe_progress reads ninja's lines (NINJA_STATUS as in lathe_build) and says "312 of 750 files, about 9 minutes left" on standard error: on a
# terminal in one line that changes, elsewhere a line each half minute.
lathe_progress() {
  local line finished total seconds rest next=0 said=
  while IFS= read -r line; do
    [[ "$line" =~ ^@([0-9]+)/([0-9]+)/([0-9]+)[0-9.]*@ ]] || continue
    finished=${BASH_REMATCH[1]} total=${BASH_REMATCH[2]} seconds=${BASH_REMATCH[3]}
    # The first files tell little about the others.
    rest=
    if [ "$finished" -ge 20 ] && [ "$finished" -lt "$total" ]; then
      rest=$((seconds * (total - finished) / finished))
      if [ "$rest" -ge 90 ]; then rest=", about $(((rest + 30) / 60)) minutes left"
      elif [ "$rest" -ge 20 ]; then rest=", about a minute left"
      else rest=", less than a minute left"
      fi
    fi
    if [ -t 2 ]; then
      printf '\r\033[K%d of %d files%s' "$finished" "$total" "$rest" >&2
      said=1
    elif [ "$seconds" -ge "$next" ] && [ -n "$rest" ]; then
      printf '%d of %d files%s\n' "$finished" "$total" "$rest" >&2
      next=$((seconds + 30))
    fi
  done
  [ -z "$said" ] || printf '\n' >&2
}

# lathe_build [TARGET…] (none: everything). What ninja and the compilers print goes into build/release/build.log; when the build fails, the errors of it
# are shown and the script ends with 1.
lathe_build() {
  local build=build/release targets=()
  [ $# -eq 0 ] || targets=(--target "$@")
  if [ ! -f "$build/build.ninja" ]; then
    echo "Preparing the build in $build …" >&2
    mkdir -p "$build"
    cmake --preset release > "$build/configure.log" 2>&1 || {
      tail -n 30 "$build/configure.log" >&2
      exit 1
    }
  fi
  echo "Building …" >&2
  # pipefail: the build's exit status.
  if ! NINJA_STATUS='@%f/%t/%e@ ' cmake --build --preset release "${targets[@]}" 2>&1 | tee "$build/build.log" | lathe_progress; then
    echo "The build failed; from $build/build.log:" >&2
    # Ninja shows the command and what it printed behind each "FAILED".
    { grep -v '^@' "$build/build.log" | grep -v '^/usr/bin/' || true; } | tail -n 60 >&2
    exit 1
  fi
}
