// Operators that make several tensors: parts of one, the largest values with their places.
#include <algorithm>
#include <array>
#include <cmath>

#include <core/formats/onnx/emit.h>
#include <core/formats/onnx/message_writer.h>

namespace lathe::formats::onnx {

namespace {

using tensor::DType;

/// The node becomes a Split; its list stands for the parts.
void splitInto(Emission& emission, const Node& node, std::int64_t axis, const Integers& sizes) {
    std::vector<std::string> parts;
    for (std::size_t index = 0; index < sizes.size(); ++index)
        parts.push_back(node.name + "/part_" + std::to_string(index));
    emission.addTo(parts, "Split", {input(emission, node, 0), emission.integers(sizes)}, {integerAttribute("axis", axis)});
    emission.setList(node.results.front(), std::move(parts));
}

/// So many of `step`, and the rest.
Integers stepsOf(std::int64_t total, std::int64_t step) {
    if (step < 1) throw CannotEmit{"splits into parts of no size"};
    Integers sizes;
    for (std::int64_t begin = 0; begin < total; begin += step)
        sizes.push_back(std::min(step, total - begin));
    return sizes;
}

void chunk(Emission& emission, const Node& node) {
    const std::int64_t axis = integerAt(node, 2, 0), count = integerAt(node, 1, 1), total = knownSize(emission, node.operands[0], axis);
    splitInto(emission, node, axis, stepsOf(total, (total + count - 1) / std::max<std::int64_t>(count, 1)));
}

void split(Emission& emission, const Node& node) {
    const std::int64_t axis = integerAt(node, 2, 0);
    if (const auto sizes = node.operands.at(1).literal<Integers>()) return splitInto(emission, node, axis, *sizes);
    const auto step = node.operands[1].literal<std::int64_t>();
    if (!step) throw CannotEmit{"splits into sizes that are computed while the model runs"};
    splitInto(emission, node, axis, stepsOf(knownSize(emission, node.operands[0], axis), *step));
}

/// The first parts have one more where the size does not divide.
void tensorSplit(Emission& emission, const Node& node) {
    const std::int64_t axis = integerAt(node, 2, 0), total = knownSize(emission, node.operands[0], axis);
    Integers sizes;
    if (const auto borders = node.operands.at(1).literal<Integers>()) {
        std::int64_t begin = 0;
        for (const std::int64_t border : *borders) {
            const std::int64_t end = std::clamp<std::int64_t>(border < 0 ? border + total : border, begin, total);
            sizes.push_back(end - begin);
            begin = end;
        }
        sizes.push_back(total - begin);
    } else {
        const std::int64_t count = integerAt(node, 1, 1);
        for (std::int64_t part = 0; part < count; ++part)
            sizes.push_back(total / count + (part < total % count ? 1 : 0));
    }
    splitInto(emission, node, axis, sizes);
}

void unbind(Emission& emission, const Node& node) {
    const std::int64_t axis = integerAt(node, 1, 0), count = knownSize(emission, node.operands[0], axis);
    std::vector<std::string> parts;
    for (std::int64_t index = 0; index < count; ++index)
        parts.push_back(emission.add("Gather", {input(emission, node, 0), wholeNumber(emission, index)}, {integerAttribute("axis", axis)}));
    emission.setList(node.results.front(), std::move(parts));
}

void unpack(Emission& emission, const Node& node) {
    const std::vector<std::string> elements = listOf(emission, node.operands.at(0));
    if (elements.size() != node.results.size()) throw CannotEmit{"takes apart a list of another length"};
    for (std::size_t index = 0; index < elements.size(); ++index)
        emission.alias(node.results[index], elements[index]);
}

void listElement(Emission& emission, const Node& node) {
    const std::vector<std::string> elements = listOf(emission, node.operands.at(0));
    const auto wanted = node.operands.at(1).literal<std::int64_t>();
    if (!wanted) throw CannotEmit{"takes an element of a list that is chosen while the model runs"};
    emission.alias(node.results.front(), elements.at(static_cast<std::size_t>(*wanted < 0 ? *wanted + std::ssize(elements) : *wanted)));
}

void topK(Emission& emission, const Node& node) {
    emission.addTo({emission.result(node, 0), emission.result(node, 1)}, "TopK",
                   {input(emission, node, 0), one(emission, node.operands.at(1))},
                   {integerAttribute("axis", integerAt(node, 2, -1)), integerAttribute("largest", flagAt(node, 3, true) ? 1 : 0),
                    integerAttribute("sorted", flagAt(node, 4, true) ? 1 : 0)});
}

/// The whole dimension in order. sort(x, dim, descending), sort.stable(x, stable, dim, descending), argsort(x, dim, descending).
void sort(Emission& emission, const Node& node) {
    const std::size_t first = node.op == "aten::sort.stable" ? 2 : 1;
    const std::int64_t axis = integerAt(node, first, -1);
    const std::vector<std::string> attributes{integerAttribute("axis", axis),
                                              integerAttribute("largest", flagAt(node, first + 1, false) ? 1 : 0)};
    const std::vector<std::string> inputs{input(emission, node, 0), sizeVector(emission, node.operands[0], axis)};
    if (node.op == "aten::argsort") return emission.addTo({node.name + "/values", emission.result(node)}, "TopK", inputs, attributes);
    emission.addTo({emission.result(node, 0), emission.result(node, 1)}, "TopK", inputs, attributes);
}

/// max.dim, min.dim: the values and where they stand.
void extreme(Emission& emission, const Node& node) {
    const bool isLargest = node.op == "aten::max.dim", keeps = flagAt(node, 2, false);
    const std::int64_t axis = integerAt(node, 1, -1);
    const std::string values = reduced(emission, isLargest ? "ReduceMax" : "ReduceMin", input(emission, node, 0), {axis}, keeps);
    emission.alias(node.results.at(0), values);
    emission.addTo(emission.result(node, 1), isLargest ? "ArgMax" : "ArgMin", {input(emission, node, 0)},
                   {integerAttribute("axis", axis), integerAttribute("keepdims", keeps ? 1 : 0)});
}

/// Each tensor along a dimension of its own, all as large as all together.
void meshgrid(Emission& emission, const Node& node) {
    std::vector<std::string> tensors = listOf(emission, node.operands.at(0));
    const bool isSwapped = node.operands.size() > 1 && node.operands[1].literal<std::string>() == "xy" && tensors.size() > 1;
    std::vector<std::string> flat;
    for (const std::string& each : tensors)
        flat.push_back(emission.add("Reshape", {each, emission.integers({-1})}));
    if (isSwapped) std::swap(flat[0], flat[1]);
    std::vector<std::string> sizes;
    for (const std::string& each : flat)
        sizes.push_back(emission.add("Shape", {each}));
    const std::string all = emission.add("Concat", sizes, {integerAttribute("axis", 0)});
    std::vector<std::string> grids;
    for (std::size_t axis = 0; axis < flat.size(); ++axis) {
        Integers shape(flat.size(), 1);
        shape[axis] = -1;
        grids.push_back(emission.add("Expand", {emission.add("Reshape", {flat[axis], emission.integers(shape)}), all}));
    }
    if (isSwapped) std::swap(grids[0], grids[1]);
    emission.setList(node.results.front(), std::move(grids));
}

constexpr std::array entries{
    EmitEntry{"aten::chunk", chunk},
    EmitEntry{"aten::unsafe_chunk", chunk},
    EmitEntry{"aten::split.Tensor", split},
    EmitEntry{"aten::split.sizes", split},
    EmitEntry{"aten::split", split},
    EmitEntry{"aten::split_with_sizes", split},
    EmitEntry{"aten::unsafe_split.Tensor", split},
    EmitEntry{"aten::tensor_split.sections", tensorSplit},
    EmitEntry{"aten::tensor_split.indices", tensorSplit},
    EmitEntry{"aten::unbind.int", unbind},
    EmitEntry{"prim::ListUnpack", unpack},
    EmitEntry{"prim::TupleUnpack", unpack},
    EmitEntry{"aten::__getitem__.t", listElement},
    EmitEntry{"aten::topk", topK},
    EmitEntry{"aten::sort", sort},
    EmitEntry{"aten::sort.stable", sort},
    EmitEntry{"aten::argsort", sort},
    EmitEntry{"aten::max.dim", extreme},
    EmitEntry{"aten::min.dim", extreme},
    EmitEntry{"aten::meshgrid", meshgrid},
    EmitEntry{"aten::meshgrid.indexing", meshgrid},
};

} // namespace

std::span<const EmitEntry> splitEmitters() { return entries; }

} // namespace lathe::formats::onnx
