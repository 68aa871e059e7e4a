#!/usr/bin/env python3
"""Runs the onnx package's own node tests through Lathe's reader and runtime, and holds the list of those that pass.

    packaging/judges.sh tests/judges/onnx_nodes_test.py build/release/bin/onnx_node_runner [--update] [--filter TEXT] [--verbose] [--constants]

onnx_nodes.txt is the floor: a test of it that fails, and one that passes and is not in it, end this with 1 (--update writes the list anew). Tests of
training, strings, sequences and other domains are left out. The tests give every input while the model runs, also shapes and axes that models have as
constants: with --constants all inputs after the first are made initializers, which is printed and held against nothing.
"""
import argparse
import collections
import pathlib
import subprocess
import sys
import tempfile

import numpy
import onnx
from onnx import numpy_helper
from onnx.backend.test.case.node import collect_testcases

LIST = pathlib.Path(__file__).with_name("onnx_nodes.txt")
OPSET = 23  # the newest operator set that counts
SKIPPED_DOMAINS = ("ai.onnx.preview.training", "ai.onnx.training", "ai.onnx.ml")


def is_tensor_of_numbers(value):
    return isinstance(value, numpy.ndarray) and value.dtype.kind not in "OUS"


def is_counted(case):
    """Without training, strings, sequences, maps and optional values."""
    if any(node.domain in SKIPPED_DOMAINS for node in case.model.graph.node) or "training" in case.name:
        return False
    values = list(case.model.graph.input) + list(case.model.graph.output)
    for value in values:
        if value.type.WhichOneof("value") != "tensor_type" or value.type.tensor_type.elem_type == onnx.TensorProto.STRING:
            return False
    words = ("Sequence", "String", "Optional", "Tokenizer")
    skipped = any(any(word in node.op_type for word in words) and node.op_type != "ReverseSequence" for node in case.model.graph.node)
    # Their results are random numbers.
    random = any(node.op_type in ("RandomNormal", "RandomUniform", "RandomNormalLike", "RandomUniformLike", "Bernoulli", "Multinomial")
                 for node in case.model.graph.node)
    return not skipped and not random and bool(case.data_sets)


def write(case, folder, constants):
    folder.mkdir()
    model = onnx.ModelProto()
    model.CopyFrom(case.model)
    inputs, outputs = case.data_sets[0]
    names = [value.name for value in model.graph.input]

    def proto(value, name):
        return value if isinstance(value, onnx.TensorProto) else numpy_helper.from_array(numpy.asarray(value), name)

    keep = list(range(len(names)))
    if constants:
        keep = keep[:1]
        for index in range(1, len(names)):
            tensor = onnx.TensorProto()
            tensor.CopyFrom(proto(inputs[index], names[index]))
            tensor.name = names[index]
            model.graph.initializer.append(tensor)
        del model.graph.input[1:]
    (folder / "model.onnx").write_bytes(model.SerializeToString())
    data = folder / "test_data_set_0"
    data.mkdir()
    for position, index in enumerate(keep):
        (data / f"input_{position}.pb").write_bytes(proto(inputs[index], names[index]).SerializeToString())
    for index, value in enumerate(outputs):
        (data / f"output_{index}.pb").write_bytes(proto(value, "output").SerializeToString())


def run(runner, folders):
    """Lines of the runner; starts it again after a crash."""
    lines, rest = [], list(folders)
    while rest:
        process = subprocess.run([runner], input="\n".join(map(str, rest)) + "\n", capture_output=True, text=True)
        done = process.stdout.splitlines()
        lines += done
        rest = rest[len(done):]
        if rest:
            lines.append(f"failed\t{rest[0]}\tended with status {process.returncode}")
            rest = rest[1:]
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runner")
    parser.add_argument("--constants", action="store_true")
    parser.add_argument("--filter", default="")
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--verbose", action="store_true")
    arguments = parser.parse_args()

    cases = [case for case in collect_testcases(None) if arguments.filter in case.name and is_counted(case)
             and max(entry.version for entry in case.model.opset_import if entry.domain == "") <= OPSET]
    operators = {}
    with tempfile.TemporaryDirectory() as scratch:
        folders = []
        for case in cases:
            folder = pathlib.Path(scratch) / case.name
            try:
                write(case, folder, arguments.constants)
            except (TypeError, ValueError) as error:
                print(f"left out {case.name}: {error}", file=sys.stderr)
                continue
            folders.append(folder)
            operators[case.name] = case.model.graph.node[0].op_type if "_expanded" not in case.name else "(expanded)"
        lines = run(arguments.runner, folders)

    failures = collections.defaultdict(list)
    reasons, passed = {}, set()
    for line in lines:
        result, folder, reason = (line.split("\t") + ["", ""])[:3]
        name = pathlib.Path(folder).name
        if result == "ok":
            passed.add(name)
        else:
            reasons[name] = reason
            failures[operators[name]].append((name, reason))
    for operator, tests in sorted(failures.items(), key=lambda item: -len(item[1])):
        print(f"{operator}: {len(tests)} failed")
        for name, reason in tests if arguments.verbose else tests[:1]:
            print(f"    {name}: {reason[:160]}")
    print(f"{len(passed)} of {len(lines)} passed ({100 * len(passed) / max(len(lines), 1):.1f} %), operator set {OPSET}, onnx {onnx.__version__}")
    if arguments.constants:
        return 0
    if arguments.update and not arguments.filter:
        _, either = listed("")
        LIST.write_text("".join(f"{name}\n" for name in sorted(passed - either)) + "".join(f"? {name}\n" for name in sorted(either)))
        return 0
    return compare_with_list(passed, reasons, arguments.filter)


def listed(chosen):
    """The tests that must pass, and those (? NAME) that may or may not: sums of half floats, which CPUs round differently."""
    lines = [line for line in LIST.read_text().splitlines() if chosen in line]
    return {line for line in lines if not line.startswith("?")}, {line[2:] for line in lines if line.startswith("?")}


def compare_with_list(passed, reasons, chosen):
    floor, either = listed(chosen)
    passed = passed - either
    for name in sorted(floor - passed):
        print(f"WRONG: {name} passed before: {reasons.get(name, 'the onnx package has no such test')}")
    for name in sorted(passed - floor):
        print(f"WRONG: {name} passes now: add it to tests/judges/{LIST.name} (--update does it)")
    return 0 if floor == passed and floor else 1


if __name__ == "__main__":
    sys.exit(main())
