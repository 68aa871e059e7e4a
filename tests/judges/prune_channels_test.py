#!/usr/bin/env python3
"""A channel that nobody needs vanishes, and the outputs stay: pruned models judged by PyTorch.

    packaging/judges.sh tests/judges/prune_channels_test.py build/release/bin/lathe-cli [--all] [CASE…]

In each small model a channel (a group of a norm, an attention head) is planted that is zero and that nobody reads. Pruned by as much, the model has
fewer parameters and the same outputs. As torch.jit.trace has it; with --all or a CASE as torch.export and as the exporter of ONNX have it too. A line
for each that fails; ends with 1 when there is one.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import warnings

import numpy
import torch
import torch.nn.functional as F
from torch import nn

warnings.filterwarnings("ignore")
LIMIT = 1e-4  # of the largest output: other orders of sums
IMAGE, SEQUENCE = torch.randn(1, 3, 8, 8), torch.randn(1, 6, 12)


class Between(nn.Module):
    """Layer a, what is tried, layer b."""

    def __init__(self, a, function, b, **parts):
        super().__init__()
        self.a, self.b, self.function = a, b, function
        for name, part in parts.items():
            setattr(self, name, part)

    def forward(self, x):
        return self.b(self.function(self, self.a(x))).flatten(1)


class Attention(nn.Module):
    """Four heads of eight features; `groups` of keys and values."""

    def __init__(self, kind, groups=4):
        super().__init__()
        self.kind, self.groups = kind, groups
        self.q = nn.Linear(12, 96 if "joined" in kind else 32)
        self.k, self.v = nn.Linear(12, 8 * groups), nn.Linear(12, 8 * groups)
        self.o = nn.Linear(32, 12)

    def forward(self, x):
        samples, length, _ = x.shape
        if self.kind == "joined_at_once":
            q, k, v = self.q(x).reshape(samples, length, 3, 4, 8).permute(2, 0, 3, 1, 4).unbind(0)
        else:
            parts = self.q(x).chunk(3, -1) if self.kind == "joined" else (self.q(x), self.k(x), self.v(x))
            q, k, v = (part.view(samples, length, -1, 8).transpose(1, 2) for part in parts)
        if self.kind == "spread":
            k, v = (part[:, :, None].expand(-1, -1, 4 // self.groups, -1, -1).reshape(samples, 4, length, 8) for part in (k, v))
        if self.kind == "products":
            y = torch.matmul(torch.softmax(torch.matmul(q, k.transpose(-1, -2)) / 8**0.5, -1), v)
        else:
            y = F.scaled_dot_product_attention(q, k, v, enable_gqa=self.kind == "grouped")
        width = 32 if self.kind != "sized" else x.shape[-1] + 20
        return self.o(y.transpose(1, 2).reshape(samples, length, width))

    def plant(self):
        width = 32 // self.groups
        self.o.weight[:, width : 2 * width] = 0
        layers = [(self.q, width)] if "joined" not in self.kind else []
        if "joined" in self.kind:
            for first in (8, 40, 72):
                self.q.weight[first : first + 8] = 0
                self.q.bias[first : first + 8] = 0
        else:
            layers += [(self.k, 8), (self.v, 8)]
        for layer, size in layers:
            layer.weight[size : 2 * size] = 0
            layer.bias[size : 2 * size] = 0


def conv(inputs, outputs, **options):
    return nn.Conv2d(inputs, outputs, 3, padding=1, **options)


CASES = {}


def case(name, model, sample, made, read, ratio, more=()):
    """The outputs `made` of layer a and the inputs `read` of layer b are planted; `more`: (layer, dimension of its weight, indices)."""

    def plant():
        model.a.weight[made] = 0
        model.a.bias[made] = 0
        if read:
            model.b.weight[:, read] = 0
        for layer, axis, indices in more:
            for part in (layer,) if isinstance(layer, torch.Tensor) else (layer.weight, layer.bias):
                if part.dim() > axis:
                    part.index_fill_(axis, torch.tensor(indices), 0.0)

    CASES[name] = (model, sample, plant, ratio)


def image(name, function, **parts):
    case(name, Between(conv(3, 8), function, conv(8, 4), **parts), IMAGE, [3], [3], 1 / 8)


image("group_norm_of_one", lambda m, y: m.n(y), n=nn.GroupNorm(8, 8))
image("instance_norm", lambda m, y: m.n(y), n=nn.InstanceNorm2d(8, affine=True))
image("prelu", lambda m, y: m.n(y), n=nn.PReLU(8))
image("prelu_one", lambda m, y: m.n(y), n=nn.PReLU())
image("pow", lambda m, y: y.pow(2) + y**3)
image("where", lambda m, y: torch.where(y > 0, y, y * 0.1))
image("where_number", lambda m, y: torch.where(y > 0, y, 0.5))
image("masked_fill", lambda m, y: y.masked_fill(y < 0, 0.0))
image("gelu_erf", lambda m, y: y * 0.5 * (1 + torch.erf(y / 1.41421356)))
image("gelu_tanh", lambda m, y: 0.5 * y * (1 + torch.tanh(0.7978845608 * (y + 0.044715 * torch.pow(y, 3)))))
image("rsub", lambda m, y: 1 - y)
image("compare", lambda m, y: (y > 0).float() * y)
image("resize", lambda m, y: F.interpolate(y, scale_factor=2, mode="nearest"))
image("slice_of_image", lambda m, y: y[:, :, 1:, 2:-1])
image("pad", lambda m, y: F.pad(y, (1, 1, 2, 0)))
image("pad_reflect", lambda m, y: F.pad(y, (1, 1, 2, 0), mode="reflect"))
image("stack_sum", lambda m, y: torch.stack([y, y.relu()], 1).sum(1))
image("stack_largest", lambda m, y: torch.stack([y, y.relu()], 2).amax(2))
image("softmax_of_image", lambda m, y: torch.softmax(y.flatten(2), -1).view(1, 8, 8, 8))
image("one_constant_twice", lambda m, y: y + m.c.view(1, 8, 1, 1) + m.c.view(1, 8, 1, 1) * y, c=nn.Parameter(torch.randn(8)))
case("group_norm", Between(conv(3, 8), lambda m, y: m.n(y), conv(8, 4), n=nn.GroupNorm(4, 8)), IMAGE, [2, 3], [2, 3], 1 / 4)
case("pixel_shuffle", Between(conv(3, 32), lambda m, y: F.pixel_shuffle(y, 2), conv(8, 4)), IMAGE, [12, 13, 14, 15], [3], 1 / 8)
case("pixel_unshuffle", Between(conv(3, 8), lambda m, y: F.pixel_unshuffle(y, 2), conv(32, 4)), IMAGE, [3], [12, 13, 14, 15], 1 / 8)
case("glu", Between(conv(3, 16), lambda m, y: F.glu(y, 1), conv(8, 4)), IMAGE, [3, 11], [3], 1 / 8)
case("chunk", Between(conv(3, 16), lambda m, y: y.chunk(2, 1)[0] * torch.sigmoid(y.chunk(2, 1)[1]), conv(8, 4)), IMAGE, [3, 11], [3], 1 / 8)
case("split", Between(conv(3, 12), lambda m, y: torch.cat(y.split(4, 1)[::-1], 1), conv(12, 4)), IMAGE, [1, 5, 9], [1, 5, 9], 1 / 4)
case("split_sizes", Between(conv(3, 12), lambda m, y: torch.cat([y.split([8, 4], 1)[1], y.split([8, 4], 1)[0].relu()], 1), conv(12, 4)), IMAGE, [3], [7], 1 / 12)
case("slice", Between(conv(3, 12), lambda m, y: torch.cat([y[:, :4], y[:, 4:].relu()], 1), conv(12, 4)), IMAGE, [6], [6], 1 / 12)
case("slice_from_end", Between(conv(3, 12), lambda m, y: torch.cat([y[:, :-4], y[:, -4:].relu()], 1), conv(12, 4)), IMAGE, [6], [6], 1 / 12)
case("pad_channels", Between(conv(3, 8), lambda m, y: F.pad(y, (0, 0, 0, 0, 2, 2)), conv(12, 4)), IMAGE, [3], [5], 1 / 8)
case("repeat", Between(conv(3, 8), lambda m, y: y.repeat(1, 2, 1, 1), conv(16, 4)), IMAGE, [3], [3, 11], 1 / 8)
case("expand", Between(nn.Linear(12, 8), lambda m, y: y.mean(1, keepdim=True).expand(1, 6, 8) + y, nn.Linear(8, 4)), SEQUENCE, [3], [3], 1 / 8)
case("view", Between(conv(3, 8), lambda m, y: y.view(1, 8, 64).transpose(1, 2), nn.Linear(8, 4)), IMAGE, [3], [3], 1 / 8)
case("unflatten", Between(nn.Linear(12, 32), lambda m, y: y.unflatten(1, (8, 2, 2)), conv(8, 4)), torch.randn(1, 12), [12, 13, 14, 15], [3], 1 / 8)
case("view_as_image", Between(nn.Linear(12, 32), lambda m, y: y.view(-1, 8, 2, 2), conv(8, 4)), torch.randn(1, 12), [12, 13, 14, 15], [3], 1 / 8)
groups = conv(8, 8, groups=4)
case("grouped", Between(conv(3, 8), lambda m, y: m.g(y), conv(8, 4), g=groups), IMAGE, [2, 3], [2, 3], 1 / 4, [(groups, 0, [2, 3])])
down, up = nn.Conv2d(8, 8, 1), nn.Conv2d(8, 8, 1)
case("squeeze_excite", Between(conv(3, 8), lambda m, y: y * torch.sigmoid(m.e(torch.relu(m.d(y.mean((2, 3), keepdim=True))))), conv(8, 4), d=down, e=up),
     IMAGE, [3], [3], 1 / 8, [(down.weight, 1, [3]), (up, 0, [3]), (down, 0, [5]), (up.weight, 1, [5])])


def recurrent(name, layer, read, units, take=lambda answer: answer[0]):
    """Input 3 of the recurrent layer is planted, and unit 2 of all of its directions and layers."""
    more = []
    for part, weight in layer.named_parameters():
        rows = weight.shape[0] // units
        more.append((weight, 0, [2 + units * gate for gate in range(rows)]))
        if part.startswith("weight_hh"):
            more.append((weight, 1, [2]))
        elif part.startswith("weight_ih"):
            more.append((weight, 1, [3] if "_l0" in part else list(range(2, weight.shape[1], units))))
    case(name, Between(nn.Linear(12, 8), lambda m, y: take(m.r(y)), nn.Linear(max(read) + units - 2, 4), r=layer), SEQUENCE, [3], read, 1 / 8, more)


recurrent("lstm", nn.LSTM(8, 5, batch_first=True), [2], 5)
recurrent("gru", nn.GRU(8, 5, batch_first=True, bidirectional=True), [2, 7], 5)
recurrent("rnn", nn.RNN(8, 5, batch_first=True), [2], 5)
recurrent("lstm_of_two_layers", nn.LSTM(8, 5, 2, batch_first=True, bidirectional=True), [2, 7], 5)
recurrent("lstm_by_its_state", nn.LSTM(8, 5, batch_first=True), [2], 5, lambda answer: answer[1][0][-1])


class Words(nn.Module):
    """An embedding whose width nobody needs in full."""

    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Embedding(20, 8), nn.Linear(8, 4)

    def forward(self, words):
        return self.b(self.a(words).relu()).flatten(1)

    def plant(self):
        self.a.weight[:, 3] = 0
        self.b.weight[:, 3] = 0


words = Words()
CASES["embedding"] = (words, torch.randint(0, 20, (1, 6)), words.plant, 1 / 8)
for name, kind, groups in (("heads", "", 4), ("heads_by_products", "products", 4), ("heads_joined", "joined", 4), ("heads_joined_at_once", "joined_at_once", 4),
                           ("heads_of_another_size", "sized", 4), ("heads_grouped", "grouped", 2), ("heads_spread", "spread", 2)):
    attention = Attention(kind, groups)
    CASES[name] = (attention, SEQUENCE, attention.plant, 1 / groups)


def written(model, sample, file):
    with torch.no_grad():
        if file.suffix == ".pt":
            torch.jit.trace(model, sample, check_trace=False).save(str(file))
        elif file.suffix == ".pt2":
            torch.export.save(torch.export.export(model, (sample,)), file)
        else:
            torch.onnx.export(model, sample, str(file), dynamo=False, opset_version=17)


def judged(cli, folder, name, ending):
    """What is wrong; "" when nothing is."""
    model, sample, plant, ratio = CASES[name]
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.uniform_(0.3, 1).mul_(torch.sign(torch.randn_like(parameter)))
        plant()
        expected = model.eval()(sample)
    file, data, recipe, pruned = folder / f"model.{ending}", folder / "data.npz", folder / "recipe.json", folder / "pruned.pt"
    try:
        written(model, sample, file)
    except Exception:  # what this exporter cannot write
        return ""
    numpy.savez(data, x=sample.numpy())
    recipe.write_text(json.dumps({"lathe": 1, "steps": [{"op": "prune.structured", "ratio": ratio}]}))
    done = subprocess.run([cli, "export", file, "-o", pruned, "--to", "torchscript", "--no-history", "--no-verify", "--data", data, "--recipe", recipe],
                          capture_output=True, text=True, timeout=120)
    if done.returncode:
        return (done.stdout + done.stderr).strip().replace("\n", " ")[:300]
    loaded = torch.jit.load(str(pruned))
    before, after = sum(p.numel() for p in model.parameters()), sum(p.numel() for p in loaded.parameters())
    with torch.no_grad():
        try:
            difference = float((loaded(sample) - expected).abs().max() / expected.abs().max())
        except RuntimeError as error:
            return str(error)[-200:].strip().replace("\n", " ")
    if not difference <= LIMIT:
        return f"differs by {difference:.2g}"
    return "" if after < before - 4 else f"keeps {after} of {before} parameters"


def main():
    cli, names = str(pathlib.Path(sys.argv[1]).resolve()), [name for name in sys.argv[2:] if name != "--all"]
    endings = ["pt", "pt2", "onnx"] if len(sys.argv) > 2 else ["pt"]
    torch.manual_seed(1)
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        os.environ["LATHE_HISTORY"] = str(pathlib.Path(folder) / "history.sqlite")
        for name in names or CASES:
            for ending in endings:
                wrong = judged(cli, pathlib.Path(folder), name, ending)
                failed += wrong != ""
                if wrong:
                    print(f"{name} ({ending}): {wrong}", flush=True)
    print(f"{len(names or CASES)} cases, {failed} fail")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
