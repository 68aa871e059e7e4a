#!/usr/bin/env python3
"""Exports LeNet-5 in every format and has PyTorch and ONNX Runtime judge the files.

    python3 tests/bench/check_exports.py build/release/bin/lathe-cli

For each format, with and without int8: size, its ratio to float32, largest difference to the TorchScript export, and the share of equal top-1.
Needs torch 2.11, onnx and onnxruntime. Ends with 1 when a file is refused or less than 99.5 % of the top-1 agree.
"""
import pathlib
import subprocess
import sys
import tempfile

import onnx
import onnxruntime
import torch
import torch.ao.quantization.fx._decomposed  # noqa: F401  registers the operators of QDQ programs

SAMPLE = pathlib.Path(__file__).resolve().parents[2] / "resources/samples/lenet5"
FORMATS = {"torchscript": "pt", "pt2": "pt2", "onnx": "onnx"}


def outputs(file, inputs):
    if file.suffix == ".pt":
        return torch.jit.load(file)(inputs).detach()
    if file.suffix == ".pt2":
        return torch.export.load(file).module()(inputs).detach()
    onnx.checker.check_model(str(file), full_check=True)
    session = onnxruntime.InferenceSession(str(file))
    return torch.tensor(session.run(None, {session.get_inputs()[0].name: inputs.numpy()})[0])


def main():
    program = sys.argv[1]
    inputs = torch.rand(256, 1, 32, 32, generator=torch.Generator().manual_seed(1))
    is_good = True
    with tempfile.TemporaryDirectory() as folder:
        sizes = {}
        for kind, recipe in {"float32": [], "int8": ["--recipe", SAMPLE / "int8.json"]}.items():
            expected = None
            for name, ending in FORMATS.items():
                file = pathlib.Path(folder) / f"{kind}.{ending}"
                subprocess.run([program, "export", SAMPLE / "lenet5.pt", "--data", "fashion-mnist-small", "--to", name, "-o", file,
                                "--no-history", *recipe], check=True, stdout=subprocess.DEVNULL)
                actual = outputs(file, inputs)
                expected = actual if expected is None else expected
                agreement = (actual.argmax(1) == expected.argmax(1)).double().mean().item()
                sizes[kind, name] = file.stat().st_size
                print(f"{kind:8} {name:12} {sizes[kind, name]:8} bytes  {sizes[kind, name] / sizes['float32', name]:.3f} of float32  "
                      f"largest difference {(actual - expected).abs().max().item():.2g}  same top-1 {agreement:.2%}")
                is_good = is_good and agreement >= 0.995
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
