"""Runs a model that Lathe exported: TorchScript and .pt2 with torch, ONNX with onnxruntime. Lathe starts it to verify an export.

    python -I run_export.py FORMAT MODEL INPUT.npz OUTPUT.npz

FORMAT is the id of a format of core/formats/format_table.cpp. Takes the arrays "input0", "input1", … of INPUT.npz, samples for each input of the model ("input0.bfloat16" is given as that), as many a call as "samples_in_call" says (0: one, without a dimension
for it) along the dimensions in "batch_axes" (-1: none; not there: the first), and writes all outputs as arrays "output0", "output1", … of OUTPUT.npz. Prints one JSON object: "version" of torch or onnxruntime, "load_ms", and "problem", null or one sentence about why
there is no output.
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
    (module, keeps_state), answer["load_ms"] = load(torch)

    def tensors(output):
        if isinstance(output, torch.Tensor):
            return [output]
        if isinstance(output, dict):
            output = list(output.values())
        return [tensor for each in output for tensor in tensors(each)] if isinstance(output, (tuple, list)) else []

    def array(tensor):
        tensor = tensor.dequantize() if tensor.is_quantized else tensor
        return (tensor.float() if tensor.is_floating_point() else tensor).numpy()

    def run(inputs, types):
        arguments = [torch.from_numpy(values) for values in inputs]
        arguments = [each.to(getattr(torch, type)) if type else each for each, type in zip(arguments, types)]
        # Samples do not depend on each other: a model that changes itself begins each call anew.
        called = load(torch)[0][0] if keeps_state else module
        with torch.no_grad():
            return [array(each) for each in tensors(called(*arguments))]

    return run


def milliseconds_since(start):
    return (time.perf_counter() - start) * 1000


def load_torchscript(model):
    def load(torch):
        start = time.perf_counter()
        module = torch.jit.load(model).eval()
        loaded = milliseconds_since(start)
        return (module, "prim::SetAttr" in str(module.graph)), loaded

    return load_with_torch(load)


def load_exported_program(model):
    def load(torch):
        import torch.ao.quantization.fx._decomposed  # registers the operators of quantized programs

        start = time.perf_counter()
        with open(model, "rb") as file:  # by its name torch only takes files that end in .pt2
            program = torch.export.load(file)
        module = program.module()
        loaded = milliseconds_since(start)
        return (module, bool(program.graph_signature.buffers_to_mutate)), loaded

    return load_with_torch(load)


def load_with_onnxruntime(model):
    import onnxruntime

    answer["version"] = onnxruntime.__version__
    start = time.perf_counter()
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    answer["load_ms"] = milliseconds_since(start)
    names = [each.name for each in session.get_inputs()]
    # State that goes from call to call: inputs with a default, and outputs that nobody asked for.
    states = [output for name, output in session.get_modelmeta().custom_metadata_map.items() if name.startswith("lathe.state.")]
    outputs = [each.name for each in session.get_outputs() if each.name not in states]

    def run(inputs, types):
        if any(types):
            raise RuntimeError("onnxruntime takes no arrays of bfloat16 from Python")
        return session.run(outputs, dict(zip(names, inputs)))

    return run


LOADERS = {"torchscript": load_torchscript, "pt2": load_exported_program, "onnx": load_with_onnxruntime}


def main(format_id, model, inputs, outputs):
    try:
        import numpy

        run = LOADERS[format_id](model)
        arrays = dict(numpy.load(inputs))
        in_call = int(arrays.pop("samples_in_call")[0])
        axes = arrays.pop("batch_axes", None)
        names = sorted(arrays, key=lambda name: int(name.removeprefix("input").partition(".")[0]))
        types = [name.partition(".")[2] for name in names]
        samples = [arrays[name] for name in names]
        axes = [0] * len(samples) if axes is None else axes

        def argument(values, axis, begin):
            if not in_call or axis < 0:
                return numpy.asarray(values[begin])
            return numpy.ascontiguousarray(numpy.moveaxis(values[begin : begin + in_call], 0, axis))

        calls = []
        for begin in range(0, len(samples[0]), max(in_call, 1)):
            calls.append(run([argument(each, axis, begin) for each, axis in zip(samples, axes)], types))

        def joined(parts):
            if in_call and len(parts) == 1:
                return parts[0]
            return numpy.concatenate(parts) if in_call and parts[0].ndim else numpy.stack(parts)

        numpy.savez(outputs, **{f"output{index}": joined(parts) for index, parts in enumerate(zip(*calls))})
    except ModuleNotFoundError as error:
        answer["problem"] = f'The Python at {sys.executable} has no module "{error.name}".'
    except Exception as error:  # whatever a library raises is an answer
        lines = str(error).strip().splitlines() or [""]
        answer["problem"] = f"It ended with {type(error).__name__}: {lines[0][:500]}"
    json.dump(answer, answer_file)


main(*sys.argv[1:])
