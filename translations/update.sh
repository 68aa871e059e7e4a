#!/bin/sh
# Brings the .ts files up to date with the sources. English holds plural forms only: everything else is written in the sources.
set -eu
cd "$(dirname "$0")/.."
lupdate=$(PATH="/usr/lib/qt6/bin:$PATH" command -v lupdate) || { echo "update.sh: lupdate is missing (package qt6-l10n-tools)" >&2; exit 1; }
sources=$(find views app/gui -name '*.cpp' -o -name '*.h' | sort)
# shellcheck disable=SC2086 # the names have no blanks
"$lupdate" -silent -no-obsolete -locations none $sources -ts translations/lathe_zh_CN.ts
# shellcheck disable=SC2086
"$lupdate" -silent -no-obsolete -locations none -pluralonly $sources -ts translations/lathe_en.ts
