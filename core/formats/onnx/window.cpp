#include <core/formats/onnx/window.h>

#include <algorithm>

namespace lathe::formats::onnx {

namespace {

constexpr std::int64_t largest = std::int64_t{1} << 31;

Integers listOf(const Call& call, std::string_view name, std::size_t count, std::int64_t otherwise, std::int64_t smallest) {
    Integers values = call.integersAttribute(name).value_or(Integers(count, otherwise));
    if (values.size() != count)
        call.refuse("The attribute " + std::string(name) + " of " + call.node().opType + " has " + std::to_string(values.size()) +
                    " numbers, not " + std::to_string(count) + ".");
    for (const std::int64_t value : values) {
        if (value < smallest || value > largest)
            call.refuse("The attribute " + std::string(name) + " of " + call.node().opType + " has the number " + std::to_string(value) +
                        ", which cannot be.");
    }
    return values;
}

/// SAME_UPPER, SAME_LOWER: the output has ⌈input / stride⌉ elements.
void padToSame(Call& call, ValueId input, Window& window, bool isUpper) {
    for (std::size_t axis = 0; axis < window.dimensions(); ++axis) {
        std::int64_t total = window.extent(axis) - 1;
        if (window.stride[axis] != 1) {
            const auto& shape = call.value(input).shape;
            const std::int64_t size = shape && shape->size() > axis + 2 ? (*shape)[axis + 2].size : -1;
            if (size < 0) call.refuse("The padding of " + call.node().opType + " (auto_pad) depends on an input size that is not known.");
            const std::int64_t outputs = (size + window.stride[axis] - 1) / window.stride[axis];
            total = std::max<std::int64_t>((outputs - 1) * window.stride[axis] + window.extent(axis) - size, 0);
        }
        window.padBegin[axis] = isUpper ? total / 2 : total - total / 2;
        window.padEnd[axis] = total - window.padBegin[axis];
    }
}

} // namespace

bool Window::hasPadding() const {
    const auto isZero = [](std::int64_t amount) { return amount == 0; };
    return !std::ranges::all_of(padBegin, isZero) || !std::ranges::all_of(padEnd, isZero);
}

Window readWindow(Call& call, ValueId input, const Integers& kernel) {
    Window window;
    window.kernel = call.integersAttribute("kernel_shape").value_or(kernel);
    const std::size_t count = window.kernel.size();
    if (count < 1 || count > 3)
        call.refuse(call.node().opType + " over " + std::to_string(count) + " dimensions is not known: 1 to 3 are.");
    if (const auto rank = call.rank(input); rank && *rank != static_cast<std::int64_t>(count) + 2)
        call.refuse("The kernel of " + call.node().opType + " does not fit an input of " + std::to_string(*rank) + " dimensions.");
    window.kernel = listOf(call, "kernel_shape", count, 1, 1);
    if (!call.attribute("kernel_shape")) window.kernel = kernel;
    window.stride = listOf(call, "strides", count, 1, 1);
    window.dilation = listOf(call, "dilations", count, 1, 1);
    const Integers pads = listOf(call, "pads", 2 * count, 0, -largest);
    window.padBegin.assign(pads.begin(), pads.begin() + static_cast<std::ptrdiff_t>(count));
    window.padEnd.assign(pads.begin() + static_cast<std::ptrdiff_t>(count), pads.end());
    window.isCeil = call.integerAttribute("ceil_mode", 0) != 0;
    const std::string automatic = call.textAttribute("auto_pad", "NOTSET");
    if (automatic == "VALID") {
        window.padBegin.assign(count, 0);
        window.padEnd.assign(count, 0);
    } else if (automatic == "SAME_UPPER" || automatic == "SAME_LOWER") {
        if (call.node().opType != "ConvTranspose") padToSame(call, input, window, automatic == "SAME_UPPER");
    } else if (automatic != "NOTSET" && !automatic.empty()) {
        call.refuse("The padding \"" + automatic + "\" of " + call.node().opType + " is not known.");
    }
    return window;
}

ValueId padded(Call& call, ValueId input, const Integers& begin, const Integers& end, Operand value) {
    Integers amounts;
    for (std::size_t axis = begin.size(); axis-- > 0;) {
        amounts.push_back(begin[axis]);
        amounts.push_back(end[axis]);
    }
    Known known = call.known(input);
    if (known.shape && known.shape->size() == begin.size() + 2) {
        for (std::size_t axis = 0; axis < begin.size(); ++axis) {
            Dim& dim = (*known.shape)[axis + 2];
            if (dim.size >= 0) dim.size += begin[axis] + end[axis];
        }
    }
    return call.emit("aten::constant_pad_nd", {input, integers(std::move(amounts)), std::move(value)}, known);
}

std::optional<std::vector<Dim>> windowShape(const Call& call, ValueId input, const Window& window, std::optional<std::int64_t> channels) {
    const auto& from = call.value(input).shape;
    std::vector<Dim> shape(window.dimensions() + 2);
    if (from && from->size() == shape.size()) {
        shape[0] = (*from)[0];
        shape[1] = (*from)[1];
        for (std::size_t axis = 0; axis < window.dimensions(); ++axis) {
            const std::int64_t size = (*from)[axis + 2].size;
            if (size < 0) continue;
            const std::int64_t room = size + window.padBegin[axis] + window.padEnd[axis] - window.extent(axis);
            if (room < 0) continue;
            std::int64_t count = (room + (window.isCeil ? window.stride[axis] - 1 : 0)) / window.stride[axis] + 1;
            // The last window starts inside the input or its left padding.
            if (window.isCeil && (count - 1) * window.stride[axis] >= size + window.padBegin[axis]) --count;
            shape[axis + 2] = {count, ""};
        }
    }
    if (channels) shape[1] = {*channels, ""};
    return shape;
}

std::string dimensional(std::string_view op, std::size_t dimensions) { return std::string(op) + std::to_string(dimensions) + "d"; }

} // namespace lathe::formats::onnx
