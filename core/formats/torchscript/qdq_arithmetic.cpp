#include <core/formats/torchscript/qdq_arithmetic_torch.h>

#include <limits>

#include <core/formats/aten_tensor_torch.h>
#include <core/graph/operators/names.h>
#include <core/graph/operators/operator.h>

namespace lathe::formats {

namespace {

namespace jit = torch::jit;
using graph::Node;
namespace op = graph::op;

class Arithmetic {
public:
    Arithmetic(const graph::Graph& graph, const Node& node, JitValues& values) : m_graph(graph), m_node(node), m_values(values) {}

    base::Result<> emit() {
        if (m_node.op == op::chooseQparams)
            chooseAffine();
        else if (m_node.op == op::chooseQparamsSymmetric)
            chooseSymmetric();
        else if (m_node.op == op::chooseQparamsPerToken)
            choosePerToken();
        else if (m_node.op == op::quantizePerToken || m_node.op == op::dequantizePerToken)
            convertPerToken();
        else if (graph::isQuantize(m_node.op) || graph::isDequantize(m_node.op))
            return convert();
        else
            return base::failure(base::ErrorCode::Unsupported, "The operator " + m_node.op + " of " + m_node.name + " cannot be exported.");
        return {};
    }

private:
    jit::Value* argument(std::size_t index) { return m_values.operand(m_node.operands[index]); }
    template<class... Arguments>
    jit::Value* call(const char* name, Arguments... arguments) {
        return m_values.call(name, {jit::NamedValue(arguments)...});
    }
    jit::Value* as(jit::Value* value, tensor::DType dtype) {
        return call("aten::to", value, static_cast<std::int64_t>(scalarTypeOf(dtype)));
    }
    void result(std::size_t index, jit::Value* value) { m_values.set(m_node.results[index], value); }

    tensor::DType dtypeOperand(std::size_t index) const {
        const auto name = m_node.operands[index].literal<std::string>();
        return tensor::dtypeFromName(name.value_or("")).value_or(tensor::DType::Int8);
    }

    /// Lowest and highest of the input, zero included.
    std::pair<jit::Value*, jit::Value*> range() {
        jit::Value* input = argument(0);
        return {call("aten::clamp_max", call("aten::min", input), 0.0), call("aten::clamp_min", call("aten::max", input), 0.0)};
    }

    /// scale = (max - min) / (quant_max - quant_min), zero point = quant_min - round(min / scale)
    void chooseAffine() {
        const auto [lowest, highest] = range();
        jit::Value *quantMin = argument(1), *quantMax = argument(2);
        jit::Value* steps = call("aten::sub", quantMax, quantMin);
        jit::Value* scale = call("aten::clamp_min", call("aten::div", call("aten::sub", highest, lowest), steps), argument(3));
        jit::Value* shift = call("aten::round", call("aten::div", lowest, scale));
        jit::Value* zeroPoint = call("aten::clamp", call("aten::rsub", shift, quantMin), quantMin, quantMax);
        result(0, as(scale, tensor::DType::Float64));
        result(1, as(zeroPoint, tensor::DType::Int64));
    }

    /// scale = max(|min|, max) / ((quant_max - quant_min) / 2), zero point = 0 (128 for unsigned)
    void chooseSymmetric() {
        const auto [lowest, highest] = range();
        jit::Value* largest = call("aten::maximum", call("aten::neg", lowest), highest);
        jit::Value* steps = call("aten::sub", argument(2), argument(1));
        jit::Value* scale = call("aten::clamp_min", call("aten::div", largest, call("aten::div", steps, std::int64_t{2})), argument(3));
        const double zeroPoint = dtypeOperand(4) == tensor::DType::UInt8 ? 128 : 0;
        result(0, as(scale, tensor::DType::Float64));
        result(1, as(call("aten::full_like", scale, zeroPoint), tensor::DType::Int64));
    }

