#!/usr/bin/env python3
"""Takes many known models through Lathe in each format, and compares what comes out with what PyTorch and ONNX Runtime compute.

    python3 tests/bench/conformance.py build/release/bin/bench_run_model [build/release/bin/lathe-cli] [--formats pt,pt2,onnx] [--fast]
        [--timed] [--only NAME …] [--results FILE]

Models: conformance_models.py. For each model and format a line tells whether the file opens, runs, and gives the same numbers as PyTorch (relative 1e-3
of the largest output; detections are matched by label, box and score). With lathe-cli each file is then quantized by "quantize.static" and exported into all three formats: a line for each tells
whether it is exported, whether PyTorch or ONNX Runtime opens it, runs it, and gives what Lathe gives (LIMIT). Totals for each format and each way from one
to another come last. --fast takes one small model of each family. --results keeps a line of JSON for each model that is done: those are not run again and
count in the totals, so that a run that was stopped goes on. Ends with 1 when anything is not the same; what PyTorch itself cannot
write counts nowhere and is listed.
"""
import argparse
import collections
import gc
import json
import pathlib
import sys
import tempfile
import warnings

import numpy
import onnxruntime
import torch
import torch.utils._pytree as pytree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "judges"))
from conformance_models import built, cases  # noqa: E402
from judging import ENDINGS, Failed, by_lathe, difference, load, matched, run_lathe, sqnr_db  # noqa: E402

warnings.filterwarnings("ignore")
onnxruntime.set_default_logger_severity(4)
RELATIVE = 1e-3
# Other engines round a value in the middle of two steps the other way, which deep models with random weights make large: the difference may be
# this share of the largest output, or noise that is this much weaker than what quantization itself makes.
LIMIT, WEAKER_DB = 0.02, 3
# Some models multiply a single value that is rounded the other way from layer to layer until nothing is left of what both have in common but the
# quantization: those are no further from each other than from themselves when their inputs move by the last bits of a float (by this share).
MOVED = 1e-6
# Of detections this share has to be found by both: a box that is at the threshold, or the last of many, may be kept by one of them only. Other
# engines that round quantized values the other way find at least as many as quantization itself leaves.
MATCHED = 0.98
CALIBRATION = 4


def write(case, model, inputs, form, file):
    arguments = tuple(inputs.values())
    if form == "pt":
        module = torch.jit.script(model) if case.is_scripted else torch.jit.trace(model, arguments, check_trace=False, strict=False)
        module.save(str(file))
    elif form == "onnx":
        torch.onnx.export(model, arguments, str(file), input_names=list(inputs), dynamo=not case.is_scripted, external_data=False, verbose=False)
    else:
        program = torch.export.export(model, arguments)
        torch.export.save(program.run_decompositions() if form == "pt2d" else program, file)


def short(error):
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]


class Table:
    """Counts by the way that a model goes."""

    def __init__(self, columns):
        self.columns = columns
        self.rows = []
        self.counts = collections.defaultdict(lambda: [0] * (len(columns) + 1))

    def add(self, name, way, done, words):
        """`done`: of the columns, from the left."""
        marks = ["yes" if at < done else "NO" if at == done else "-" for at in range(len(self.columns))]
        print(f"{name:44} {way:16} " + " ".join(f"{mark:8}" for mark in marks) + words, flush=True)
        self.rows.append([name, way, done, words])
        for at in range(done + 1):
            self.counts[way][at] += 1

    def print(self):
        for way, (count, *dones) in self.counts.items():
            print(f"{way}: {count} files, " + ", ".join(f"{done} {column} ({100 * done / count:.1f} %)" for done, column in zip(dones, self.columns)))

    @property
    def is_whole(self):
        return all(count == dones[-1] for count, *dones in self.counts.values())


class Results:
    """Of the models that are done, in a file of one line of JSON for each: what was added to the tables, and what PyTorch did not write."""

    def __init__(self, file, tables, unwritten):
        self.file, self.tables, self.unwritten = file, tables, unwritten
        self.done = {}
        if file and file.exists():
            self.done = {each["model"]: each for each in map(json.loads, file.read_text().splitlines())}

    def run(self, name, check):
        """`check` adds to the tables, unless an earlier run did."""
        if name in self.done:
            for table, rows in zip(self.tables, self.done[name]["rows"]):
                for row in rows:
                    table.add(*row)
            self.unwritten += self.done[name]["unwritten"]
            return
        starts, unwritten = [len(table.rows) for table in self.tables], len(self.unwritten)
        check()
        if self.file:
            rows = [table.rows[start:] for table, start in zip(self.tables, starts)]
            with self.file.open("a") as file:
                print(json.dumps({"model": name, "rows": rows, "unwritten": self.unwritten[unwritten:]}), file=file)


def in_order(every, names):
    """Those of the names, in their order; all where none are given."""
    by_name = {case.name: case for case in every}
    return [by_name[name] for name in names or by_name]


def check_opened(runner, file, inputs, expected, are_detections, timed=False):
    """How many of opened, run, same; words."""
    try:
        actual = by_lathe(runner, file, inputs, timed)
    except Failed as failed:
        return 0 if failed.code == 2 else 1, short(failed)
    try:
        if are_detections:
            share = matched(actual, expected)
            return 2 + (share >= MATCHED), f"{100 * share:.0f} % of the detections"
        error = difference(actual, expected)
    except AssertionError as reason:
        return 2, short(reason)
    return 2 + (error <= RELATIVE), f"{error:.1e}"


