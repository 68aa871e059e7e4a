#!/usr/bin/env python3
"""silero-vad in Lathe, one call after the other, against ONNX Runtime and PyTorch: the state that the models keep or hand out.

    pip install torch==2.11.0 onnxruntime numpy silero-vad
    python3 tests/bench/check_streaming.py build/release/bin/bench_run_model [FOLDER OF THE MODELS]

100 frames of 32 ms go through the TorchScript file (which changes itself) and each ONNX file of the package (whose state is an input and an output). A
line for each with the largest difference; ends with 1 when one is above 1e-4.
"""
import importlib.util
import pathlib
import subprocess
import sys
import tempfile

import numpy
import onnxruntime
import torch

onnxruntime.set_default_logger_severity(3)

FRAMES, RATE, SAMPLES, CONTEXT, LIMIT = 100, 16000, 512, 64, 1e-4


def sound():
    """A tone that comes and goes, and noise."""
    at = numpy.arange(FRAMES * SAMPLES) / RATE
    random = numpy.random.default_rng(5)
    tone = sum(numpy.sin(2 * numpy.pi * 140 * k * at) / k for k in range(1, 12)) * (numpy.sin(2 * numpy.pi * 1.3 * at) > 0)
    return (0.2 * tone + 0.01 * random.standard_normal(at.shape)).astype(numpy.float32).reshape(FRAMES, 1, SAMPLES)


def lathe(runner, model, inputs, pairs):
    with tempfile.TemporaryDirectory() as folder:
        given, made = pathlib.Path(folder) / "in.npz", pathlib.Path(folder) / "out.npz"
        numpy.savez(given, **{f"input{index}": value for index, value in enumerate(inputs)})
        run = subprocess.run([runner, model, given, made, "--stream", *pairs], capture_output=True, text=True)
        if run.returncode:
            raise RuntimeError(run.stderr.strip())
        return numpy.load(made)["output0"]


def with_context(frames):
    """The ONNX files want the end of the frame before in front of each."""
    before = numpy.concatenate([numpy.zeros((1, 1, CONTEXT), numpy.float32), frames[:-1, :, -CONTEXT:]])
    return numpy.concatenate([before, frames], axis=2)


def check_torchscript(runner, model, frames):
    module = torch.jit.load(model).eval()
    with torch.no_grad():
        expected = numpy.stack([module(torch.from_numpy(frame), RATE).numpy() for frame in frames])
    return lathe(runner, model, [frames, numpy.array(RATE)], []), expected


def check_onnx(runner, model, frames):
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    inputs, outputs = [each.name for each in session.get_inputs()], [each.name for each in session.get_outputs()]
    carried = {"state": "stateN"} if "state" in inputs else {"h": "hn", "c": "cn"}
    long = with_context(frames)
    start = {"state": numpy.zeros((2, 1, 128), numpy.float32), "h": numpy.zeros((1, 1, 128), numpy.float32)}
    start |= {"c": start["h"], "sr": numpy.array(RATE, numpy.int64)}
    feeds, expected = dict(start), []
    for frame in long:
        feeds["input"] = frame
        given = session.run(outputs, {name: feeds[name] for name in inputs})
        expected.append(given[0])
        feeds |= {name: given[outputs.index(carried[name])] for name in carried}
    start["input"] = long
    pairs = [f"{inputs.index(name)}={outputs.index(carried[name])}" for name in carried]
    return lathe(runner, model, [start[name] for name in inputs], pairs), numpy.stack(expected)


def main(runner, folder=None):
    folder = pathlib.Path(folder or pathlib.Path(importlib.util.find_spec("silero_vad").origin).parent / "data")
    frames, is_good = sound(), True
    for model in sorted([*folder.glob("silero_vad*.jit"), *folder.glob("silero_vad*.onnx")]):
        try:
            both = (check_torchscript if model.suffix == ".jit" else check_onnx)(runner, model, frames)
        except Exception as error:
            print(f"{model.name}: {type(error).__name__}: {str(error).splitlines()[0][:200]}")
            is_good = False
            continue
        difference = float(numpy.abs(both[0] - both[1]).max())
        print(f"{model.name}: {len(both[1])} frames, from {both[1].min():.4f} to {both[1].max():.4f}, differ by up to {difference:.1e}")
        is_good = is_good and difference <= LIMIT
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
