#!/usr/bin/env python3
"""Weights that share the numbers of codebooks, judged by PyTorch and ONNX Runtime: files hold packed indices and codebooks, and compute with them.

    packaging/judges.sh tests/judges/share_codebook_test.py build/release/bin/lathe-cli [FAMILY…]

Each model is written with every number of bits, with one codebook for a tensor, a group of channels and a channel. The indices and codebooks in the
TorchScript file are put together here, bit by bit; PyTorch's own layers with these weights have the outputs that the file has in each format. A
codebook that is better than what k-means of the rest of the world finds cannot be asked for, but one that is 10 % worse is wrong.
"""
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
ENTRY = 1024  # bytes that a file takes for one more tensor and its operators, at most

FAMILIES = {
    "images": (lambda: nn.Sequential(
        nn.Conv2d(8, 24, (3, 5), stride=(2, 1), padding=(1, 4), dilation=(1, 2)), nn.ReLU(), nn.Conv2d(24, 32, 3, padding=1, groups=2),
        nn.ConvTranspose2d(32, 20, (4, 3), stride=2, padding=1, output_padding=(0, 1)), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 17, bias=False)), torch.randn(8, 8, 12, 14)),
    "sequences": (lambda: nn.Sequential(nn.Conv1d(12, 32, 5, stride=2), nn.ReLU(), nn.Conv1d(32, 21, 3), nn.AdaptiveAvgPool1d(3)),
                  torch.randn(8, 12, 20)),
    "words": (lambda: nn.Sequential(nn.Embedding(50, 24), nn.Linear(24, 40), nn.ReLU(), nn.Linear(40, 9)), torch.randint(0, 50, (8, 6))),
}


def stored_weights(file):
    """By name, as {indices, codebooks} say: looked up bit by bit."""
    entries = {**dict(torch.jit.load(file).named_parameters()), **dict(torch.jit.load(file).named_buffers())}
    return {name: value.detach() for name, value in entries.items()}


def looked_up(entries, name, shape, bits):
    packed, codebooks = entries[name].flatten().tolist(), entries[name + "_codebook"]
    assert entries[name].dtype == torch.uint8
    total = sum(byte << (8 * at) for at, byte in enumerate(packed))
    count = int(numpy.prod(shape))
    indices = torch.tensor([(total >> (bits * at)) & ((1 << bits) - 1) for at in range(count)])
    return torch.gather(codebooks, 1, indices.reshape(len(codebooks), -1)).reshape(shape)


def slow_error(values, count):
    """Of Lloyd's algorithm with evenly spaced first centroids, as it is written down."""
    centroids = numpy.linspace(values.min(), values.max(), count)
    for _ in range(300):
        nearest = numpy.abs(values[:, None] - centroids[None]).argmin(1)
        moved = numpy.array([values[nearest == at].mean() if (nearest == at).any() else centroids[at] for at in range(count)])
        if (moved == centroids).all():
            break
        centroids = moved
    return (numpy.abs(values[:, None] - centroids[None]).min(1) ** 2).sum()


def check(cli, folder, make, x, bits, granularity):
    torch.manual_seed(1)
    model = make().eval()
    source, recipe = folder / "model.pt", folder / "recipe.json"
    torch.jit.trace(model, x[:1], check_trace=False).save(source)
    numpy.savez(folder / "data.npz", x=x.numpy())
    step = {"op": "share.codebook", "bits": bits, "granularity": granularity, "group_size": 4}
    recipe.write_text(json.dumps({"lathe": 1, "steps": [step]}))
    expected, most = None, 0
    for to, ending in judging.ENDINGS.items():
        file = folder / f"made.{ending}"
        judging.run_lathe(cli, "export", source, "--to", to, "-o", file, "--no-history", "--recipe", recipe, "--data", folder / "data.npz")
        if expected is None:
            entries = stored_weights(file)
            shared = 0
            for name, weight in list(model.named_parameters()):
                if name + "_codebook" not in entries:
                    most += weight.numel() * 4
                    continue
                restored = looked_up(entries, name, weight.shape, bits)
                codebooks = entries[name + "_codebook"]
                most += weight.numel() * bits / 8 + codebooks.numel() * 4
                shared += 1
                if granularity == "tensor":
                    values = weight.detach().double().numpy().ravel()
                    error = ((restored.double().numpy().ravel() - values) ** 2).sum()
                    if error > 1.1 * slow_error(values, 1 << bits) + 1e-9:
                        yield f"{to}: {name} has the error {error:.3e}, plain k-means {slow_error(values, 1 << bits):.3e}"
                with torch.no_grad():
                    weight.copy_(restored)
            if shared == 0 and granularity != "channel":
                yield "no weight is shared"
            with torch.no_grad():
                expected = [model(x).numpy()]
            most += ENTRY * (8 + 12 * len(list(model.named_parameters())))
        if (size := file.stat().st_size) > most:
            yield f"{to}: {size} bytes, more than {most:.0f}"
        if (apart := judging.difference(judging.load(file)([x]), expected)) > LIMIT:
            yield f"{to}: differs by {apart:.1e}"


def main():
    cli, names = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2:] or FAMILIES
    failed = 0
    for name in names:
        torch.manual_seed(2)
        make, x = FAMILIES[name]
        for bits, granularity in [(bits, "tensor") for bits in range(2, 9)] + [(3, "group"), (4, "group"), (2, "channel"), (5, "channel")]:
            with tempfile.TemporaryDirectory() as folder:
                for wrong in check(cli, pathlib.Path(folder), make, x, bits, granularity):
                    print(f"{name}, {bits} bits by {granularity}, {wrong}", flush=True)
                    failed += 1
    print(f"{failed} fail")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
