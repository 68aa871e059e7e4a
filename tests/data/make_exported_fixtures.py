#!/usr/bin/env python3
"""Writes the .pt2 archives that tests read, and what PyTorch computes from them, into tests/data/exported.

They are committed: tests need no Python. Run it again with PyTorch 2.11 when a model here changes:
    python3 tests/data/make_exported_fixtures.py
NAME.pt2 is the archive, NAME.npz holds input0, input1, … and output0, output1, … Weights are seeded.
"""
import collections
import copy
import pathlib
import re
import tempfile
import zipfile

import numpy
import torch
import torch.ao.quantization.fx._decomposed  # noqa: F401  (registers quantized_decomposed)
import torch.nn as nn
import torch.nn.functional as F

from make_torchscript_fixtures import Residual, SmallLeNet, Tied, randomize_batch_norm

FOLDER = pathlib.Path(__file__).resolve().parent / "exported"
ROOT = FOLDER.parents[2]


class MultipleOutputs(nn.Module):
    """Operators with several results, a list, a dictionary in the output, a constant, a buffer that is not saved."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(6, 4)
        self.register_buffer("scale", torch.tensor([1.0, 2.0, 3.0]), persistent=False)

    def forward(self, x):
        largest, where = torch.max(self.fc(x), dim=1)
        first, second = torch.split(x, 3, dim=1)
        return largest, {"where": where, "scaled": first * self.scale + torch.tensor([1.0, 0.5, 0.25])}, torch.cat([second, first], 1)


class Named(nn.Module):
    """Takes a dictionary and a keyword, returns dictionaries in a dictionary."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 3)

    def forward(self, batch, flag=2, *, mask):
        y = self.fc(batch["x"]) * mask * flag + batch["shift"]
        return {"logits": y, "extra": (y.relu(), {"sum": y.sum(-1), "nothing": None}), "list": [y + 1]}


Statistics = collections.namedtuple("Statistics", "mean std")
torch.utils._pytree._register_namedtuple(Statistics, serialized_type_name="fixtures.Statistics")


class NamedTuple(nn.Module):
    def forward(self, x):
        return Statistics(x.mean(-1), x.std(-1))


