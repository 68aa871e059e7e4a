#pragma once

#include <cmath>
#include <string>
#include <vector>

#include <core/graph/graph.h>
#include <core/graph/operators/names.h>
#include <tests/support/graphs.h>

namespace lathe::formats {

struct ActivationRange {
    std::int64_t minimum = 0, maximum = 255;
    std::string dtype = "uint8";
};

/// Builds QDQ graphs as quantization does: dequantized 8-bit weights, quantize and dequantize around activations.
class QdqBuilder {
public:
    explicit QdqBuilder(ActivationRange range = {}) : m_range(std::move(range)) { graph.name = "quantized"; }

    graph::ValueId add(std::string_view name, const std::string& nodeName, std::vector<graph::Operand> operands) {
        return graph.addNode(std::string(name), nodeName, std::move(operands)).results[0];
    }

    /// Quantize and dequantize for numbers in [low, high].
    graph::ValueId qdq(graph::ValueId value, double low, double high) {
        const double scale = (high - low) / static_cast<double>(m_range.maximum - m_range.minimum);
        const auto zeroPoint = m_range.minimum - std::llround(low / scale);
        const std::vector<graph::Operand> parameters{graph::Literal(scale), support::number(zeroPoint), support::number(m_range.minimum),
                                                     support::number(m_range.maximum), graph::Literal(m_range.dtype)};
        const auto with = [&](graph::ValueId input) {
            std::vector<graph::Operand> operands{input};
            operands.insert(operands.end(), parameters.begin(), parameters.end());
            return operands;
        };
        const std::string number = std::to_string(m_count++);
        return add(graph::op::dequantizePerTensor, "dequantize" + number,
                   with(add(graph::op::quantizePerTensor, "quantize" + number, with(value))));
    }

    /// The dynamic form: parameters from the tensor itself.
    graph::ValueId dynamicQdq(graph::ValueId value, std::int64_t maximum, bool isSymmetric = false) {
        const std::int64_t minimum = isSymmetric ? -127 : 0;
        const char* dtype = isSymmetric ? "int8" : "uint8";
        const std::string name = std::to_string(m_count++);
        const auto chosen =
            graph
                .addNode(std::string(isSymmetric ? graph::op::chooseQparamsSymmetric : graph::op::chooseQparams), "choose" + name,
                         {value, support::number(minimum), support::number(maximum), graph::Literal(1e-6), graph::Literal(dtype)}, 2)
                .results;
        const auto with = [&](graph::ValueId input) {
            return std::vector<graph::Operand>{
                input, chosen[0], chosen[1], support::number(minimum), support::number(maximum), graph::Literal(dtype)};
        };
        return add(graph::op::dequantizePerTensorDynamic, "dequantize" + name,
                   with(add(graph::op::quantizePerTensorDynamic, "quantize" + name, with(value))));
    }

    /// A dequantized 8-bit weight. Zero points other than 0 and unsigned bytes are the affine scheme.
    graph::ValueId weight(const std::string& name, const tensor::Shape& shape, bool isPerChannel, std::int64_t zeroPoint = 0,
                          bool isUnsigned = false) {
        std::vector<std::int8_t> bytes;
        for (const float value : support::randomTensor(shape, static_cast<unsigned>(name.size() + shape.size())).toFloats())
            bytes.push_back(static_cast<std::int8_t>(std::lround(value * m_largestWeight)));
        tensor::Tensor data = tensor::Tensor::of<std::int8_t>(shape, bytes);
        if (isUnsigned) {
            std::vector<std::uint8_t> shifted;
            for (const std::int8_t byte : bytes)
                shifted.push_back(static_cast<std::uint8_t>(byte + 128));
            data = tensor::Tensor::of<std::uint8_t>(shape, shifted);
            zeroPoint += 128;
        }
        const auto stored = graph.addWeight(name, data, false);
        const graph::Operand dtype = graph::Literal(std::string(isUnsigned ? "uint8" : "int8"));
        if (!isPerChannel)
            return add(graph::op::dequantizePerTensor, name + ".dequantize",
                       {stored, graph::Literal(0.01), support::number(zeroPoint), support::number(-127), support::number(127), dtype});
        std::vector<float> scales;
        for (std::int64_t channel = 0; channel < shape[0]; ++channel)
            scales.push_back(0.005F + 0.001F * static_cast<float>(channel % 7));
        const auto s = graph.addWeight(name + "_scale", tensor::Tensor::of<float>({shape[0]}, scales), false);
        const auto z = graph.addWeight(
            name + "_zero_point",
            tensor::Tensor::of<std::int64_t>({shape[0]}, std::vector<std::int64_t>(static_cast<std::size_t>(shape[0]), zeroPoint)), false);
        return add(graph::op::dequantizePerChannel, name + ".dequantize",
                   {stored, s, z, support::number(0), support::number(-127), support::number(127), dtype});
    }

    graph::ValueId conv(const std::string& name, graph::ValueId input, graph::ValueId weightValue, std::int64_t channels,
                        std::string_view kind = graph::op::conv2d) {
        const auto bias = graph.addWeight(name + ".bias", support::randomTensor({channels}, 9));
        return add(kind, name,
                   {input, weightValue, bias, support::ints({1, 1}), support::ints({0, 0}), support::ints({1, 1}), support::number(1)});
    }
    graph::ValueId linear(const std::string& name, graph::ValueId input, graph::ValueId weightValue, std::int64_t channels,
                          std::string_view kind = graph::op::linear) {
        return add(kind, name, {input, weightValue, graph.addWeight(name + ".bias", support::randomTensor({channels}, 8))});
    }
    graph::ValueId maxPool(const std::string& name, graph::ValueId input) {
        return add(
            graph::op::maxPool2d, name,
            {input, support::ints({2, 2}), support::ints({2, 2}), support::ints({0, 0}), support::ints({1, 1}), graph::Literal(false)});
    }
    graph::ValueId flatten(graph::ValueId input) {
        return add("aten::flatten.using_ints", "flatten", {input, support::number(1), support::number(-1)});
    }

    graph::Graph graph;

private:
    ActivationRange m_range;
    /// Two products of full-range bytes overflow the 16 bits that CPUs without VNNI sum them in; the reduced activation range is there for
    /// that.
    float m_largestWeight = m_range.maximum - m_range.minimum > 127 ? 60 : 110;
    int m_count = 0;
};

} // namespace lathe::formats
