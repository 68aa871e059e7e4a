// Boxes, regions of images, convolutions that look at places of their own, and images from columns.
#include <algorithm>
#include <array>

#include <core/formats/onnx/expression.h>
#include <core/formats/onnx/vision.h>
#include <core/formats/onnx/window.h>
#include <core/graph/operators/library_names.h>

namespace lathe::formats::onnx {

namespace {

void nonMaxSuppression(Call& call) {
    const bool isCentred = call.integerAttribute("center_point_box", 0) != 0;
    call.output(
        0, call.emit(std::string(graph::op::nonMaxSuppression),
                     {call.input(0), call.input(1), call.optionalInput(2), call.optionalInput(3), call.optionalInput(4), flag(isCentred)},
                     {DType::Int64, std::vector<Dim>{Dim{}, Dim{3, ""}}}));
}

/// torchvision's regions say themselves of which image they are.
void roiAlign(Call& call) {
    const ValueId x = call.input(0), regions = call.input(1);
    const std::string mode = call.textAttribute("mode", "avg");
    if (mode != "avg" && mode != "max") call.refuse("The mode \"" + mode + "\" of RoiAlign is not known.");
    // Before operator set 16 there was no half pixel.
    const std::string transformation =
        call.textAttribute("coordinate_transformation_mode", call.opset() < 16 ? "output_half_pixel" : "half_pixel");
    const std::int64_t height = call.integerAttribute("output_height", 1), width = call.integerAttribute("output_width", 1);
    const DType dtype = call.dtype(regions).value_or(DType::Float32);
    const ValueId images = Expression(call, call.input(2)).cast(dtype).unsqueeze(1);
    const ValueId joined =
        call.emit("aten::cat", {Operand(Operands{images, regions}), integer(1)}, {dtype, std::vector<Dim>{Dim{}, Dim{5, ""}}});
    std::vector<Dim> shape(4);
    if (call.rank(regions) == 2) shape[0] = call.value(regions).shape->front();
    if (call.rank(x) == 4) shape[1] = (*call.value(x).shape)[1];
    shape[2].size = height;
    shape[3].size = width;
    call.output(0, call.emit(std::string(mode == "avg" ? graph::op::roiAlign : graph::op::roiAlignMax),
                             {x, joined, number(call.floatAttribute("spatial_scale", 1)), integer(height), integer(width),
                              integer(call.integerAttribute("sampling_ratio", 0)), flag(transformation == "half_pixel")},
                             {call.dtype(x), shape}));
}

void deformConv(Call& call) {
    ValueId x = call.input(0);
    const ValueId weight = call.input(1), offset = call.input(2);
    const auto& kernel = call.value(weight).shape;
    if (!kernel || kernel->size() != 4 || std::ranges::any_of(*kernel, [](const Dim& dim) { return dim.size < 1; }))
        call.refuse("DeformConv is known for weights of two dimensions whose size is known.");
    Window window = readWindow(call, x, {(*kernel)[2].size, (*kernel)[3].size});
    const auto shape = windowShape(call, x, window, kernel->front().size);
    if (!window.isSymmetric()) {
        x = padded(call, x, window.padBegin, window.padEnd, number(0));
        window.padBegin.assign(2, 0);
    }
    const DType dtype = call.dtype(x).value_or(DType::Float32);
    // torchvision has no operands that are left out.
    const auto nothing = [&](tensor::Shape size) { return call.weight("nothing", tensor::Tensor::zeros(dtype, std::move(size))); };
    const ValueId bias = call.has(3) ? call.input(3) : nothing({(*kernel)[0].size});
    const ValueId mask = call.has(4) ? call.input(4) : nothing({1, 1});
    call.output(
        0, call.emit(std::string(graph::op::deformConv2d),
                     {x, weight, offset, mask, bias, integer(window.stride[0]), integer(window.stride[1]), integer(window.padBegin[0]),
                      integer(window.padBegin[1]), integer(window.dilation[0]), integer(window.dilation[1]),
                      integer(call.integerAttribute("group", 1)), integer(call.integerAttribute("offset_group", 1)), flag(call.has(4))},
                     {call.dtype(x), shape}));
}

Integers knownSizes(Call& call, const Operands& elements) {
    Integers sizes;
    for (const Operand& element : elements) {
        const auto literal = element.literal<std::int64_t>();
        if (!literal || *literal < 1) call.refuse("The sizes of " + call.node().opType + " are computed while the model runs.");
        sizes.push_back(*literal);
    }
    return sizes;
}

struct ColumnWindows {
    Integers image, block, dilations, strides, pads;
};

/// Columns of windows over any number of dimensions: each element is added where it came from in the padded image, which is then cut out.
void addColumns(Call& call, ValueId x, const ColumnWindows& windows) {
    const std::size_t dimensions = windows.image.size();
    constexpr std::int64_t most = std::int64_t{1} << 26;
    Integers padded, counts;
    std::int64_t total = 1, taps = 1, places = 1;
    for (std::size_t axis = 0; axis < dimensions; ++axis) {
        padded.push_back(windows.image[axis] + windows.pads[axis] + windows.pads[dimensions + axis]);
        const std::int64_t room = padded.back() - windows.dilations[axis] * (windows.block[axis] - 1) - 1;
        if (room < 0 || windows.strides[axis] < 1) call.refuse("The blocks of Col2Im do not fit its image.");
        counts.push_back(room / windows.strides[axis] + 1);
        total *= padded.back();
        taps *= windows.block[axis];
        places *= counts.back();
        if (total > most || taps * places > most) call.refuse("The image of Col2Im is too large.");
    }
    std::vector<std::int64_t> targets;
    for (std::int64_t tap = 0; tap < taps; ++tap) {
        for (std::int64_t place = 0; place < places; ++place) {
            std::int64_t target = 0, step = 1, restOfTap = tap, restOfPlace = place;
            for (std::size_t axis = dimensions; axis-- > 0;) {
                const std::int64_t at =
                    restOfPlace % counts[axis] * windows.strides[axis] + restOfTap % windows.block[axis] * windows.dilations[axis];
                target += at * step;
                step *= padded[axis];
                restOfPlace /= counts[axis];
                restOfTap /= windows.block[axis];
            }
            targets.push_back(target);
        }
    }
    const ValueId index = call.weight("places", tensor::Tensor::of<std::int64_t>({taps * places}, targets));
    const DType dtype = call.dtype(x).value_or(DType::Float32);
    const Known three{dtype, unknownDims(3)}, all{dtype, unknownDims(dimensions + 2)};
    // [n, channels · taps, places] to [n, channels, taps · places].
    const ValueId columns = call.emit("aten::reshape", {x, integersOf({call.size(x, 0), integer(-1), integer(taps * places)})}, three);
    const ValueId zeros = call.emit(
        "aten::zeros", {integersOf({call.size(x, 0), call.size(columns, 1), integer(total)}), dtypeNumber(dtype), none(), none(), none()},
        three);
    ValueId result = call.emit("aten::index_add", {zeros, integer(2), index, columns, integer(1)}, three);
    result = call.emit("aten::unflatten.int", {result, integer(2), integers(padded)}, all);
    for (std::size_t axis = 0; axis < dimensions; ++axis) {
        const std::int64_t begin = windows.pads[axis];
        if (begin == 0 && windows.pads[dimensions + axis] == 0) continue;
        result = call.emit(
            "aten::slice.Tensor",
            {result, integer(static_cast<std::int64_t>(axis) + 2), integer(begin), integer(begin + windows.image[axis]), integer(1)}, all);
    }
    call.output(0, result);
}

void columnsToImage(Call& call) {
    const ValueId x = call.input(0);
    const Operands image = call.numbers(1), block = call.numbers(2);
    const std::size_t dimensions = image.size();
    if (dimensions == 0 || block.size() != dimensions) call.refuse("The image and the block of Col2Im do not fit together.");
    const auto list = [&](std::string_view name, std::size_t count, std::int64_t otherwise) {
        Integers values = call.integersAttribute(name).value_or(Integers(count, otherwise));
        if (values.size() != count) call.refuse("The attribute " + std::string(name) + " of Col2Im has the wrong length.");
        return values;
    };
    const Integers pads = list("pads", 2 * dimensions, 0), dilations = list("dilations", dimensions, 1),
                   strides = list("strides", dimensions, 1);
    if (dimensions == 2 && pads[0] == pads[2] && pads[1] == pads[3])
        return call.output(
            0, call.emit("aten::col2im",
                         {x, integersOf(image), integersOf(block), integers(dilations), integers({pads[0], pads[1]}), integers(strides)},
                         {call.dtype(x), unknownDims(4)}));
    addColumns(call, x, {knownSizes(call, image), knownSizes(call, block), dilations, strides, pads});
}

constexpr std::array entries{
    OperatorEntry{"NonMaxSuppression", nonMaxSuppression},
    OperatorEntry{"RoiAlign", roiAlign},
    OperatorEntry{"DeformConv", deformConv},
    OperatorEntry{"Col2Im", columnsToImage},
};

} // namespace

std::span<const OperatorEntry> visionOperators() { return entries; }

} // namespace lathe::formats::onnx
