#!/usr/bin/env python3
"""Fails while a text of the window has no finished Chinese entry, an entry is stale, or a translation loses a place holder.

Runs Qt's own lupdate on a copy of the .ts file and compares: what it adds is missing, what it removes is stale.
Usage: check_translations.py [SOURCE_FOLDER]
"""
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

LUPDATE = shutil.which("lupdate", path="/usr/lib/qt6/bin:/usr/bin:/usr/local/bin")


def entries(path):
    """(context, source) → (translations, unfinished?) of a .ts file."""
    found = {}
    for context in ElementTree.parse(path).getroot().iter("context"):
        for message in context.iter("message"):
            translation = message.find("translation")
            forms = [form.text or "" for form in translation.iter("numerusform")] or [translation.text or ""]
            unfinished = translation.get("type") == "unfinished" or any(not form.strip() for form in forms)
            found[context.findtext("name"), message.findtext("source"), message.findtext("comment") or ""] = (forms, unfinished)
    return found


def place_holders(text):
    return sorted(set(re.findall(r"%(?:L?\d+|n)|\{\w+\}", text)))


def check(root, language, is_plural_only):
    problems = []
    path = root / "translations" / f"lathe_{language}.ts"
    sources = sorted(str(file) for folder in ("views", "app/gui", "core") for file in (root / folder).rglob("*") if file.suffix in (".h", ".cpp"))
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / path.name
        shutil.copy(path, fresh)
        options = ["-no-obsolete", "-locations", "none", "-tr-function-alias", "QT_TRANSLATE_NOOP+=translatable"] + (["-pluralonly"] if is_plural_only else [])
        subprocess.run([LUPDATE, *options, *sources, "-ts", fresh], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        now, wanted = entries(path), entries(fresh)
    for key in wanted.keys() - now.keys():
        problems.append(f"{path.name}: missing: {key[0]}: {key[1]!r}")
    for key in now.keys() - wanted.keys():
        problems.append(f"{path.name}: stale: {key[0]}: {key[1]!r}")
    for key, (forms, unfinished) in now.items():
        if unfinished:
            problems.append(f"{path.name}: unfinished: {key[0]}: {key[1]!r}")
            continue
        for form in forms:
            lost = [mark for mark in place_holders(key[1]) if mark not in place_holders(form) and mark != "%n"]
            if lost or set(place_holders(form)) - set(place_holders(key[1])):
                problems.append(f"{path.name}: place holders differ: {key[0]}: {key[1]!r} / {form!r}")
    if not now:
        problems.append(f"{path.name} is empty")
    return problems


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[2]).resolve()
    if not LUPDATE:
        sys.exit("check_translations: lupdate is missing (package qt6-l10n-tools)")
    problems = check(root, "zh_CN", is_plural_only=False) + check(root, "en", is_plural_only=True)
    for problem in sorted(problems):
        print(problem)
    if problems:
        print(f"{len(problems)} problems; translations/update.sh brings the files up to date, then translate what is unfinished")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
