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


def run_lathe(*command, limit=600, kernels="off"):
    """What it prints. `kernels`: LATHE_KERNELS, nothing for times of this machine."""
    try:
        done = subprocess.run([str(each) for each in command], capture_output=True, text=True, timeout=limit,
                              env=os.environ | {"LATHE_STAGES": "off", "LATHE_KERNELS": kernels})
    except subprocess.TimeoutExpired as over:
        raise Failed(f"not done after {limit} seconds") from over
    if done.returncode != 0:
        text = done.stderr.strip() or done.stdout.strip()
        raise Failed(text or f"ended with {done.returncode}", done.returncode)
    return done.stdout


def by_lathe(runner, file, inputs, timed=False):
    """All outputs; `runner` is bench_run_model, which ends with 2 where the file cannot be opened. `timed`: of a plan that chooses its kernels by time."""
    with tempfile.TemporaryDirectory() as folder:
        given, answer = pathlib.Path(folder, "in.npz"), pathlib.Path(folder, "out.npz")
        numpy.savez(given, **{f"input{index}": tensor.numpy() for index, tensor in enumerate(inputs)})
        run_lathe(runner, file, given, answer, *(["--timed"] if timed else []), kernels="" if timed else "off")
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


def matched(actual, expected):
    """The share of detections (boxes [n, 4], labels [n], scores [n]) that both have: of the same label, overlapping by 0.9 or more, the score within 1 %
    of the largest. Each counts once, those with high scores first; their order and the last ones of many may differ."""
    if len(actual) != len(expected):
        raise AssertionError(f"{len(actual)} outputs instead of {len(expected)}")
    if not all(numpy.isfinite(each).all() for each in actual):
        raise AssertionError("not all outputs are numbers")
    (boxes, labels, scores), (other_boxes, other_labels, other_scores) = actual[:3], expected[:3]
    most = max(len(boxes), len(other_boxes))
    if min(len(boxes), len(other_boxes)) == 0:
        return 1.0 if most == 0 else 0.0

    def area(corners):
        return (corners[..., 2:] - corners[..., :2]).clip(0).prod(-1)

    a, b = boxes[:, None].astype(numpy.float64), other_boxes[None].astype(numpy.float64)
    shared = area(numpy.concatenate([numpy.maximum(a[..., :2], b[..., :2]), numpy.minimum(a[..., 2:], b[..., 2:])], -1))
    overlap = shared / numpy.maximum(area(a) + area(b) - shared, 1e-12)
    near = numpy.abs(scores[:, None] - other_scores[None]) <= 0.01 * max(other_scores.max(), 1e-12)
    fits = numpy.where((overlap >= 0.9) & near & (labels[:, None] == other_labels[None]), overlap, 0)
    found = 0
    for row in numpy.argsort(-scores, kind="stable"):
        best = int(fits[row].argmax())
        if fits[row, best] > 0:
            found += 1
            fits[:, best] = 0
    return found / most


def sqnr_db(actual, expected):
    noise = sum(float(((a.astype(numpy.float64) - b) ** 2).sum()) for a, b in zip(actual, expected))
    signal = sum(float((b.astype(numpy.float64) ** 2).sum()) for b in expected)
    return 10 * math.log10(signal / noise) if noise > 0 and signal > 0 else math.inf if noise == 0 else -math.inf
