#!/usr/bin/env python3
"""Loads a .pt2 that Lathe wrote with torch.export.load and compares what PyTorch computes from it with saved outputs.

    python3 tests/bench/check_exported.py MODEL.pt2 INPUTS.npz OUTPUTS.npz [--relative 1e-3]

INPUTS holds input0, input1, …, OUTPUTS output0, output1, … as bench_run_model reads and writes them. Ends with 1 when they differ.
"""
import argparse
import sys
import warnings

import numpy
import torch
import torch.ao.quantization.fx._decomposed  # noqa: F401  (registers quantized_decomposed)
import torch.utils._pytree as pytree

warnings.filterwarnings("ignore")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("inputs")
    parser.add_argument("outputs")
    parser.add_argument("--relative", type=float, default=1e-3)
    options = parser.parse_args()
    program = torch.export.load(options.model)
    inputs, expected = numpy.load(options.inputs), numpy.load(options.outputs)
    arguments = [torch.from_numpy(inputs[f"input{i}"]) for i in range(len(inputs.files))]
    with torch.no_grad():
        actual = pytree.tree_leaves(program.module()(*arguments))
    worst = 0.0
    for i, tensor in enumerate(actual):
        wanted = expected[f"output{i}"]
        if tuple(tensor.shape) != wanted.shape:
            print(f"output {i}: shape {tuple(tensor.shape)} instead of {wanted.shape}")
            return 1
        scale = max(float(numpy.abs(wanted).max(initial=0)), 1e-12)
        worst = max(worst, float(numpy.abs(tensor.numpy() - wanted).max(initial=0)) / scale)
    int8 = sum(tensor.dtype == torch.int8 for tensor in program.state_dict.values())
    print(f"{options.model}: {len(actual)} outputs, {int8} int8 weights, relative difference {worst:.1e}")
    return 0 if worst <= options.relative else 1


if __name__ == "__main__":
    sys.exit(main())
