// Activation functions.
#include <array>
#include <cmath>

#include <core/formats/onnx/operators.h>

namespace lathe::formats::onnx {

namespace {

ValueId sameShape(Call& call, const char* op, Operands operands) {
    const Known known = call.known(operands.front().value());
    return call.emit(op, std::move(operands), known);
}

constexpr char reluOp[] = "aten::relu";
constexpr char sigmoidOp[] = "aten::sigmoid";
constexpr char tanhOp[] = "aten::tanh";
constexpr char hardSwishOp[] = "aten::hardswish";
constexpr char mishOp[] = "aten::mish";

template<const char* Op>
void plain(Call& call) {
    call.output(0, sameShape(call, Op, {call.input(0)}));
}

void leakyRelu(Call& call) {
    call.output(0, sameShape(call, "aten::leaky_relu", {call.input(0), number(call.floatAttribute("alpha", 0.01F))}));
}

void elu(Call& call) {
    call.output(0, sameShape(call, "aten::elu", {call.input(0), number(call.floatAttribute("alpha", 1)), integer(1), integer(1)}));
}

void selu(Call& call) {
    const double alpha = call.floatAttribute("alpha", 1.67326319217681884765625);
    const double gamma = call.floatAttribute("gamma", 1.05070102214813232421875);
    call.output(0, sameShape(call, "aten::elu", {call.input(0), number(alpha), number(gamma), integer(1)}));
}

void celu(Call& call) { call.output(0, sameShape(call, "aten::celu", {call.input(0), number(call.floatAttribute("alpha", 1))})); }

void softplus(Call& call) { call.output(0, sameShape(call, "aten::softplus", {call.input(0), integer(1), integer(20)})); }

void softsign(Call& call) {
    const ValueId x = call.input(0);
    const ValueId divisor = sameShape(call, "aten::add.Tensor", {sameShape(call, "aten::abs", {x}), number(1), integer(1)});
    call.output(0, sameShape(call, "aten::div.Tensor", {x, divisor}));
}

void hardSigmoid(Call& call) {
    const ValueId x = call.input(0);
    const double alpha = call.floatAttribute("alpha", 0.2F), beta = call.floatAttribute("beta", 0.5);
    if (std::fabs(alpha - 1.0 / 6) < 1e-6 && beta == 0.5) return call.output(0, sameShape(call, "aten::hardsigmoid", {x}));
    const ValueId scaled = sameShape(call, "aten::mul.Tensor", {x, number(alpha)});
    const ValueId shifted = sameShape(call, "aten::add.Tensor", {scaled, number(beta), integer(1)});
    call.output(0, sameShape(call, "aten::clamp", {shifted, number(0), number(1)}));
}

void thresholdedRelu(Call& call) {
    call.output(0, sameShape(call, "aten::threshold", {call.input(0), number(call.floatAttribute("alpha", 1)), number(0)}));
}

void gelu(Call& call) {
    call.output(0, sameShape(call, "aten::gelu", {call.input(0), Operand(Literal(call.textAttribute("approximate", "none")))}));
}

void swish(Call& call) {
    const ValueId x = call.input(0);
    const double alpha = call.floatAttribute("alpha", 1);
    if (alpha == 1) return call.output(0, sameShape(call, "aten::silu", {x}));
    const ValueId gate = sameShape(call, "aten::sigmoid", {sameShape(call, "aten::mul.Tensor", {x, number(alpha)})});
    call.output(0, sameShape(call, "aten::mul.Tensor", {x, gate}));
}

/// The slope broadcasts to the input from behind; PyTorch's prelu has one slope, or one per channel.
void prelu(Call& call) {
    const ValueId x = call.input(0), slope = call.input(1);
    const tensor::Tensor* data = call.constant(1);
    const auto rank = call.rank(x);
    if (data && rank) {
        const auto slopeRank = static_cast<std::int64_t>(data->shape().size());
        const bool isPerChannel = *rank >= 2 && slopeRank == *rank - 1 && data->shape().front() == data->elementCount();
        if (isPerChannel || data->elementCount() == 1)
            return call.output(0, sameShape(call, "aten::prelu", {x, call.reshape(slope, {data->elementCount()})}));
    }
    const ValueId negative = sameShape(call, "aten::mul.Tensor", {x, slope});
    const ValueId isNegative = call.emit("aten::lt.Scalar", {x, integer(0)}, {DType::Bool, call.value(x).shape});
    call.output(0, call.emit("aten::where.self", {isNegative, negative, x}, call.known(x)));
}

/// Before opset 13 all dimensions from the axis on are one.
template<class Emit>
void softmaxLike(Call& call, const Emit& emit) {
    const ValueId x = call.input(0);
    if (call.opset() >= 13) return call.output(0, emit(x, call.integerAttribute("axis", -1)));
    const std::int64_t axis = call.axisOf(call.integerAttribute("axis", 1), x);
    if (const auto rank = call.rank(x); rank && axis == *rank - 1) return call.output(0, emit(x, axis));
    const ValueId flat = call.emit("aten::flatten.using_ints", {x, integer(axis), integer(-1)}, {call.dtype(x), std::nullopt});
    call.output(0, call.emit("aten::reshape_as", {emit(flat, -1), x}, call.known(x)));
}

void softmax(Call& call) {
    softmaxLike(call, [&](ValueId x, std::int64_t axis) { return sameShape(call, "aten::softmax.int", {x, integer(axis), none()}); });
}

void logSoftmax(Call& call) {
    softmaxLike(call, [&](ValueId x, std::int64_t axis) { return sameShape(call, "aten::log_softmax.int", {x, integer(axis), none()}); });
}

/// 1 at the first largest element, 0 elsewhere.
void hardmax(Call& call) {
    softmaxLike(call, [&](ValueId x, std::int64_t axis) {
        const ValueId largest = call.emit("aten::argmax", {x, integer(axis), flag(true)}, {DType::Int64, std::nullopt});
        const ValueId zeros = sameShape(call, "aten::zeros_like", {x});
        return sameShape(call, "aten::scatter.value", {zeros, integer(axis), largest, integer(1)});
    });
}

void shrink(Call& call) {
    const ValueId x = call.input(0);
    const double bias = call.floatAttribute("bias", 0), lambda = call.floatAttribute("lambd", 0.5);
    const Known isTrue{DType::Bool, call.value(x).shape};
    const ValueId zeros = sameShape(call, "aten::zeros_like", {x});
    const ValueId below = call.emit("aten::lt.Scalar", {x, number(-lambda)}, isTrue);
    const ValueId above = call.emit("aten::gt.Scalar", {x, number(lambda)}, isTrue);
    ValueId raised = sameShape(call, "aten::add.Tensor", {x, number(bias), integer(1)});
    ValueId lowered = sameShape(call, "aten::sub.Tensor", {x, number(bias), integer(1)});
    if (!call.isFloat(x)) {
        raised = call.emit("aten::to.dtype", {raised, dtypeNumber(*call.dtype(x)), flag(false), flag(false), none()}, call.known(x));
        lowered = call.emit("aten::to.dtype", {lowered, dtypeNumber(*call.dtype(x)), flag(false), flag(false), none()}, call.known(x));
    }
    const ValueId upper = call.emit("aten::where.self", {above, lowered, zeros}, call.known(x));
    call.output(0, call.emit("aten::where.self", {below, raised, upper}, call.known(x)));
}

/// Models are for evaluation here: nothing is dropped.
void dropout(Call& call) {
    const ValueId x = call.input(0);
    if (const tensor::Tensor* training = call.constant(2)) {
        const bool isTraining = training->elementCount() == 1 && training->toFloats().front() != 0;
        const tensor::Tensor* ratio = call.constant(1);
        if (isTraining && !(ratio && ratio->elementCount() == 1 && ratio->toFloats().front() == 0))
            ++call.lowering().switchedToEvaluation["Dropout"];
    }
    call.output(0, x);
    if (call.wantsOutput(1)) {
        const DType mask = call.opset() >= 10 ? DType::Bool : call.dtype(x).value_or(DType::Float32);
        call.output(1, call.emit("aten::ones_like", {x, dtypeNumber(mask), none(), none(), none(), none()}, {mask, call.value(x).shape}));
    }
}

constexpr std::array entries{
    OperatorEntry{"Relu", plain<reluOp>},
    OperatorEntry{"Sigmoid", plain<sigmoidOp>},
    OperatorEntry{"Tanh", plain<tanhOp>},
    OperatorEntry{"HardSwish", plain<hardSwishOp>},
    OperatorEntry{"Mish", plain<mishOp>},
    OperatorEntry{"LeakyRelu", leakyRelu},
    OperatorEntry{"Elu", elu},
    OperatorEntry{"Selu", selu},
    OperatorEntry{"Celu", celu},
    OperatorEntry{"Softplus", softplus},
    OperatorEntry{"Softsign", softsign},
    OperatorEntry{"HardSigmoid", hardSigmoid},
    OperatorEntry{"ThresholdedRelu", thresholdedRelu},
    OperatorEntry{"Gelu", gelu},
    OperatorEntry{"Swish", swish},
    OperatorEntry{"PRelu", prelu},
    OperatorEntry{"Softmax", softmax},
    OperatorEntry{"LogSoftmax", logSoftmax},
    OperatorEntry{"Hardmax", hardmax},
    OperatorEntry{"Shrink", shrink},
    OperatorEntry{"Dropout", dropout},
};

} // namespace

std::span<const OperatorEntry> activationOperators() { return entries; }

} // namespace lathe::formats::onnx
