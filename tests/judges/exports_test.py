#!/usr/bin/env python3
"""Exports of ten families of models in every format, float32 and int8, judged by PyTorch and ONNX Runtime.

    packaging/judges.sh tests/judges/exports_test.py build/release/bin/lathe-cli build/release/bin/bench_run_model [FAMILY…]

Each export is checked by Lathe itself (it fails where the file gives other outputs than the model that was exported). Then PyTorch (.pt, .pt2) or ONNX
Runtime (.onnx, checked by the onnx package first) runs it on other samples, of another number, and has to give what Lathe gives for the file. float32 has
to be the original's outputs as well, and int8 must be near them with int8 weights in the file. A line for each file; ends with 1 on any difference.
"""
import concurrent.futures
import json
import os
import pathlib
import sys
import tempfile
import warnings

import numpy
import onnx
import onnxruntime
import torch
import torch.utils._pytree as pytree
from families import FAMILIES, build
from judging import ENDINGS, by_lathe, difference, load, run_lathe, sqnr_db

warnings.filterwarnings("ignore")
SAMPLES, OTHER_SAMPLES = 32, 7
# Of the largest output. Float: the order of sums. int8: other engines round a value in the middle of two steps the other way, a few in a hundred.
LIMITS = {"float32": 1e-5, "int8": 0.02}
LEAST_SQNR_DB = 20  # of int8 beside the original: what eight bits of random weights give is 25 and more


def export(program, arguments, has_python):
    """Each judge that the program itself asks has to find the file the same; Python's are asked as people ask them."""
    python = ["--python", sys.executable] if has_python else []
    answer = json.loads(run_lathe(program, "export", *arguments, "--no-history", "--json", *python))
    verdicts = {check["by"]: check["ok"] for check in answer["checks"]}
    if len(verdicts) != 1 + has_python or set(verdicts.values()) != {True}:
        raise AssertionError(f"lathe-cli export says {answer['checks']}")


def by_judge(file, inputs):
    if file.suffix == ".onnx":
        names = [each.name for each in onnx.load(file).graph.input]
        if names != list(inputs):
            raise AssertionError(f"its inputs are called {names}, not {list(inputs)}")
    return load(file)(list(inputs.values()))


def int8_weights(file):
    """How many weights of two or more dimensions are int8."""
    if file.suffix == ".onnx":
        integers = (onnx.TensorProto.INT8, onnx.TensorProto.UINT8)
        return sum(each.data_type in integers and len(each.dims) >= 2 for each in onnx.load(file).graph.initializer)
    if file.suffix == ".pt2":
        return sum(tensor.dtype == torch.int8 and tensor.dim() >= 2 for tensor in torch.export.load(file).state_dict.values())
    module = torch.jit.load(file)
    graph = module.inlined_graph
    packed = sum("PackedParams" in str(node.output().type()) for node in graph.findAllNodes("prim::GetAttr"))
    plain = sum(tensor.dtype in (torch.int8, torch.qint8) and tensor.dim() >= 2 for tensor in module.state_dict().values())
    return packed + plain


def source_of(family, model, inputs, folder):
    file = folder / f"model.{family.source}"
    if family.source == "pt":
        torch.jit.trace(model, tuple(inputs.values()), check_trace=False).save(str(file))
    else:
        batch = torch.export.Dim("batch", min=1, max=1024)
        shapes = tuple({0: batch} for _ in inputs)
        torch.export.save(torch.export.export(model, tuple(inputs.values()), dynamic_shapes=shapes), file)
    return file


def check(family, kind, file, judged, own, original):
    """What is to be said of a file, and what is wrong with it ("": nothing)."""
    off, decibels = difference(judged, own), sqnr_db(judged, original)
    text = f"{off:8.1e} from Lathe's, {decibels:6.1f} dB of the original's"
    if off > LIMITS[kind]:
        return text, "differs from Lathe's"
    if kind == "float32":
        return text, "is not the original" if difference(judged, original) > LIMITS[kind] else ""
    integers = int8_weights(file)
    text += f", {integers} int8 weights"
    if integers < family.integers:
        return text, f"has not {family.integers} int8 weights"
    return text, "is far from the original" if decibels < LEAST_SQNR_DB else ""


def judge(family, program, runner, pool):
    """Prints a line about each of the family's six files; how many there are, and how many are wrong."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        model = build(family)
        data, inputs = family.inputs(SAMPLES), family.inputs(OTHER_SAMPLES)
        with torch.no_grad():
            original = [tensor.numpy() for tensor in pytree.tree_leaves(model(*inputs.values()))]
        source = source_of(family, model, data, folder)
        numpy.savez(folder / "data.npz", **{name: tensor.numpy() for name, tensor in data.items()})
        for kind, steps in {"float32": family.float_steps, "int8": [*family.float_steps, *family.steps]}.items():
            (folder / f"{kind}.json").write_text(json.dumps({"lathe": 1, "name": kind, "steps": steps}))

        def by_program(kind, name):
            """Exports, and gives what Lathe computes from the file: what the machine can do beside PyTorch."""
            file = folder / f"{kind}.{ENDINGS[name]}"
            export(program, [source, "--recipe", folder / f"{kind}.json", "--data", folder / "data.npz", "--to", name, "-o", file],
                   family.name == "lenet5")
            return by_lathe(runner, file, list(inputs.values()))

        answers = {(kind, name): pool.submit(by_program, kind, name) for kind in LIMITS for name in ENDINGS}
        wrong = 0
        for (kind, name), answer in answers.items():
            file = folder / f"{kind}.{ENDINGS[name]}"
            text = ""
            try:
                own = answer.result()
                judged = by_judge(file, inputs)
                if family.float_steps and (kind, name) == ("float32", "torchscript"):
                    original = judged  # nobody else has it pruned
                text, problem = check(family, kind, file, judged, own, original)
            except Exception as error:  # whatever a judge raises is about this file
                problem = f"{type(error).__name__}: {str(error)[:500]}"
            print(f"{family.name:12} {kind:8} {name:12} {text}{f'  WRONG: {problem}' if problem else ''}", flush=True)
            wrong += bool(problem)
        return len(answers), wrong


def main():
    program, runner, *chosen = sys.argv[1:]
    torch.set_num_threads(1)
    files = wrong = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for family in FAMILIES:
            if not chosen or family.name in chosen:
                count, bad = judge(family, program, runner, pool)
                files, wrong = files + count, wrong + bad
    print(f"{files - wrong} of {files} files are right, judged by torch {torch.__version__} and onnxruntime {onnxruntime.__version__}")
    return 1 if wrong or not files else 0


if __name__ == "__main__":
    sys.exit(main())
