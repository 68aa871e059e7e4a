// Pooling.
#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

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

bool isMean(const Node& node) { return node.op.find("avg") != std::string::npos; }

/// Where PyTorch begins and ends (excluded) window `index` of `count` over `size` values.
std::pair<std::int64_t, std::int64_t> adaptiveWindow(std::int64_t index, std::int64_t count, std::int64_t size) {
    return {index * size / count, ((index + 1) * size + count - 1) / count};
}

/// Means of windows of different sizes along one dimension: a product with their shares.
std::string windowMeans(Emission& emission, const std::string& x, std::int64_t rank, std::int64_t axis, std::int64_t size,
                        std::int64_t count, tensor::DType dtype) {
    std::vector<double> shares(static_cast<std::size_t>(size * count), 0);
    for (std::int64_t index = 0; index < count; ++index) {
        const auto [begin, end] = adaptiveWindow(index, count, size);
        for (std::int64_t at = begin; at < end; ++at)
            shares[static_cast<std::size_t>(at * count + index)] = 1 / static_cast<double>(end - begin);
    }
    const std::string weights =
        emission.constant("shares", tensor::Tensor::of<double>({size, count}, shares).to(dtype), elementTypeOf(dtype));
    if (axis == rank - 1) return emission.add("MatMul", {x, weights});
    Integers order(static_cast<std::size_t>(rank));
    std::iota(order.begin(), order.end(), 0);
    std::swap(order[static_cast<std::size_t>(axis)], order.back());
    const std::vector<std::string> swapped{integersAttribute("perm", order)};
    return emission.add("Transpose", {emission.add("MatMul", {emission.add("Transpose", {x}, swapped), weights})}, swapped);
}

/// The largest values of windows of different sizes along one dimension.
std::string windowMaxima(Emission& emission, const std::string& x, std::int64_t axis, std::int64_t size, std::int64_t count) {
    std::vector<std::string> maxima;
    for (std::int64_t index = 0; index < count; ++index) {
        const auto [begin, end] = adaptiveWindow(index, count, size);
        maxima.push_back(reduced(emission, "ReduceMax", sliced(emission, x, axis, begin, end), {axis}, true));
    }
    return joined(emission, maxima, axis);
}

/// Dimension by dimension: both means and maxima of a window are those of its lines.
void poolUnevenly(Emission& emission, const Node& node, const Integers& counts) {
    const bool isAverage = isMean(node);
    const std::int64_t rank = knownRank(emission, node.operands[0]), first = rank - static_cast<std::int64_t>(counts.size());
    std::string x = input(emission, node, 0);
    for (std::size_t at = 0; at < counts.size(); ++at) {
        const std::int64_t axis = first + static_cast<std::int64_t>(at), size = knownSize(emission, node.operands[0], axis);
        if (size == counts[at]) continue;
        x = isAverage ? windowMeans(emission, x, rank, axis, size, counts[at], typeOf(emission, node.operands[0]))
                      : windowMaxima(emission, x, axis, size, counts[at]);
    }
    emission.addTo(emission.result(node), "Identity", {x});
}

/// One value for the whole, or windows.
void adaptivePool(Emission& emission, const Node& node) {
    refusePlaces(emission, node);
    const bool isAverage = isMean(node);
    const std::size_t dimensions = dimensionsOf(node);
    const Integers size = listAt(node, 1, dimensions, 1);
    if (std::ranges::all_of(size, [](std::int64_t each) { return each == 1; }))
        return emission.addTo(emission.result(node), isAverage ? "GlobalAveragePool" : "GlobalMaxPool", {input(emission, node, 0)});
    Integers kernel;
    for (std::size_t axis = 0; axis < dimensions; ++axis) {
        const std::int64_t in = sizeOf(emission, node.operands[0], static_cast<std::int64_t>(axis + 2)).value_or(-1);
        if (in < 1 || size[axis] < 1) throw CannotEmit{"pools windows of an image whose size is not known"};
        if (in % size[axis] != 0) return poolUnevenly(emission, node, size);
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
