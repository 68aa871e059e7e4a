#!/usr/bin/env python3
"""Fails when a header with a .cpp of its name has no test of that name and no row in tests.txt, or when a test is built by no CMake file.

Of core/A/…/name.h that is a name_test.cpp below tests/core/A (beside it where two headers there have the name), of views and app name_test.cpp or
FOLDER_name_test.cpp in tests/gui. A row of tests.txt that is not needed, or names what does not exist, fails too; within core/A headers may move.
"""
import collections
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIST = ROOT / "tests/lint/tests.txt"


def pairs():
    for top in ("core", "views", "app"):
        for header in sorted((ROOT / top).rglob("*.h")):
            name = header.stem.removesuffix("_torch")
            if any((header.parent / (name + ending)).exists() for ending in (".cpp", ".cu")):
                yield header.relative_to(ROOT), name


def top_of(header):
    """The library: core/A, views or app."""
    return "/".join(header.parts[:2] if header.parts[0] == "core" else header.parts[:1])


def has_own_test(header, name, tests, is_ambiguous):
    folder = header.parent
    if header.parts[0] == "core":
        beside = ROOT / "tests" / folder / f"{name}_test.cpp"
        if is_ambiguous:
            return beside in tests
        return any(test.name == f"{name}_test.cpp" and test.is_relative_to(ROOT / "tests" / top_of(header)) for test in tests)
    names = (f"{name}_test.cpp", f"{folder.name}_{name}_test.cpp")
    return any(test.name in names and test.parent == ROOT / "tests/gui" for test in tests)


def rows():
    for number, line in enumerate(LIST.read_text().splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            header, _, tests = line.partition(":")
            yield number, header.strip(), tests.split()


def main():
    found = 0

    def problem(text):
        nonlocal found
        print(text)
        found += 1

    tests = set((ROOT / "tests").rglob("*_test.cpp"))
    built = "\n".join(file.read_text() for pattern in ("CMakeLists.txt", "*.cmake") for file in (ROOT / "tests").rglob(pattern))
    for test in sorted(tests):
        if test.name not in built and test.name.removesuffix("_test.cpp") not in built:
            problem(f"{test.relative_to(ROOT)}: no CMake file names it: it is never run")

    headers = list(pairs())
    names = collections.Counter((top_of(header), name) for header, name in headers)

    def key(header, name):
        """What a row is found by: the folder counts only where two headers of a library have the name."""
        return header.as_posix() if names[top_of(header), name] > 1 else f"{top_of(header)} {header.name}"

    without = {key(header, name): header for header, name in headers if not has_own_test(header, name, tests, names[top_of(header), name] > 1)}
    programs = {path.name for path in (ROOT / "tests").rglob("*") if path.suffix in (".cpp", ".py")}
    listed = set()
    for number, text, covering in rows():
        place = f"tests/lint/tests.txt:{number}: "
        header = pathlib.PurePosixPath(text)
        row = key(header, header.stem.removesuffix("_torch"))
        if row in listed or row not in without:
            problem(f"{place}the row of {text} is not needed")
        listed.add(row)
        if not covering:
            problem(f"{place}no test is named")
        for test in covering:
            if test not in programs:
                problem(f"{place}there is no {test}")
    for row, header in without.items():
        if row not in listed:
            name = header.stem.removesuffix("_torch")
            problem(f"{header}: no {name}_test.cpp, and no row in tests/lint/tests.txt that says which test covers it")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
