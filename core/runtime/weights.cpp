#include <core/runtime/weights_torch.h>

#include <algorithm>
#include <set>
#include <tuple>

#include <ATen/core/Tensor.h>

#include <core/base/memory.h>
#include <core/graph/operands.h>
#include <core/graph/operators/call.h>
#include <core/graph/operators/names.h>
#include <core/runtime/kernels/aten/library_operator_torch.h>

namespace lathe::runtime {

namespace {

/// What makes two weights the same tensor.
using View = std::tuple<const tensor::Storage*, std::int64_t, tensor::DType, tensor::Shape, std::vector<std::int64_t>>;

View viewOf(const tensor::Tensor& data) { return {data.storage().get(), data.byteOffset(), data.dtype(), data.shape(), data.strides()}; }

bool isWritten(const c10::Argument& argument) { return argument.alias_info() && argument.alias_info()->isWrite(); }

/// Of operators without schema: those that build or take apart lists and tuples or run blocks give what they got; and who knows of others.
bool mayReturnViews(const graph::Node& node) {
    const graph::Operator* known = graph::findOperator(node.op);
    return known == nullptr || known->family == graph::Family::Structure || known->family == graph::Family::ControlFlow;
}

/// May any operator write into a weight, directly or through a view of it? Conservative: blocks and lists pass everything on.
bool mayWriteWeights(const graph::Graph& graph) {
    std::set<graph::ValueId> aliases;
    for (std::size_t id = 0; id < graph.values.size(); ++id) {
        if (graph.values[id].kind == graph::ValueKind::Weight) aliases.insert(static_cast<graph::ValueId>(id));
    }
    bool writes = false;
    graph::forEachNode(graph, [&](const graph::Node& node) {
        const c10::FunctionSchema* schema = findSchema(node);
        bool readsAlias = false;
        for (std::size_t position = 0; position < node.operands.size(); ++position) {
            std::vector<graph::ValueId> ids;
            graph::forEachValue(node.operands[position], [&](graph::ValueId id) { ids.push_back(id); });
            const bool isAlias = std::any_of(ids.begin(), ids.end(), [&](graph::ValueId id) { return aliases.contains(id); });
            readsAlias = readsAlias || isAlias;
            if (isAlias && schema && position < schema->arguments().size()) writes = writes || isWritten(schema->arguments()[position]);
        }
        // Batch normalization in training mode updates its running statistics although its schema does not say so.
        if (const graph::Operator* known = graph::findOperator(node.op); known != nullptr && known->updatesStatistics)
            writes = writes || graph::mayTrain(node);
        const bool returnsViews = !schema ? mayReturnViews(node)
                                          : std::any_of(schema->returns().begin(), schema->returns().end(),
                                                        [](const c10::Argument& result) { return result.alias_info() != nullptr; });
        if (readsAlias && returnsViews) aliases.insert(node.results.begin(), node.results.end());
        if (!node.blocks.empty() && readsAlias) {
            for (const graph::Block& block : node.blocks)
                aliases.insert(block.inputs.begin(), block.inputs.end());
        }
    });
    return writes;
}

/// The filters of two-dimensional convolutions: while training they lie with their channels last, and with them everything that the layers
/// pass on, because ATen's convolutions, batch norms and poolings are faster so.
std::set<graph::ValueId> filters(const graph::Graph& graph) {
    std::set<graph::ValueId> found;
    graph::forEachNode(graph, [&](const graph::Node& node) {
        if (node.op != graph::op::conv2d && node.op != graph::op::conv2dRelu) return;
        const auto weight = graph::Call(node).value("weight");
        if (weight && graph.value(*weight).data.shape().size() == 4) found.insert(*weight);
    });
    return found;
}

} // namespace

void WeightSet::load(const graph::Graph& graph, const PlanOptions& options, Slots& slots) {
    const bool copies = options.training || mayWriteWeights(graph);
    const at::Device device = torchDevice(options.device);
    const std::set<graph::ValueId> channelsLast = options.training && device.is_cpu() ? filters(graph) : std::set<graph::ValueId>();
    std::map<View, at::Tensor> loaded;
    m_weights.clear();
    for (std::size_t id = 0; id < graph.values.size(); ++id) {
        const graph::Value& value = graph.values[id];
        if (value.kind != graph::ValueKind::Weight) continue;
        at::Tensor& tensor = loaded[viewOf(value.data)];
        if (!tensor.defined()) {
            tensor = toAten(value.data).to(device);
            if (copies && device.is_cpu())
                tensor = tensor.clone(channelsLast.contains(static_cast<graph::ValueId>(id)) ? at::MemoryFormat::ChannelsLast
                                                                                             : at::MemoryFormat::Preserve);
        }
        if (options.training && value.isParameter && tensor.is_floating_point()) tensor.requires_grad_(true);
        slots[id] = tensor;
        if (options.training) m_weights.emplace_back(value.name, tensor);
    }
}

std::map<std::string, at::Tensor> WeightSet::parameters() const {
    std::map<std::string, at::Tensor> parameters;
    std::set<const c10::TensorImpl*> seen;
    for (const auto& [name, tensor] : m_weights) {
        if (tensor.requires_grad() && seen.insert(tensor.unsafeGetTensorImpl()).second) parameters.emplace(name, tensor);
    }
    return parameters;
}

void WeightSet::store(graph::Graph& graph) const {
    std::map<std::string, const at::Tensor*> byName;
    for (const auto& [name, tensor] : m_weights)
        byName.emplace(name, &tensor);
    std::map<const c10::TensorImpl*, tensor::Tensor> stored;
    for (graph::Value& value : graph.values) {
        if (value.kind != graph::ValueKind::Weight) continue;
        const auto found = byName.find(value.name);
        if (found == byName.end()) continue;
        tensor::Tensor& copy = stored[found->second->unsafeGetTensorImpl()];
        if (copy.isNull()) copy = fromAten(*found->second);
        value.data = copy;
    }
}

void letGoOfWeight(const graph::Value& value) {
    if (value.kind == graph::ValueKind::Weight && !value.data.isNull()) base::letGo(value.data.storage()->bytes());
}

} // namespace lathe::runtime
