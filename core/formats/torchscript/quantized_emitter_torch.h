#pragma once

#include <optional>
#include <set>

#include <core/base/result.h>
#include <core/formats/torchscript/jit_values_torch.h>
#include <core/graph/graph.h>

namespace lathe::formats {

/// Writes QDQ as PyTorch's quantized operators where these compute the same: layers between a dequantize and a quantize node become
/// quantized::conv2d, quantized::linear, quantized::add (with ReLU where it follows) on quint8 tensors; operators that only pick or move
/// numbers (max pooling, ReLU, reshaping) work on the quint8 tensors in between; dynamically quantized linear layers become
/// quantized::linear_dynamic. A quantize node that comes after such picking and moving is as good as one right behind the layer, since
/// rounding keeps the order of numbers.
class QuantizedEmitter {
public:
    QuantizedEmitter(const graph::Graph& graph, const graph::UseIndex& uses, JitValues& values);

    /// Writes the node if it is QDQ or can work on quantized tensors; false: it is an ordinary operator.
    [[nodiscard]] base::Result<bool> emit(const graph::Node& node);

    /// The input of an operator that picks or moves numbers when it exists as quint8: the operator then is to be applied to that, and its
    /// result told with JitValues::setQuantized.
    [[nodiscard]] std::optional<JitValues::Quantized> inputToPassThrough(const graph::Node& node) const;

private:
    /// A ReLU that the operator before it has done.
    bool isDone(const graph::Node& node) const;
    bool emitQuantize(const graph::Node& node);
    bool emitDequantize(const graph::Node& node);
    bool emitStatic(const graph::Node& node);
    bool emitDynamic(const graph::Node& node);
    bool emitAdd(const graph::Node& node);
    torch::jit::Value* packed(const graph::Node& node);
    std::optional<Activation> outputOf(const graph::Node& node) const;
    const graph::Node* followingRelu(const graph::Node& node) const;
    void finish(const graph::Node& node, const graph::Node* relu, torch::jit::Value* value, const Activation& activation);

    const graph::Graph& m_graph;
    const graph::UseIndex& m_uses;
    JitValues& m_values;
    std::set<const graph::Node*> m_absorbed; ///< ReLU nodes that a layer has taken in
};

} // namespace lathe::formats
