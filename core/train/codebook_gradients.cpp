#include <map>
#include <string>

#include <ATen/TensorOperators.h>
#include <ATen/ops/zeros.h>

#include <core/graph/operators/lookup.h>
#include <core/quantization/shared_weight.h>
#include <core/train/codebook_gradients_torch.h>

namespace lathe::train {

namespace {

/// How many weights read each number, as the codebooks lie.
at::Tensor readersOf(const quantization::SharedWeight& shared) {
    const std::int64_t groups = shared.codebooks.shape()[0], numbers = shared.codebooks.shape()[1];
    at::Tensor readers = at::zeros({groups, numbers}, at::kFloat);
    auto* counts = readers.mutable_data_ptr<float>();
    const std::size_t perGroup = shared.indices.size() / static_cast<std::size_t>(groups);
    for (std::size_t i = 0; i < shared.indices.size(); ++i)
        ++counts[i / perGroup * static_cast<std::size_t>(numbers) + shared.indices[i]];
    return readers;
}

} // namespace

CodebookGradients::CodebookGradients(const graph::Graph& graph, const NamedTensors& leaves) {
    // Tied weights may read one codebook through several lookups.
    std::map<std::string, at::Tensor> readers;
    graph::forEachNode(graph, [&](const graph::Node& node) {
        const auto shared = quantization::sharedWeightOf(graph, node);
        if (!shared) return;
        const at::Tensor counts = readersOf(*shared);
        const auto [entry, isNew] = readers.emplace(graph.value(*graph::Lookup(node).codebooks()).name, counts);
        if (!isNew) entry->second.add_(counts);
    });
    std::size_t position = 0;
    for (const auto& [name, leaf] : leaves) {
        if (const auto found = readers.find(name); found != readers.end())
            m_readers.emplace_back(position, found->second.clamp_min(1).to(leaf.device(), leaf.scalar_type()));
        ++position;
    }
}

void CodebookGradients::scale(std::vector<at::Tensor>& gradients) const {
    for (const auto& [position, readers] : m_readers) {
        if (gradients[position].defined()) gradients[position] = gradients[position] / readers;
    }
}

} // namespace lathe::train
