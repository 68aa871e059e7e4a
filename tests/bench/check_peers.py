#!/usr/bin/env python3
"""Is Lathe as fast as ONNX Runtime and OpenVINO, in float and int8?

    python3 tests/bench/check_peers.py build/release/bin [--models NAME,…] [--batch N] [--threads N] [--rounds N]

Models of torchvision with random weights, LeNet-5 (the classic of 32x32 pictures), "resnet20" (that of `lathe-cli samples`) and "minilm" (a sentence
encoder of the sizes of all-MiniLM-L6-v2, 128 tokens) are written as TorchScript and ONNX. The same random samples calibrate Lathe's static int8
(`lathe-cli export`), quantize_static of ONNX Runtime (QDQ, per channel) and quantize of NNCF; the encoder is quantized dynamically too, by Lathe (per
token) and by ONNX Runtime, and its attention computes in bfloat16 in one of Lathe's int8 models, as it does in OpenVINO's. Then all are timed in turns:
ONNX Runtime in FP32 and int8, OpenVINO in FP32, in its own choice of precision and in int8, Lathe's plans (`bench_plan_latency`, kernels chosen by time)
in FP32, bfloat16 and int8. Prints the medians and, for FP32 and int8, the best of Lathe's over that of the best peer; bfloat16 over OpenVINO's own
choice, int8 also over the fastest of anything. Ends with 1 when one of these is above its limit: FP32 1.05, int8 0.95. --avx2 limits Lathe, OpenVINO and
LibTorch to AVX2 (ONNX Runtime and FBGEMM cannot be limited). Needs the Python packages torch, torchvision, onnx, onnxruntime, openvino, nncf.
"""
import argparse
import contextlib
import json
import math
import os
import pathlib
import statistics
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
AVX2 = {"ONEDNN_MAX_CPU_ISA": "AVX2", "ATEN_CPU_CAPABILITY": "avx2"}
LIMITS = {"FP32": 1.05, "int8": 0.95}
CALLS = 5
FUSIONS = [{"op": "fuse.conv_bn"}, {"op": "fuse.conv_relu"}, {"op": "fuse.linear_relu"}]
HALF = {"op": "quantize.half", "type": "bfloat16"}
RECIPES = {"bfloat16": [*FUSIONS, HALF], "int8 static": [*FUSIONS, {"op": "quantize.static"}],
           "int8 static, attention bfloat16": [*FUSIONS, {"op": "quantize.static"}, HALF], "int8 per token": [{"op": "quantize.dynamic", "activations": {"granularity": "token"}}]}


class Reader(CalibrationDataReader):
    def __init__(self, samples):
        self.batches = iter(one_by_one(samples))

    def get_next(self):
        return next(self.batches, None)


def lenet():
    nn = torch.nn
    return nn.Sequential(nn.Conv2d(1, 6, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
                         nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))


