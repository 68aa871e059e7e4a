#!/usr/bin/env python3
"""Fails while views/models/engine_text.cpp knows a sentence that core does not write (any more).

A sentence is found when all its words stand in the string literals of one file of core.
"""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"')


def words(text):
    return set(re.findall(r"[A-Za-z][A-Za-z0-9'-]*", re.sub(r"%\d", " ", text.replace('\\"', " "))))


def main():
    table = (ROOT / "views/models/engine_text.cpp").read_text(encoding="utf-8")
    calls = re.findall(r'QT_TRANSLATE_NOOP\("EngineText",\s*((?:"(?:[^"\\]|\\.)*"\s*)+)\)', table)
    sentences = ["".join(LITERAL.findall(call)) for call in calls]
    if len(sentences) < 20:
        print("engine_text.cpp: its table cannot be read")
        return 1
    core = [words(" ".join(LITERAL.findall(path.read_text(encoding="utf-8")))) for path in sorted((ROOT / "core").rglob("*.cpp"))]
    missing = [sentence for sentence in sentences if not any(words(sentence) <= known for known in core)]
    for sentence in missing:
        print(f"views/models/engine_text.cpp: core does not write: {sentence}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