def moved(inputs):
    """Floats that differ from these in the last bits only."""
    torch.manual_seed(2)
    return [each + MOVED * each.abs().max() * torch.randn(each.shape) if each.is_floating_point() else each for each in inputs]


def check_exported(options, source, to, data, recipe, inputs, original, are_detections):
    """How many of exported, opened, run, same; words."""
    file = source.with_name(f"exported.{ENDINGS[to]}")
    # Lathe's own check takes a third of the time: in the format that was opened it is looked at too, else only the judges say.
    unchecked = [] if source.suffix == file.suffix else ["--no-verify"]
    try:
        answer = json.loads(run_lathe(options.cli, "export", source, "--recipe", recipe, "--data", data, "--to", to, "-o", file, "--no-history", "--json",
                                      *unchecked))
    except Failed as failed:
        return 0, short(failed)
    try:
        judge = load(file)
    except Exception as error:  # whatever a judge raises is about this file
        return 1, short(error)
    try:
        judged = judge(inputs)
    except Exception as error:
        return 2, short(error)
    if not all(check["ok"] for check in answer["checks"]):
        return 3, f"lathe-cli says {answer['checks']}"
    try:
        own = by_lathe(options.runner, file, inputs)
        if are_detections:
            share, kept = matched(judged, own), matched(own, original)
            return 3 + (share >= min(MATCHED, kept)), f"{100 * share:.0f} % of Lathe's detections, which has {100 * kept:.0f} % of the original's"
        off, noise, change = difference(judged, own), sqnr_db(judged, own), sqnr_db(own, original)
        words = f"{off:.1e}, {noise:.0f} dB from Lathe's, which is {change:.0f} dB from the original"
        if off <= LIMIT or noise >= change + WEAKER_DB:
            return 4, words
        chaos = sqnr_db(by_lathe(options.runner, file, moved(inputs)), own)
        return 3 + (noise >= chaos - WEAKER_DB), f"{words} and {chaos:.0f} dB from itself with inputs moved by {MOVED}"
    except (Failed, AssertionError) as reason:
        return 3, short(reason)
    finally:
        file.unlink()


def check(options, case, folder, opened, exported, unwritten):
    try:
        model = built(case)
        inputs, calibration = case.inputs(model, case.batch), case.inputs(model, CALIBRATION)
        with torch.no_grad():
            outputs = pytree.tree_leaves(model(*(each.clone() for each in inputs.values())))
        expected = [each.numpy() for each in outputs if isinstance(each, torch.Tensor)]
    except Exception as error:  # PyTorch's or the package's
        unwritten.append(f"{case.name} cannot be built: {type(error).__name__}: {short(error)}")
        return
    data, recipe = folder / "data.npz", folder / "recipe.json"
    numpy.savez(data, **{name: tensor.numpy() for name, tensor in calibration.items()})
    recipe.write_text(json.dumps({"lathe": 1, "steps": [{"op": "quantize.static"}]}))
    for form in options.formats.split(","):
        file = folder / f"model.{form.removesuffix('d')}"
        try:
            write(case, model, inputs, form, file)
        except Exception as error:  # PyTorch's exporter, not ours
            unwritten.append(f"{case.name} {form}: {type(error).__name__}: {short(error)}")
            continue
        done, words = check_opened(options.runner, file, list(inputs.values()), expected, case.are_detections, options.timed)
        opened.add(case.name, form, done, words)
        if options.cli and done > 0:
            for to in ENDINGS:
                done, words = check_exported(options, file, to, data, recipe, list(inputs.values()), expected, case.are_detections, options.timed)
                exported.add(case.name, f"{form} -> {ENDINGS[to]}", done, words)
        file.unlink()
    gc.collect()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("runner", help="bench_run_model of the build")
    parser.add_argument("cli", nargs="?", help="lathe-cli: files are also exported")
    parser.add_argument("--formats", default="pt,pt2,onnx", help="pt, pt2, pt2d (decomposed), onnx; joined by commas")
    parser.add_argument("--fast", action="store_true")
    parser.add_argument("--timed", action="store_true", help="of opened files, run plans whose kernels are chosen by time")
    parser.add_argument("--only", nargs="*", help="names of models, taken in this order")
    parser.add_argument("--results", type=pathlib.Path, help="file of what is done")
    options = parser.parse_args()
    torch.set_num_threads(1)
    opened, exported, unwritten = Table(["opened", "run", "same"]), Table(["exported", "opened", "run", "same"]), []
    results = Results(options.results, [opened, exported], unwritten)
    with tempfile.TemporaryDirectory() as name:
        for case in in_order(cases(options.fast), options.only):
            results.run(case.name, lambda case=case: check(options, case, pathlib.Path(name), opened, exported, unwritten))
    print(f"\nNot written by PyTorch: {len(unwritten)}", *unwritten, sep="\n  ")
    opened.print()
    exported.print()
    return 0 if opened.is_whole and exported.is_whole else 1


if __name__ == "__main__":
    sys.exit(main())
