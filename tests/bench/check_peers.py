#!/usr/bin/env python3
"""Is Lathe as fast as ONNX Runtime and OpenVINO, in float and int8?

    python3 tests/bench/check_peers.py build/release/bin [--models NAME,…] [--batch N] [--threads N] [--rounds N]

Models of torchvision with random weights and LeNet-5 (the classic of 32x32 pictures) are written as TorchScript and ONNX. The same random pictures calibrate Lathe's static
int8 (`lathe-cli export`), quantize_static of ONNX Runtime (QDQ, per channel) and quantize of NNCF. Then all are timed in turns: ONNX Runtime in FP32 and
int8, OpenVINO in FP32, in its own choice of precision and in int8, Lathe's plans (`bench_plan_latency`, kernels chosen by time) in FP32 and int8. Prints the
medians and, for FP32 and int8, Lathe's over that of the best peer; int8 also over the fastest of anything. Ends with 1 when one of these is above its limit:
FP32 1.05, int8 0.95. Needs the Python packages torch, torchvision, onnx, onnxruntime, openvino, nncf.
"""
import argparse
import contextlib
import json
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
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

warnings.filterwarnings("ignore")
LIMITS = {"FP32": 1.05, "int8": 0.95}
CALLS = 5
RECIPE = {"lathe": 1, "steps": [{"op": "fuse.conv_bn"}, {"op": "fuse.conv_relu"}, {"op": "fuse.linear_relu"}, {"op": "quantize.static"}]}


class Reader(CalibrationDataReader):
    def __init__(self, pictures):
        self.batches = iter([{"x": pictures[at:at + 1]} for at in range(len(pictures))])

    def get_next(self):
        return next(self.batches, None)


def lenet():
    nn = torch.nn
    return nn.Sequential(nn.Conv2d(1, 6, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
                         nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))


def write(name, folder, programs):
    """The files of one model, and its pictures."""
    torch.manual_seed(0)
    model = (lenet() if name == "lenet5" else torchvision.models.get_model(name, weights=None)).eval()
    pictures = torch.randn(8, *((1, 32, 32) if name == "lenet5" else (3, 224, 224)))
    torch.jit.trace(model, pictures[:2]).save(str(folder / "model.pt"))
    torch.onnx.export(model, (pictures[:2],), str(folder / "model.onnx"), dynamo=False, opset_version=17, input_names=["x"],
                      dynamic_axes={"x": {0: "batch"}})
    numpy.savez(folder / "data.npz", x=pictures.numpy())
    (folder / "recipe.json").write_text(json.dumps(RECIPE))
    subprocess.run([programs / "lathe-cli", "export", folder / "model.pt", "--to", "pt2", "-o", folder / "int8.pt2", "--recipe",
                    folder / "recipe.json", "--data", folder / "data.npz", "--no-history", "--no-verify"], check=True, stdout=subprocess.DEVNULL)
    return pictures.numpy()


def peers(folder, pictures, feed, threads):
    """What is timed in this process, by name."""
    quant_pre_process(str(folder / "model.onnx"), str(folder / "prepared.onnx"), skip_symbolic_shape=True)
    quantize_static(str(folder / "prepared.onnx"), str(folder / "int8.onnx"), Reader(pictures), quant_format=QuantFormat.QDQ, per_channel=True,
                    activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    calls = {}
    for name, file in (("ONNX Runtime FP32", "model.onnx"), ("ONNX Runtime int8", "int8.onnx")):
        session = onnxruntime.InferenceSession(str(folder / file), options, providers=["CPUExecutionProvider"])
        calls[name] = lambda session=session: session.run(None, {"x": feed})
    core, plain = openvino.Core(), openvino.convert_model(str(folder / "model.onnx"))
    with contextlib.redirect_stdout(sys.stderr):
        int8 = nncf.quantize(plain, nncf.Dataset([{"x": pictures[at:at + 1]} for at in range(len(pictures))]), subset_size=len(pictures))
    common = {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY"}
    for name, graph, extra in (("OpenVINO FP32", plain, {"INFERENCE_PRECISION_HINT": "f32"}), ("OpenVINO default", plain, {}),
                               ("OpenVINO int8", int8, {})):
        request = core.compile_model(graph, "CPU", common | extra).create_infer_request()
        calls[name] = lambda request=request: request.infer({"x": feed})
    return calls


def compare(name, arguments, folder):
    pictures = write(name, folder, arguments.programs)
    feed = pictures[numpy.arange(arguments.batch) % len(pictures)]
    numpy.savez(folder / "inputs.npz", input0=feed)
    calls = peers(folder, pictures, feed, arguments.threads)
    times = {name: [] for name in calls}
    for call in calls.values():
        call()
    for _ in range(arguments.rounds):
        for peer, call in calls.items():
            for _ in range(CALLS):
                start = time.perf_counter()
                call()
                times[peer].append((time.perf_counter() - start) * 1e3)
        lathe = subprocess.run([arguments.programs / "bench_plan_latency", folder / "inputs.npz", str(arguments.batch), str(arguments.threads),
                                f"{folder}/model.pt:timed", f"{folder}/int8.pt2:timed"], check=True, capture_output=True, text=True).stdout
        for mine, line in zip(("Lathe FP32", "Lathe int8"), lathe.splitlines()):
            times.setdefault(mine, []).append(float(line.split()[0]))
    medians = {each: statistics.median(values) for each, values in times.items()}
    best = {kind: min(medians["ONNX Runtime " + kind], medians["OpenVINO " + kind]) for kind in LIMITS}
    ratios = {kind: medians["Lathe " + kind] / best[kind] for kind in LIMITS}
    anything = min(value for each, value in medians.items() if not each.startswith("Lathe"))
    print(f"{name}, batch {arguments.batch}, {arguments.threads} thread(s), ms: " + ", ".join(f"{each} {value:.3f}" for each, value in medians.items()))
    print("    of the best peer's time: " + ", ".join(f"{kind} {ratio:.2f}" for kind, ratio in ratios.items()) +
          f"; int8 of the fastest peer of any kind: {medians['Lathe int8'] / anything:.2f}", flush=True)
    return [f"{name} {kind}: {ratio:.2f} > {LIMITS[kind]}" for kind, ratio in ratios.items() if ratio > LIMITS[kind]]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("programs", type=pathlib.Path, help="the folder with lathe-cli and bench_plan_latency")
    parser.add_argument("--models", default="lenet5,resnet18,resnet50,mobilenet_v2,efficientnet_b0")
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
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