def resnet20():
    """As `lathe-cli samples train resnet20` makes it: 32x32 pictures of one channel."""
    nn = torch.nn
    blocks, channels = [], 16
    for width in (16, 16, 16, 32, 32, 32, 64, 64, 64):
        stride = width // channels
        shortcut = nn.Sequential(nn.Conv2d(channels, width, 1, stride, bias=False), nn.BatchNorm2d(width)) if stride > 1 else None
        blocks.append(torchvision.models.resnet.BasicBlock(channels, width, stride, shortcut))
        channels = width
    return nn.Sequential(nn.Conv2d(1, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU(), *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(),
                         nn.Linear(64, 10))


class Encoder(torch.nn.Module):
    """Six layers of 384 numbers, twelve heads, as in all-MiniLM-L6-v2, and the mean over the tokens."""

    def __init__(self, width=384, heads=12, hidden=1536, layers=6, words=30522, longest=512):
        super().__init__()
        nn = torch.nn
        self.words, self.places, self.heads = nn.Embedding(words, width), nn.Embedding(longest, width), heads
        self.first = nn.LayerNorm(width)
        self.layers = nn.ModuleList(nn.ModuleDict({"query": nn.Linear(width, width), "key": nn.Linear(width, width), "value": nn.Linear(width, width),
                                                   "output": nn.Linear(width, width), "between": nn.LayerNorm(width), "up": nn.Linear(width, hidden),
                                                   "down": nn.Linear(hidden, width), "last": nn.LayerNorm(width)}) for _ in range(layers))

    def forward(self, ids, mask):
        batch, length = ids.shape
        hidden = self.first(self.words(ids) + self.places(torch.arange(length)))
        hide = (1.0 - mask[:, None, None, :].float()) * -10000.0
        for layer in self.layers:
            query, key, value = (layer[name](hidden).view(batch, length, self.heads, -1).transpose(1, 2) for name in ("query", "key", "value"))
            scores = torch.softmax(query @ key.transpose(2, 3) / query.shape[-1] ** 0.5 + hide, -1)
            hidden = layer["between"](hidden + layer["output"]((scores @ value).transpose(1, 2).reshape(batch, length, -1)))
            hidden = layer["last"](hidden + layer["down"](torch.nn.functional.gelu(layer["up"](hidden))))
        return hidden.mean(1)


SMALL = {"lenet5": lenet, "resnet20": resnet20}


def one_by_one(samples):
    return [{key: values[at:at + 1] for key, values in samples.items()} for at in range(len(next(iter(samples.values()))))]


def write(name, folder, programs):
    """The files of one model, and its samples by input."""
    torch.manual_seed(0)
    if name == "minilm":
        model, samples = Encoder(), {"ids": torch.randint(0, 30522, (8, 128)), "mask": torch.ones(8, 128, dtype=torch.int64)}
    elif name in SMALL:
        model, samples = SMALL[name](), {"x": torch.randn(8, 1, 32, 32)}
    else:
        model, samples = torchvision.models.get_model(name, weights=None), {"x": torch.randn(8, 3, 224, 224)}
    model.eval()
    example = tuple(values[:2] for values in samples.values())
    torch.jit.trace(model, example).save(str(folder / "model.pt"))
    torch.onnx.export(model, example, str(folder / "model.onnx"), dynamo=False, opset_version=17, input_names=list(samples),
                      dynamic_axes={key: {0: "batch"} for key in samples})
    samples = {key: values.numpy() for key, values in samples.items()}
    numpy.savez(folder / "data.npz", **samples)
    for quantization in quantizations(name):
        (folder / "recipe.json").write_text(json.dumps({"lathe": 1, "steps": RECIPES[quantization]}))
        subprocess.run([programs / "lathe-cli", "export", folder / "model.pt", "--to", "pt2", "-o", folder / f"{quantization}.pt2", "--recipe",
                        folder / "recipe.json", "--data", folder / "data.npz", "--no-history", "--no-verify"], check=True, stdout=subprocess.DEVNULL)
    return samples


def quantizations(name):
    return list(RECIPES) if name == "minilm" else ["bfloat16", "int8 static"]


def quantize_for_onnxruntime(folder, samples):
    """Writes int8.onnx, by ONNX Runtime's own static quantization."""
    quant_pre_process(str(folder / "model.onnx"), str(folder / "prepared.onnx"), skip_symbolic_shape=True)
    quantize_static(str(folder / "prepared.onnx"), str(folder / "int8.onnx"), Reader(samples), quant_format=QuantFormat.QDQ, per_channel=True,
                    activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8)


def peers(name, folder, samples, feed, threads):
    """What is timed in this process, by name."""
    quantize_for_onnxruntime(folder, samples)
    files = {"ONNX Runtime FP32": "model.onnx", "ONNX Runtime int8": "int8.onnx"}
    if name == "minilm":
        quantize_dynamic(str(folder / "prepared.onnx"), str(folder / "dynamic.onnx"), per_channel=True, weight_type=QuantType.QInt8)
        files["ONNX Runtime int8 dynamic"] = "dynamic.onnx"
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    calls = {}
    for name, file in files.items():
        session = onnxruntime.InferenceSession(str(folder / file), options, providers=["CPUExecutionProvider"])
        calls[name] = lambda session=session: session.run(None, feed)
    core, plain = openvino.Core(), openvino.convert_model(str(folder / "model.onnx"))
    with contextlib.redirect_stdout(sys.stderr):
        kind = nncf.ModelType.TRANSFORMER if "ids" in samples else None
        int8 = nncf.quantize(plain, nncf.Dataset(one_by_one(samples)), subset_size=8, model_type=kind)
    common = {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY"}
    for name, graph, extra in (("OpenVINO FP32", plain, {"INFERENCE_PRECISION_HINT": "f32"}), ("OpenVINO default", plain, {}),
                               ("OpenVINO int8", int8, {})):
        request = core.compile_model(graph, "CPU", common | extra).create_infer_request()
        calls[name] = lambda request=request: request.infer(feed)
    return calls


def ratios_of(times):
    """Lathe's best time over that of the best peer, by kind."""
    def best(is_lathe, kind):
        return min(value for each, value in times.items() if each.startswith("Lathe") == is_lathe and kind in each)

    anything = min(value for each, value in times.items() if not each.startswith("Lathe"))
    return {kind: best(True, kind) / best(False, kind) for kind in LIMITS} | {
        "bfloat16 to OpenVINO's default precision": times["Lathe bfloat16"] / times["OpenVINO default"],
        "int8 to the fastest peer of any kind": best(True, "int8") / anything}


def timed(call):
    """Milliseconds."""
    start = time.perf_counter()
    call()
    return (time.perf_counter() - start) * 1e3


def compare(name, arguments, folder):
    samples = write(name, folder, arguments.programs)
    feed = {key: values[numpy.arange(arguments.batch) % len(values)] for key, values in samples.items()}
    numpy.savez(folder / "inputs.npz", **{f"input{at}": values for at, values in enumerate(feed.values())})
    calls = peers(name, folder, samples, feed, arguments.threads)
    plans = {"Lathe FP32": "model.pt"} | {f"Lathe {each}": f"{each}.pt2" for each in quantizations(name)}
    times = {name: [] for name in calls}
    for call in calls.values():
        call()
    for _ in range(arguments.rounds):
        for peer, call in calls.items():
            times[peer].append(statistics.median(timed(call) for _ in range(CALLS)))
        lathe = subprocess.run([arguments.programs / "bench_plan_latency", folder / "inputs.npz", str(arguments.batch), str(arguments.threads),
                                *(f"{folder}/{file}:timed" for file in plans.values())], check=True, capture_output=True, text=True).stdout
        for mine, line in zip(plans, lathe.splitlines()):
            times.setdefault(mine, []).append(float(line.split()[0]))
    medians = {each: statistics.median(values) for each, values in times.items()}
    print(f"{name}, batch {arguments.batch}, {arguments.threads} thread(s), ms: " + ", ".join(f"{each} {value:.3f}" for each, value in medians.items()))
    ratios = ratios_of(medians)
    print("    medians, of the best peer's: " + ", ".join(f"{kind} {ratio:.2f}" for kind, ratio in ratios.items()))
    # Where the host is busy for seconds at a time a median may be that of one side's bad moments: each side's best round beside it.
    print("    best rounds:                 " +
          ", ".join(f"{kind} {ratio:.2f}" for kind, ratio in ratios_of({each: min(values) for each, values in times.items()}).items()), flush=True)
    return [f"{name} {kind}: {ratio:.2f} > {LIMITS[kind]}" for kind, ratio in ratios.items() if ratio > LIMITS.get(kind, math.inf)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("programs", type=pathlib.Path, help="the folder with lathe-cli and bench_plan_latency")
    parser.add_argument("--models", default="lenet5,resnet18,resnet50,mobilenet_v2,efficientnet_b0,minilm")
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--avx2", action="store_true", help="nothing newer than AVX2")
    arguments = parser.parse_args()
    if arguments.avx2 and os.environ.get("ONEDNN_MAX_CPU_ISA") != "AVX2":
        # Libraries read them when they are loaded.
        os.execvpe(sys.executable, [sys.executable, *sys.argv], os.environ | AVX2)
    cpu = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "CPU")
    print(f"{cpu}; ONNX Runtime {onnxruntime.__version__}, OpenVINO {openvino.__version__.split('-')[0]}")
    above = []
    for name in arguments.models.split(","):
        with tempfile.TemporaryDirectory() as folder:
            above += compare(name, arguments, pathlib.Path(folder))
    print("\n".join(above))
    sys.exit(1 if above else 0)


if __name__ == "__main__":
    main()
