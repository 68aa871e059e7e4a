#!/usr/bin/env python3
"""Models are fed, judged and written as their files declare: small models that PyTorch writes, run by PyTorch and ONNX Runtime.

    packaging/judges.sh tests/judges/contract_test.py build/release/bin/lathe-cli [CASE…]

A line for each case that fails; ends with 1 when there is one.
"""
import json
import pathlib
import sys
import tempfile
import warnings
from typing import Optional

import numpy
import onnx
import onnxruntime
import torch
from judging import ENDINGS, Failed, load, run_lathe
from torch import nn

warnings.filterwarnings("ignore")
onnxruntime.set_default_logger_severity(4)
torch.manual_seed(0)
WORK = pathlib.Path(tempfile.mkdtemp())
CLI = sys.argv[1]
STATIC, DYNAMIC = [{"op": "quantize.static"}], [{"op": "quantize.dynamic"}]
BATCH, LENGTH = torch.export.Dim("batch"), torch.export.Dim("length")


def cli(*arguments):
    return run_lathe(CLI, *arguments, "--no-history", limit=300)


def recipe(steps, **more):
    path = WORK / "recipe.json"
    path.write_text(json.dumps({"lathe": 1, "steps": steps, **more}))
    return ["--recipe", path]


def written(model, inputs, to, dynamic=None):
    """The model in a file of this format."""
    path = WORK / f"model.{ENDINGS[to]}"
    model = model.eval()
    if to == "torchscript":
        torch.jit.trace(model, inputs, strict=False).save(path)
        return path
    if to == "pt2":
        torch.export.save(torch.export.export(model, inputs, dynamic_shapes=dynamic), path)
    else:
        names = [f"input{index}" for index in range(len(inputs))]
        axes = {name: {axis: str(axis) for axis in sizes} for name, sizes in zip(names, dynamic or ({},) * len(names))}
        torch.onnx.export(model, inputs, path, input_names=names, dynamic_axes=axes, dynamo=False)
    return path


def data(**arrays):
    path = WORK / "data.npz"
    numpy.savez(path, **arrays)
    return path


def export(model, to, samples=None, steps=(), *more):
    out = WORK / f"out.{ENDINGS[to]}"
    out.unlink(missing_ok=True)
    cli("export", model, "-o", out, "--to", to, *(["--data", samples] if samples else []), *recipe(list(steps)), *more)
    return out


def measured(model, samples, steps=(), **more):
    return json.loads(cli("run", model, "--data", samples, "--threads", 1, "--json", *recipe(list(steps), **more)))


def flat(value):
    if isinstance(value, torch.Tensor):
        return [value.detach().float().numpy() if value.is_floating_point() else value.numpy()]
    return [array for each in (value.values() if isinstance(value, dict) else value) for array in flat(each)]


def check(condition, text):
    if not condition:
        raise Failed(text)


def same(path, inputs, expected, tolerance=1e-4):
    """Of a written file: its outputs for these inputs."""
    given = load(path)(inputs)
    check(len(given) == len(expected), f"{len(given)} outputs, not {len(expected)}")
    for a, b in zip(given, expected):
        a, b = numpy.asarray(a, numpy.float64), numpy.asarray(b, numpy.float64)
        check(a.shape == b.shape, f"outputs of {a.shape}, not {b.shape}")
        check(numpy.abs(a - b).max() <= tolerance * max(1e-6, numpy.abs(b).max()), f"{path.suffix}: outputs differ by {numpy.abs(a - b).max():.3g}")


def image_model():
    return nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 36, 5))


IMAGES = torch.randn(24, 3, 8, 8)


def fixed_batch(to, batch):
    """A batch that was fixed at export: measured and exported in batches of it, with data that it does not divide."""
    model = image_model()
    path = written(model, (IMAGES[:batch],), to)
    samples = data(x=IMAGES[:21].numpy(), y=numpy.arange(21) % 5)
    if (to, batch) in (("pt2", 8), ("onnx", 1)):
        document = measured(path, samples, STATIC)
        check(document["optimized"]["quality"]["samples"] == 21, "not all samples were measured")
        check(document["optimized"]["latency_ms"]["batch"] == batch, "latency of another batch than the model takes")
    expected = flat(model(IMAGES[:batch]))
    same(export(path, to, samples), (IMAGES[:batch],), expected)
    for other in ENDINGS:
        same(export(path, other, samples, STATIC), (IMAGES[:batch],), expected, 0.1)


def few_large_samples():
    """An export is checked with the samples that there are: in 8 GB, of which 512 of these would need more."""
    model = nn.Sequential(nn.Conv2d(3, 16, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 4))
    images = torch.randn(3, 3, 512, 512)
    path, out = written(model, (images,), "torchscript"), WORK / "out.onnx"
    run_lathe("prlimit", f"--as={8 << 30}", CLI, "export", path, "-o", out, "--to", "onnx", "--data", data(x=images.numpy()), "--no-history")
    same(out, (images,), flat(model(images)))


