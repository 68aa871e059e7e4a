#!/usr/bin/env python3
"""Writes the files with weights only that tests of core/formats read, into tests/data/weights.

They are committed: tests need no Python. Run it again with PyTorch 2.11 and safetensors when something here changes:
    python3 tests/data/make_weights_fixtures.py
"""
import pathlib

import torch
from safetensors.torch import save_file

FOLDER = pathlib.Path(__file__).parent / "weights"


def counting(dtype, *shape):
    """0, 1, 2, …: any reader's mistake shows."""
    count = 1
    for size in shape:
        count *= size
    return torch.arange(count).reshape(shape).to(dtype)


def main():
    FOLDER.mkdir(exist_ok=True)
    tensors = {
        "fc.weight": counting(torch.float32, 2, 3),
        "fc.bias": counting(torch.float16, 2),
        "steps": torch.tensor(7),
        "mask": torch.tensor([True, False, True]),
        "empty": torch.zeros(0, 4),
    }
    save_file(tensors, FOLDER / "small.safetensors", metadata={"format": "pt"})
    torch.save(tensors | {"transposed": tensors["fc.weight"].t()}, FOLDER / "state_dict.pt")
    parameter = torch.nn.Parameter(tensors["fc.weight"])
    torch.save({"epoch": 3, "model_state_dict": {"fc.weight": parameter}, "lr": 0.1}, FOLDER / "checkpoint.pt")
    torch.save(torch.nn.Linear(2, 2), FOLDER / "whole_model.pt")


if __name__ == "__main__":
    main()
