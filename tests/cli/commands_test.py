#!/usr/bin/env python3
"""Holds commands.txt: what lathe-cli prints and its exit code for each command line.

    python3 tests/cli/commands_test.py build/release/bin/lathe-cli [--print TEXT]

The rows are run in their order in one folder, which is made for this and is the home folder too: a row may use what one before it wrote. With --print the
whole output of the rows whose arguments hold TEXT is shown. Ends with 1 when a row is wrong, or a command of the program has no good or no bad row.
"""
import argparse
import os
import pathlib
import pty
import re
import shlex
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
HIDDEN = ("check-export", "read-model")  # what lathe-cli starts itself
LIMIT_SECONDS = 120


def rows():
    for number, line in enumerate((HERE / "commands.txt").read_text().splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            cells = [cell.strip() for cell in re.split(r" \|(?= )", f"{line} ")]
            if len(cells) != 4 or not cells[1].isdigit():
                sys.exit(f"commands.txt:{number}: a row is: arguments | exit code | standard output | standard error")
            yield number, cells


def prepare(folder):
    """What rows use beside the sample."""
    (folder / "text.txt").write_text("This is no model.\n")
    (folder / "empty.pt").write_bytes(b"")
    (folder / "broken.json").write_text('{"lathe": 1, "steps": [{"op": "quantise.static"}]}')
    (folder / "half.json").write_text('{"lathe": 1, "steps": [')
    (folder / "dynamic.json").write_text('{"lathe": 1, "steps": [{"op": "quantize.dynamic"}]}')
    (folder / "pattern.json").write_text('{"lathe": 1, "steps": [{"op": "finetune"}, {"op": "prune.unstructured", "pattern": "4:2"}]}')
    shutil.copy(ROOT / "tests/core/history/data/version1.sqlite", folder / "old.sqlite")
    (folder / "damaged.sqlite").write_bytes(b"SQLite format 3\0" + b"x" * 5000)
    (folder / "full").mkdir()
    (folder / "full/file").write_text("in the way of a folder\n")


def missing(cell, text):
    """The first piece of a cell that `text` has not, behind those before it."""
    if cell == "*":
        return None
    if not cell:
        return "nothing at all" if text else None
    at = 0
    for piece in cell.split("…"):
        found = text.find(piece.strip(), at)
        if found < 0:
            return f'"{piece.strip()}"'
        at = found + len(piece.strip())
    return None


def newest_run(file):
    if not file.exists():
        return "none"
    with sqlite3.connect(file) as history:
        return history.execute("SELECT id FROM run ORDER BY number DESC").fetchone()[0]


def code_when_interrupted(program, folder, environment):
    """Of a training that gets SIGINT when it has said on its terminal that it is under way."""
    ours, theirs = pty.openpty()
    command = [program, "samples", "train", "lenet5", "-o", "interrupted.pt", "--data", "fashion-mnist-small", "--epochs", "10000"]
    process = subprocess.Popen(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=theirs)
    os.close(theirs)
    said = b""
    try:
        while True:
            was_under_way = b"epoch" in said
            said += os.read(ours, 4096)
            if b"epoch" in said and not was_under_way:
                process.send_signal(signal.SIGINT)
    except OSError:  # the terminal ends with the program
        return process.wait(LIMIT_SECONDS)
    finally:
        process.kill()


def commands_of(program, before=()):
    """The commands that --help lists, those of commands with their own behind them."""
    text = subprocess.run([program, *before, "--help"], capture_output=True, text=True, check=True).stdout
    _, _, listed = text.partition("Subcommands:")
    for name in re.findall(r"^  (\S+)", listed, re.MULTILINE):
        inner = list(commands_of(program, (*before, name)))
        yield from inner or [(*before, name)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--print", dest="shown", metavar="TEXT")
    options = parser.parse_args()
    program = options.program.resolve()
    wrong, seen = 0, {}
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        prepare(folder)
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("LATHE_", "XDG_"))}
        environment |= {"HOME": scratch, "LATHE_STAGES": "off", "LATHE_KERNELS": "off", "LC_ALL": "C.UTF-8"}
        for number, (arguments, code, output, errors) in rows():
            places = {"lenet5": ROOT / "resources/samples/lenet5", "tests": ROOT / "tests/data", "newest": newest_run(folder / "new.sqlite")}
            words = [word.format(**places) for word in shlex.split(arguments)]
            start = time.monotonic()
            done = subprocess.run([program, *words], cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                  timeout=LIMIT_SECONDS)
            if (seconds := time.monotonic() - start) > 3:
                print(f"{seconds:.0f} s: {arguments}")
            for depth in (1, 2):
                seen.setdefault(tuple(words[:depth]), set()).add(int(code) == 0)
            if options.shown is not None and options.shown in arguments:
                print(f"{number}: {arguments}\nexit code {done.returncode}\n{done.stdout}--- standard error\n{done.stderr}")
            problems = []
            if done.returncode != int(code):
                problems.append(f"exit code {done.returncode} instead of {code}")
            for name, cell, text in (("standard output", output, done.stdout), ("standard error", errors, done.stderr)):
                lacking = missing(cell, text)
                if lacking is not None:
                    problems.append(f"{name} has not {lacking}: {text[:600]!r}")
            if problems:
                wrong += 1
                print(f"commands.txt:{number}: {arguments}\n    " + "\n    ".join(problems))
        if (code := code_when_interrupted(program, folder, environment)) != 130 or (folder / "interrupted.pt").exists():
            wrong += 1
            print(f"an interrupted training ends with {code} instead of 130, or leaves a file")
    for command in [*commands_of(program), *((name,) for name in HIDDEN)]:
        for good in (True, False):
            if good not in seen.get(command, ()) and not (good and command[0] in HIDDEN):
                wrong += 1
                print(f"commands.txt: no row with {'good' if good else 'bad'} input for \"{' '.join(command)}\"")
    print(f"{wrong} mistakes")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
