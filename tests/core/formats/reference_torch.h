#pragma once

#include <map>
#include <vector>

#include <ATen/ATen.h>
#include <torch/csrc/jit/serialization/import.h>

#include <core/formats/aten_tensor_torch.h>
#include <core/graph/graph.h>
#include <core/graph/operators/names.h>

namespace lathe::formats {

/// Runs straight-line graphs node by node in float, quantization included: the slow obvious way, to compare exports with.
class Reference {
public:
    explicit Reference(const graph::Graph& graph) : m_graph(graph) {}

    at::Tensor run(const at::Tensor& input) {
        m_values.clear();
        for (std::size_t id = 0; id < m_graph.values.size(); ++id) {
            if (m_graph.values[id].kind == graph::ValueKind::Weight)
                m_values[static_cast<graph::ValueId>(id)] = shareAsAten(m_graph.values[id].data);
        }
        m_values[m_graph.main.inputs[0]] = input;
        for (const graph::Node& node : m_graph.main.nodes)
            runNode(node);
        return m_values.at(m_graph.main.outputs[0].value());
    }

private:
    at::Tensor tensor(const graph::Operand& operand) { return operand.isNone() ? at::Tensor() : m_values.at(operand.value()); }
    static std::vector<std::int64_t> ints(const graph::Operand& operand) { return *operand.literal<std::vector<std::int64_t>>(); }
    static std::int64_t integer(const graph::Operand& operand) { return *operand.literal<std::int64_t>(); }

    /// Parameters of per-channel nodes in a shape that broadcasts along their axis.
    at::Tensor alongAxis(const at::Tensor& parameters, const at::Tensor& data, std::int64_t axis) {
        std::vector<std::int64_t> shape(static_cast<std::size_t>(data.dim()), 1);
        shape[static_cast<std::size_t>(axis)] = -1;
        return parameters.to(at::kFloat).reshape(shape);
    }

    void runNode(const graph::Node& node) {
        const auto& in = node.operands;
        const std::string& op = node.op;
        at::Tensor out;
        if (op == "aten::conv2d" || op == graph::op::conv2dRelu)
            out = at::conv2d(tensor(in[0]), tensor(in[1]), tensor(in[2]), ints(in[3]), ints(in[4]), ints(in[5]), integer(in[6]));
        else if (op == "aten::linear" || op == graph::op::linearRelu)
            out = at::linear(tensor(in[0]), tensor(in[1]), tensor(in[2]));
        else if (op == "aten::relu")
            out = at::relu(tensor(in[0]));
        else if (op == "aten::sigmoid")
            out = at::sigmoid(tensor(in[0]));
        else if (op == "aten::add.Tensor")
            out = at::add(tensor(in[0]), tensor(in[1]));
        else if (op == "aten::max_pool2d")
            out = at::max_pool2d(tensor(in[0]), ints(in[1]), ints(in[2]), ints(in[3]), ints(in[4]));
        else if (op == "aten::adaptive_avg_pool2d")
            out = at::adaptive_avg_pool2d(tensor(in[0]), ints(in[1]));
        else if (op == "aten::flatten.using_ints")
            out = at::flatten(tensor(in[0]), integer(in[1]), integer(in[2]));
        else if (op == graph::op::quantizePerTensor)
            out = at::clamp(at::round(tensor(in[0]) * (1.0 / *in[1].literal<double>())) + integer(in[2]), integer(in[3]), integer(in[4]));
        else if (op == graph::op::dequantizePerTensor)
            out = (tensor(in[0]).to(at::kFloat) - integer(in[2])) * *in[1].literal<double>();
        else if (op == graph::op::dequantizePerChannel)
            out = (tensor(in[0]).to(at::kFloat) - alongAxis(tensor(in[2]), tensor(in[0]), integer(in[3]))) *
                  alongAxis(tensor(in[1]), tensor(in[0]), integer(in[3]));
        else if (op == graph::op::chooseQparams || op == graph::op::chooseQparamsSymmetric)
            return chooseParameters(node);
        else if (op == graph::op::quantizePerTensorDynamic)
            out = at::clamp(at::round(tensor(in[0]) / tensor(in[1]).to(at::kFloat)) + tensor(in[2]).to(at::kFloat), integer(in[3]),
                            integer(in[4]));
        else if (op == graph::op::dequantizePerTensorDynamic)
            out = (tensor(in[0]) - tensor(in[2]).to(at::kFloat)) * tensor(in[1]).to(at::kFloat);
        else if (op == graph::op::chooseQparamsPerToken)
            return chooseParametersPerToken(node);
        else if (op == graph::op::quantizePerToken)
            out = at::clamp(at::round(tensor(in[0]) / tensor(in[1]) + tensor(in[2])), integer(in[3]), integer(in[4]));
        else if (op == graph::op::dequantizePerToken)
            out = ((tensor(in[0]) - tensor(in[2])) * tensor(in[1])).to(at::kFloat);
        else
            TORCH_CHECK(false, "the reference has no ", op);
        if (op == graph::op::conv2dRelu || op == graph::op::linearRelu) out = at::relu(out);
        m_values[node.results[0]] = out;
    }

    void chooseParameters(const graph::Node& node) {
        const at::Tensor x = tensor(node.operands[0]);
        const double lowest = std::min(x.min().item<double>(), 0.0), highest = std::max(x.max().item<double>(), 0.0);
        const auto quantMin = static_cast<double>(integer(node.operands[1])), quantMax = static_cast<double>(integer(node.operands[2]));
        const double smallest = *node.operands[3].literal<double>();
        double scale = std::max((highest - lowest) / (quantMax - quantMin), smallest);
        double zeroPoint = std::clamp(quantMin - std::nearbyint(lowest / scale), quantMin, quantMax);
        if (node.op == graph::op::chooseQparamsSymmetric) {
            scale = std::max(std::max(-lowest, highest) / ((quantMax - quantMin) / 2), smallest);
            zeroPoint = 0;
        }
        m_values[node.results[0]] = at::full({1}, scale, at::kDouble);
        m_values[node.results[1]] = at::full({1}, zeroPoint, at::kDouble).to(at::kLong);
    }

    void chooseParametersPerToken(const graph::Node& node) {
        const at::Tensor x = tensor(node.operands[0]);
        const at::Tensor lowest = at::amin(x, {-1}, true).clamp_max(0), highest = at::amax(x, {-1}, true).clamp_min(0);
        const at::Tensor scale = ((highest - lowest) / 255.0).clamp_min(1.1920928955078125e-07);
        const at::Tensor low = lowest / scale, high = highest / scale;
        const at::Tensor zeroPoint = at::where(low + high > 1, -128 - low, 127 - high).clamp(-128, 127).round();
        m_values[node.results[0]] = scale.to(at::kDouble);
        m_values[node.results[1]] = zeroPoint.to(at::kLong);
    }

    const graph::Graph& m_graph;
    std::map<graph::ValueId, at::Tensor> m_values;
};

/// What the file computes when PyTorch loads it.
inline at::Tensor runFile(const std::filesystem::path& file, const at::Tensor& input) {
    torch::jit::Module module = torch::jit::load(file.string());
    const at::NoGradGuard noGradient;
    return module.forward({input}).toTensor();
}

} // namespace lathe::formats