class SymbolicSizes(nn.Module):
    """Arithmetic on a size that is only known at run time."""

    def forward(self, x):
        rows = x.shape[0]
        grid = x.reshape(rows * 2, -1)
        return grid, x.new_ones(rows // 2 + 1), x.clamp(min=0.0, max=float("inf"))


class Condition(nn.Module):
    def __init__(self):
        super().__init__()
        self.up = nn.Linear(4, 4)
        self.down = nn.Linear(4, 4)

    def forward(self, x):
        y, z = torch.cond(x.sum() > 0, lambda a: (self.up(a), a + 1), lambda a: (self.down(a), a * 2), (x,))
        return y * z


class WritesIntoSlice(nn.Module):
    """An in-place operator on a view that is seen through the tensor it looks into."""

    def forward(self, x):
        y = x * 2
        y[:, 1] = 0
        y[0].add_(1)
        return torch.relu_(y - 1)


class Counter(nn.Module):
    """Changes a buffer of its own."""

    def __init__(self):
        super().__init__()
        self.register_buffer("calls", torch.zeros(1))

    def forward(self, x):
        self.calls.add_(1)
        return x + self.calls


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(4, 3, batch_first=True)

    def forward(self, x):
        return self.lstm(x)[0]


class QuantizedLayers(nn.Module):
    """A convolution and a linear layer in int8, as quantize and dequantize nodes around them."""

    def __init__(self):
        super().__init__()
        weight = torch.randn(4, 1, 3, 3)
        self.register_buffer("conv_scale", weight.abs().amax((1, 2, 3)) / 127)
        self.register_buffer("conv_zero", torch.zeros(4, dtype=torch.int64))
        self.register_buffer("conv_weight", torch.clamp(torch.round(weight / self.conv_scale[:, None, None, None]), -127, 127).to(torch.int8))
        self.conv_bias = nn.Parameter(torch.randn(4))
        self.register_buffer("fc_weight", torch.randint(-127, 128, (3, 4 * 6 * 6), dtype=torch.int8))
        self.fc_bias = nn.Parameter(torch.randn(3))

    def forward(self, x):
        q = torch.ops.quantized_decomposed

        def activation(value, scale, zero):
            return q.dequantize_per_tensor(q.quantize_per_tensor(value, scale, zero, 0, 255, torch.uint8), scale, zero, 0, 255, torch.uint8)

        weight = q.dequantize_per_channel(self.conv_weight, self.conv_scale, self.conv_zero, 0, -127, 127, torch.int8)
        x = activation(F.relu(F.conv2d(activation(x, 0.04, 128), weight, self.conv_bias)), 0.03, 0)
        weight = q.dequantize_per_tensor(self.fc_weight, 0.01, 0, -127, 127, torch.int8)
        return activation(F.linear(x.flatten(1), weight, self.fc_bias), 0.2, 100)


class AutocastOff(nn.Module):
    """As models protect a sensitive product from mixed precision."""

    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(4, 4), nn.Linear(4, 3)

    def forward(self, x):
        x = self.first(x)
        with torch.amp.autocast("cpu", enabled=False):
            x = x.float().matmul(x.transpose(-1, -2)).softmax(-1) @ x
        return self.second(x)


class Encoder(nn.Module):
    """One block of a language model as libraries write it: positions from a buffer, a mask of where tokens are, and their mean."""

    def __init__(self):
        super().__init__()
        self.words, self.positions = nn.Embedding(12, 8), nn.Embedding(16, 8)
        self.norm, self.query, self.key = nn.LayerNorm(8), nn.Linear(8, 8), nn.Linear(8, 8)
        self.value, self.inner, self.outer = nn.Linear(8, 8), nn.Linear(8, 16), nn.Linear(16, 8)
        self.register_buffer("ids", torch.arange(16).expand(1, -1))

    def heads(self, x):
        return x.view(x.shape[0], x.shape[1], 2, 4).transpose(1, 2)

    def forward(self, x):
        tokens = (x.abs() * 5).clamp(max=11).to(torch.int64)
        batch, length = tokens.shape
        there = tokens.ne(0) & (torch.arange(length) >= 0)
        ids = self.ids[:, :length].expand(batch, -1)
        first = torch.gather(ids, 1, torch.zeros_like(tokens))
        x = self.norm(self.words(tokens) + self.positions(ids + first))
        rows = torch.arange(batch)[:, None, None, None]
        mask = there[rows, torch.arange(length)[None, None, None, :]]
        bias = torch.where(mask, 0.0, torch.finfo(torch.float32).min)
        q, k, v = self.heads(self.query(x)), self.heads(self.key(x)), self.heads(self.value(x))
        weights = (torch.matmul(q, k.transpose(-1, -2)) * 0.5 + bias).softmax(-1)
        x = x + torch.matmul(weights, v).transpose(1, 2).reshape(batch, length, 8)
        x = x + torch.nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=mask).transpose(1, 2).flatten(2)
        x = x + self.outer(nn.functional.gelu(self.inner(x)))
        part = there.unsqueeze(-1).expand(x.shape).float()
        mean = (x * part).sum(1) / part.sum(1).clamp(min=1e-9)
        return nn.functional.normalize(mean, p=2.0, dim=1)


def clean(text):
    """Without the folders of the machine that it was made on."""
    text = text.replace(str(ROOT) + "/", "")
    return re.sub(r'[^"\\ ]*/site-packages/', "site-packages/", text)


