#!/bin/sh
# Brings the .ts files up to date with the sources. English holds plural forms only: everything else is written in the sources.
set -eu
cd "$(dirname "$0")/.."
lupdate=$(PATH="/usr/lib/qt6/bin:$PATH" command -v lupdate) || { echo "update.sh: lupdate is missing (package qt6-l10n-tools)" >&2; exit 1; }
sources=$(find views app/gui core -name '*.cpp' -o -name '*.h' | sort)
# core has no Qt: base::translatable(context, text) marks what it hands out to be translated.
options="-silent -no-obsolete -locations none -tr-function-alias QT_TRANSLATE_NOOP+=translatable"
# shellcheck disable=SC2086 # the names have no blanks
"$lupdate" $options $sources -ts translations/lathe_zh_CN.ts
# shellcheck disable=SC2086
"$lupdate" $options -pluralonly $sources -ts translations/lathe_en.ts
