#!/usr/bin/env python3
"""Writes the TorchScript files that tests of core/formats read, into tests/data/torchscript.

They are committed: tests need no Python. Run it again with PyTorch 2.11 when a model here changes:
    python3 tests/data/make_torchscript_fixtures.py
Weights are seeded, so the files only change with the models or with PyTorch.
"""
import pathlib
from typing import Dict, List, Optional, Tuple

import torch
import torch.nn as nn
import torch.nn.functional as F

FOLDER = pathlib.Path(__file__).parent / "torchscript"


class SmallLeNet(nn.Module):
    """LeNet-5 on 16x16 images with few channels: functional operators between modules, dropout at the end."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 2, 5)
        self.conv2 = nn.Conv2d(2, 3, 3, padding="same")
        self.fc1 = nn.Linear(27, 8)
        self.dropout = nn.Dropout(0.5)
        self.fc2 = nn.Linear(8, 4)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = torch.flatten(x, 1)
        x = self.dropout(F.relu(self.fc1(x)))
        return self.fc2(x)


class Block(nn.Module):
    """A residual block: batch norm, in-place ReLU used twice, in-place addition."""

    def __init__(self, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x):
        out = self.relu(self.bn1(self.conv1(x)))
        out += x
        return self.relu(out)


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(1, 4, 3)
        self.layer1 = nn.Sequential(Block(4), Block(4))
        self.fc = nn.Linear(4, 3)

    def forward(self, x):
        x = self.layer1(self.stem(x))
        return self.fc(F.adaptive_avg_pool2d(x, 1).flatten(1))


class Tied(nn.Module):
    """Encoder and decoder share one weight."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.Linear(6, 6)
        self.decoder = nn.Linear(6, 6)
        self.decoder.weight = self.encoder.weight

    def forward(self, x):
        return self.decoder(torch.relu(self.encoder(x)))


class ControlFlow(nn.Module):
    """A loop of a length only known at run time, a condition on data, lists, a default argument."""

    def __init__(self):
        super().__init__()
        self.step = nn.Linear(4, 4)

    def forward(self, x, scale: Optional[float] = None):
        steps: List[torch.Tensor] = []
        for i in range(x.size(0)):
            x = torch.tanh(self.step(x))
            steps.append(x * i)
        if bool(x.sum() > 0):
            y = torch.stack(steps).sum(0)
        else:
            y = torch.neg(x)
        if scale is not None:
            y = y * scale
        return y


class Quantized(nn.Module):
    """Quantized by PyTorch: packed weights, which are not read."""

    def __init__(self):
        super().__init__()
        self.quant = torch.ao.quantization.QuantStub()
        self.fc = nn.Linear(4, 2)
        self.dequant = torch.ao.quantization.DeQuantStub()

    def forward(self, x):
        return self.dequant(self.fc(self.quant(x)))


def quantized():
    model = Quantized().eval()
    model.qconfig = torch.ao.quantization.get_default_qconfig("fbgemm")
    torch.ao.quantization.prepare(model, inplace=True)
    model(torch.randn(8, 4))
    return torch.ao.quantization.convert(model)


@torch.jit.script
class Images:
    """Holds values while the model runs, as torchvision's ImageList."""

    def __init__(self, tensors: torch.Tensor, sizes: List[Tuple[int, int]]):
        self.tensors = tensors
        self.sizes = sizes


@torch.jit.script
class Scale:
    """Held by the model from its first call on, as torchvision's LevelMapper."""

    def __init__(self, factor: int, shift: float):
        self.factor = factor
        self.shift = shift


