#!/usr/bin/env python3
"""Holds the rules of layers: who may include whom, where Qt, torch, SQLite and QCustomPlot may be included.

Prints each broken rule as file:line and ends with 1 when there is one. Also fails on a line of layers.txt whose folder does not exist.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]')
TORCH = re.compile(r"^(torch/|ATen/|c10/|caffe2/)")
QT = re.compile(r"^(Q[A-Z]\w*|Qt\w*/.*|qcustomplot\.h)$")
TORCH_FOLDERS = ("formats", "transform", "runtime", "data", "train", "measure", "engine")
MAX_LINES = 650


def layers():
    rules = {}
    for line in (ROOT / "tests/lint/layers.txt").read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            folder, _, allowed = line.partition(":")
            rules[folder] = [folder, *allowed.split()]
    return rules


def allowed(include, prefixes):
    return any(include == prefix or include.startswith(prefix + "/") for prefix in prefixes)


def problems_in(path, prefixes):
    relative = path.relative_to(ROOT).as_posix()
    parts = relative.split("/")
    lines = path.read_text(encoding="utf-8").splitlines()
    if len(lines) > MAX_LINES:
        yield 1, f"has {len(lines)} lines: more than {MAX_LINES} are two files"
    for number, line in enumerate(lines, 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        include = match.group(1)
        if re.match(r"(core|views|app|tests)/", include) and not allowed(include, prefixes):
            yield number, f"may not include {include}"
        if parts[0] != "views" and parts[:2] != ["app", "gui"] and QT.match(include):
            yield number, f"includes Qt ({include}) outside views"
        if include == "qcustomplot.h" and parts[:2] != ["views", "charts"]:
            yield number, "includes qcustomplot.h outside views/charts"
        if re.match(r"(sqlite3\.h|SQLiteCpp/)", include) and parts[:2] != ["core", "history"]:
            yield number, "includes SQLite outside core/history"
        if TORCH.match(include):
            in_place = (parts[0] == "core" and parts[1] in TORCH_FOLDERS) or parts[:2] == ["app", "cli"]
            if not in_place:
                yield number, "includes torch in a folder that must not know it"
            elif path.suffix == ".h" and not path.stem.endswith("_torch"):
                yield number, "includes torch in a header that is not called *_torch.h"


def main():
    rules = layers()
    found = 0
    for folder, prefixes in rules.items():
        if not (ROOT / folder).is_dir():
            print(f"tests/lint/layers.txt: {folder} does not exist")
            found += 1
            continue
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".h", ".cpp", ".cu"):
                for number, problem in problems_in(path, prefixes):
                    print(f"{path.relative_to(ROOT)}:{number}: {problem}")
                    found += 1
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
