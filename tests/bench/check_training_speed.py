#!/usr/bin/env python3
"""Is an epoch of training as fast as in PyTorch?

    packaging/judges.sh tests/bench/check_training_speed.py build/release/bin/lathe-cli [--models NAME,…] [--threads N] [--rounds N]
        [--float32]

LeNet-5 and ResNet-20 are trained from random weights on the 3000 pictures of Fashion-MNIST that Lathe ships, as `lathe-cli samples train` does it and with
the loop that people write in PyTorch (eager, the same batches, flips, optimizer), in turns: Lathe, PyTorch, Lathe in bfloat16, PyTorch with autocast. The
time is that of the training alone, of an epoch. Prints the medians and, for each precision, Lathe's over PyTorch's: the median of the ratios of the rounds.
Ends with 1 when one is above 1. --float32 leaves out bfloat16, which takes long where the CPU has none. Needs numpy and torch.
"""
import argparse
import gzip
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

import numpy
import torch
import torch.nn.functional as F
from torch import nn

DATA = pathlib.Path(__file__).resolve().parents[2] / "resources/samples/fashion-mnist-small"


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs)
        self.conv2, self.bn2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs)
        self.shortcut = nn.Identity()
        if stride > 1:
            self.shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        out = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(out)) + self.shortcut(x))


def resnet20():
    blocks, channels = [], 16
    for width in (16, 32, 64):
        blocks += [Block(channels, width, 1 if width == channels else 2), Block(width, width, 1), Block(width, width, 1)]
        channels = width
    return nn.Sequential(nn.Conv2d(1, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU(), *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(),
                         nn.Linear(64, 10))


def lenet5():
    return nn.Sequential(nn.Conv2d(1, 6, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
                         nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))


MODELS = {"lenet5": (lenet5, 64, 0.05, False, 10), "resnet20": (resnet20, 128, 0.2, True, 2)}  # batch, rate, nesterov, epochs of a round


def pictures():
    def read(name, header):
        return numpy.frombuffer(gzip.open(DATA / name).read(), numpy.uint8)[header:]

    images = torch.from_numpy(read("train-images-idx3-ubyte.gz", 16).reshape(-1, 1, 28, 28).copy())
    return F.pad(images.float() / 255, (2, 2, 2, 2)), torch.from_numpy(read("train-labels-idx1-ubyte.gz", 8).astype(numpy.int64))


def peer(name, x, y, bfloat16):
    """Seconds of an epoch of PyTorch."""
    make, batch, rate, nesterov, epochs = MODELS[name]
    torch.manual_seed(0)
    model = make().train()
    optimizer = torch.optim.SGD(model.parameters(), rate, momentum=0.9, weight_decay=0.0005, nesterov=nesterov)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=epochs * -(-len(x) // batch), cycle_momentum=False)
    started, seen = time.perf_counter(), 0.0
    for _ in range(epochs):
        for rows in torch.randperm(len(x)).split(batch):
            samples = x[rows]
            samples = torch.where(torch.rand(len(rows), 1, 1, 1) < 0.5, samples.flip(-1), samples)
            with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
                scores = model(samples)
            loss = F.cross_entropy(scores.float(), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            seen += loss.item()
    return (time.perf_counter() - started) / epochs


def lathe(cli, name, folder, bfloat16):
    """Seconds of an epoch of Lathe."""
    epochs = MODELS[name][-1]
    command = [cli, "samples", "train", name, "-o", folder / "trained.pt", "--data", "fashion-mnist-small", "--epochs", str(epochs)]
    said = subprocess.run(command + ["--bfloat16"] * bfloat16, capture_output=True, text=True, check=True).stdout
    return float(re.search(r"epochs in ([\d.]+) s", said)[1]) / epochs


def main():
    parser = argparse.ArgumentParser(description="Times Lathe's training beside PyTorch's.")
    parser.add_argument("cli", type=pathlib.Path)
    parser.add_argument("--models", default=",".join(MODELS))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--float32", action="store_true", help="only float32")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    os.environ["OMP_NUM_THREADS"] = str(options.threads)
    x, y = pictures()
    worst = 0.0
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_STATE_HOME"] = folder
        for name in options.models.split(","):
            times = {}
            for at in range(options.rounds + 1):
                for precision in (False, True)[: 1 if options.float32 else 2]:
                    pair = lathe(options.cli.resolve(), name, pathlib.Path(folder), precision), peer(name, x, y, precision)
                    if at:  # the first warms up
                        times.setdefault(precision, []).append(pair)
            for precision, pairs in times.items():
                ours, theirs = (statistics.median(each) for each in zip(*pairs))
                ratio = statistics.median(a / b for a, b in pairs)
                worst = max(worst, ratio)
                print(f"{name} {'bfloat16' if precision else 'float32'}: Lathe {ours:.3f} s an epoch, PyTorch {theirs:.3f}, ratio {ratio:.2f}", flush=True)
            if options.float32:
                continue
            base = statistics.median(pair[0] for pair in times[False])
            print(f"{name}: bfloat16 takes {statistics.median(pair[0] for pair in times[True]) / base:.2f} of float32's time in Lathe", flush=True)
    return worst > 1


if __name__ == "__main__":
    sys.exit(main())
