#!/usr/bin/env python3
"""Makes the models in tests/data/onnx and what ONNX Runtime computes with them. Needs onnx, onnxruntime and numpy.

    make_onnx_fixtures.py

Each model NAME.onnx has its inputs in NAME.input_0.pb, … and its outputs in NAME.output_0.pb, ….
"""
import pathlib

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

FOLDER = pathlib.Path(__file__).parent / "onnx"
random = np.random.default_rng(7)


def floats(*shape):
    return random.standard_normal(shape).astype(np.float32)


def tensor(name, values):
    return numpy_helper.from_array(np.asarray(values), name)


def info(name, shape, kind=TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


def save(name, nodes, inputs, outputs, initializers, values, opset=17):
    graph = helper.make_graph(nodes, name, inputs, outputs, initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10)
    onnx.checker.check_model(model, full_check=True)
    (FOLDER / f"{name}.onnx").write_bytes(model.SerializeToString())
    # Optimized, it would multiply four-bit weights with inputs rounded to eight bits.
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    results = session.run(None, {value.name: data for value, data in zip(inputs, values)})
    for kind, arrays in (("input", values), ("output", results)):
        for index, array in enumerate(arrays):
            (FOLDER / f"{name}.{kind}_{index}.pb").write_bytes(tensor(kind, array).SerializeToString())


def named():
    """Names as torch.onnx.export writes them, a batch of any size, and a flatten whose shape is computed."""
    node = helper.make_node
    nodes = [
        node("Conv", ["x", "layer1.0.conv1.weight", "layer1.0.conv1.bias"], ["a"], name="/layer1/layer1.0/conv1/Conv", pads=[1, 1, 1, 1]),
        node("Relu", ["a"], ["b"], name="/layer1/layer1.0/Relu"),
        node("MaxPool", ["b"], ["c"], name="/pool/MaxPool", kernel_shape=[2, 2], strides=[2, 2]),
        node("Shape", ["c"], ["shape"], name="/Shape"),
        node("Constant", [], ["zero"], name="/Constant", value=tensor("", np.int64(0))),
        node("Gather", ["shape", "zero"], ["batch"], name="/Gather"),
        node("Unsqueeze", ["batch", "axes"], ["batches"], name="/Unsqueeze"),
        node("Concat", ["batches", "rest"], ["target"], name="/Concat", axis=0),
        node("Reshape", ["c", "target"], ["d"], name="/Reshape"),
        node("MatMul", ["d", "fc.weight"], ["e"], name="/fc/MatMul"),
        node("Add", ["fc.bias", "e"], ["y"], name="/fc/Add"),
    ]
    trace = 'File "model.py", line 12, in forward\n    x = self.conv1(x)\n'
    for key, value in (("pkg.torch.onnx.name_scopes", "['', 'layer1', 'layer1.0', 'layer1.0.relu', 'relu']"), ("pkg.torch.onnx.stack_trace", trace)):
        entry = nodes[1].metadata_props.add()
        entry.key, entry.value = key, value
    weights = [tensor("layer1.0.conv1.weight", floats(4, 3, 3, 3)), tensor("layer1.0.conv1.bias", floats(4)),
               tensor("fc.weight", floats(16, 5)), tensor("fc.bias", floats(5)),
               tensor("axes", np.array([0])), tensor("rest", np.array([-1]))]
    save("named", nodes, [info("x", ["N", 3, 4, 4])], [info("y", ["N", 5])], weights, [floats(2, 3, 4, 4)])


def padding():
    """Unequal padding, SAME, windows that reach over the border."""
    node = helper.make_node
    nodes = [
        node("Conv", ["x", "w"], ["a"], name="unequal", pads=[0, 1, 2, 1], strides=[2, 1]),
        node("Conv", ["x", "w"], ["b"], name="same", auto_pad="SAME_UPPER", strides=[2, 2]),
        node("AveragePool", ["x"], ["c"], name="ceil", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], ceil_mode=1),
        node("AveragePool", ["x"], ["d"], name="counted", kernel_shape=[3, 3], pads=[0, 1, 1, 1], count_include_pad=1),
        node("AveragePool", ["x"], ["e"], name="uncounted", kernel_shape=[3, 3], pads=[0, 1, 1, 1]),
        node("MaxPool", ["x"], ["f"], name="largest", kernel_shape=[3, 2], pads=[2, 0, 0, 1]),
        node("ConvTranspose", ["x", "t"], ["g"], name="transposed", strides=[2, 2], pads=[1, 0, 0, 1], output_padding=[1, 0]),
    ]
    outputs = [info(name, [None] * 4) for name in "abcdefg"]
    save("padding", nodes, [info("x", [2, 3, 7, 6])], outputs, [tensor("w", floats(4, 3, 3, 3)), tensor("t", floats(3, 2, 3, 3))], [floats(2, 3, 7, 6)])


