#!/usr/bin/env python3
"""How much memory does a plan take, beside a session of ONNX Runtime?

    python3 tests/bench/check_peak_memory.py build/release/bin [--models NAME,…] [--batch N]

Each model (check_peers.py writes them, in float and static int8) is opened and run by a process of its own, by `bench_plan_latency` and by ONNX Runtime, one
thread each. What a library needs for itself is told by a model of one product (lenet5) and subtracted: the rest is weights, prepacked weights, tensors
between layers, and what opening and compiling took meanwhile. Prints megabytes at the peak; ends with 1 when Lathe takes more.
"""
import argparse
import pathlib
import subprocess
import sys
import tempfile

import check_peers
import numpy

# A process begins with the peak of the one that made it, so a small one stands between.
PEAK = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL); print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
SESSION = """
import sys, numpy, onnxruntime
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
session = onnxruntime.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
feed = dict(zip((each.name for each in session.get_inputs()), numpy.load(sys.argv[2]).values()))
for _ in range(10):
    session.run(None, feed)
"""


def peak_mb(*command):
    done = subprocess.run([sys.executable, "-S", "-c", PEAK, *map(str, command)], check=True, capture_output=True, text=True)
    return int(done.stdout) / 1024


def peaks(name, arguments):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        samples = check_peers.write(name, folder, arguments.programs)
        feed = {key: values[numpy.arange(arguments.batch) % len(values)] for key, values in samples.items()}
        numpy.savez(folder / "inputs.npz", **{f"input{at}": values for at, values in enumerate(feed.values())})
        check_peers.quantize_for_onnxruntime(folder, samples)
        lathe = lambda file: peak_mb(arguments.programs / "bench_plan_latency", folder / "inputs.npz", arguments.batch, 1, f"{folder / file}:timed")
        session = lambda file: peak_mb(sys.executable, "-c", SESSION, folder / file, folder / "inputs.npz")
        return {"FP32": (lathe("model.pt"), session("model.onnx")), "int8": (lathe("int8 static.pt2"), session("int8.onnx"))}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("programs", type=pathlib.Path, help="the folder with lathe-cli and bench_plan_latency")
    parser.add_argument("--models", default="resnet18,resnet50,mobilenet_v2,efficientnet_b0,minilm")
    parser.add_argument("--batch", type=int, default=1)
    arguments = parser.parse_args()
    base = peaks("lenet5", arguments)
    is_above = False
    for name in arguments.models.split(","):
        for kind, (lathe, session) in peaks(name, arguments).items():
            lathe_more, session_more = lathe - base[kind][0], session - base[kind][1]
            is_above |= lathe_more > session_more
            print(f"{name} {kind}: {lathe_more:.0f} MB, ONNX Runtime {session_more:.0f} MB (whole processes {lathe:.0f} and {session:.0f})", flush=True)
    sys.exit(1 if is_above else 0)


if __name__ == "__main__":
    main()
