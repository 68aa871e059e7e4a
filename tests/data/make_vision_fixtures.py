#!/usr/bin/env python3
"""Writes tests/data/vision: a model with torchvision's operators in TorchScript and .pt2, with what PyTorch computes, and one with operators of a
library that nobody has.

    pip install torch==2.11.0 torchvision==0.26.0 numpy
    python3 tests/data/make_vision_fixtures.py
"""
import pathlib

import numpy
import torch
import torchvision
from torch import nn

FOLDER = pathlib.Path(__file__).with_name("vision")


class Vision(nn.Module):
    """A deformed convolution, of whose image regions are taken that do not cover each other."""

    def __init__(self):
        super().__init__()
        self.places = nn.Conv2d(3, 18, 3, padding=1)
        self.shares = nn.Conv2d(3, 9, 3, padding=1)
        self.deform = torchvision.ops.DeformConv2d(3, 4, 3, padding=1)

    def forward(self, x, boxes, scores):
        image = self.deform(x, self.places(x), torch.sigmoid(self.shares(x)))
        kept = torchvision.ops.nms(boxes, scores, 0.4)
        regions = torch.cat([torch.zeros_like(boxes[:, :1]), boxes], 1)
        aligned = torchvision.ops.roi_align(image, regions, [3, 2], 0.5, 2, True)
        return aligned[kept], kept


class Unknown(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(4, 4)

    def forward(self, x):
        y = torch.ops.lathe_test.twice(self.linear(x))
        low, high = torch.ops.lathe_test.halves(y)
        return torch.relu(low) + high


def vision():
    torch.manual_seed(7)
    model = Vision().eval()
    x = torch.randn(1, 3, 8, 8)
    corner = torch.rand(12, 2) * 8
    boxes = torch.cat([corner, corner + 2 + torch.rand(12, 2) * 6], 1)
    scores = torch.rand(12)
    torch.jit.script(model).save(FOLDER / "scripted.pt")
    torch.jit.trace(model, (x, boxes, scores)).save(FOLDER / "traced.pt")
    torch.export.save(torch.export.export(model, (x, boxes, scores)), FOLDER / "exported.pt2")
    with torch.no_grad():
        regions, kept = model(x, boxes, scores)
    numpy.savez(FOLDER / "tensors.npz", x=x.numpy(), boxes=boxes.numpy(), scores=scores.numpy(), regions=regions.numpy(), kept=kept.numpy())


def unknown():
    library = torch.library.Library("lathe_test", "DEF")
    library.define("twice(Tensor x) -> Tensor")
    library.define("halves(Tensor x) -> (Tensor, Tensor)")
    library.impl("twice", lambda x: x * 2, "CPU")
    library.impl("halves", lambda x: (x / 2, x / 2), "CPU")
    torch.jit.trace(Unknown().eval(), torch.randn(2, 4)).save(FOLDER / "unknown_operators.pt")


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    vision()
    unknown()
