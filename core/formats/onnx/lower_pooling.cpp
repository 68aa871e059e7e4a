// Pooling with windows and over whole images.
#include <algorithm>
#include <array>
#include <limits>
#include <numeric>

#include <core/formats/onnx/operators.h>
#include <core/formats/onnx/window.h>

namespace lathe::formats::onnx {

namespace {

/// PyTorch pads pooling by at most half a kernel, equally on both sides.
bool fitsPooling(const Window& window) {
    if (!window.isSymmetric()) return false;
    for (std::size_t axis = 0; axis < window.dimensions(); ++axis) {
        if (window.padBegin[axis] < 0 || window.padBegin[axis] > window.kernel[axis] / 2) return false;
    }
    return true;
}

Window withoutPadding(Window window) {
    window.padBegin.assign(window.dimensions(), 0);
    window.padEnd.assign(window.dimensions(), 0);
    return window;
}

/// -∞ or the smallest integer: what never is the largest.
Operand smallestOf(Call& call, ValueId x) {
    switch (call.dtype(x).value_or(DType::Float32)) {
    case DType::Int8:
        return integer(-128);
    case DType::UInt8:
        return integer(0);
    default:
        return number(-std::numeric_limits<double>::infinity());
    }
}

/// PyTorch counts within one image (N and C apart), ONNX through the whole tensor.
ValueId indicesThroughTensor(Call& call, ValueId indices, ValueId x, std::size_t dimensions) {
    const auto shape = graph::staticShape(call.value(x));
    if (!shape || shape->size() != dimensions + 2) call.refuse("Indices of MaxPool need an input whose size is known.");
    if (call.integerAttribute("storage_order", 0) != 0) {
        if (dimensions != 2) call.refuse("Indices of MaxPool in column order are known for images of two dimensions only.");
        const Known known = call.known(indices);
        const std::int64_t height = (*shape)[2], width = (*shape)[3];
        const ValueId row = call.emit("aten::div.Scalar_mode", {indices, integer(width), Operand(Literal(std::string("floor")))}, known);
        const ValueId column = call.emit("aten::remainder.Scalar", {indices, integer(width)}, known);
        indices = call.emit("aten::add.Tensor", {row, call.emit("aten::mul.Scalar", {column, integer(height)}, known), integer(1)}, known);
    }
    const std::int64_t images = (*shape)[0] * (*shape)[1];
    const std::int64_t size = std::accumulate(shape->begin() + 2, shape->end(), std::int64_t{1}, std::multiplies<>());
    if (images < 0 || images > 65536) call.refuse("Indices of MaxPool are known for up to 65536 images only.");
    std::vector<std::int64_t> offsets;
    for (std::int64_t image = 0; image < images; ++image)
        offsets.push_back(image * size);
    tensor::Shape offsetShape(dimensions + 2, 1);
    offsetShape[0] = (*shape)[0];
    offsetShape[1] = (*shape)[1];
    const ValueId offset = call.weight("offsets", tensor::Tensor::of<std::int64_t>(offsetShape, offsets));
    return call.emit("aten::add.Tensor", {indices, offset, integer(1)}, call.known(indices));
}

void maxPool(Call& call) {
    ValueId x = call.input(0);
    Window window = readWindow(call, x, {});
    const Known known{call.dtype(x), windowShape(call, x, window, std::nullopt)};
    const ValueId original = x;
    if (!fitsPooling(window)) {
        if (call.wantsOutput(1)) call.refuse("Indices of MaxPool with unequal padding are not known.");
        x = padded(call, x, window.padBegin, window.padEnd, smallestOf(call, x));
        window = withoutPadding(window);
    }
    Operands operands{
        x, integers(window.kernel), integers(window.stride), integers(window.padBegin), integers(window.dilation), flag(window.isCeil)};
    const std::string op = dimensional("aten::max_pool", window.dimensions());
    if (!call.wantsOutput(1)) return call.output(0, call.emit(op, std::move(operands), known));
    const auto both = call.emitMany(op + "_with_indices", std::move(operands), 2, known);
    call.lowering().graph.value(both[1]).dtype = DType::Int64;
    call.output(0, both[0]);
    call.output(1, indicesThroughTensor(call, both[1], original, window.dimensions()));
}

/// The mean of each dilated window: a convolution of every channel, as an image of its own, with the same kernel.
ValueId dilatedMean(Call& call, ValueId x, const Window& window, const Known& known) {
    tensor::Shape shape{1, 1};
    shape.insert(shape.end(), window.kernel.begin(), window.kernel.end());
    const auto elements = std::accumulate(window.kernel.begin(), window.kernel.end(), std::int64_t{1}, std::multiplies<>());
    if (elements > (1 << 20)) call.refuse("The kernel of " + call.node().opType + " is too large.");
    const std::vector<float> shares(static_cast<std::size_t>(elements), 1.0F / static_cast<float>(elements));
    const ValueId kernel = call.cast(call.weight("shares", tensor::Tensor::of<float>(shape, shares)), known.dtype.value_or(DType::Float32));
    const Known single{known.dtype, unknownDims(window.dimensions() + 2)}, joined{known.dtype, unknownDims(window.dimensions() + 1)};
    const Operand channels = call.size(x, 1);
    ValueId images = call.emit("aten::flatten.using_ints", {x, integer(0), integer(1)}, joined);
    images = call.emit("aten::unsqueeze", {images, integer(1)}, single);
    images = call.emit(dimensional("aten::conv", window.dimensions()),
                       {images, kernel, none(), integers(window.stride), integers(window.padBegin), integers(window.dilation), integer(1)},
                       single);
    images = call.emit("aten::squeeze.dims", {images, integers({1})}, joined);
    return call.emit("aten::unflatten.int", {images, integer(0), integersOf({integer(-1), channels})}, known);
}

/// How much is missing behind the input for the last windows, which ceil_mode adds: they reach beyond the padding.
Integers overhang(Call& call, ValueId x, const Window& window) {
    Integers missing(window.dimensions(), 0);
    if (!window.isCeil) return missing;
    const auto outputs = windowShape(call, x, window, std::nullopt);
    for (std::size_t axis = 0; axis < missing.size(); ++axis) {
        const std::int64_t count = (*outputs)[axis + 2].size;
        if (count < 0) call.refuse(call.node().opType + " with dilation and ceil_mode needs an input whose size is known.");
        const std::int64_t there = (*call.value(x).shape)[axis + 2].size + window.padBegin[axis] + window.padEnd[axis];
        missing[axis] = std::max<std::int64_t>(0, (count - 1) * window.stride[axis] + window.extent(axis) - there);
    }
    return missing;
}

bool isDilated(const Window& window) {
    return std::ranges::any_of(window.dilation, [](std::int64_t step) { return step != 1; });
}

ValueId averaged(Call& call, ValueId x, const Window& window, bool countsPadding, const Known& known) {
    if (isDilated(window)) return dilatedMean(call, x, window, known);
    Operands operands{
        x, integers(window.kernel), integers(window.stride), integers(window.padBegin), flag(window.isCeil), flag(countsPadding)};
    if (window.dimensions() > 1) operands.push_back(none());
    return call.emit(dimensional("aten::avg_pool", window.dimensions()), std::move(operands), known);
}

void averagePool(Call& call) {
    const ValueId x = call.input(0);
    Window window = readWindow(call, x, {});
    const Known known{call.dtype(x), windowShape(call, x, window, std::nullopt)};
    const bool countsPadding = call.integerAttribute("count_include_pad", 0) != 0;
    if (fitsPooling(window) && !isDilated(window)) return call.output(0, averaged(call, x, window, countsPadding, known));
    const Integers beyond = isDilated(window) ? overhang(call, x, window) : Integers(window.dimensions(), 0), before(beyond.size(), 0);
    const bool isBeyond = std::ranges::any_of(beyond, [](std::int64_t amount) { return amount > 0; });
    const auto widened = [&](ValueId image, std::int64_t padding) {
        const ValueId wide = padded(call, image, window.padBegin, window.padEnd, number(static_cast<double>(padding)));
        return isBeyond ? padded(call, wide, before, beyond, number(0)) : wide;
    };
    Window inner = withoutPadding(window);
    inner.isCeil = inner.isCeil && !isDilated(window);
    const ValueId sum = averaged(call, widened(x, 0), inner, true, known);
    if (countsPadding && !isBeyond) return call.output(0, sum);
    // The share of each window that lies inside the input, or the padding where that counts.
    const ValueId ones = call.emit("aten::ones_like", {x}, call.known(x));
    const ValueId share = averaged(call, widened(ones, countsPadding ? 1 : 0), inner, true, known);
    call.output(0, call.emit("aten::div.Tensor", {sum, share}, known));
}

/// (mean of |x|^p · elements)^(1/p).
ValueId pNorm(Call& call, ValueId mean, double elements, std::int64_t p) {
    const Known known = call.known(mean);
    const ValueId sum = call.emit("aten::mul.Tensor", {mean, number(elements)}, known);
    return call.emit("aten::pow.Tensor_Scalar", {sum, number(1.0 / static_cast<double>(p))}, known);
}

ValueId absolutePower(Call& call, ValueId x, std::int64_t p) {
    const Known known = call.known(x);
    return call.emit("aten::pow.Tensor_Scalar", {call.emit("aten::abs", {x}, known), integer(p)}, known);
}

void lpPool(Call& call) {
    const ValueId x = call.input(0);
    const Window window = readWindow(call, x, {});
    const std::int64_t p = call.integerAttribute("p", 2);
    if (p < 1) call.refuse("LpPool needs a p of at least 1.");
    const Known known{call.dtype(x), windowShape(call, x, window, std::nullopt)};
    ValueId powers = absolutePower(call, x, p);
    powers = padded(call, powers, window.padBegin, window.padEnd, number(0));
    Window inner = withoutPadding(window);
    if (isDilated(window) && window.isCeil) {
        powers = padded(call, powers, Integers(window.dimensions(), 0), overhang(call, x, window), number(0));
        inner.isCeil = false;
    }
    const double elements = std::accumulate(window.kernel.begin(), window.kernel.end(), 1.0, std::multiplies<>());
    if (isDilated(inner)) return call.output(0, pNorm(call, dilatedMean(call, powers, inner, known), elements, p));
    Operands operands{powers, integers(inner.kernel), integers(inner.stride), integers(inner.padBegin), flag(inner.isCeil), flag(true)};
    if (window.dimensions() > 1) {
        operands.push_back(integer(1)); // divides by 1: a sum
        const ValueId sum = call.emit(dimensional("aten::avg_pool", window.dimensions()), std::move(operands), known);
        return call.output(0, pNorm(call, sum, 1, p));
    }
    call.output(0, pNorm(call, call.emit("aten::avg_pool1d", std::move(operands), known), elements, p));
}

/// Elements go back to where MaxPool took them from, with zeros around; a larger result is filled up behind.
void maxUnpool(Call& call) {
    const ValueId x = call.input(0), indices = call.input(1);
    const Window window = readWindow(call, x, {});
    const auto from = graph::staticShape(call.value(x));
    if (!from || from->size() != window.dimensions() + 2) call.refuse("MaxUnpool needs an input whose size is known.");
    tensor::Shape shape{(*from)[0], (*from)[1]};
    for (std::size_t axis = 0; axis < window.dimensions(); ++axis)
        shape.push_back(((*from)[axis + 2] - 1) * window.stride[axis] + window.extent(axis) - window.padBegin[axis] - window.padEnd[axis]);
    const auto count = tensor::checkedElementCount(shape);
    if (!count) call.refuse("The result of MaxUnpool is too large.");
    const DType dtype = call.dtype(x).value_or(DType::Float32);
    const Known flat{dtype, unknownDims(1)};
    const ValueId zeros = call.emit("aten::zeros", {integers({*count}), dtypeNumber(dtype), none(), none(), none()}, flat);
    const ValueId places = call.emit("aten::reshape", {call.cast(indices, DType::Int64), integers({-1})}, {DType::Int64, unknownDims(1)});
    const ValueId values = call.emit("aten::reshape", {x, integers({-1})}, flat);
    ValueId result = call.reshape(call.emit("aten::scatter.src", {zeros, integer(0), places, values}, flat), shape);
    if (call.has(2)) {
        const Integers wanted = call.constant(2) ? call.constantIntegers(2, "output_shape") : Integers{};
        Operands amounts;
        const Operands sizes = wanted.empty() ? call.numbers(2, shape.size()) : Operands{};
        for (std::size_t axis = shape.size(); axis-- > 0;) {
            amounts.push_back(integer(0));
            amounts.push_back(wanted.empty() ? call.difference(sizes.at(axis), integer(shape[axis]))
                                             : integer(wanted.at(axis) - shape[axis]));
        }
        result = call.emit("aten::constant_pad_nd", {result, integersOf(amounts), integer(0)}, {dtype, unknownDims(shape.size())});
    }
    call.output(0, result);
}

std::vector<Dim> pooledToOne(Call& call, ValueId x) {
    std::vector<Dim> shape(static_cast<std::size_t>(call.needRank(x)), Dim{1, ""});
    for (std::size_t axis = 0; axis < 2 && axis < shape.size(); ++axis)
        shape[axis] = (*call.value(x).shape)[axis];
    return shape;
}

Integers spatialAxes(Call& call, ValueId x) {
    Integers axes;
    for (std::int64_t axis = 2; axis < call.needRank(x); ++axis)
        axes.push_back(axis);
    return axes;
}

void globalAveragePool(Call& call) {
    const ValueId x = call.input(0);
    const std::int64_t dimensions = call.needRank(x) - 2;
    const Known known{call.dtype(x), pooledToOne(call, x)};
    if (dimensions < 1 || dimensions > 3)
        return call.output(0, call.emit("aten::mean.dim", {x, integers(spatialAxes(call, x)), flag(true), none()}, known));
    const auto count = static_cast<std::size_t>(dimensions);
    call.output(0, call.emit(dimensional("aten::adaptive_avg_pool", count), {x, integers(Integers(count, 1))}, known));
}

void globalMaxPool(Call& call) {
    const ValueId x = call.input(0);
    call.output(0, call.emit("aten::amax", {x, integers(spatialAxes(call, x)), flag(true)}, {call.dtype(x), pooledToOne(call, x)}));
}

void globalLpPool(Call& call) {
    const ValueId x = call.input(0);
    const std::int64_t p = call.integerAttribute("p", 2);
    if (p < 1) call.refuse("GlobalLpPool needs a p of at least 1.");
    const ValueId powers = absolutePower(call, x, p);
    const ValueId sum = call.emit("aten::sum.dim_IntList", {powers, integers(spatialAxes(call, x)), flag(true), none()},
                                  {call.dtype(x), pooledToOne(call, x)});
    call.output(0, pNorm(call, sum, 1, p));
}

constexpr std::array entries{
    OperatorEntry{"MaxPool", maxPool},
    OperatorEntry{"AveragePool", averagePool},
    OperatorEntry{"LpPool", lpPool},
    OperatorEntry{"MaxUnpool", maxUnpool},
    OperatorEntry{"GlobalAveragePool", globalAveragePool},
    OperatorEntry{"GlobalMaxPool", globalMaxPool},
    OperatorEntry{"GlobalLpPool", globalLpPool},
};

} // namespace

std::span<const OperatorEntry> poolingOperators() { return entries; }

} // namespace lathe::formats::onnx