class Traced(nn.Module):
    """A batch in constants, as tracing leaves it."""

    def __init__(self, batch):
        super().__init__()
        self.batch, self.fc = batch, nn.Linear(12, 4)

    def forward(self, x):
        return self.fc(x.view(self.batch, 12))


def traced_batch():
    x = torch.randn(8, 3, 4)
    path = written(Traced(8), (x,), "torchscript")
    document = measured(path, data(x=torch.randn(21, 3, 4).numpy()), STATIC)
    check(document["optimized"]["quality"]["samples"] == 21 and document["optimized"]["latency_ms"]["batch"] == 8, "another batch was fed")


class Single(nn.Module):
    """Takes one sample, without a dimension for the batch."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(4, 6))

    def forward(self, x):
        return torch.mv(self.weight, x)


def no_batch(to):
    x = torch.randn(21, 6)
    model = Single()
    path = written(model, (x[0],), to)
    if to == "torchscript":
        given = measured(path, data(x=x.numpy(), y=numpy.arange(21) % 4))["baseline"]["quality"]["accuracy"]
        expected = (x @ model.weight.T).argmax(1).eq(torch.arange(21) % 4).float().mean()
        check(abs(given - float(expected)) < 1e-6, f"accuracy {given}, not {float(expected)}")
    for other in ENDINGS:
        same(export(path, other, data(x=x.numpy())), (x[3],), flat(model(x[3])))


def width(dtype, to, steps=()):
    """Half precision: float32 data is cast, whatever the recipe; the export takes what the model takes."""
    model = image_model().to(dtype)
    x = IMAGES.to(dtype)
    path = written(model, (x,), to, ({0: BATCH},) if to == "pt2" else None)
    samples = data(x=IMAGES.numpy())
    expected = flat(model(x))
    same(export(path, to, samples, steps), (x,), expected, 0.1 if steps else 0.02)


class Tokens(nn.Module):
    def __init__(self):
        super().__init__()
        self.table, self.fc = nn.Embedding(20, 16), nn.Linear(16, 6)

    def forward(self, words):
        return self.fc(torch.relu(self.table(words)))


def free_sizes(source, to, steps):
    """['batch', 'length'] stay free in what is exported; integers stay integers."""
    model = Tokens()
    words = torch.randint(0, 20, (6, 7))
    path = written(model, (words,), source, ({0: BATCH, 1: LENGTH},))
    out = export(path, to, data(words=words.numpy()), steps)
    other = torch.randint(0, 20, (3, 11))
    same(out, (other,), flat(model(other)), 0.1)
    if to == "onnx":
        (given,) = onnxruntime.InferenceSession(out, providers=["CPUExecutionProvider"]).get_inputs()
        check(given.type == "tensor(int64)" and all(isinstance(size, str) for size in given.shape), f"{given.type} {given.shape}")


def integer_input():
    """Nothing says what a traced model takes; the embedding does."""
    path = written(Tokens(), (torch.zeros(1, 4, dtype=torch.long),), "torchscript")
    (given,) = onnxruntime.InferenceSession(export(path, "onnx"), providers=["CPUExecutionProvider"]).get_inputs()
    check(given.type == "tensor(int64)", given.type)


class Places(nn.Module):
    """What tracing makes of sizes that are computed with: tensors, and numbers of them."""

    def __init__(self):
        super().__init__()
        self.table, self.places, self.fc = nn.Embedding(20, 16), nn.Embedding(30, 16), nn.Linear(16, 6)

    def forward(self, words):
        length = words.shape[1]
        x = self.table(words) + self.places(torch.arange(0, 0 + length + 2))[-length:]
        scores = x @ x.transpose(1, 2) / (length * 2)
        seen = torch.full((length, length), -9.0).triu(length - 6)[-length:] * (1.0 + length)
        return self.fc((scores + seen).softmax(-1) @ x)


class Halves(nn.Module):
    """As windows of attention are cut: with the number of samples, and by a fraction of it that only floats have."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(6, 4)

    def forward(self, x):
        count, width = x.shape
        parts = self.fc(x.view(count * (width // 6), 6)) * (width // 3) ** -0.5
        return parts.view(parts.shape[0] // 2, 8)


def traced_free_sizes(to):
    """The number of samples stays free where it is computed with."""
    model, x = Halves(), torch.randn(6, 12)
    path = written(model, (x,), "torchscript")
    same(export(path, to, data(x=x.numpy())), (x[:3],), flat(model(x[:3])))


def traced_sizes(to):
    model = Places()
    words = torch.randint(0, 20, (6, 7))
    path = written(model, (words,), "torchscript")
    same(export(path, to, data(words=words.numpy())), (words,), flat(model(words)))


class Two(nn.Module):
    """The first output is no row of classes."""

    def __init__(self):
        super().__init__()
        self.conv, self.fc = nn.Conv2d(3, 4, 3), nn.Linear(144, 5)

    def forward(self, x):
        features = torch.relu(self.conv(x))
        return features, self.fc(features.flatten(1))


def two_outputs(source):
    model = Two()
    path = written(model, (IMAGES,), source, ({0: BATCH},) if source == "pt2" else None)
    labels = model(IMAGES)[1].argmax(1).numpy()
    samples = data(x=IMAGES.numpy(), y=labels)
    if source == "pt2":
        check(measured(path, samples, STATIC)["baseline"]["quality"]["accuracy"] == 1, "the accuracy is of another output")
        check(measured(path, samples, evaluation={"output": "1"})["baseline"]["quality"]["accuracy"] == 1, "output 1 was not taken")
    for to in ENDINGS:
        same(export(path, to, samples, STATIC), (IMAGES,), flat(model(IMAGES)), 0.1)


class Named(nn.Module):
    def forward(self, x, y):
        return {"sum": x + y, "product": x * y}


class Picked(nn.Module):
    """Rows by a mask: of ONNX, entries of as many indices as NonZero finds dimensions."""

    def forward(self, x):
        return x[x[:, 0] > 0] * 2, x[x > 0.5]


def picked_by_mask():
    x = torch.randn(9, 4)
    same(export(written(Picked(), (x,), "onnx"), "torchscript", data(x=x.numpy())), (x,), flat(Picked()(x)))


class Found(nn.Module):
    """As many rows as something is found."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(32, 32)

    def forward(self, x):
        return self.fc(x).relu().nonzero()


def found_counts():
    """Another number of rows than the original's is said."""
    x = torch.randn(200, 32)
    document = measured(written(Found(), (x,), "torchscript"), data(x=x.numpy()), STATIC)
    check(any("from the original's is not measured" in each for each in document["steps"][-1]["warnings"]), "nothing is said")


def dictionary(source):
    """What a model returns in a dictionary has its keys in PyTorch's formats, also two that are the same tensor; beside other outputs it is a tuple."""
    class Keys(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(6, 4)

        def forward(self, x):
            y = self.fc(x)
            return {"scores": y, "again": y, "a": y.relu()}

    model, x = Keys().eval(), torch.randn(5, 6)
    path = written(model, (x,), source)
    for to in ENDINGS:
        out = export(path, to, data(x=x.numpy()))
        same(out, (x,), flat(model(x)))
        if (source, to) == ("torchscript", "pt2"):
            check(list(torch.export.load(out).module()(x)) == ["scores", "again", "a"], "the keys are lost")


def inputs_named_like_labels():
    """An array that is called as an input is that input, also y."""
    x, y = torch.randn(5, 3), torch.randn(5, 3)
    program = torch.export.export(Named(), (x, y), dynamic_shapes=({0: BATCH}, {0: BATCH}))
    path = WORK / "named.pt2"
    torch.export.save(program, path)
    samples = data(x=x.numpy(), y=y.numpy())
    for to in ENDINGS:
        same(export(path, to, samples), (x, y), [(x + y).numpy(), (x * y).numpy()])


class Masked(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 3)

    def forward(self, x, mask: Optional[torch.Tensor] = None):
        return self.fc(x) if mask is None else self.fc(x * mask)


def optional_input(source):
    """An input that may be left out is there when the data has it, and left out when not."""
    model, x, mask = Masked().eval(), torch.randn(6, 4), (torch.arange(24).reshape(6, 4) % 2).float()
    path = WORK / f"model.{ENDINGS[source]}"
    if source == "torchscript":
        torch.jit.script(model).save(path)
    else:
        torch.onnx.export(model, (x, mask), path, input_names=["x", "mask"], dynamic_axes={"x": {0: "N"}, "mask": {0: "N"}}, dynamo=False)
        file = onnx.load(path)
        file.graph.initializer.append(onnx.numpy_helper.from_array(numpy.ones((1, 4), numpy.float32), "mask"))
        onnx.save(file, path)
    for to in ENDINGS:
        same(export(path, to, data(x=x.numpy())), (x,), flat(model(x)))
        same(export(path, to, data(x=x.numpy(), mask=mask.numpy())), (x, mask), flat(model(x, mask)))


def labels(kind):
    """Figures that labels of this kind have, as NumPy computes them."""
    x = torch.randn(40, 6)
    if kind == "numbers":
        model, y = nn.Linear(6, 2), torch.randn(40, 2)
        given = model(x).detach()
        expected = {"mse": ((given - y) ** 2).mean(), "mae": (given - y).abs().mean(), "r2": (1 - ((given - y) ** 2).sum(0) / ((y - y.mean(0)) ** 2).sum(0)).mean()}
    elif kind == "one":
        model, y = nn.Sequential(nn.Linear(6, 1), nn.Sigmoid()), (torch.arange(40) % 3 == 0).long()
        given = model(x).detach()[:, 0]
        pairs = given[y == 1][:, None] - given[y == 0][None]
        expected = {"accuracy": ((given >= 0.5) == (y == 1)).float().mean(), "auc": (pairs > 0).float().mean(), "loss": nn.functional.binary_cross_entropy(given, y.float())}
    elif kind == "several":
        model, y = nn.Linear(6, 3), torch.randint(0, 2, (40, 3))
        given = model(x).detach()
        expected = {"accuracy": ((given >= 0) == (y == 1)).float().mean(), "loss": nn.functional.binary_cross_entropy_with_logits(given, y.float())}
    elif kind == "pixels":
        x = IMAGES
        model, y = nn.Conv2d(3, 4, 1), torch.randint(0, 4, (24, 8, 8))
        y[0, 0] = 255
        given, counts = model(x).detach().argmax(1), y != 255
        unions = [((given == c) | (y == c)) & counts for c in range(4)]
        overlaps = [((given == c) & (y == c)).sum() / union.sum() for c, union in enumerate(unions)]
        expected = {"accuracy": (given == y)[counts].float().mean(), "mean_iou": torch.stack(overlaps).mean()}
    else:
        x = torch.randint(0, 20, (24, 7))
        model, y = Tokens(), torch.randint(0, 6, (24, 7))
        y[:, 5:] = -100
        given, counts = model(x).detach().argmax(2), y != -100
        expected = {"accuracy": (given == y)[counts].float().mean()}
    quality = measured(written(model, (x,), "torchscript"), data(x=x.numpy(), y=y.numpy()))["baseline"]["quality"]
    for name, value in expected.items():
        check(quality.get(name) is not None and abs(quality[name] - float(value)) < 1e-4, f"{name} {quality.get(name)}, not {float(value)}")


CASES = {
    **{f"fixed_batch_{to}_{batch}": (lambda to=to, batch=batch: fixed_batch(to, batch)) for to in ("pt2", "onnx") for batch in (1, 8)},
    "few_large_samples": few_large_samples,
    "traced_batch": traced_batch,
    **{f"no_batch_{to}": (lambda to=to: no_batch(to)) for to in ENDINGS},
    **{
        f"{name}_{to}_{kind}": (lambda dtype=dtype, to=to, steps=steps: width(dtype, to, steps))
        for name, dtype in (("float16", torch.float16), ("bfloat16", torch.bfloat16))
        for to in ("torchscript", "pt2")
        for kind, steps in (("plain", ()), ("static", STATIC))
    },
    **{
        f"free_sizes_{source}_{to}_{steps[0]['op'][9:] if steps else 'plain'}": (lambda source=source, to=to, steps=steps: free_sizes(source, to, steps))
        for source in ("pt2", "onnx")
        for to in ("pt2", "onnx")
        for steps in ((), STATIC, DYNAMIC)
    },
    **{f"traced_free_sizes_{to}": (lambda to=to: traced_free_sizes(to)) for to in ENDINGS},
    **{f"traced_sizes_{to}": (lambda to=to: traced_sizes(to)) for to in ENDINGS},
    "integer_input": integer_input,
    **{f"two_outputs_{source}": (lambda source=source: two_outputs(source)) for source in ("torchscript", "pt2")},
    **{f"dictionary_{source}": (lambda source=source: dictionary(source)) for source in ("torchscript", "pt2")},
    "picked_by_mask": picked_by_mask,
    "found_counts": found_counts,
    "inputs_named_like_labels": inputs_named_like_labels,
    **{f"optional_input_{source}": (lambda source=source: optional_input(source)) for source in ("torchscript", "onnx")},
    **{f"labels_{kind}": (lambda kind=kind: labels(kind)) for kind in ("numbers", "one", "several", "pixels", "tokens")},
}

failed = 0
for name, run in CASES.items():
    if sys.argv[2:] and name not in sys.argv[2:]:
        continue
    try:
        run()
    except Exception as reason:  # also what PyTorch and ONNX Runtime say of a file
        failed += 1
        print(f"{name}: {str(reason).splitlines()[0][:300]}", flush=True)
print(f"{len(sys.argv[2:] or CASES) - failed} of {len(sys.argv[2:] or CASES)} cases are as the files say")
sys.exit(failed > 0)
