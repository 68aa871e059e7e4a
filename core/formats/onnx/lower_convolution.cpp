// Convolution and transposed convolution.
#include <algorithm>
#include <array>
#include <limits>

#include <core/formats/onnx/operators.h>
#include <core/formats/onnx/window.h>

namespace lathe::formats::onnx {

namespace {

/// The spatial sizes of a weight.
Integers kernelOf(Call& call, ValueId weight) {
    const auto& shape = call.value(weight).shape;
    if (!shape || shape->size() < 3) call.refuse("The weight of " + call.node().opType + " has not the shape of a kernel.");
    Integers kernel;
    for (std::size_t axis = 2; axis < shape->size(); ++axis)
        kernel.push_back((*shape)[axis].size);
    return kernel;
}

void convolution(Call& call) { call.output(0, convolve(call, call.input(0), call.input(1), call.optionalInput(2))); }

/// Padding of a transposed convolution cuts the border of the result away: what its operator cannot cut equally on both sides is cut after
/// it.
void transposedConvolution(Call& call) {
    const ValueId x = call.input(0), weight = call.input(1);
    Window window = readWindow(call, x, kernelOf(call, weight));
    const std::size_t count = window.dimensions();
    Integers outputPadding = call.integersAttribute("output_padding").value_or(Integers(count, 0));
    if (outputPadding.size() != count) call.refuse("The attribute output_padding of ConvTranspose has the wrong length.");
    const std::string automatic = call.textAttribute("auto_pad", "NOTSET");
    const bool isSame = automatic.starts_with("SAME");
    const auto wanted = call.integersAttribute("output_shape");
    const auto& from = call.value(x).shape;
    std::vector<Dim> shape(count + 2);
    for (std::size_t axis = 0; axis < count; ++axis) {
        const std::int64_t size = from && from->size() == count + 2 ? (*from)[axis + 2].size : -1;
        const std::int64_t full = window.stride[axis] * (size - 1) + outputPadding[axis] + window.extent(axis);
        if (isSame || wanted) {
            if (size < 0 || (wanted && wanted->size() != count))
                call.refuse("The padding of ConvTranspose depends on an input size that is not known.");
            const std::int64_t target = wanted ? (*wanted)[axis] : size * window.stride[axis];
            // What is missing is appended, what is too much cut.
            const std::int64_t total = full - target;
            if (total < 0) {
                outputPadding[axis] -= total;
                window.padBegin[axis] = window.padEnd[axis] = 0;
            } else {
                window.padBegin[axis] = automatic == "SAME_UPPER" ? total / 2 : total - total / 2;
                window.padEnd[axis] = total - window.padBegin[axis];
            }
            shape[axis + 2].size = target;
        } else if (size >= 0) {
            shape[axis + 2].size = full - window.padBegin[axis] - window.padEnd[axis];
        }
    }
    const std::int64_t groups = call.integerAttribute("group", 1);
    if (from && !from->empty()) shape[0] = from->front();
    const std::int64_t perGroup = (*call.value(weight).shape)[1].size;
    if (perGroup >= 0 && groups > 0 && groups < (1 << 20)) shape[1].size = perGroup * groups;

    const bool cuts = !window.isSymmetric();
    const Integers padding = cuts ? Integers(count, 0) : window.padBegin;
    const std::string op = dimensional("aten::conv_transpose", count) + (count == 1 ? "" : ".input");
    ValueId result = call.emit(op,
                               {x, weight, call.optionalInput(2), integers(window.stride), integers(padding), integers(outputPadding),
                                integer(groups), integers(window.dilation)},
                               {call.dtype(x), shape});
    for (std::size_t axis = 0; cuts && axis < count; ++axis) {
        const std::int64_t end = window.padEnd[axis] == 0 ? std::numeric_limits<std::int64_t>::max() : -window.padEnd[axis];
        result = call.emit("aten::slice.Tensor",
                           {result, integer(static_cast<std::int64_t>(axis) + 2), integer(window.padBegin[axis]), integer(end), integer(1)},
                           {call.dtype(x), shape});
    }
    call.output(0, result);
}

constexpr std::array entries{
    OperatorEntry{"Conv", convolution},
    OperatorEntry{"ConvTranspose", transposedConvolution},
};

} // namespace

ValueId convolve(Call& call, ValueId x, ValueId weight, Operand bias) {
    Window window = readWindow(call, x, kernelOf(call, weight));
    const auto shape = windowShape(call, x, window, call.value(weight).shape->front().size);
    const bool isNegative = std::ranges::any_of(window.padBegin, [](std::int64_t amount) { return amount < 0; });
    if (!window.isSymmetric() || isNegative) {
        x = padded(call, x, window.padBegin, window.padEnd, number(0));
        window.padBegin.assign(window.dimensions(), 0);
    }
    return call.emit(dimensional("aten::conv", window.dimensions()),
                     {x, weight, std::move(bias), integers(window.stride), integers(window.padBegin), integers(window.dilation),
                      integer(call.integerAttribute("group", 1))},
                     {call.dtype(x), shape});
}

std::span<const OperatorEntry> convolutionOperators() { return entries; }

} // namespace lathe::formats::onnx
