// Convolutions.
#include <algorithm>
#include <array>

#include <core/formats/onnx/emit.h>
#include <core/formats/onnx/message_writer.h>
#include <core/graph/operators/names.h>

namespace lathe::formats::onnx {

namespace {

std::vector<std::string> inputsOf(Emission& emission, const Node& node) {
    std::vector<std::string> inputs{input(emission, node, 0), input(emission, node, 1)};
    if (has(node, 2)) inputs.push_back(input(emission, node, 2));
    return inputs;
}

/// Where the operands of a convolution stand.
struct Places {
    std::size_t dimensions, strides = 3, padding = 4, dilations = 5, outputPadding = 0, groups = 6;
};

std::size_t dimensionsOf(const Emission& emission, const Node& node) {
    for (const auto& [name, dimensions] : {std::pair{"1d", 1}, std::pair{"2d", 2}, std::pair{"3d", 3}}) {
        if (node.op.find(name) != std::string::npos) return static_cast<std::size_t>(dimensions);
    }
    return static_cast<std::size_t>(knownRank(emission, node.operands[1]) - 2); // convolution, _convolution
}

/// "same" keeps the size: the larger half of an odd sum is at the end. "valid" has no padding.
Integers paddingOf(const Emission& emission, const Node& node, const Places& places) {
    const auto word = node.operands.at(places.padding).literal<std::string>();
    if (!word) return startsAndEnds(listAt(node, places.padding, places.dimensions, 0));
    Integers starts, ends;
    const Integers dilations = listAt(node, places.dilations, places.dimensions, 1);
    for (std::size_t axis = 0; axis < places.dimensions; ++axis) {
        const std::int64_t kernel = knownSize(emission, node.operands[1], static_cast<std::int64_t>(axis) + 2);
        const std::int64_t total = *word == "same" ? dilations[axis] * (kernel - 1) : 0;
        starts.push_back(total / 2);
        ends.push_back(total - total / 2);
    }
    starts.insert(starts.end(), ends.begin(), ends.end());
    return starts;
}

std::vector<std::string> attributesOf(const Emission& emission, const Node& node, const Places& places) {
    std::vector<std::string> attributes;
    addUnless(1, attributes, "strides", listAt(node, places.strides, places.dimensions, 1));
    if (places.padding < node.operands.size()) addUnless(0, attributes, "pads", paddingOf(emission, node, places));
    addUnless(1, attributes, "dilations", listAt(node, places.dilations, places.dimensions, 1));
    if (places.outputPadding != 0) addUnless(0, attributes, "output_padding", listAt(node, places.outputPadding, places.dimensions, 0));
    if (const std::int64_t groups = integerAt(node, places.groups, 1); groups != 1) attributes.push_back(integerAttribute("group", groups));
    return attributes;
}

void convolution(Emission& emission, const Node& node) {
    const std::vector<std::string> attributes = attributesOf(emission, node, {.dimensions = dimensionsOf(emission, node)});
    const std::vector<std::string> inputs = inputsOf(emission, node);
    if (node.op != graph::op::conv2dRelu) return emission.addTo(emission.result(node), "Conv", inputs, attributes);
    emission.addTo(emission.result(node), "Relu", {emission.add("Conv", inputs, attributes)});
}

/// (x, weight, bias, strides, padding, output padding, groups, dilations).
void transposedConvolution(Emission& emission, const Node& node) {
    emission.addTo(emission.result(node), "ConvTranspose", inputsOf(emission, node),
                   attributesOf(emission, node, {.dimensions = dimensionsOf(emission, node), .dilations = 7, .outputPadding = 5}));
}

/// convolution and _convolution(x, weight, bias, strides, padding, dilations, transposed, output padding, groups).
void anyConvolution(Emission& emission, const Node& node) {
    const bool isTransposed = flagAt(node, 6, false);
    emission.addTo(
        emission.result(node), isTransposed ? "ConvTranspose" : "Conv", inputsOf(emission, node),
        attributesOf(
            emission, node,
            {.dimensions = dimensionsOf(emission, node), .outputPadding = isTransposed ? std::size_t{7} : std::size_t{0}, .groups = 8}));
}

constexpr std::array entries{
    EmitEntry{graph::op::conv2d, convolution},
    EmitEntry{"aten::conv1d", convolution},
    EmitEntry{"aten::conv3d", convolution},
    EmitEntry{"aten::conv1d.padding", convolution},
    EmitEntry{"aten::conv2d.padding", convolution},
    EmitEntry{"aten::conv3d.padding", convolution},
    EmitEntry{graph::op::conv2dRelu, convolution},
    EmitEntry{"aten::conv_transpose1d", transposedConvolution},
    EmitEntry{"aten::conv_transpose2d.input", transposedConvolution},
    EmitEntry{"aten::conv_transpose3d.input", transposedConvolution},
    EmitEntry{"aten::convolution", anyConvolution},
    EmitEntry{"aten::_convolution", anyConvolution},
};

} // namespace

std::span<const EmitEntry> convolutionEmitters() { return entries; }

} // namespace lathe::formats::onnx
