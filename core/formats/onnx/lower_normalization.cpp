// Normalization.
#include <array>

#include <core/formats/onnx/operators.h>

namespace lathe::formats::onnx {

namespace {

ValueId sameShape(Call& call, const char* op, Operands operands) {
    const Known known = call.known(operands.front().value());
    return call.emit(op, std::move(operands), known);
}

void isNotTrained(Call& call, std::size_t index) {
    if (!call.has(index)) return;
    const ValueId id = call.input(index);
    if (call.constantOf(id)) call.lowering().graph.value(id).isParameter = false;
}

void batchNormalization(Call& call) {
    if (call.integerAttribute("training_mode", 0) != 0) {
        // In evaluation the statistics stay what they are.
        for (const std::size_t statistics : {1, 2}) {
            if (call.wantsOutput(statistics)) call.output(statistics, call.input(statistics + 2));
        }
        ++call.lowering().switchedToEvaluation["BatchNormalization"];
    }
    const ValueId x = call.input(0);
    isNotTrained(call, 3);
    isNotTrained(call, 4);
    call.output(0,
                sameShape(call, "aten::batch_norm",
                          {x, call.input(1), call.input(2), call.input(3), call.input(4), flag(false),
                           number(1 - call.floatAttribute("momentum", 0.9F)), number(call.floatAttribute("epsilon", 1e-5F)), flag(true)}));
}

void instanceNormalization(Call& call) {
    const ValueId x = call.input(0);
    call.output(0, sameShape(call, "aten::instance_norm",
                             {x, call.input(1), call.input(2), none(), none(), flag(true), number(0.1),
                              number(call.floatAttribute("epsilon", 1e-5F)), flag(true)}));
}

/// The dimensions from `axis` on, as int[].
Operand shapeFrom(Call& call, ValueId x, std::int64_t axis) {
    Operands sizes;
    for (std::int64_t dimension = axis; dimension < call.needRank(x); ++dimension)
        sizes.push_back(call.size(x, dimension));
    return integersOf(sizes);
}

Integers axesFrom(Call& call, ValueId x, std::int64_t axis) {
    Integers axes;
    for (std::int64_t dimension = axis; dimension < call.needRank(x); ++dimension)
        axes.push_back(dimension);
    return axes;
}

/// The shape over which is normalized: that of the scale where it is constant and has all the dimensions.
Operand normalizedShape(Call& call, ValueId x, std::int64_t axis) {
    const tensor::Tensor* scale = call.constant(1);
    if (scale && axis < 0 && static_cast<std::int64_t>(scale->shape().size()) == -axis) return integers(scale->shape());
    return shapeFrom(call, x, call.axisOf(axis, x));
}

/// Does the scale have exactly the dimensions that are normalized, as PyTorch wants it?
bool scaleFits(Call& call, std::size_t index, const Operand& shape) {
    if (!call.has(index)) return true;
    const auto wanted = shape.literal<Integers>();
    const auto has = graph::staticShape(call.value(call.input(index)));
    return !wanted || !has || *wanted == *has;
}

void layerNormalization(Call& call) {
    const ValueId x = call.input(0);
    const std::int64_t axis = call.integerAttribute("axis", -1);
    const Operand epsilon = number(call.floatAttribute("epsilon", 1e-5F));
    const Operand shape = normalizedShape(call, x, axis);
    const bool fits = scaleFits(call, 1, shape) && scaleFits(call, 2, shape);
    const ValueId scale = call.input(1);
    const Operand weight = fits ? Operand(scale) : none(), bias = fits ? call.optionalInput(2) : none();
    ValueId result = sameShape(call, "aten::layer_norm", {x, shape, weight, bias, epsilon, flag(true)});
    if (!fits) {
        result = sameShape(call, "aten::mul.Tensor", {result, scale});
        if (call.has(2)) result = sameShape(call, "aten::add.Tensor", {result, call.input(2), integer(1)});
    }
    if (call.wantsOutput(1) || call.wantsOutput(2)) {
        const Operand axes = integers(axesFrom(call, x, call.axisOf(axis, x)));
        const ValueId mean = call.emit("aten::mean.dim", {x, axes, flag(true), none()}, {call.dtype(x), std::nullopt});
        const ValueId variance = call.emit("aten::var.correction", {x, axes, integer(0), flag(true)}, {call.dtype(x), std::nullopt});
        const ValueId shifted = sameShape(call, "aten::add.Tensor", {variance, epsilon, integer(1)});
        call.output(1, mean);
        call.output(2, sameShape(call, "aten::rsqrt", {shifted}));
    }
    call.output(0, result);
}

void rmsNormalization(Call& call) {
    const ValueId x = call.input(0);
    const Operand shape = normalizedShape(call, x, call.integerAttribute("axis", -1));
    const Operand epsilon = number(call.floatAttribute("epsilon", 1e-5F));
    const bool fits = scaleFits(call, 1, shape);
    const ValueId scale = call.input(1);
    ValueId result = sameShape(call, "aten::rms_norm", {x, shape, fits ? Operand(scale) : none(), epsilon});
    if (!fits) result = sameShape(call, "aten::mul.Tensor", {result, scale});
    call.output(0, result);
}

/// Up to opset 20 there is one scale per group, from 21 on one per channel as in PyTorch.
void groupNormalization(Call& call) {
    const ValueId x = call.input(0);
    const std::int64_t groups = call.integerAttribute("num_groups", 0);
    if (groups < 1) call.refuse("GroupNormalization needs a number of groups.");
    ValueId scale = call.input(1), bias = call.input(2);
    if (call.opset() < 21) {
        const auto& shape = call.value(x).shape;
        const std::int64_t channels = shape && shape->size() > 1 ? (*shape)[1].size : -1;
        if (channels < 0 || channels % groups != 0) call.refuse("The number of channels of GroupNormalization is not known.");
        const auto repeated = [&](ValueId id) {
            return call.emit("aten::repeat_interleave.self_int", {id, integer(channels / groups), integer(0), none()},
                             {call.dtype(x), std::vector<Dim>{Dim{channels, ""}}});
        };
        scale = repeated(scale);
        bias = repeated(bias);
    }
    call.output(0, sameShape(call, "aten::group_norm",
                             {x, integer(groups), scale, bias, number(call.floatAttribute("epsilon", 1e-5F)), flag(true)}));
}

void localResponseNormalization(Call& call) {
    const ValueId x = call.input(0);
    const std::int64_t size = call.integerAttribute("size", 0);
    if (size < 1 || size > 65536 || call.needRank(x) != 4) call.refuse("LRN needs a size and images of 4 dimensions.");
    const Known unknown{call.dtype(x), std::nullopt};
    ValueId squares = sameShape(call, "aten::mul.Tensor", {x, x});
    squares = call.emit("aten::unsqueeze", {squares, integer(1)}, unknown);
    squares = call.emit("aten::constant_pad_nd", {squares, integers({0, 0, 0, 0, (size - 1) / 2, size - 1 - (size - 1) / 2}), number(0)},
                        unknown);
    squares =
        call.emit("aten::avg_pool3d",
                  {squares, integers({size, 1, 1}), integers({1, 1, 1}), integers({0, 0, 0}), flag(false), flag(true), none()}, unknown);
    squares = call.emit("aten::squeeze.dim", {squares, integer(1)}, call.known(x));
    ValueId divisor = sameShape(call, "aten::mul.Tensor", {squares, number(call.floatAttribute("alpha", 1e-4F))});
    divisor = sameShape(call, "aten::add.Tensor", {divisor, number(call.floatAttribute("bias", 1)), integer(1)});
    divisor = sameShape(call, "aten::pow.Tensor_Scalar", {divisor, number(call.floatAttribute("beta", 0.75))});
    call.output(0, sameShape(call, "aten::div.Tensor", {x, divisor}));
}

void meanVarianceNormalization(Call& call) {
    const ValueId x = call.input(0);
    const Operand axes = integers(call.integersAttribute("axes").value_or(Integers{0, 2, 3}));
    const Known reduced{call.dtype(x), std::nullopt};
    const ValueId mean = call.emit("aten::mean.dim", {x, axes, flag(true), none()}, reduced);
    ValueId deviation = call.emit("aten::std.correction", {x, axes, integer(0), flag(true)}, reduced);
    deviation = sameShape(call, "aten::add.Tensor", {deviation, number(1e-9), integer(1)});
    call.output(0, sameShape(call, "aten::div.Tensor", {sameShape(call, "aten::sub.Tensor", {x, mean, integer(1)}), deviation}));
}

void lpNormalization(Call& call) {
    const ValueId x = call.input(0);
    const Operand axes = integers({call.integerAttribute("axis", -1)});
    const ValueId norm =
        call.emit("aten::norm.ScalarOpt_dim", {x, integer(call.integerAttribute("p", 2)), axes, flag(true)}, {call.dtype(x), std::nullopt});
    // 0 where all elements are 0.
    const ValueId isZero = call.emit("aten::eq.Scalar", {norm, integer(0)}, {DType::Bool, std::nullopt});
    const ValueId divisor = call.emit("aten::masked_fill.Scalar", {norm, isZero, integer(1)}, {call.dtype(x), std::nullopt});
    call.output(0, sameShape(call, "aten::div.Tensor", {x, divisor}));
}

constexpr std::array entries{
    OperatorEntry{"BatchNormalization", batchNormalization},
    OperatorEntry{"InstanceNormalization", instanceNormalization},
    OperatorEntry{"LayerNormalization", layerNormalization},
    OperatorEntry{"RMSNormalization", rmsNormalization},
    OperatorEntry{"GroupNormalization", groupNormalization},
    OperatorEntry{"LRN", localResponseNormalization},
    OperatorEntry{"MeanVarianceNormalization", meanVarianceNormalization},
    OperatorEntry{"LpNormalization", lpNormalization},
};

} // namespace

std::span<const OperatorEntry> normalizationOperators() { return entries; }

} // namespace lathe::formats::onnx
