// What our operators become in ONNX: the way back of the lower_*.cpp files, for the operators that transforms know and image models have.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <unordered_map>

#include <core/formats/onnx/emit.h>
#include <core/formats/onnx/message_writer.h>
#include <core/graph/ops.h>

namespace lathe::formats::onnx {

namespace {

Integers twice(Integers padding) {
    const Integers once = padding;
    padding.insert(padding.end(), once.begin(), once.end());
    return padding;
}

/// Steps of 1, no padding and no dilation are what ONNX means without an attribute.
void addUnless(std::int64_t usual, std::vector<std::string>& attributes, std::string_view name, const Integers& values) {
    if (std::ranges::any_of(values, [usual](std::int64_t value) { return value != usual; }))
        attributes.push_back(integersAttribute(name, values));
}

template<const char* Op>
void binary(Emission& emission, const Node& node) {
    if (numberAt(node, 2, 1) != 1) throw CannotEmit{"has a factor that ONNX's operator has not"};
    promoted<Op>(emission, node);
}

void convolution(Emission& emission, const Node& node) {
    const bool isFused = node.op == graph::op::conv2dRelu;
    const std::size_t dimensions = node.op == "aten::conv1d" ? 1 : node.op == "aten::conv3d" ? 3 : 2;
    std::vector<std::string> inputs{input(emission, node, 0), input(emission, node, 1)};
    if (node.operands.size() > 2 && !node.operands[2].isNone()) inputs.push_back(input(emission, node, 2));
    std::vector<std::string> attributes;
    addUnless(1, attributes, "strides", listAt(node, 3, dimensions, 1));
    addUnless(0, attributes, "pads", twice(listAt(node, 4, dimensions, 0)));
    addUnless(1, attributes, "dilations", listAt(node, 5, dimensions, 1));
    if (const std::int64_t groups = integerAt(node, 6, 1); groups != 1) attributes.push_back(integerAttribute("group", groups));
    if (!isFused) return emission.addTo(emission.result(node), "Conv", inputs, attributes);
    emission.addTo(emission.result(node), "Relu", {emission.add("Conv", inputs, attributes)});
}

void batchNorm(Emission& emission, const Node& node) {
    for (std::size_t index = 1; index < 5; ++index) {
        if (node.operands.at(index).isNone()) throw CannotEmit{"lacks the statistics that ONNX's BatchNormalization needs"};
    }
    if (flagAt(node, 5, false)) throw CannotEmit{"is in training mode"};
    std::vector<std::string> inputs;
    for (std::size_t index = 0; index < 5; ++index)
        inputs.push_back(input(emission, node, index));
    emission.addTo(emission.result(node), "BatchNormalization", inputs,
                   {floatAttribute("epsilon", static_cast<float>(numberAt(node, 7, 1e-5)))});
}

void maxPool(Emission& emission, const Node& node) {
    const Integers kernel = listAt(node, 1, 2, 1);
    Integers stride = listAt(node, 2, 2, 0);
    if (stride == Integers{0, 0}) stride = kernel;
    std::vector<std::string> attributes{integersAttribute("kernel_shape", kernel)};
    addUnless(1, attributes, "strides", stride);
    addUnless(0, attributes, "pads", twice(listAt(node, 3, 2, 0)));
    addUnless(1, attributes, "dilations", listAt(node, 4, 2, 1));
    if (flagAt(node, 5, false)) attributes.push_back(integerAttribute("ceil_mode", 1));
    emission.addTo(emission.result(node), "MaxPool", {input(emission, node, 0)}, attributes);
}

void averagePool(Emission& emission, const Node& node) {
    const Integers kernel = listAt(node, 1, 2, 1);
    Integers stride = listAt(node, 2, 2, 0);
    if (stride == Integers{0, 0}) stride = kernel;
    if (node.operands.size() > 6 && !node.operands[6].isNone()) throw CannotEmit{"has a divisor that ONNX's AveragePool has not"};
    std::vector<std::string> attributes{integersAttribute("kernel_shape", kernel),
                                        integerAttribute("count_include_pad", flagAt(node, 5, true) ? 1 : 0)};
    addUnless(1, attributes, "strides", stride);
    addUnless(0, attributes, "pads", twice(listAt(node, 3, 2, 0)));
    if (flagAt(node, 4, false)) attributes.push_back(integerAttribute("ceil_mode", 1));
    emission.addTo(emission.result(node), "AveragePool", {input(emission, node, 0)}, attributes);
}

void adaptiveAveragePool(Emission& emission, const Node& node) {
    const Integers size = listAt(node, 1, 2, 1);
    const auto shape = emission.graph().value(node.operands[0].value()).shape;
    if (size == Integers{1, 1}) return emission.addTo(emission.result(node), "GlobalAveragePool", {input(emission, node, 0)});
    Integers kernel;
    for (std::size_t axis = 0; axis < 2; ++axis) {
        const std::int64_t in = shape && shape->size() == 4 ? (*shape)[axis + 2].size : -1;
        if (in < 1 || size[axis] < 1 || in % size[axis] != 0) throw CannotEmit{"averages windows of different sizes, which ONNX has not"};
        kernel.push_back(in / size[axis]);
    }
    emission.addTo(emission.result(node), "AveragePool", {input(emission, node, 0)},
                   {integersAttribute("kernel_shape", kernel), integersAttribute("strides", kernel)});
}

/// Flatten for all but the batch; otherwise a Reshape, in which 0 keeps a dimension in front and -1 stands for those that are joined.
void flatten(Emission& emission, const Node& node) {
    std::int64_t first = integerAt(node, 1, 0), last = integerAt(node, 2, -1);
    const auto& shape = emission.graph().value(node.operands[0].value()).shape;
    if (shape) {
        const auto rank = static_cast<std::int64_t>(shape->size());
        first = first < 0 ? first + rank : first;
        last = last == rank - 1 ? -1 : last;
    }
    if (first == 1 && last == -1)
        return emission.addTo(emission.result(node), "Flatten", {input(emission, node, 0)}, {integerAttribute("axis", 1)});
    if (first < 0 || (last < 0 && last != -1)) throw CannotEmit{"flattens dimensions of an unknown number"};
    Integers sizes(static_cast<std::size_t>(first), 0);
    sizes.push_back(-1);
    for (std::int64_t axis = last + 1; last >= 0 && shape && axis < static_cast<std::int64_t>(shape->size()); ++axis)
        sizes.push_back((*shape)[static_cast<std::size_t>(axis)].size);
    const bool isKnown = (last == -1 || shape) && std::count(sizes.begin(), sizes.end(), -1) == 1;
    if (!isKnown) throw CannotEmit{"flattens dimensions before some whose size is not known"};
    emission.addTo(emission.result(node), "Reshape", {input(emission, node, 0), emission.integers(sizes)});
}

void reshape(Emission& emission, const Node& node) {
    emission.addTo(emission.result(node), "Reshape", {input(emission, node, 0), emission.integerVector(node.operands.at(1))});
}

/// A list that is made by a node of its own: reshape(x, ListConstruct(size(x, 0), -1)).
void listConstruct(Emission& emission, const Node& node) {
    if (emission.graph().value(node.results.front()).type != graph::TypeKind::IntList)
        throw CannotEmit{"makes a list that ONNX has no value for"};
    emission.alias(node.results.front(), emission.integerVector(Operand(node.operands)));
}

/// A size as a vector of one element, ready to be joined.
void size(Emission& emission, const Node& node) {
    const std::string shape = emission.add("Shape", {input(emission, node, 0)});
    const std::string index = emission.integers({integerAt(node, 1, 0)});
    emission.addTo(emission.result(node), "Gather", {shape, index}, {integerAttribute("axis", 0)});
}

void permute(Emission& emission, const Node& node) {
    const auto order = node.operands.at(1).literal<Integers>();
    if (!order) throw CannotEmit{"has an order that is computed while the model runs"};
    const auto rank = static_cast<std::int64_t>(order->size());
    Integers positive = *order;
    for (std::int64_t& axis : positive)
        axis = axis < 0 ? axis + rank : axis;
    emission.addTo(emission.result(node), "Transpose", {input(emission, node, 0)}, {integersAttribute("perm", positive)});
}

void concat(Emission& emission, const Node& node) {
    const auto* list = std::get_if<std::vector<Operand>>(&node.operands.at(0).content);
    if (!list) throw CannotEmit{"joins a list that is computed while the model runs"};
    std::vector<std::string> inputs;
    for (const Operand& element : *list)
        inputs.push_back(emission.name(element));
    emission.addTo(emission.result(node), "Concat", inputs, {integerAttribute("axis", integerAt(node, 1, 0))});
}

void softmax(Emission& emission, const Node& node) {
    const char* op = node.op == "aten::softmax.int" ? "Softmax" : "LogSoftmax";
    emission.addTo(emission.result(node), op, {input(emission, node, 0)}, {integerAttribute("axis", integerAt(node, 1, -1))});
}

void clamp(Emission& emission, const Node& node) {
    const tensor::DType dtype = typeOf(emission, node.operands[0]);
    const auto border = [&](std::size_t index) { return index < node.operands.size() ? emission.name(node.operands[index], dtype) : ""; };
    emission.addTo(emission.result(node), "Clip", {input(emission, node, 0), border(1), border(2)});
}

void relu6(Emission& emission, const Node& node) {
    emission.addTo(emission.result(node), "Clip",
                   {input(emission, node, 0), emission.name(Operand(graph::Literal(0.0))), emission.name(Operand(graph::Literal(6.0)))});
}

void leakyRelu(Emission& emission, const Node& node) {
    emission.addTo(emission.result(node), "LeakyRelu", {input(emission, node, 0)},
                   {floatAttribute("alpha", static_cast<float>(numberAt(node, 1, 0.01)))});
}

void silu(Emission& emission, const Node& node) {
    emission.addTo(emission.result(node), "Mul", {input(emission, node, 0), emission.add("Sigmoid", {input(emission, node, 0)})});
}

void hardSigmoid(Emission& emission, const Node& node) {
    emission.addTo(emission.result(node), "HardSigmoid", {input(emission, node, 0)}, {floatAttribute("alpha", 1.0F / 6)});
}

/// x/2 · (1 + erf(x/√2)).
void gelu(Emission& emission, const Node& node) {
    if (node.operands.size() > 1 && node.operands[1].literal<std::string>().value_or("none") != "none")
        throw CannotEmit{"is the tanh form of GELU"};
    const std::string x = input(emission, node, 0);
    const auto constant = [&](double value) { return emission.name(Operand(graph::Literal(value))); };
    const std::string error = emission.add("Erf", {emission.add("Div", {x, constant(std::sqrt(2.0))})});
    const std::string half = emission.add("Mul", {x, constant(0.5)});
    emission.addTo(emission.result(node), "Mul", {half, emission.add("Add", {error, constant(1)})});
}

void layerNorm(Emission& emission, const Node& node) {
    const auto shape = node.operands.at(1).literal<Integers>();
    if (!shape || node.operands.at(2).isNone()) throw CannotEmit{"has no scale of a known shape"};
    std::vector<std::string> inputs{input(emission, node, 0), input(emission, node, 2)};
    if (!node.operands.at(3).isNone()) inputs.push_back(input(emission, node, 3));
    emission.addTo(emission.result(node), "LayerNormalization", inputs,
                   {integerAttribute("axis", -static_cast<std::int64_t>(shape->size())),
                    floatAttribute("epsilon", static_cast<float>(numberAt(node, 4, 1e-5)))});
}

void unsqueeze(Emission& emission, const Node& node) {
    emission.addTo(emission.result(node), "Unsqueeze", {input(emission, node, 0), emission.integers({integerAt(node, 1, 0)})});
}

void constantPad(Emission& emission, const Node& node) {
    const auto amounts = node.operands.at(1).literal<Integers>();
    const auto& shape = emission.graph().value(node.operands[0].value()).shape;
    if (!amounts || !shape || amounts->size() % 2 != 0 || amounts->size() / 2 > shape->size())
        throw CannotEmit{"pads an unknown number of dimensions"};
    Integers pads(2 * shape->size(), 0);
    for (std::size_t index = 0; index < amounts->size() / 2; ++index) {
        const std::size_t axis = shape->size() - 1 - index;
        pads[axis] = (*amounts)[2 * index];
        pads[axis + shape->size()] = (*amounts)[2 * index + 1];
    }
    emission.addTo(emission.result(node), "Pad", {input(emission, node, 0), emission.integers(pads), input(emission, node, 2)});
}

constexpr char reluName[] = "Relu", sigmoidName[] = "Sigmoid", tanhName[] = "Tanh", hardSwishName[] = "HardSwish", absName[] = "Abs",
               expName[] = "Exp", sqrtName[] = "Sqrt", negName[] = "Neg", erfName[] = "Erf", logName[] = "Log", addName[] = "Add",
               subName[] = "Sub", mulName[] = "Mul", divName[] = "Div", matMulName[] = "MatMul";

constexpr std::array entries{
    EmitEntry{graph::op::conv2d, convolution},
    EmitEntry{"aten::conv1d", convolution},
    EmitEntry{"aten::conv3d", convolution},
    EmitEntry{graph::op::conv2dRelu, convolution},
    EmitEntry{graph::op::batchNorm, batchNorm},
    EmitEntry{graph::op::relu, unary<reluName>},
    EmitEntry{"aten::relu_", unary<reluName>},
    EmitEntry{"aten::sigmoid", unary<sigmoidName>},
    EmitEntry{"aten::tanh", unary<tanhName>},
    EmitEntry{"aten::hardswish", unary<hardSwishName>},
    EmitEntry{"aten::hardswish_", unary<hardSwishName>},
    EmitEntry{"aten::abs", unary<absName>},
    EmitEntry{"aten::exp", unary<expName>},
    EmitEntry{"aten::sqrt", unary<sqrtName>},
    EmitEntry{"aten::neg", unary<negName>},
    EmitEntry{"aten::erf", unary<erfName>},
    EmitEntry{"aten::log", unary<logName>},
    EmitEntry{"aten::add.Tensor", binary<addName>},
    EmitEntry{"aten::add_.Tensor", binary<addName>},
    EmitEntry{"aten::sub.Tensor", binary<subName>},
    EmitEntry{"aten::mul.Tensor", binary<mulName>},
    EmitEntry{"aten::div.Tensor", binary<divName>},
    EmitEntry{"aten::matmul", binary<matMulName>},
    EmitEntry{"aten::bmm", binary<matMulName>},
    EmitEntry{graph::op::maxPool2d, maxPool},
    EmitEntry{"aten::avg_pool2d", averagePool},
    EmitEntry{"aten::adaptive_avg_pool2d", adaptiveAveragePool},
    EmitEntry{"aten::flatten.using_ints", flatten},
    EmitEntry{"aten::reshape", reshape},
    EmitEntry{"aten::view", reshape},
    EmitEntry{"prim::ListConstruct", listConstruct},
    EmitEntry{"aten::size.int", size},
    EmitEntry{"aten::permute", permute},
    EmitEntry{"aten::cat", concat},
    EmitEntry{"aten::softmax.int", softmax},
    EmitEntry{"aten::log_softmax.int", softmax},
    EmitEntry{"aten::clamp", clamp},
    EmitEntry{"aten::clamp_min", clamp},
    EmitEntry{"aten::hardtanh", clamp},
    EmitEntry{"aten::hardtanh_", clamp},
    EmitEntry{"aten::relu6", relu6},
    EmitEntry{"aten::leaky_relu", leakyRelu},
    EmitEntry{"aten::silu", silu},
    EmitEntry{"aten::silu_", silu},
    EmitEntry{"aten::hardsigmoid", hardSigmoid},
    EmitEntry{"aten::gelu", gelu},
    EmitEntry{"aten::layer_norm", layerNorm},
    EmitEntry{"aten::unsqueeze", unsqueeze},
    EmitEntry{"aten::constant_pad_nd", constantPad},
    EmitEntry{"aten::contiguous", sameValue},
    EmitEntry{"aten::dropout", sameValue},
    EmitEntry{"aten::detach", sameValue},
    EmitEntry{"aten::clone", sameValue},
};

const std::unordered_map<std::string_view, Emit>& table() {
    static const auto all = [] {
        std::unordered_map<std::string_view, Emit> emitters;
        for (const EmitEntry& entry : entries)
            emitters.emplace(entry.op, entry.emit);
        for (const auto more : {tensorEmitters(), layerEmitters(), quantizationEmitters()}) {
            for (const EmitEntry& entry : more)
                emitters.emplace(entry.op, entry.emit);
        }
        return emitters;
    }();
    return all;
}

} // namespace

void emitNode(Emission& emission, const Node& node) {
    const auto found = table().find(node.op);
    if (found == table().end()) throw CannotEmit{"has the operator " + node.op + ", which Lathe does not write as ONNX"};
    emission.startNode(node);
    found->second(emission, node);
}

} // namespace lathe::formats::onnx
