"""Runs a model that Lathe exported: TorchScript and .pt2 with torch, ONNX with onnxruntime. Lathe starts it to verify an export.

    python -I run_export.py FORMAT MODEL INPUT.npz OUTPUT.npz

FORMAT is the id of a format of core/formats/format_table.cpp. Takes the arrays "input0", "input1", … of INPUT.npz, one for each input of the model, and writes array "output" of OUTPUT.npz. Prints one JSON object: "version" of torch or onnxruntime, "load_ms",
and "problem", null or one sentence about why there is no output.
"""

import json
import os
import sys
import time

# Libraries print as they like: only the answer goes to standard output.
answer_file = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

answer = {"version": "", "load_ms": None, "problem": None}


def load_with_torch(load):
    import torch

    answer["version"] = torch.__version__
    module, answer["load_ms"] = load(torch)

    def run(inputs):
        with torch.no_grad():
            output = module(*(torch.from_numpy(values) for values in inputs))
        while isinstance(output, (tuple, list)):
            output = output[0]
        output = output.dequantize() if output.is_quantized else output
        return (output.float() if output.is_floating_point() else output).numpy()

    return run


def milliseconds_since(start):
    return (time.perf_counter() - start) * 1000


def load_torchscript(model):
    def load(torch):
        start = time.perf_counter()
        return torch.jit.load(model).eval(), milliseconds_since(start)

    return load_with_torch(load)


def load_exported_program(model):
    def load(torch):
        import torch.ao.quantization.fx._decomposed  # registers the operators of quantized programs

        start = time.perf_counter()
        with open(model, "rb") as file:  # by its name torch only takes files that end in .pt2
            return torch.export.load(file).module(), milliseconds_since(start)

    return load_with_torch(load)


def load_with_onnxruntime(model):
    import onnxruntime

    answer["version"] = onnxruntime.__version__
    start = time.perf_counter()
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    answer["load_ms"] = milliseconds_since(start)
    names = [each.name for each in session.get_inputs()]
    return lambda inputs: session.run(None, dict(zip(names, inputs)))[0]


LOADERS = {"torchscript": load_torchscript, "pt2": load_exported_program, "onnx": load_with_onnxruntime}


def main(format_id, model, inputs, outputs):
    try:
        import numpy

        run = LOADERS[format_id](model)
        arrays = numpy.load(inputs)
        numpy.savez(outputs, output=run([arrays[f"input{index}"] for index in range(len(arrays.files))]))
    except ModuleNotFoundError as error:
        answer["problem"] = f'The Python at {sys.executable} has no module "{error.name}".'
    except Exception as error:  # whatever a library raises is an answer
        lines = str(error).strip().splitlines() or [""]
        answer["problem"] = f"It ended with {type(error).__name__}: {lines[0][:500]}"
    json.dump(answer, answer_file)


main(*sys.argv[1:])
