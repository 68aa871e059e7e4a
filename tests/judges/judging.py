"""What a file that Lathe wrote computes, said by PyTorch, by ONNX Runtime and by Lathe, and how far two answers are apart."""
import math
import os
import pathlib
import subprocess
import tempfile

import numpy
import onnx
import onnxruntime
import torch
import torch.ao.quantization.fx._decomposed  # noqa: F401  registers the operators of QDQ programs
import torch.utils._pytree as pytree

ENDINGS = {"torchscript": "pt", "pt2": "pt2", "onnx": "onnx"}


class Failed(Exception):
    """Of a program of Lathe's: `code` it ended with (None: it did not in time)."""

    def __init__(self, text, code=None):
        super().__init__(text)
        self.code = code


def run_lathe(*command, limit=600):
    """What it prints."""
    try:
        done = subprocess.run([str(each) for each in command], capture_output=True, text=True, timeout=limit,
                              env=os.environ | {"LATHE_STAGES": "off", "LATHE_KERNELS": "off"})
    except subprocess.TimeoutExpired as over:
        raise Failed(f"not done after {limit} seconds") from over
    if done.returncode != 0:
        text = done.stderr.strip() or done.stdout.strip()
        raise Failed(text or f"ended with {done.returncode}", done.returncode)
    return done.stdout


def by_lathe(runner, file, inputs):
    """All outputs; `runner` is bench_run_model, which ends with 2 where the file cannot be opened."""
    with tempfile.TemporaryDirectory() as folder:
        given, answer = pathlib.Path(folder, "in.npz"), pathlib.Path(folder, "out.npz")
        numpy.savez(given, **{f"input{index}": tensor.numpy() for index, tensor in enumerate(inputs)})
        run_lathe(runner, file, given, answer)
        with numpy.load(answer) as arrays:
            return [arrays[f"output{index}"] for index in range(len(arrays.files))]


def load(file):
    """A function of the inputs that gives all outputs."""
    if file.suffix == ".onnx":
        onnx.checker.check_model(str(file), full_check=True)
        session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
        return lambda inputs: session.run(None, {each.name: tensor.numpy() for each, tensor in zip(session.get_inputs(), inputs)})
    module = torch.jit.load(file).eval() if file.suffix == ".pt" else torch.export.load(file).module()

    def run(inputs):
        with torch.no_grad():
            leaves = pytree.tree_leaves(module(*inputs))
        return [(each.float() if each.dtype == torch.bfloat16 else each).numpy() for each in leaves if isinstance(each, torch.Tensor)]

    return run


def difference(actual, expected):
    """The largest, of the largest output."""
    if len(actual) != len(expected):
        raise AssertionError(f"{len(actual)} outputs instead of {len(expected)}")
    worst = 0.0
    for a, b in zip(actual, expected):
        if a.shape != b.shape or a.dtype != b.dtype:
            raise AssertionError(f"output {a.dtype}{list(a.shape)} instead of {b.dtype}{list(b.shape)}")
        if not numpy.isfinite(a).all():
            raise AssertionError("not all outputs are numbers")
        apart = numpy.abs(a.astype(numpy.float64) - b).max(initial=0)
        worst = max(worst, float(apart / max(float(numpy.abs(b).max(initial=0)), 1e-12)))
    return worst


def sqnr_db(actual, expected):
    noise = sum(float(((a.astype(numpy.float64) - b) ** 2).sum()) for a, b in zip(actual, expected))
    signal = sum(float((b.astype(numpy.float64) ** 2).sum()) for b in expected)
    return 10 * math.log10(signal / noise) if noise > 0 and signal > 0 else math.inf if noise == 0 else -math.inf