def quantized():
    """QDQ: one scale for the image, one for each output channel, four-bit weights for the last layer."""
    node = helper.make_node
    nodes = [
        node("QuantizeLinear", ["x", "xs", "xz"], ["xq"], name="quantize"),
        node("DequantizeLinear", ["xq", "xs", "xz"], ["xd"], name="dequantize"),
        node("DequantizeLinear", ["conv.weight", "ws", "wz"], ["wd"], name="conv_dequantize", axis=0),
        node("Conv", ["xd", "wd", "conv.bias"], ["a"], name="conv"),
        node("Flatten", ["a"], ["b"], name="flatten"),
        node("DequantizeLinear", ["fc.weight", "fs"], ["fd"], name="fc_dequantize", axis=1),
        node("Gemm", ["b", "fd", "fc.bias"], ["y"], name="fc"),
    ]
    fours = helper.make_tensor("fc.weight", TensorProto.INT4, [16, 3], random.integers(-8, 8, 48).tolist())
    weights = [tensor("xs", np.float32(0.05)), tensor("xz", np.uint8(128)),
               tensor("conv.weight", random.integers(-127, 128, (4, 1, 3, 3)).astype(np.int8)), tensor("ws", np.abs(floats(4)) / 100 + np.float32(0.01)),
               tensor("wz", np.zeros(4, np.int8)), tensor("conv.bias", floats(4)), fours, tensor("fs", np.abs(floats(3)) / 10), tensor("fc.bias", floats(3))]
    save("quantized", nodes, [info("x", ["N", 1, 4, 4])], [info("y", ["N", 3])], weights, [floats(3, 1, 4, 4)], opset=21)


def control_flow():
    """A branch on the sum of the input and a loop that doubles it three times, collecting what it saw."""
    node = helper.make_node
    then = helper.make_graph([node("Neg", ["x"], ["negative"])], "then", [], [info("negative", [2])])
    otherwise = helper.make_graph([node("Add", ["x", "one"], ["more"])], "else", [], [info("more", [2])])
    body = helper.make_graph([node("Add", ["v", "v"], ["twice"]), node("Cast", ["i"], ["number"], to=TensorProto.FLOAT),
                              node("Add", ["twice", "number"], ["seen"]), node("Identity", ["go"], ["goes"])], "body",
                             [info("i", [], TensorProto.INT64), info("go", [], TensorProto.BOOL), info("v", [2])],
                             [info("goes", [], TensorProto.BOOL), info("twice", [2]), info("seen", [2])])
    nodes = [
        node("ReduceSum", ["x"], ["sum"], keepdims=0),
        node("Less", ["sum", "zero"], ["isBelow"]),
        node("If", ["isBelow"], ["a"], then_branch=then, else_branch=otherwise),
        node("Loop", ["trips", "", "a"], ["b", "c"], body=body),
    ]
    weights = [tensor("zero", np.float32(0)), tensor("one", np.float32(1)), tensor("trips", np.int64(3))]
    save("control_flow", nodes, [info("x", [2])], [info("a", [2]), info("b", [2]), info("c", [3, 2])], weights, [np.array([-3, 1], np.float32)])


def encoder():
    """Attention over a batch and a length of any size, with positions that are counted: sizes that nobody has named."""
    node = helper.make_node
    nodes = [
        node("Gather", ["words", "ids"], ["w"], name="/embeddings/words/Gather"),
        node("Shape", ["ids"], ["shape"], name="/embeddings/Shape"),
        node("Gather", ["shape", "one"], ["length"], name="/embeddings/Gather"),
        node("Range", ["zero", "length", "one"], ["places"], name="/embeddings/Range"),
        node("Gather", ["positions", "places"], ["p"], name="/embeddings/positions/Gather"),
        node("Add", ["w", "p"], ["x"], name="/embeddings/Add"),
        node("MatMul", ["x", "query"], ["q"], name="/attention/query/MatMul"),
        node("MatMul", ["x", "key"], ["k"], name="/attention/key/MatMul"),
        node("MatMul", ["x", "value"], ["v"], name="/attention/value/MatMul"),
        node("Reshape", ["q", "heads"], ["q4"], name="/attention/Reshape"),
        node("Reshape", ["k", "heads"], ["k4"], name="/attention/Reshape_1"),
        node("Reshape", ["v", "heads"], ["v4"], name="/attention/Reshape_2"),
        node("Transpose", ["q4"], ["qt"], name="/attention/Transpose", perm=[0, 2, 1, 3]),
        node("Transpose", ["k4"], ["kt"], name="/attention/Transpose_1", perm=[0, 2, 3, 1]),
        node("Transpose", ["v4"], ["vt"], name="/attention/Transpose_2", perm=[0, 2, 1, 3]),
        node("MatMul", ["qt", "kt"], ["scores"], name="/attention/MatMul"),
        node("Softmax", ["scores"], ["weights"], name="/attention/Softmax", axis=-1),
        node("MatMul", ["weights", "vt"], ["mixed"], name="/attention/MatMul_1"),
        node("Transpose", ["mixed"], ["back"], name="/attention/Transpose_3", perm=[0, 2, 1, 3]),
        node("Reshape", ["back", "flat"], ["context"], name="/attention/Reshape_3"),
        node("Add", ["context", "x"], ["y"], name="/attention/Add"),
    ]
    weights = [tensor("words", floats(20, 8)), tensor("positions", floats(12, 8)), tensor("one", np.int64(1)), tensor("zero", np.int64(0)),
               tensor("query", floats(8, 8)), tensor("key", floats(8, 8)), tensor("value", floats(8, 8)),
               tensor("heads", np.array([0, -1, 2, 4])), tensor("flat", np.array([0, -1, 8]))]
    save("encoder", nodes, [info("ids", ["batch", None], TensorProto.INT64)], [info("y", ["batch", None, 8])], weights, [random.integers(0, 20, (3, 7))])


