#pragma once

#include <string>
#include <vector>

#include <core/graph/graph.h>

namespace lathe::formats {

/// Which values may lie in memory in another order than where the model comes from, because they were quantized on the way: PyTorch's
/// quantize and dequantize give the usual order whatever they get, its quantized convolutions channels-last. A `view` demands an order,
/// `reshape` gives the same numbers in any. Made in one pass; a view, outdated by any edit.
class MemoryOrder {
public:
    explicit MemoryOrder(const graph::Graph& graph);
    /// How the node's operator is to be written: "aten::reshape" for a view of such a value, otherwise its own name.
    [[nodiscard]] const std::string& spelled(const graph::Node& node) const;

private:
    void mark(const graph::Graph& graph, const graph::Block& block);
    [[nodiscard]] bool isMarked(const graph::Operand& operand) const;

    std::vector<bool> m_isMarked; ///< by value
};

} // namespace lathe::formats
