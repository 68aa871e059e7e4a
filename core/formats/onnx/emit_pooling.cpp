// Pooling.
#include <algorithm>
#include <array>

#include <core/formats/onnx/emit.h>
#include <core/formats/onnx/message_writer.h>
#include <core/graph/operators/names.h>

namespace lathe::formats::onnx {

namespace {

std::size_t dimensionsOf(const Node& node) {
    return node.op.find("3d") != std::string::npos ? 3 : node.op.find("2d") != std::string::npos ? 2 : 1;
}

/// kernel, strides (the kernel where there are none) and padding.
std::vector<std::string> windowOf(const Node& node) {
    const std::size_t dimensions = dimensionsOf(node);
    const Integers kernel = listAt(node, 1, dimensions, 1);
    Integers strides = listAt(node, 2, dimensions, 0);
    if (std::ranges::all_of(strides, [](std::int64_t stride) { return stride == 0; })) strides = kernel;
    std::vector<std::string> attributes{integersAttribute("kernel_shape", kernel)};
    addUnless(1, attributes, "strides", strides);
    addUnless(0, attributes, "pads", startsAndEnds(listAt(node, 3, dimensions, 0)));
    return attributes;
}

/// ONNX counts places over all channels, PyTorch in each.
void refusePlaces(const Emission& emission, const Node& node) {
    if (isUsed(emission, node, 1)) throw CannotEmit{"hands on where the largest values stand, which ONNX counts otherwise"};
}

void maxPool(Emission& emission, const Node& node) {
    refusePlaces(emission, node);
    std::vector<std::string> attributes = windowOf(node);
    addUnless(1, attributes, "dilations", listAt(node, 4, dimensionsOf(node), 1));
    if (flagAt(node, 5, false)) attributes.push_back(integerAttribute("ceil_mode", 1));
    emission.addTo(emission.result(node), "MaxPool", {input(emission, node, 0)}, attributes);
}

void averagePool(Emission& emission, const Node& node) {
    if (has(node, 6)) throw CannotEmit{"has a divisor that ONNX's AveragePool has not"};
    std::vector<std::string> attributes = windowOf(node);
    attributes.insert(attributes.begin() + 1, integerAttribute("count_include_pad", flagAt(node, 5, true) ? 1 : 0));
    if (flagAt(node, 4, false)) attributes.push_back(integerAttribute("ceil_mode", 1));
    emission.addTo(emission.result(node), "AveragePool", {input(emission, node, 0)}, attributes);
}

/// One value for the whole, or windows of one size.
void adaptivePool(Emission& emission, const Node& node) {
    const bool isAverage = node.op.find("avg") != std::string::npos;
    refusePlaces(emission, node);
    const std::size_t dimensions = dimensionsOf(node);
    const Integers size = listAt(node, 1, dimensions, 1);
    if (std::ranges::all_of(size, [](std::int64_t each) { return each == 1; }))
        return emission.addTo(emission.result(node), isAverage ? "GlobalAveragePool" : "GlobalMaxPool", {input(emission, node, 0)});
    Integers kernel;
    for (std::size_t axis = 0; axis < dimensions; ++axis) {
        const std::int64_t in = sizeOf(emission, node.operands[0], static_cast<std::int64_t>(axis + 2)).value_or(-1);
        if (in < 1 || size[axis] < 1 || in % size[axis] != 0) throw CannotEmit{"pools windows of different sizes, which ONNX has not"};
        kernel.push_back(in / size[axis]);
    }
    emission.addTo(emission.result(node), isAverage ? "AveragePool" : "MaxPool", {input(emission, node, 0)},
                   {integersAttribute("kernel_shape", kernel), integersAttribute("strides", kernel)});
}

constexpr std::array entries{
    EmitEntry{"aten::max_pool1d", maxPool},
    EmitEntry{graph::op::maxPool2d, maxPool},
    EmitEntry{"aten::max_pool3d", maxPool},
    EmitEntry{"aten::max_pool1d_with_indices", maxPool},
    EmitEntry{"aten::max_pool2d_with_indices", maxPool},
    EmitEntry{"aten::max_pool3d_with_indices", maxPool},
    EmitEntry{"aten::avg_pool1d", averagePool},
    EmitEntry{"aten::avg_pool2d", averagePool},
    EmitEntry{"aten::avg_pool3d", averagePool},
    EmitEntry{"aten::adaptive_avg_pool1d", adaptivePool},
    EmitEntry{"aten::adaptive_avg_pool2d", adaptivePool},
    EmitEntry{"aten::adaptive_avg_pool3d", adaptivePool},
    EmitEntry{"aten::_adaptive_avg_pool2d", adaptivePool},
    EmitEntry{"aten::_adaptive_avg_pool3d", adaptivePool},
    EmitEntry{"aten::adaptive_max_pool1d", adaptivePool},
    EmitEntry{"aten::adaptive_max_pool2d", adaptivePool},
    EmitEntry{"aten::adaptive_max_pool3d", adaptivePool},
};

} // namespace

std::span<const EmitEntry> poolingEmitters() { return entries; }

} // namespace lathe::formats::onnx