def repack(source, target, is_stored):
    """As torch.export.save writes it (stored, aligned), or deflated as zip programs do; without sample inputs."""
    with zipfile.ZipFile(source) as archive:
        records = {name.split("/", 1)[1]: archive.read(name) for name in archive.namelist() if "sample_inputs" not in name and "/.data" not in name}
    records["models/model.json"] = clean(records["models/model.json"].decode()).encode()
    if is_stored:
        writer = torch._C.PyTorchFileWriter(str(target))
        writer.set_min_version(6)
        for name, data in records.items():
            if name != "byteorder":  # the writer adds it
                writer.write_record(name, data, len(data))
        writer.write_end_of_file()
        return
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in records.items():
            archive.writestr(zipfile.ZipInfo(f"{target.stem}/{name}"), data, zipfile.ZIP_DEFLATED)


def tensors(value):
    if isinstance(value, torch.Tensor):
        return [value]
    values = value.values() if isinstance(value, dict) else value if isinstance(value, (tuple, list)) else ()
    return [tensor for each in values for tensor in tensors(each)]


def write(name, model, inputs, *, keywords=None, shapes=None, decompose=False, train=False, strict=False, is_stored=False, other=None):
    """`other` is a second input of other sizes for dynamic shapes, which the expected output is of."""
    keywords = keywords or {}
    program = torch.export.export(model.train(train), inputs, keywords, dynamic_shapes=shapes, strict=strict)
    if decompose:
        program = program.run_decompositions()
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "model.pt2"
        torch.export.save(program, file)
        repack(file, FOLDER / f"{name}.pt2", is_stored)
    inputs = other or inputs
    with torch.no_grad():
        outputs = tensors(model.eval()(*copy.deepcopy(inputs), **keywords))
    arrays = {f"input{i}": each.numpy() for i, each in enumerate(tensors([*inputs, *keywords.values()]))}
    arrays |= {f"output{i}": each.numpy() for i, each in enumerate(outputs)}
    numpy.savez_compressed(FOLDER / f"{name}.npz", **arrays)


def main():
    FOLDER.mkdir(exist_ok=True)
    torch.manual_seed(0)
    lenet = SmallLeNet().eval()
    residual = randomize_batch_norm(Residual()).eval()
    image = torch.randn(1, 1, 16, 16)
    batch = torch.export.Dim("batch", min=2, max=64)
    some, more = torch.randn(4, 1, 16, 16), torch.randn(7, 1, 16, 16)
    write("lenet", lenet, (image,), is_stored=True)
    write("lenet_strict", lenet, (image,), strict=True)
    write("residual", residual, (image,))
    write("residual_decomposed", residual, (image,), decompose=True)
    write("residual_training", residual, (some,), train=True)
    write("residual_training_decomposed", residual, (some,), train=True, decompose=True)
    write("dynamic_batch", residual, (some,), shapes=({0: batch},), other=(more,))
    write("tied", Tied(), (torch.randn(2, 6),))
    write("multiple_outputs", MultipleOutputs(), (torch.randn(2, 6),))
    write("multiple_outputs_decomposed", MultipleOutputs(), (torch.randn(2, 6),), decompose=True)
    write("named", Named().eval(), ({"x": torch.randn(2, 4), "shift": torch.randn(3)},), keywords={"mask": torch.rand(2, 3)})
    write("named_tuple", NamedTuple(), (torch.randn(2, 4),))
    write("symbolic_sizes", SymbolicSizes(), (torch.randn(4, 6),), shapes=({0: batch},), other=(torch.randn(6, 6),))
    write("condition", Condition(), (torch.randn(2, 4).abs(),), other=(-torch.rand(2, 4),))
    write("writes_into_slice", WritesIntoSlice(), (torch.randn(3, 4),))
    write("counter", Counter(), (torch.randn(2),))
    write("counter_decomposed", Counter(), (torch.randn(2),), decompose=True)
    write("recurrent", Recurrent(), (torch.randn(2, 5, 4),))
    write("quantized", QuantizedLayers().eval(), (torch.randn(2, 1, 8, 8),))
    write("autocast_off", AutocastOff(), (torch.randn(2, 3, 4),))
    write("encoder", Encoder(), (torch.randn(4, 6),), shapes=({0: batch},), other=(torch.randn(3, 6),))


if __name__ == "__main__":
    main()
