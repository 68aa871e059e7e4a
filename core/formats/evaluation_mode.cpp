#include <core/formats/evaluation_mode.h>

#include <algorithm>
#include <array>
#include <string_view>

#include <core/graph/ops.h>

namespace lathe::formats {

namespace {

using graph::Literal;
using graph::Node;
using graph::Operand;

struct Flag {
    std::string_view op;
    std::size_t operand; ///< that says whether the model is training
};
constexpr std::array flags{
    Flag{graph::op::batchNorm, 5},
    Flag{"aten::_native_batch_norm_legit", 5},
    Flag{"aten::_native_batch_norm_legit_functional", 5},
    Flag{"aten::native_batch_norm", 5},
    Flag{"aten::cudnn_batch_norm", 5},
    Flag{"aten::dropout", 2},
    Flag{"aten::dropout_", 2},
    Flag{"aten::feature_dropout", 2},
    Flag{"aten::feature_dropout_", 2},
    Flag{"aten::alpha_dropout", 2},
    Flag{"aten::alpha_dropout_", 2},
    Flag{"aten::feature_alpha_dropout", 2},
    Flag{"aten::feature_alpha_dropout_", 2},
    Flag{"aten::native_dropout", 2},
    Flag{"aten::rrelu", 3},
};

/// Batch norm without running statistics always takes those of the batch.
bool isFixed(const Node& node) {
    return node.op.find("batch_norm") != std::string::npos && node.operands.size() > 3 && node.operands[3].isNone();
}

/// num_batches_tracked += 1
bool isCounter(const graph::Graph& graph, const Node& node) {
    return node.op.starts_with("aten::add") && !node.operands.empty() && node.operands[0].isValue() &&
           graph.value(node.operands[0].value()).name.ends_with("num_batches_tracked");
}

} // namespace

void switchToEvaluation(graph::Graph& graph) {
    graph::forEachNode(graph, [](Node& node) {
        for (const Flag& flag : flags) {
            if (node.op != flag.op || flag.operand >= node.operands.size() || isFixed(node)) continue;
            if (node.operands[flag.operand].literal<bool>() == true) node.operands[flag.operand] = Operand(Literal(false));
        }
    });
    const graph::UseIndex uses(graph);
    std::erase_if(graph.main.nodes, [&](const Node& node) {
        return isCounter(graph, node) && std::ranges::all_of(node.results, [&](graph::ValueId id) { return uses.uses(id).empty(); });
    });
}

} // namespace lathe::formats
