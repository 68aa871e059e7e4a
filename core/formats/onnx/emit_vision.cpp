// Boxes, regions of images, and convolutions that look at places of their own.
#include <algorithm>
#include <array>
#include <limits>

#include <core/formats/onnx/message_writer.h>
#include <core/formats/onnx/vision.h>
#include <core/graph/operators/library_names.h>

namespace lathe::formats::onnx {

namespace {

using tensor::DType;

/// (boxes, scores, threshold): of one image and one class, of which the numbers of the boxes are wanted.
void nms(Emission& emission, const Node& node) {
    const auto within = [&](std::size_t index, const Integers& axes) {
        return emission.add("Unsqueeze", {asType(emission, node.operands.at(index), DType::Float32), emission.integers(axes)});
    };
    const std::string boxes = within(0, {0}), scores = within(1, {0, 1});
    const std::string threshold =
        emission.constant("threshold", tensor::Tensor::of<float>({1}, {static_cast<float>(numberAt(node, 2, 0))}), ElementType::Float);
    const std::string rows =
        emission.add("NonMaxSuppression", {boxes, scores, emission.integers({std::numeric_limits<std::int64_t>::max()}), threshold});
    emission.addTo(emission.result(node), "Gather", {rows, wholeNumber(emission, 2)}, {integerAttribute("axis", 1)});
}

void nonMaxSuppression(Emission& emission, const Node& node) {
    std::vector<std::string> inputs;
    for (std::size_t index = 0; index < 5; ++index)
        inputs.push_back(input(emission, node, index));
    while (inputs.back().empty())
        inputs.pop_back();
    emission.addTo(emission.result(node), "NonMaxSuppression", inputs,
                   {integerAttribute("center_point_box", flagAt(node, 5, false) ? 1 : 0)});
}

void roiAlign(Emission& emission, const Node& node) {
    const std::string regions = input(emission, node, 1);
    const std::string image = emission.add("Gather", {regions, wholeNumber(emission, 0)}, {integerAttribute("axis", 1)});
    emission.addTo(emission.result(node), "RoiAlign",
                   {input(emission, node, 0), sliced(emission, regions, 1, 1, 5), castTo(emission, image, DType::Int64)},
                   {floatAttribute("spatial_scale", static_cast<float>(numberAt(node, 2, 1))),
                    integerAttribute("output_height", integerAt(node, 3, 1)), integerAttribute("output_width", integerAt(node, 4, 1)),
                    integerAttribute("sampling_ratio", std::max<std::int64_t>(integerAt(node, 5, 0), 0)),
                    textAttribute("mode", node.op == graph::op::roiAlign ? "avg" : "max"),
                    textAttribute("coordinate_transformation_mode", flagAt(node, 6, false) ? "half_pixel" : "output_half_pixel")});
}

void deformConv(Emission& emission, const Node& node) {
    std::vector<std::string> inputs{input(emission, node, 0), input(emission, node, 1), input(emission, node, 2), input(emission, node, 4)};
    if (flagAt(node, 13, false)) inputs.push_back(input(emission, node, 3));
    const auto pair = [&](std::size_t index, std::int64_t otherwise) {
        return Integers{integerAt(node, index, otherwise), integerAt(node, index + 1, otherwise)};
    };
    emission.addTo(emission.result(node), "DeformConv", inputs,
                   {integersAttribute("strides", pair(5, 1)), integersAttribute("pads", startsAndEnds(pair(7, 0))),
                    integersAttribute("dilations", pair(9, 1)), integerAttribute("group", integerAt(node, 11, 1)),
                    integerAttribute("offset_group", integerAt(node, 12, 1))});
}

constexpr std::array entries{
    EmitEntry{graph::op::nms, nms},
    EmitEntry{graph::op::nonMaxSuppression, nonMaxSuppression},
    EmitEntry{graph::op::roiAlign, roiAlign},
    EmitEntry{graph::op::roiAlignMax, roiAlign},
    EmitEntry{graph::op::deformConv2d, deformConv},
};

} // namespace

std::span<const EmitEntry> visionEmitters() { return entries; }

} // namespace lathe::formats::onnx
