#!/usr/bin/env python3
"""Layers that are of low rank by their making are taken apart, and the outputs stay: factorized models judged by PyTorch and ONNX Runtime.

    packaging/judges.sh tests/judges/factorize_test.py build/release/bin/lathe-cli [FAMILY…]

In each small model every weight is a sum of two products of one vector for each dimension, so that each method finds it again with rank 2. Factorized
with nearly all of the energy, by samples and by the weights alone, and written in each format, the model has far fewer parameters and the same outputs.
"""
import itertools
import json
import pathlib
import sys
import tempfile
import warnings

import numpy
import torch
from torch import nn

import judging

warnings.filterwarnings("ignore")
LIMIT = 1e-4  # of the largest output: other orders of sums
METHODS = ("channel", "channel_in_front", "spatial", "tucker", "cp")

FAMILIES = {
    "images": (lambda: nn.Sequential(
        nn.Conv2d(8, 24, (3, 5), stride=(2, 1), padding=(1, 4), dilation=(1, 2)), nn.ReLU(), nn.Conv2d(24, 32, 3, padding=1, groups=2),
        nn.Conv2d(32, 32, 5, padding=2, groups=32, bias=False), nn.Conv2d(32, 40, 1, stride=2), nn.ReLU(),
        nn.ConvTranspose2d(40, 24, (4, 3), stride=2, padding=1, output_padding=(0, 1)),
        nn.ConvTranspose2d(24, 16, 3, groups=2, bias=False), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 64), nn.ReLU(),
        nn.Linear(64, 16, bias=False)), (8, 12, 14)),
    "sequences": (lambda: nn.Sequential(
        nn.Conv1d(12, 32, 5, stride=2, padding=2), nn.ReLU(), nn.Conv1d(32, 24, 3, dilation=2, padding_mode="reflect", padding=2),
        nn.ConvTranspose1d(24, 16, 4, stride=2, padding=1), nn.Conv1d(16, 32, 3, groups=2), nn.AdaptiveAvgPool1d(3)), (12, 20)),
    "volumes": (lambda: nn.Sequential(nn.Conv3d(6, 24, 3, padding=1), nn.ReLU(), nn.Conv3d(24, 12, (1, 3, 3)), nn.AdaptiveAvgPool3d(2)),
                (6, 5, 7, 6)),
}


def low_rank(shape):
    total = torch.zeros(shape)
    for _ in range(2):
        part = torch.ones(())
        for size in shape:
            part = part.unsqueeze(-1) * (torch.randn(size) / size**0.25)
        total += part
    return total


def parameters(file):
    return sum(each.numel() for each in torch.jit.load(file).parameters())


def main():
    cli, names = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2:] or FAMILIES
    failed = 0
    for name in names:
        torch.manual_seed(1)
        make, shape = FAMILIES[name]
        model = make().eval()
        with torch.no_grad():
            for part in model:
                if hasattr(part, "weight"):
                    part.weight.copy_(low_rank(part.weight.shape))
            x = torch.randn(48, *shape)
            expected = model(x).numpy()
        with tempfile.TemporaryDirectory() as name_of_folder:
            folder = pathlib.Path(name_of_folder)
            source = folder / "model.pt"
            torch.jit.trace(model, x[:1], check_trace=False).save(source)
            numpy.savez(folder / "data.npz", x=x.numpy())
            for method, criterion in itertools.product(METHODS, ("activations", "weights")):
                step = {"op": "factorize", "target": "energy", "energy": 0.999999999, "method": method, "criterion": criterion}
                (folder / "recipe.json").write_text(json.dumps({"lathe": 1, "steps": [step]}))
                for to, ending in judging.ENDINGS.items():
                    file = folder / f"made.{ending}"
                    judging.run_lathe(cli, "export", source, "--to", to, "-o", file, "--no-history", "--recipe", folder / "recipe.json",
                                      "--data", folder / "data.npz")
                    outputs = judging.load(file)([x])[0]
                    difference = numpy.abs(outputs - expected).max() / numpy.abs(expected).max()
                    wrong = "" if difference <= LIMIT else f"differs by {difference:.1e}"
                    takes_all = method != "spatial" or name == "images"  # other kernels have no two sides
                    if to == "torchscript" and takes_all and parameters(file) > 0.7 * parameters(source):
                        wrong = f"{parameters(file)} of {parameters(source)} parameters are left"
                    if wrong:
                        print(f"{name}, {method} by {criterion}, {to}: {wrong}", flush=True)
                        failed += 1
    print(f"{failed} fail")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
