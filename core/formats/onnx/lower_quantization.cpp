// Quantization: QDQ becomes the quantized_decomposed nodes of our graphs, operators on integers become those around float operators.
#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include <core/formats/onnx/operators.h>
#include <core/formats/onnx/window.h>
#include <core/graph/operators/names.h>

namespace lathe::formats::onnx {

namespace {

struct Grid {
    std::int64_t minimum, maximum;
    DType dtype; ///< that holds it
};

Grid gridOf(Call& call, ElementType type) {
    switch (type) {
    case ElementType::Int8:
        return {-128, 127, DType::Int8};
    case ElementType::UInt8:
        return {0, 255, DType::UInt8};
    case ElementType::Int4:
        return {-8, 7, DType::Int8};
    case ElementType::UInt4:
        return {0, 15, DType::UInt8};
    case ElementType::Int16:
        return {-32768, 32767, DType::Int16};
    case ElementType::UInt16:
        return {0, 65535, DType::Int32};
    case ElementType::Int32:
        return {-2147483648LL, 2147483647LL, DType::Int32};
    default:
        call.refuse(call.node().opType + " uses integers of a type that Lathe has not (8-bit floats, for example).");
    }
}

/// The grid that an integer tensor lies on.
Grid gridOf(Call& call, ValueId id) {
    const auto& narrow = call.lowering().narrowTypes;
    if (const auto found = narrow.find(id); found != narrow.end()) return gridOf(call, found->second);
    switch (call.dtype(id).value_or(DType::Float32)) {
    case DType::Int8:
        return gridOf(call, ElementType::Int8);
    case DType::UInt8:
        return gridOf(call, ElementType::UInt8);
    case DType::Int16:
        return gridOf(call, ElementType::Int16);
    case DType::Int32:
        return gridOf(call, ElementType::Int32);
    default:
        call.refuse(call.node().opType + " works on a type that Lathe does not quantize to.");
    }
}

Operand nameOf(const Grid& grid) { return Operand(Literal(std::string(tensor::name(grid.dtype)))); }

/// Scale and zero point of one tensor: two inputs of the node. The zero point may be left out.
struct Parameters {
    ValueId scale;
    std::optional<ValueId> zeroPoint;
};

Parameters parametersAt(Call& call, std::size_t scale, std::size_t zeroPoint) {
    return {call.input(scale), call.has(zeroPoint) ? std::optional(call.input(zeroPoint)) : std::nullopt};
}

std::int64_t countOf(const std::vector<Dim>& shape) {
    std::int64_t count = 1;
    for (const Dim& dim : shape)
        count = dim.size < 0 || count < 0 ? -1 : count * std::min<std::int64_t>(dim.size, 1 << 30);
    return count;
}

ValueId zerosLike(Call& call, ValueId scale) {
    const tensor::Tensor* data = call.constantOf(scale);
    if (data) return call.weight("zero_points", tensor::Tensor::zeros(DType::Int64, data->shape()));
    return call.emit("aten::zeros_like", {scale, dtypeNumber(DType::Int64), none(), none(), none(), none()},
                     {DType::Int64, call.value(scale).shape});
}

/// One scale for each block of elements along the axis: arithmetic, after repeating the scales.
ValueId dequantizeBlocks(Call& call, ValueId x, const Parameters& parameters, std::int64_t axis, std::int64_t block) {
    const auto repeated = [&](ValueId id) {
        return call.emit("aten::repeat_interleave.self_int", {id, integer(block), integer(axis), none()}, {call.dtype(id), std::nullopt});
    };
    const Known known{DType::Float32, call.value(x).shape};
    // The last block may be shorter.
    const auto fitted = [&](ValueId id) {
        return call.emit("aten::slice.Tensor", {id, integer(axis), integer(0), call.size(x, axis), integer(1)}, known);
    };
    ValueId result = call.cast(x, DType::Float32);
    if (parameters.zeroPoint)
        result =
            call.emit("aten::sub.Tensor", {result, fitted(repeated(call.cast(*parameters.zeroPoint, DType::Float32))), integer(1)}, known);
    return call.emit("aten::mul.Tensor", {result, fitted(repeated(call.cast(parameters.scale, DType::Float32)))}, known);
}

/// quantize or dequantize: their operands are the same.
ValueId convert(Call& call, bool quantizes, ValueId x, const Parameters& parameters, const Grid& grid, std::int64_t axis) {
    const Operand low = integer(grid.minimum), high = integer(grid.maximum), dtype = nameOf(grid);
    const Known known{quantizes ? grid.dtype : DType::Float32, call.value(x).shape};
    const auto& scaleShape = call.value(parameters.scale).shape;
    if (!scaleShape) call.refuse("How many scales " + call.node().opType + " has is not known.");
    const bool isPerTensor = countOf(*scaleShape) == 1;
    const tensor::Tensor* scale = call.constantOf(parameters.scale);
    const tensor::Tensor* zeroPoint = parameters.zeroPoint ? call.constantOf(*parameters.zeroPoint) : nullptr;
    ValueId result = -1;
    if (isPerTensor && scale && (zeroPoint || !parameters.zeroPoint)) {
        const double one = static_cast<double>(scale->toFloats().front());
        if (!(one > 0)) call.refuse("The scale of " + call.node().opType + " is not above 0.");
        const std::int64_t zero = zeroPoint ? static_cast<std::int64_t>(zeroPoint->to(DType::Float64).values<double>().front()) : 0;
        const auto op = quantizes ? graph::op::quantizePerTensor : graph::op::dequantizePerTensor;
        result = call.emit(std::string(op), {x, number(one), integer(zero), low, high, dtype}, known);
    } else if (isPerTensor) {
        const auto op = quantizes ? graph::op::quantizePerTensorDynamic : graph::op::dequantizePerTensorDynamic;
        const ValueId zero = parameters.zeroPoint ? *parameters.zeroPoint : zerosLike(call, parameters.scale);
        result = call.emit(std::string(op), {x, parameters.scale, zero, low, high, dtype}, known);
    } else {
        const auto op = quantizes ? graph::op::quantizePerChannel : graph::op::dequantizePerChannel;
        const ValueId zeros = parameters.zeroPoint ? call.cast(*parameters.zeroPoint, DType::Int64) : zerosLike(call, parameters.scale);
        result = call.emit(std::string(op),
                           {x, call.cast(parameters.scale, DType::Float32), zeros, integer(call.axisOf(axis, x)), low, high, dtype}, known);
    }
    if (quantizes && (grid.maximum == 7 || grid.maximum == 15 || grid.maximum == 65535))
        call.lowering().narrowTypes[result] = grid.maximum == 7    ? ElementType::Int4
                                              : grid.maximum == 15 ? ElementType::UInt4
                                                                   : ElementType::UInt16;
    return result;
}

ValueId dequantize(Call& call, ValueId x, const Parameters& parameters, std::int64_t axis) {
    return convert(call, false, x, parameters, gridOf(call, x), axis);
}

/// Biases are stored as integers of 32 bits on the grid of the products that they are added to. Layers read them as the floats that these
/// are, like all other biases: quantization::roundBiases() and the writer know them for whole numbers again. Nothing for what is no
/// constant vector.
std::optional<ValueId> restoredBias(Call& call, ValueId x, const Parameters& parameters) {
    const tensor::Tensor* integers = call.constantOf(x);
    const tensor::Tensor* scale = call.constantOf(parameters.scale);
    if (integers == nullptr || scale == nullptr || integers->dtype() != DType::Int32 || scale->dtype() != DType::Float32 ||
        integers->shape().size() != 1)
        return std::nullopt;
    const std::vector<float> scales = scale->toFloats();
    std::vector<float> numbers = integers->toFloats();
    if (scales.size() != 1 && scales.size() != numbers.size()) return std::nullopt;
    if (parameters.zeroPoint) {
        const tensor::Tensor* zeroPoint = call.constantOf(*parameters.zeroPoint);
        if (zeroPoint == nullptr || std::ranges::any_of(zeroPoint->toFloats(), [](float zero) { return zero != 0; })) return std::nullopt;
    }
    for (std::size_t at = 0; at < numbers.size(); ++at)
        numbers[at] *= scales[scales.size() == 1 ? 0 : at];
    const ValueId bias = call.weight("bias", tensor::Tensor::of<float>(integers->shape(), numbers));
    call.lowering().graph.value(bias).isParameter = true;
    return bias;
}

void dequantizeLinear(Call& call) {
    const ValueId x = call.input(0);
    const Parameters parameters = parametersAt(call, 1, 2);
    if (const auto bias = restoredBias(call, x, parameters)) return call.output(0, *bias);
    const std::int64_t axis = call.integerAttribute("axis", 1), block = call.integerAttribute("block_size", 0);
    if (block < 0 || block > (1 << 24)) call.refuse("The block size of DequantizeLinear cannot be.");
    for (const ValueId id : {parameters.scale, parameters.zeroPoint.value_or(parameters.scale)}) {
        if (call.constantOf(id)) call.lowering().graph.value(id).isParameter = false;
    }
    const ValueId result =
        block > 0 ? dequantizeBlocks(call, x, parameters, call.axisOf(axis, x), block) : dequantize(call, x, parameters, axis);
    const DType scaleType = call.dtype(parameters.scale).value_or(DType::Float32);
    call.output(0, scaleType == DType::Float32 ? result : call.cast(result, scaleType));
}

void quantizeLinear(Call& call) {
    ValueId x = call.input(0);
    const Parameters parameters = parametersAt(call, 1, 2);
    if (call.integerAttribute("block_size", 0) != 0) call.refuse("QuantizeLinear in blocks is not known.");
    const std::int64_t asked = call.integerAttribute("output_dtype", 0);
    const Grid grid = parameters.zeroPoint ? gridOf(call, *parameters.zeroPoint)
                                           : gridOf(call, asked == 0 ? ElementType::UInt8 : static_cast<ElementType>(asked));
    if (call.constantOf(parameters.scale)) call.lowering().graph.value(parameters.scale).isParameter = false;
    x = call.cast(x, DType::Float32);
    call.output(0, convert(call, true, x, parameters, grid, call.integerAttribute("axis", 1)));
}

/// The smallest normal number of float32: the scale of an input that is 0 throughout.
constexpr double smallestScale = 1.1754943508222875e-38;

void dynamicQuantizeLinear(Call& call) {
    const ValueId x = call.input(0);
    const Operand low = integer(0), high = integer(255), dtype = Operand(Literal(std::string("uint8")));
    const std::vector<Dim> one{Dim{1, ""}};
    const auto both =
        call.emitMany(std::string(graph::op::chooseQparams), {x, low, high, number(smallestScale), dtype}, 2, {DType::Float64, one});
    call.lowering().graph.value(both[1]).dtype = DType::Int64;
    const ValueId y = call.emit(std::string(graph::op::quantizePerTensorDynamic), {x, both[0], both[1], low, high, dtype},
                                {DType::UInt8, call.value(x).shape});
    if (call.wantsOutput(1)) call.output(1, call.reshape(call.cast(both[0], DType::Float32), {}));
    if (call.wantsOutput(2)) call.output(2, call.reshape(call.cast(both[1], DType::UInt8), {}));
    call.output(0, y);
}

/// Integers as they are, minus their zero point, in numbers that hold every product and sum of them exactly.
ValueId shifted(Call& call, std::size_t index, std::size_t zeroPoint, std::int64_t axis) {
    const ValueId x = call.input(index);
    const ValueId wide = call.cast(x, DType::Float64);
    if (!call.has(zeroPoint)) return wide;
    ValueId zero = call.cast(call.input(zeroPoint), DType::Float64);
    const auto& shape = call.value(zero).shape;
    if (shape && shape->size() == 1 && shape->front().size != 1) {
        // One zero point for each row of a matrix, or for each output channel.
        Integers view(static_cast<std::size_t>(call.needRank(x)), 1);
        view.at(static_cast<std::size_t>(call.axisOf(axis, x))) = -1;
        zero = call.emit("aten::reshape", {zero, integers(view)}, {DType::Float64, unknownDims(view.size())});
    }
    return call.emit("aten::sub.Tensor", {wide, zero, integer(1)}, call.known(wide));
}

void matMulInteger(Call& call) {
    const ValueId a = shifted(call, 0, 2, -2), b = shifted(call, 1, 3, -1);
    call.output(0, call.cast(matrixProduct(call, a, b), DType::Int32));
}

void convInteger(Call& call) {
    const ValueId x = shifted(call, 0, 2, 1), weight = shifted(call, 1, 3, 0);
    call.output(0, call.cast(convolve(call, x, weight, none()), DType::Int32));
}

void qLinearMatMul(Call& call) {
    const ValueId a = dequantize(call, call.input(0), parametersAt(call, 1, 2), -2);
    const ValueId b = dequantize(call, call.input(3), parametersAt(call, 4, 5), -1);
    const ValueId product = matrixProduct(call, a, b);
    call.output(0, convert(call, true, product, parametersAt(call, 6, 7), gridOf(call, call.input(7)), -1));
}

/// The bias is stored as integers in units of both scales.
Operand floatBias(Call& call, std::size_t index) {
    if (!call.has(index)) return none();
    const ValueId bias = call.cast(call.input(index), DType::Float32);
    const ValueId unit = call.emit("aten::mul.Tensor", {call.input(1), call.input(4)}, {DType::Float32, call.value(call.input(4)).shape});
    return call.emit("aten::mul.Tensor", {bias, unit}, call.known(bias));
}

void qLinearConv(Call& call) {
    const ValueId x = dequantize(call, call.input(0), parametersAt(call, 1, 2), 1);
    const ValueId weight = dequantize(call, call.input(3), parametersAt(call, 4, 5), 0);
    const ValueId y = convolve(call, x, weight, floatBias(call, 8));
    call.output(0, convert(call, true, y, parametersAt(call, 6, 7), gridOf(call, call.input(7)), 1));
}

constexpr std::array entries{
    OperatorEntry{"QuantizeLinear", quantizeLinear},
    OperatorEntry{"DequantizeLinear", dequantizeLinear},
    OperatorEntry{"DynamicQuantizeLinear", dynamicQuantizeLinear},
    OperatorEntry{"MatMulInteger", matMulInteger},
    OperatorEntry{"ConvInteger", convInteger},
    OperatorEntry{"QLinearMatMul", qLinearMatMul},
    OperatorEntry{"QLinearConv", qLinearConv},
};

} // namespace

std::span<const OperatorEntry> quantizationOperators() { return entries; }

} // namespace lathe::formats::onnx
