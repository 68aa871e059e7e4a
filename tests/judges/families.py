"""Small models of ten families with seeded weights: what exports_test.py takes through Lathe."""
import dataclasses
import json
import pathlib
from typing import Callable

import torch
import torch.nn.functional as F
from torch import nn

SAMPLE = pathlib.Path(__file__).resolve().parents[2] / "resources/samples/lenet5"
FUSE = [{"op": "fuse.conv_bn"}, {"op": "fuse.conv_relu"}, {"op": "fuse.linear_relu"}]
STATIC = [*FUSE, {"op": "quantize.static"}]
DYNAMIC = [{"op": "quantize.dynamic"}]


@dataclasses.dataclass
class Family:
    name: str
    build: Callable[[], nn.Module]
    inputs: Callable[[int], dict]  # of so many samples, by the names of the model's inputs
    steps: list  # the recipe of the int8 export
    source: str  # "pt" or "pt2": what PyTorch writes and Lathe reads
    integers: int  # layers whose weights must be int8 in the export
    float_steps: tuple = ()  # what both exports have done to them


class LeNet5(nn.Module):
    """The sample's weights."""

    def __init__(self):
        super().__init__()
        self.model = torch.jit.load(SAMPLE / "lenet5.pt").eval()

    def forward(self, x):
        return self.model(x)


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(8)
        self.conv1 = nn.Conv2d(8, 8, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(8)
        self.conv2 = nn.Conv2d(8, 8, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(8)
        self.fc = nn.Linear(8, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.norm(self.stem(x))), 2)
        y = self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x)))))
        return self.fc(F.relu(x + y).mean((2, 3)))


class Depthwise(nn.Module):
    """MobileNet's: wider, one filter a channel, narrower, added to what came in."""

    def __init__(self):
        super().__init__()

        def layer(before, after, kernel, groups=1):
            return nn.Sequential(nn.Conv2d(before, after, kernel, padding=kernel // 2, groups=groups, bias=False), nn.BatchNorm2d(after))

        self.stem = layer(3, 8, 3)
        self.wider = layer(8, 24, 1)
        self.depthwise = layer(24, 24, 3, 24)
        self.narrower = layer(24, 8, 1)
        self.fc = nn.Linear(8, 10)

    def forward(self, x):
        x = F.relu6(self.stem(x))
        x = x + self.narrower(F.relu6(self.depthwise(F.relu6(self.wider(x)))))
        return self.fc(torch.flatten(F.adaptive_avg_pool2d(x, 1), 1))


class Gated(nn.Module):
    """Squeeze and excitation, functions of one number, branches side by side and a sum that no layer takes in."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 12, 3, padding=1)
        self.squeeze = nn.Conv2d(12, 4, 1)
        self.excite = nn.Conv2d(4, 12, 1)
        self.left = nn.Conv2d(12, 8, 1)
        self.right = nn.Conv2d(12, 8, 3, padding=1)
        self.both = nn.Conv2d(16, 16, 1)
        self.fc = nn.Linear(16, 10)

    def forward(self, x):
        x = F.silu(self.stem(x))
        x = x * F.hardsigmoid(self.excite(F.silu(self.squeeze(F.adaptive_avg_pool2d(x, 1)))))
        x = torch.cat([F.hardswish(self.left(x)), F.relu(self.right(x))], 1)
        x = F.leaky_relu(x + torch.tanh(self.both(x)), 0.1)
        return self.fc(F.gelu(self.both(x)).mean((2, 3)))


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(6, 16, batch_first=True)
        self.gru = nn.GRU(16, 12, batch_first=True)
        self.fc = nn.Linear(12, 5)

    def forward(self, x):
        x, _ = self.lstm(x)
        x, _ = self.gru(x)
        return self.fc(x[:, -1])


class Encoder(nn.Module):
    def __init__(self, width=16, heads=2):
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value = nn.Linear(width, width), nn.Linear(width, width), nn.Linear(width, width)
        self.out = nn.Linear(width, width)
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.wider, self.narrower = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.fc = nn.Linear(width, 4)

    def split(self, x):
        return x.view(x.shape[0], x.shape[1], self.heads, x.shape[2] // self.heads).transpose(1, 2)

    def forward(self, x):
        mixed = F.scaled_dot_product_attention(self.split(self.query(x)), self.split(self.key(x)), self.split(self.value(x)))
        x = self.norm1(x + self.out(mixed.transpose(1, 2).flatten(2)))
        x = self.norm2(x + self.narrower(F.gelu(self.wider(x))))
        return self.fc(x.mean(1))


class Words(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(50, 16)
        self.hidden = nn.Linear(16, 24)
        self.fc = nn.Linear(24, 4)

    def forward(self, words):
        return self.fc(F.relu(self.hidden(self.table(words).mean(1))))


class TwoAndTwo(nn.Module):
    """An image and numbers about it in, scores and a value out."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 6, 3)
        self.numbers = nn.Linear(5, 6)
        self.scores = nn.Linear(12, 7)
        self.value = nn.Linear(12, 1)

    def forward(self, image, numbers):
        seen = F.relu(self.conv(image)).mean((2, 3))
        both = torch.cat([seen, F.relu(self.numbers(numbers))], 1)
        return self.scores(both), torch.sigmoid(self.value(both))


class Plain(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3)
        self.norm1 = nn.BatchNorm2d(8)
        self.conv2 = nn.Conv2d(8, 16, 3, stride=2)
        self.fc1 = nn.Linear(16 * 3 * 3, 32)
        self.fc2 = nn.Linear(32, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.norm1(self.conv1(x))), 2)
        x = torch.flatten(F.relu(self.conv2(x)), 1)
        return self.fc2(F.relu(self.fc1(x)))


def mlp():
    return nn.Sequential(nn.Linear(12, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 6))


def one(*shape):
    return lambda count: {"x": torch.rand(count, *shape)}


FAMILIES = [
    Family("lenet5", LeNet5, one(1, 32, 32), json.loads((SAMPLE / "int8.json").read_text())["steps"], "pt", 5),
    Family("residual", Residual, one(3, 16, 16), STATIC, "pt2", 4),
    Family("depthwise", Depthwise, one(3, 16, 16), STATIC, "pt", 5),
    Family("gated", Gated, one(3, 16, 16), STATIC, "pt", 7),
    Family("mlp", mlp, lambda count: {"input": torch.randn(count, 12)}, STATIC, "pt2", 3),
    Family("recurrent", Recurrent, one(7, 6), DYNAMIC, "pt", 1),
    Family("encoder", Encoder, lambda count: {"x": torch.randn(count, 9, 16)}, DYNAMIC, "pt2", 7),
    Family("words", Words, lambda count: {"words": torch.randint(0, 50, (count, 8))}, DYNAMIC, "pt", 3),
    Family("two_and_two", TwoAndTwo, lambda count: {"image": torch.rand(count, 1, 12, 12), "numbers": torch.randn(count, 5)},
           [{"op": "quantize.weight_only"}], "pt2", 4),
    Family("pruned", Plain, one(1, 18, 18), STATIC, "pt", 4, ({"op": "prune.structured", "ratio": 0.5},)),
]


def build(family):
    """With weights and statistics as after a training: nothing is one or zero."""
    torch.manual_seed(3)
    model = family.build().eval()
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, 0, 0.3)
            module.running_mean.normal_(0, 0.3)
            module.running_var.uniform_(0.5, 1.5)
    return model
