#!/usr/bin/env python3
"""Writes the models that PyTorch has quantized, which tests of core/formats read, into tests/data/quantized.

They are committed: tests need no Python. Run it again with PyTorch 2.11 when a model here changes:
    python3 tests/data/make_quantized_fixtures.py
NAME.pt is a TorchScript file; NAME.npz holds input0, output0, output1, … and step0, step1, …: the scale of each output (0: float). Weights are seeded.
"""
import copy
import pathlib
import warnings

import numpy
import torch
import torch.ao.nn.quantized as nnq
import torch.ao.quantization as quantization
import torch.nn as nn
import torch.nn.functional as F
from torch.ao.quantization.quantize_fx import convert_fx, prepare_fx

FOLDER = pathlib.Path(__file__).parent / "quantized"


class Static(nn.Module):
    """Eager static quantization: fused conv + batch norm + ReLU, depthwise, residual addition, product, concatenation, pooling."""

    def __init__(self):
        super().__init__()
        self.quant = quantization.QuantStub()
        self.conv1 = nn.Conv2d(3, 8, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(8)
        self.relu1 = nn.ReLU(inplace=True)
        self.depthwise = nn.Conv2d(8, 8, 3, padding=1, groups=8)
        self.pool = nn.MaxPool2d(2)
        self.branch = nn.Conv2d(8, 8, (3, 1), stride=(2, 1), padding=(1, 0), dilation=(1, 2))
        self.sum = torch.ao.nn.quantized.FloatFunctional()
        self.product = torch.ao.nn.quantized.FloatFunctional()
        self.joined = torch.ao.nn.quantized.FloatFunctional()
        self.fc1 = nn.Linear(16, 12)
        self.relu2 = nn.ReLU()
        self.fc2 = nn.Linear(12, 5)
        self.dequant = quantization.DeQuantStub()

    def forward(self, x):
        x = self.relu1(self.bn1(self.conv1(self.quant(x))))
        x = self.sum.add_relu(self.depthwise(x), x)
        y = self.branch(x)
        x = self.pool(x)
        x = F.max_pool2d(x, 3, stride=1, padding=1)
        y = y[:, :, :, ::2]
        x = self.joined.cat([x, self.product.mul(x, y)], dim=1)
        x = torch.flatten(F.adaptive_avg_pool2d(x, (1, 1)), 1)
        return self.dequant(self.fc2(self.relu2(self.fc1(x))))


def static(per_channel):
    model = Static().eval()
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.2)
            module.running_var.uniform_(0.5, 2)
    model = quantization.fuse_modules(model, [["conv1", "bn1", "relu1"], ["fc1", "relu2"]])
    model.qconfig = quantization.get_default_qconfig("fbgemm" if per_channel else "qnnpack")
    quantization.prepare(model, inplace=True)
    for _ in range(4):
        model(torch.randn(8, 3, 8, 8))
    return quantization.convert(model)


class Attention(nn.Module):
    """Dynamic quantization: linear layers that share an input, one without bias, ReLU behind one, an operator in float between."""

    def __init__(self):
        super().__init__()
        self.query, self.key, self.value = nn.Linear(16, 16), nn.Linear(16, 16, bias=False), nn.Linear(16, 16)
        self.norm = nn.LayerNorm(16)
        self.fc1 = nn.Linear(16, 24)
        self.fc2 = nn.Linear(24, 16)

    def forward(self, x):
        weights = torch.softmax(self.query(x) @ self.key(x).transpose(1, 2) / 4, -1)
        x = self.norm(x + weights @ self.value(x))
        return x + self.fc2(F.relu(self.fc1(x)))


