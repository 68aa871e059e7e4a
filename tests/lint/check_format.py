#!/usr/bin/env python3
"""Fails when clang-format 14 would change a source file, and names it."""
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def main():
    formatter = shutil.which("clang-format-14")
    if formatter is None:
        print("clang-format-14 is not installed")
        return 1
    names = subprocess.run(["git", "ls-files", "*.h", "*.cpp", "*.cu"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    files = [name for name in names if (ROOT / name).exists()]
    run = subprocess.run([formatter, "--dry-run", "-Werror", *files], cwd=ROOT, capture_output=True, text=True)
    wrong = sorted({line.split(":")[0] for line in run.stderr.splitlines() if "error:" in line})
    for name in wrong:
        print(f"{name}: not formatted (clang-format-14 -i {name})")
    return 1 if wrong or run.returncode != 0 else 0


if __name__ == "__main__":
    sys.exit(main())
