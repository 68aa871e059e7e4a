#!/usr/bin/env python3
"""Holds that facts about operators stand in their table (core/graph/operators): no other file names an operator by a literal or counts
operands by position.

Formats translate names, so they have theirs; tests spell out what they mean.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
ALLOWED = ("core/formats/", "core/graph/operators/")
COMMENT = re.compile(r"//.*")
NAME = re.compile(r'"(aten|prim|quantized|quantized_decomposed)::|"lathe::(?!views)')
POSITION = re.compile(r"\boperands(\[\d|\.at\(\d|\.front\(\)|\.back\(\))")


def found_in(path):
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        code = COMMENT.sub("", line)
        if NAME.search(code):
            yield number, "names an operator: core/graph/operators/names.h has names, its table facts"
        if POSITION.search(code):
            yield number, "counts operands by position: core/graph/operators has views with names"


def main():
    failed = False
    for folder in ("core", "app", "views"):
        for path in sorted((ROOT / folder).rglob("*")):
            name = path.relative_to(ROOT).as_posix()
            if path.suffix not in (".h", ".cpp", ".cu") or name.startswith(ALLOWED):
                continue
            for number, problem in found_in(path):
                print(f"{name}:{number}: {problem}")
                failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