    /// Zero point = -128 - min / scale or 127 - max / scale, whichever end has the smaller error.
    void choosePerToken() {
        jit::Value* input = as(argument(0), tensor::DType::Float32);
        jit::Value* lastAxis = m_values.intList({-1});
        jit::Value* lowest = call("aten::clamp_max", call("aten::amin", input, lastAxis, true), 0.0);
        jit::Value* highest = call("aten::clamp_min", call("aten::amax", input, lastAxis, true), 0.0);
        jit::Value* step = call("aten::div", call("aten::sub", highest, lowest), 255.0);
        jit::Value* scale = call("aten::clamp_min", step, static_cast<double>(std::numeric_limits<float>::epsilon()));
        jit::Value *low = call("aten::div", lowest, scale), *high = call("aten::div", highest, scale);
        jit::Value* isFromLow = call("aten::gt", call("aten::add", low, high), 1.0);
        jit::Value* either = call("aten::where", isFromLow, call("aten::rsub", low, -128.0), call("aten::rsub", high, 127.0));
        result(0, as(scale, tensor::DType::Float64));
        result(1, as(call("aten::round", call("aten::clamp", either, -128.0, 127.0)), tensor::DType::Int64));
    }

    void convertPerToken() {
        jit::Value *scale = as(argument(1), tensor::DType::Float64), *zeroPoint = as(argument(2), tensor::DType::Float64);
        jit::Value* input = as(argument(0), tensor::DType::Float64);
        if (graph::isDequantize(m_node.op)) {
            result(0, as(call("aten::mul", call("aten::sub", input, zeroPoint), scale), tensor::DType::Float32));
        } else {
            jit::Value* steps =
                call("aten::round", call("aten::add", call("aten::mul", input, call("aten::reciprocal", scale)), zeroPoint));
            result(0, as(call("aten::clamp", steps, argument(3), argument(4)), dtypeOperand(5)));
        }
    }

    /// Quantize: clamp(round(x / scale) + zero point, min, max). Dequantize: (q - zero point) * scale.
    base::Result<> convert() {
        const bool isPerChannel = m_node.op == op::quantizePerChannel || m_node.op == op::dequantizePerChannel;
        jit::Value *scale = argument(1), *zeroPoint = argument(2);
        const std::size_t rangeAt = isPerChannel ? 4 : 3;
        if (isPerChannel || isDynamic()) {
            scale = as(scale, tensor::DType::Float32);
            zeroPoint = as(zeroPoint, tensor::DType::Float32);
        }
        if (isPerChannel) {
            const auto shape = broadcastShape();
            if (!shape)
                return base::failure(base::ErrorCode::Unsupported, m_node.name + " has parameters per channel, but its rank is not known.");
            scale = call("aten::reshape", scale, m_values.intList(*shape));
            zeroPoint = call("aten::reshape", zeroPoint, m_values.intList(*shape));
        }
        if (graph::isDequantize(m_node.op)) {
            result(0, call("aten::mul", call("aten::sub", as(argument(0), tensor::DType::Float32), zeroPoint), scale));
        } else {
            jit::Value* steps = call("aten::add", call("aten::round", call("aten::mul", argument(0), inverse(scale))), zeroPoint);
            result(0, as(call("aten::clamp", steps, argument(rangeAt), argument(rangeAt + 1)), dtypeOperand(rangeAt + 2)));
        }
        return {};
    }

    bool isDynamic() const { return m_node.op == op::quantizePerTensorDynamic || m_node.op == op::dequantizePerTensorDynamic; }

    /// Divided in double precision, as the definition does.
    jit::NamedValue inverse(jit::Value* scale) {
        if (const auto number = m_node.operands[1].literal<double>()) return jit::NamedValue(1.0 / *number);
        return jit::NamedValue(call("aten::reciprocal", scale));
    }

    /// [1, C, 1, 1]: one for each dimension, -1 at the channels'.
    std::optional<std::vector<std::int64_t>> broadcastShape() const {
        const auto axis = m_node.operands[3].literal<std::int64_t>();
        if (!axis || !m_node.operands[0].isValue()) return std::nullopt;
        const auto& shape = m_graph.value(m_node.operands[0].value()).shape;
        if (!shape || *axis < 0 || static_cast<std::size_t>(*axis) >= shape->size()) return std::nullopt;
        std::vector<std::int64_t> ones(shape->size(), 1);
        ones[static_cast<std::size_t>(*axis)] = -1;
        return ones;
    }

    const graph::Graph& m_graph;
    const Node& m_node;
    JitValues& m_values;
};

} // namespace

base::Result<> emitAsArithmetic(const graph::Graph& graph, const Node& node, JitValues& values) {
    return Arithmetic(graph, node, values).emit();
}

} // namespace lathe::formats