class Containers(nn.Module):
    """What scripted detectors of torchvision do: objects, dictionaries, lists of tuples, arguments that are not given, a warning once."""

    scale: Optional[Scale]

    def __init__(self):
        super().__init__()
        self.step = nn.Linear(4, 4)
        self.scale = None
        self.has_warned = False

    def collect(self, x, targets: Optional[List[Dict[str, torch.Tensor]]] = None):
        parts = [row for row in x]
        sizes: List[Tuple[int, int]] = []
        for i in range(len(parts)):
            target = targets[i] if targets is not None else None
            parts[i] = torch.tanh(parts[i])
            if targets is not None and target is not None:
                targets[i] = target
            sizes.append((parts[i].size(0), i))
        return Images(torch.stack(parts), sizes), targets

    def forward(self, x, targets: Optional[List[Dict[str, torch.Tensor]]] = None):
        images, targets = self.collect(x, targets)
        scale = self.scale
        if scale is None:
            scale = Scale(3, 0.5)
            self.scale = scale
        named: List[Tuple[str, torch.Tensor]] = []
        for i, size in enumerate(images.sizes):
            ratio = float(size[0] + 2) / size[0]
            named.append((str(i), self.step(images.tensors[i]) * scale.factor * ratio + scale.shift * size[1]))
        levels = dict(named)
        losses: Dict[str, torch.Tensor] = {}
        levels["sum"] = torch.stack(list(levels.values())).sum(0) + torch.tensor([size[1] for size in images.sizes]).sum()
        if not self.has_warned:
            self.has_warned = True
        found: List[Dict[str, torch.Tensor]] = []
        found.append({"first": levels["0"], "sum": levels["sum"]})
        detections = (losses, found)
        return detections[1][0]["first"] + detections[1][0]["sum"]


def randomize_batch_norm(model):
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias)
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
    return model


class Repeated(nn.Module):
    """A buffer of 256 GiB of which four bytes are stored."""

    def __init__(self):
        super().__init__()
        self.register_buffer("ones", torch.ones(1).expand(1 << 36))

    def forward(self, x):
        return x + self.ones[0]


class ListOfImages(nn.Module):
    """Takes images of different sizes, as detectors do, and says of each how bright it is."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)

    def forward(self, images: List[torch.Tensor], targets: Optional[List[Dict[str, torch.Tensor]]] = None):
        largest = torch.jit.annotate(List[int], [0, 0])
        for image in images:
            largest = [max(largest[0], image.shape[1]), max(largest[1], image.shape[2])]
        batch = images[0].new_zeros([len(images), 3, largest[0], largest[1]])
        for index, image in enumerate(images):
            batch[index, :, : image.shape[1], : image.shape[2]].copy_(image)
        found = self.conv(batch).mean([2, 3])
        return [{"means": each, "largest": each.max()} for each in found]


class NamedInputs(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 3)

    def forward(self, batch: Dict[str, torch.Tensor], state: Tuple[torch.Tensor, torch.Tensor], scale: Optional[torch.Tensor] = None):
        y = self.fc(batch["x"]) * batch["mask"] + state[0] * state[1]
        if scale is not None:
            y = y * scale
        return y


class TimeInFront(nn.Module):
    """[time, batch, features], as nn.LSTM has it unless it is told otherwise."""

    def __init__(self):
        super().__init__()
        self.lstm, self.fc = nn.LSTM(4, 6), nn.Linear(6, 3)

    def forward(self, x):
        return self.fc(self.lstm(x)[0][-1])


def main():
    FOLDER.mkdir(exist_ok=True)
    torch.manual_seed(0)
    lenet = SmallLeNet().eval()
    residual = randomize_batch_norm(Residual()).eval()
    image = torch.randn(1, 1, 16, 16)
    models = {
        "lenet_traced": torch.jit.trace(lenet, image),
        "lenet_scripted": torch.jit.script(lenet),
        "residual_traced": torch.jit.trace(residual, image),
        "residual_scripted": torch.jit.script(residual),
        "tied": torch.jit.script(Tied().eval()),
        "control_flow": torch.jit.script(ControlFlow().eval()),
        "quantized": torch.jit.script(quantized()),
    }
    containers = Containers().eval()
    models["containers"] = torch.jit.script(containers)
    containers(image[0, 0, :3, :4])
    models["containers_called"] = torch.jit.script(containers)
    models["repeated"] = torch.jit.script(Repeated())
    models["list_of_images"] = torch.jit.script(ListOfImages().eval())
    models["named_inputs"] = torch.jit.script(NamedInputs().eval())
    models["time_in_front"] = torch.jit.trace(TimeInFront().eval(), torch.randn(5, 2, 4))
    for name, model in models.items():
        model.save(str(FOLDER / f"{name}.pt"))
    torch.save(lenet.state_dict(), FOLDER / "state_dict.pt")


if __name__ == "__main__":
    main()