class Functional(nn.Module):
    """Graph mode: scales are buffers, activations keep their operators."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(3, 6, 3, padding=1)
        self.up = nn.ConvTranspose2d(6, 4, 2, stride=2)
        self.norm = nn.LayerNorm(8)
        self.fc = nn.Linear(8, 4)

    def forward(self, x):
        x = F.hardswish(self.conv(x))
        x = F.leaky_relu(x + 1.5, 0.2) * 0.5
        x = self.up(x.unsqueeze(2))
        a, b = x.mean(2).chunk(2, 1)
        x = self.norm(torch.cat([a * b, torch.sigmoid(a)], 1))
        return self.fc(x)


def functional():
    model = Functional().eval()
    example = (torch.randn(2, 3, 4),)
    mapping = quantization.get_default_qconfig_mapping("fbgemm").set_object_type(nn.ConvTranspose2d, quantization.default_qconfig)
    prepared = prepare_fx(model, mapping, example)
    for _ in range(4):
        prepared(torch.randn(2, 3, 4))
    return convert_fx(prepared)


class Operators(nn.Module):
    """The quantized kernels of single operators, each an output."""

    def __init__(self):
        super().__init__()
        self.functional = nnq.QFunctional()
        self.functional.scale, self.functional.zero_point = 0.05, 100
        self.hardswish = nnq.Hardswish(0.03, 40)
        self.elu = nnq.ELU(0.03, 60, 0.7)
        self.leaky = nnq.LeakyReLU(0.03, 60, 0.1)
        self.relu6 = nnq.ReLU6()
        self.layer_norm = nnq.LayerNorm([4, 4], nn.Parameter(torch.rand(4, 4)), nn.Parameter(torch.rand(4, 4)), 0.03, 120)
        self.group_norm = nnq.GroupNorm(2, 4, nn.Parameter(torch.rand(4)), nn.Parameter(torch.rand(4)), 0.03, 120)
        self.batch_norm = nnq.BatchNorm2d(4)
        self.batch_norm.scale, self.batch_norm.zero_point = torch.tensor(0.03), torch.tensor(120)
        self.softmax = nnq.Softmax(1, 1 / 256, 0)
        self.transposed = nnq.ConvTranspose2d(4, 3, 3, stride=2, padding=1, output_padding=1)
        self.cube = nnq.Conv3d(1, 2, 3, padding=1)
        for layer in (self.transposed, self.cube):
            weight = layer.weight()
            layer.set_weight_bias(torch.quantize_per_tensor(torch.randn(weight.shape), 0.02, 0, torch.qint8), torch.randn(layer.out_channels))
            layer.scale, layer.zero_point = 0.08, 120

    def quantized(self, x):
        x = torch.quantize_per_tensor(x, 0.02, 110, torch.quint8)
        left, right = x.chunk(2, 1)
        f = self.functional
        return [torch.sigmoid(x), torch.tanh(x), F.hardsigmoid(x), self.hardswish(x), self.elu(x), self.leaky(x), self.relu6(x), self.layer_norm(x),
                self.group_norm(x), self.batch_norm(x), self.softmax(x), self.transposed(x), self.cube(x.unsqueeze(1)), F.avg_pool2d(x, 2),
                F.interpolate(x, scale_factor=2.0, mode="bilinear"), F.interpolate(x, 6), torch.clamp(x, -0.7, 0.4), F.hardtanh(x, -0.3, 1.1), torch.relu(x),
                f.add_scalar(x, 0.31), f.add_scalar(x, 9.0), f.mul_scalar(x, -1.7), f.matmul(x, x), f.cat([right, left], 1), f.add_relu(left, right),
                x.permute(0, 2, 3, 1).reshape(2, -1)[:, 3:7], torch.max_pool2d(x, 3, 1, 1), F.channel_shuffle(x, 2)]

    def forward(self, x):
        return tuple(each.dequantize() for each in self.quantized(x))


class ClampedInput(nn.Module):
    """Integers of seven bits: cut off before and behind the rounding."""

    def __init__(self):
        super().__init__()
        self.fc = nnq.Linear(6, 4)
        self.fc.set_weight_bias(torch.quantize_per_tensor(torch.randn(4, 6), 0.02, 0, torch.qint8), torch.randn(4))
        self.fc.scale, self.fc.zero_point = 0.05, 64

    def forward(self, x):
        x = torch.quantize_per_tensor(torch.clamp(x, -3.2, 3.15), 0.05, 64, torch.quint8)
        return torch.clamp(self.fc(x), -3.2, 3.15).dequantize()


class Branch(nn.Module):
    """Quantized tensors through a condition, a loop and a list."""

    def __init__(self):
        super().__init__()
        self.functional = nnq.QFunctional()
        self.functional.scale, self.functional.zero_point = 0.05, 100

    def forward(self, x):
        q = torch.quantize_per_tensor(x, 0.05, 100, torch.quint8)
        if bool(x.sum() > 0):
            q = self.functional.add(q, q)
        for _ in range(x.size(0)):
            q = F.avg_pool2d(q, 3, 1, 1)
        return F.interpolate(q, scale_factor=2.0).dequantize()


class Recurrent(nn.Module):
    """A layer that Lathe has no counterpart of."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(4, 6)
        self.fc = nn.Linear(6, 2)

    def forward(self, x):
        return self.fc(self.lstm(x)[0])


