// Operators that change the size of images, and padding.
#include <algorithm>
#include <array>
#include <cmath>

#include <core/formats/onnx/emit.h>
#include <core/formats/onnx/message_writer.h>

namespace lathe::formats::onnx {

namespace {

using tensor::DType;

std::string text(const Node& node, std::size_t index, const std::string& otherwise) {
    return index < node.operands.size() ? node.operands[index].literal<std::string>().value_or(otherwise) : otherwise;
}

struct Resizing {
    std::vector<std::string> attributes;
    std::size_t dimensions; ///< without samples and channels
};

Resizing resizingOf(const Node& node, bool alignsCorners) {
    const std::string_view op = node.op;
    const std::size_t dimensions = op.find("3d") != std::string_view::npos ? 3 : op.find("2d") != std::string_view::npos ? 2 : 1;
    if (op.starts_with("aten::upsample_nearest"))
        return {{textAttribute("mode", "nearest"), textAttribute("coordinate_transformation_mode", "asymmetric"),
                 textAttribute("nearest_mode", "floor")},
                dimensions};
    if (op.starts_with("aten::_upsample_nearest_exact"))
        return {{textAttribute("mode", "nearest"), textAttribute("coordinate_transformation_mode", "half_pixel"),
                 textAttribute("nearest_mode", "round_prefer_ceil")},
                dimensions};
    const bool isCubic = op.find("bicubic") != std::string_view::npos, isAntialiased = op.find("_aa") != std::string_view::npos;
    Resizing resizing{{textAttribute("mode", isCubic ? "cubic" : "linear"),
                       textAttribute("coordinate_transformation_mode", alignsCorners ? "align_corners" : "half_pixel")},
                      dimensions};
    if (isCubic) resizing.attributes.push_back(floatAttribute("cubic_coeff_a", isAntialiased ? -0.5F : -0.75F));
    if (isAntialiased) {
        resizing.attributes.push_back(integerAttribute("antialias", 1));
        resizing.attributes.push_back(integerAttribute("exclude_outside", 1));
    }
    return resizing;
}

/// upsample_*.vec(x, size?, [align corners,] scales?) and upsample_*(x, size, [align corners,] scale?, …).
void resize(Emission& emission, const Node& node) {
    const bool isNearest = node.op.find("nearest") != std::string::npos;
    const Resizing resizing = resizingOf(node, !isNearest && flagAt(node, 2, false));
    const std::string x = input(emission, node, 0);
    const std::size_t scalesAt = isNearest ? 2 : 3;
    const auto factors = scalesAt < node.operands.size() ? node.operands[scalesAt].literal<std::vector<double>>() : std::nullopt;
    if (!has(node, 1) && factors && factors->size() == resizing.dimensions) {
        std::vector<float> scales{1, 1};
        scales.insert(scales.end(), factors->begin(), factors->end());
        const std::string vector =
            emission.constant("scales", tensor::Tensor::of<float>({static_cast<std::int64_t>(scales.size())}, scales), ElementType::Float);
        return emission.addTo(emission.result(node), "Resize", {x, "", vector}, resizing.attributes);
    }
    if (!has(node, 1)) throw CannotEmit{"is resized by factors that are computed while the model runs"};
    const std::string sizes =
        emission.add("Concat", {shapePart(emission, x, 0, 2), emission.integerVector(node.operands[1])}, {integerAttribute("axis", 0)});
    emission.addTo(emission.result(node), "Resize", {x, "", "", sizes}, resizing.attributes);
}

void gridSample(Emission& emission, const Node& node) {
    static constexpr std::array modes{"bilinear", "nearest", "bicubic"}, paddings{"zeros", "border", "reflection"};
    const auto mode = static_cast<std::size_t>(integerAt(node, 2, 0)), padding = static_cast<std::size_t>(integerAt(node, 3, 0));
    emission.addTo(emission.result(node), "GridSample", {input(emission, node, 0), input(emission, node, 1)},
                   {textAttribute("mode", modes.at(mode)), textAttribute("padding_mode", paddings.at(padding)),
                    integerAttribute("align_corners", flagAt(node, 4, false) ? 1 : 0)});
}

void pixelShuffle(Emission& emission, const Node& node) {
    emission.addTo(emission.result(node), "DepthToSpace", {input(emission, node, 0)},
                   {integerAttribute("blocksize", integerAt(node, 1, 1)), textAttribute("mode", "CRD")});
}

std::string divided(Emission& emission, const Operand& x, std::int64_t axis, std::int64_t by) {
    if (const auto size = sizeOf(emission, x, axis)) return emission.integers({*size / by});
    return emission.add("Div", {sizeVector(emission, x, axis), emission.integers({by})});
}

/// [N, C, H, W] → [N, C·r·r, H/r, W/r]. SpaceToDepth of ONNX has the channels in another order.
void pixelUnshuffle(Emission& emission, const Node& node) {
    const std::int64_t factor = integerAt(node, 1, 1);
    const Operand& x = node.operands[0];
    if (knownRank(emission, x) != 4) throw CannotEmit{"rearranges something else than a batch of images"};
    const std::int64_t channels = knownSize(emission, x, 1);
    const std::string height = divided(emission, x, 2, factor), width = divided(emission, x, 3, factor), r = emission.integers({factor});
    const std::string samples = sizeVector(emission, x, 0);
    const std::string blocks =
        emission.add("Reshape", {emission.name(x), joined(emission, {samples, emission.integers({channels}), height, r, width, r})});
    emission.addTo(emission.result(node), "Reshape",
                   {emission.add("Transpose", {blocks}, {integersAttribute("perm", {0, 1, 3, 5, 2, 4})}),
                    joined(emission, {samples, emission.integers({channels * factor * factor}), height, width})});
}

void channelShuffle(Emission& emission, const Node& node) {
    const std::int64_t groups = integerAt(node, 1, 1), channels = knownSize(emission, node.operands[0], 1);
    const std::string x = input(emission, node, 0);
    const std::string grouped = emission.add(
        "Reshape", {x, joined(emission, {sizeVector(emission, node.operands[0], 0), emission.integers({groups, channels / groups, -1})})});
    emission.addTo(emission.result(node), "Reshape",
                   {emission.add("Transpose", {grouped}, {integersAttribute("perm", {0, 2, 1, 3})}), emission.add("Shape", {x})});
}

/// The amounts count from the last dimension, two each; ONNX has all starts, then all ends.
std::string padAmounts(Emission& emission, const Node& node) {
    const auto amounts = node.operands.at(1).literal<Integers>();
    const std::int64_t rank = knownRank(emission, node.operands[0]);
    if (!amounts || amounts->size() % 2 != 0 || std::ssize(*amounts) / 2 > rank) throw CannotEmit{"pads an unknown number of dimensions"};
    const auto dimensions = static_cast<std::size_t>(rank);
    Integers pads(2 * dimensions, 0);
    for (std::size_t index = 0; index < amounts->size() / 2; ++index) {
        const std::size_t axis = dimensions - 1 - index;
        pads[axis] = (*amounts)[2 * index];
        pads[axis + dimensions] = (*amounts)[2 * index + 1];
    }
    return emission.integers(pads);
}

void padWith(Emission& emission, const Node& node, const std::string& mode, std::size_t valueAt) {
    std::vector<std::string> inputs{input(emission, node, 0), padAmounts(emission, node)};
    if (mode == "constant") {
        const DType dtype = typeOf(emission, node.operands[0]);
        inputs.push_back(has(node, valueAt) ? emission.name(node.operands[valueAt], dtype) : number(emission, 0, dtype));
    }
    emission.addTo(emission.result(node), "Pad", inputs, {textAttribute("mode", mode)});
}

void pad(Emission& emission, const Node& node) {
    const std::string mode = text(node, 2, "constant");
    if (mode == "circular") throw CannotEmit{"pads with the other end, which ONNX has not before operator set 19"};
    padWith(emission, node, mode == "replicate" ? "edge" : mode, 3);
}
void constantPad(Emission& emission, const Node& node) { padWith(emission, node, "constant", 2); }
void reflectionPad(Emission& emission, const Node& node) { padWith(emission, node, "reflect", 0); }
void replicationPad(Emission& emission, const Node& node) { padWith(emission, node, "edge", 0); }

constexpr std::array entries{
    EmitEntry{"aten::upsample_nearest1d.vec", resize},
    EmitEntry{"aten::upsample_nearest2d.vec", resize},
    EmitEntry{"aten::upsample_nearest3d.vec", resize},
    EmitEntry{"aten::upsample_nearest1d", resize},
    EmitEntry{"aten::upsample_nearest2d", resize},
    EmitEntry{"aten::upsample_nearest3d", resize},
    EmitEntry{"aten::_upsample_nearest_exact1d.vec", resize},
    EmitEntry{"aten::_upsample_nearest_exact2d.vec", resize},
    EmitEntry{"aten::_upsample_nearest_exact3d.vec", resize},
    EmitEntry{"aten::_upsample_nearest_exact1d", resize},
    EmitEntry{"aten::_upsample_nearest_exact2d", resize},
    EmitEntry{"aten::_upsample_nearest_exact3d", resize},
    EmitEntry{"aten::upsample_linear1d.vec", resize},
    EmitEntry{"aten::upsample_bilinear2d.vec", resize},
    EmitEntry{"aten::upsample_bicubic2d.vec", resize},
    EmitEntry{"aten::upsample_trilinear3d.vec", resize},
    EmitEntry{"aten::_upsample_bilinear2d_aa.vec", resize},
    EmitEntry{"aten::_upsample_bicubic2d_aa.vec", resize},
    EmitEntry{"aten::_upsample_bilinear2d_aa", resize},
    EmitEntry{"aten::_upsample_bicubic2d_aa", resize},
    EmitEntry{"aten::upsample_linear1d", resize},
    EmitEntry{"aten::upsample_bilinear2d", resize},
    EmitEntry{"aten::upsample_bicubic2d", resize},
    EmitEntry{"aten::upsample_trilinear3d", resize},
    EmitEntry{"aten::grid_sampler", gridSample},
    EmitEntry{"aten::grid_sampler_2d", gridSample},
    EmitEntry{"aten::pixel_shuffle", pixelShuffle},
    EmitEntry{"aten::pixel_unshuffle", pixelUnshuffle},
    EmitEntry{"aten::channel_shuffle", channelShuffle},
    EmitEntry{"aten::pad", pad},
    EmitEntry{"aten::constant_pad_nd", constantPad},
    EmitEntry{"aten::reflection_pad1d", reflectionPad},
    EmitEntry{"aten::reflection_pad2d", reflectionPad},
    EmitEntry{"aten::reflection_pad3d", reflectionPad},
    EmitEntry{"aten::replication_pad1d", replicationPad},
    EmitEntry{"aten::replication_pad2d", replicationPad},
    EmitEntry{"aten::replication_pad3d", replicationPad},
};

} // namespace

std::span<const EmitEntry> resizeEmitters() { return entries; }

} // namespace lathe::formats::onnx
