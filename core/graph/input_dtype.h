#pragma once

#include <functional>
#include <optional>

#include <core/graph/graph.h>

namespace lathe::graph {

enum class AcrossTypes { No, Yes };
/// Visits the nodes that read the value, with the position of the operand, also through operators that hand it on in another form or order
/// (Operator::handsOn), through what ONNX does to negative indices, and with AcrossTypes::Yes through conversions to other element types.
void forReaders(const UseIndex& uses, ValueId start, AcrossTypes acrossTypes, const std::function<void(const Node&, int operand)>& visit);

/// The element type that an input of the model needs: what its file declares; where it does not (TorchScript), Int64 for indices of an
/// embedding, and the type of the weight of the first layer that reads it. Nothing where neither tells.
[[nodiscard]] std::optional<tensor::DType> inputDType(const Graph& graph, const UseIndex& uses, ValueId input);

} // namespace lathe::graph
