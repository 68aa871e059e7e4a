#include <core/runtime/kernels/bytes/replaced_bytes_torch.h>

#include <algorithm>
#include <ranges>

#include <ATen/quantized/QTensorImpl.h>
#include <ATen/quantized/Quantizer.h>

#include <core/graph/operands.h>
#include <core/runtime/kernels/bytes/quantize_bytes_torch.h>

namespace lathe::runtime {

namespace {

bool reads(const graph::Operand& operand, graph::ValueId value) {
    bool found = false;
    graph::forEachValue(operand, [&](graph::ValueId read) { found = found || read == value; });
    return found;
}

/// In its blocks too.
bool reads(const graph::Node& node, graph::ValueId value) {
    const auto readsIt = [&](const auto& reader) { return reads(reader, value); };
    return std::ranges::any_of(node.operands, readsIt) || std::ranges::any_of(node.blocks, [&](const graph::Block& block) {
               return std::ranges::any_of(block.nodes, readsIt) || std::ranges::any_of(block.outputs, readsIt);
           });
}

} // namespace

bool isLastReader(const graph::Graph& graph, const graph::Node& node, graph::ValueId value) {
    const auto readsIt = [&](const auto& reader) { return reads(reader, value); };
    const auto& nodes = graph.main.nodes;
    const auto self = std::ranges::find(nodes, node.name, &graph::Node::name);
    return self != nodes.end() && !std::any_of(self + 1, nodes.end(), readsIt) && !std::ranges::any_of(graph.main.outputs, readsIt);
}

at::Tensor replacedBytes(const at::Tensor& tensor, const ActivationGrid& grid, at::MemoryFormat format) {
    const bool isItsAlone = tensor.use_count() == 1 && tensor.storage().use_count() == 1 && tensor.is_contiguous(format);
    if (!isItsAlone) return emptyBytes(tensor.sizes(), grid, format);
    at::get_qtensorimpl(tensor)->set_quantizer_(at::make_per_tensor_affine_quantizer(grid.scale, grid.zeroPoint, at::kQUInt8));
    return tensor;
}

} // namespace lathe::runtime