class Integers(nn.Module):
    """An operator on the integers of a quantized tensor."""

    def forward(self, x):
        return torch.quantize_per_tensor(x, 0.05, 100, torch.quint8).int_repr()


def save(name, model, script, inputs, steps):
    script.save(str(FOLDER / f"{name}.pt"))
    with torch.no_grad():
        outputs = model(inputs)
    outputs = outputs if isinstance(outputs, tuple) else (outputs,)
    assert len(outputs) == len(steps)
    arrays = {"input0": inputs.numpy()}
    for index, (output, step) in enumerate(zip(outputs, steps)):
        arrays[f"output{index}"] = output.numpy()
        arrays[f"step{index}"] = numpy.float32(step)
    numpy.savez_compressed(FOLDER / f"{name}.npz", **arrays)


def main():
    warnings.simplefilter("ignore")
    FOLDER.mkdir(exist_ok=True)
    torch.manual_seed(0)
    image = torch.randn(4, 3, 8, 8)
    torch.backends.quantized.engine = "fbgemm"
    model = static(per_channel=True)
    save("static_scripted", model, torch.jit.script(model), image, [model.fc2.scale])
    # With eight bits FBGEMM adds without overflow only on CPUs that have VNNI; QNNPACK does everywhere.
    torch.backends.quantized.engine = "qnnpack"
    model = static(per_channel=False)
    save("static_traced", model, torch.jit.trace(model, image), image, [model.fc2.scale])
    torch.backends.quantized.engine = "fbgemm"

    words = torch.randn(2, 5, 16)
    attention = Attention().eval()
    for name, dtype in (("dynamic", torch.qint8), ("dynamic_half", torch.float16)):
        model = quantization.quantize_dynamic(copy.deepcopy(attention), {nn.Linear}, dtype)
        save(name, model, torch.jit.script(model) if dtype == torch.qint8 else torch.jit.trace(model, words), words, [0])

    model = functional()
    save("functional", model, torch.jit.script(model), torch.randn(2, 3, 4), [float(model.fc.scale)])
    model, small = Operators().eval(), torch.randn(2, 4, 4, 4)
    steps = [each.q_scale() for each in model.quantized(small)]
    save("operators", model, torch.jit.trace(model, small), small, steps)
    model = ClampedInput().eval()
    save("clamped", model, torch.jit.trace(model, torch.randn(3, 6)), torch.randn(3, 6) * 4, [0.05])
    model = Branch().eval()
    save("branch", model, torch.jit.script(model), torch.rand(2, 1, 4, 4), [0.05])
    model = quantization.quantize_dynamic(Recurrent().eval(), {nn.LSTM, nn.Linear})
    torch.jit.script(model).save(str(FOLDER / "recurrent.pt"))
    torch.jit.trace(Integers(), torch.randn(2, 3)).save(str(FOLDER / "integers.pt"))


if __name__ == "__main__":
    main()
