#pragma once

#include <core/base/result.h>
#include <core/formats/memory_order.h>
#include <core/formats/torchscript/jit_values_torch.h>
#include <core/formats/torchscript/quantized_emitter_torch.h>
#include <core/graph/graph.h>

namespace lathe::formats {

/// Writes a graph of ours as the code of forward.
class ForwardEmitter {
public:
    ForwardEmitter(const graph::Graph& graph, torch::jit::Graph& target, ModuleBuilder& modules);

    /// Errors: Unsupported, naming the node. May throw what torch throws.
    [[nodiscard]] base::Result<> run();

private:
    base::Result<> emitBlock(const graph::Block& block, torch::jit::Block* target);
    base::Result<> emitNode(const graph::Node& node);
    base::Result<> emitIf(const graph::Node& node);
    base::Result<> emitLoop(const graph::Node& node);
    bool emitStructure(const graph::Node& node);
    base::Result<> emitOperator(const std::string& op, const graph::Node& node, std::optional<JitValues::Quantized> quantizedInput);
    void setResults(const graph::Node& node, torch::jit::Node* made);

    const graph::Graph& m_graph;
    graph::UseIndex m_uses;
    torch::jit::Graph& m_target;
    ModuleBuilder& m_modules;
    JitValues m_values;
    QuantizedEmitter m_quantized;
    MemoryOrder m_order;
};

} // namespace lathe::formats