def sequences():
    """Sequences that are made, changed, carried by a loop and a branch, split and joined; an optional value."""
    node = helper.make_node
    # The body: rows = rows + [x[i] * 2]
    body = helper.make_graph(
        [
            node("Gather", ["x", "i"], ["row"], axis=0),
            node("Add", ["row", "row"], ["twice"]),
            node("SequenceInsert", ["rows_in", "twice"], ["rows_out"]),
            node("Identity", ["on"], ["on_out"]),
        ],
        "body",
        [info("i", [], TensorProto.INT64), info("on", [], TensorProto.BOOL), helper.make_tensor_sequence_value_info("rows_in", TensorProto.FLOAT, None)],
        [info("on_out", [], TensorProto.BOOL), helper.make_tensor_sequence_value_info("rows_out", TensorProto.FLOAT, None)],
    )
    pick = lambda name, position: helper.make_graph(  # noqa: E731
        [node("SequenceErase", ["rows", position], [f"{name}_rows"])], name, [],
        [helper.make_tensor_sequence_value_info(f"{name}_rows", TensorProto.FLOAT, None)])
    nodes = [
        node("SequenceEmpty", [], ["none"]),
        node("Loop", ["trips", "", "none"], ["rows"], body=body),
        node("ReduceSum", ["x"], ["total"], keepdims=0),
        node("Greater", ["total", "zero"], ["is_positive"]),
        node("If", ["is_positive"], ["fewer"], then_branch=pick("then", "minus_one"), else_branch=pick("else", "one")),
        node("SequenceInsert", ["fewer", "first", "one"], ["more"]),
        node("ConcatFromSequence", ["more"], ["a"], axis=0, new_axis=1),
        node("SequenceLength", ["more"], ["b"]),
        node("SequenceAt", ["more", "minus_one"], ["c"]),
        node("SplitToSequence", ["x"], ["columns"], axis=1, keepdims=0),
        node("ConcatFromSequence", ["columns"], ["d"], axis=0),
        node("SplitToSequence", ["x", "sizes"], ["parts"], axis=1),
        node("SequenceConstruct", ["first", "total"], ["pair"]),
        node("SequenceErase", ["pair"], ["one_left"]),
        node("SequenceAt", ["one_left", "zero_index"], ["e"]),
        node("SequenceAt", ["parts", "one"], ["f"]),
        node("Optional", ["f"], ["maybe"]),
        node("OptionalGetElement", ["maybe"], ["g"]),
        node("OptionalHasElement", ["maybe"], ["h"]),
    ]
    outputs = [info("a", ["rows", 4]), info("b", [], TensorProto.INT64), info("c", [4]), info("d", [12]), info("e", [4]), info("g", [3, 3]), info("h", [], TensorProto.BOOL)]
    weights = [tensor("trips", np.int64(3)), tensor("zero", np.float32(0)), tensor("zero_index", np.int64(0)), tensor("one", np.int64(1)),
               tensor("minus_one", np.int64(-1)), tensor("sizes", np.array([1, 3])), tensor("first", floats(4))]
    save("sequences", nodes, [info("x", [3, 4])], outputs, weights, [floats(3, 4)], opset=18)


def unknown():
    """An operator of somebody else's. Not run."""
    nodes = [helper.make_node("Relu", ["x"], ["a"], name="first"), helper.make_node("Sharpen", ["a"], ["y"], name="second", domain="com.example")]
    graph = helper.make_graph(nodes, "unknown", [info("x", [2])], [info("y", [2])])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("com.example", 1)], ir_version=10)
    (FOLDER / "unknown.onnx").write_bytes(model.SerializeToString())


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    named()
    padding()
    quantized()
    control_flow()
    encoder()
    sequences()
    unknown()
