#!/usr/bin/env python3
"""Holds the tables of what core says (core/base/messages.cpp, error_messages.cpp) against those who say it.

Fails on a code that is used and not in the table, on one that stands in it twice, on a row that nobody says (neither by its code, nor,
where a part of core has no codes yet, in words: all of them in the string literals of one file), and on a call that names other arguments
than the sentence does.
"""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TABLES = [ROOT / "core/base/messages.cpp", ROOT / "core/base/error_messages.cpp"]
LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"')
ROW = re.compile(r'\{\s*"([a-z]+\.[A-Za-z0-9]+)",\s*translatable\(\s*"Message",\s*((?:"(?:[^"\\]|\\.)*"\s*)+)\)\}')
USE = re.compile(r'"([a-z]+\.[A-Za-z0-9]+)"\s*,\s*\{(?=\s*[{}])')  # {"code", {{"name", …}}} and {"code", {}}
ANY_USE = re.compile(r'"([a-z]+\.[A-Za-z0-9]+)"')


def words(text):
    return set(re.findall(r"[A-Za-z][A-Za-z0-9'-]*", re.sub(r"\{\w+\}", " ", text.replace('\\"', " "))))


def argument_names(text, start):
    """The names in the braces that begin at `start`: those at the depth of an argument, not within a reason."""
    depth, names, at = 0, [], start
    while at < len(text):
        if text[at] == '"':
            literal = LITERAL.match(text, at)
            if depth == 2 and text[:at].rstrip().endswith("{"):
                names.append(literal.group(1))
            at = literal.end()
            continue
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        at += 1
        if depth == 0:
            break
    return names


def main():
    rows = {}
    problems = []
    for table in TABLES:
        found = ROW.findall(table.read_text(encoding="utf-8"))
        if len(found) < 20:
            print(f"{table.relative_to(ROOT)} cannot be read")
            return 1
        for code, literals in found:
            if code in rows:
                problems.append(f"{table.relative_to(ROOT)}: {code} stands there twice")
            rows[code] = "".join(LITERAL.findall(literals))
    said, known_words = set(), []
    for path in sorted((ROOT / "core").rglob("*")):
        if path.suffix not in (".cpp", ".h") or path in TABLES:
            continue
        text = path.read_text(encoding="utf-8")
        known_words.append(words(" ".join(LITERAL.findall(text))))
        said |= set(ANY_USE.findall(text)) & rows.keys()
        for use in USE.finditer(text):
            code, place = use.group(1), f"{path.relative_to(ROOT)}:{text.count(chr(10), 0, use.start()) + 1}"
            if code not in rows:
                problems.append(f"{place}: {code} is in no table")
                continue
            names, wanted = argument_names(text, use.end() - 1), re.findall(r"\{(\w+)\}", rows[code])
            if names != wanted:
                problems.append(f"{place}: {code} names {names}, its sentence {wanted}")
    for code, sentence in rows.items():
        if code not in said and not any(words(sentence) <= known for known in known_words):
            problems.append(f"core/base: nobody says {code}: {sentence}")
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
