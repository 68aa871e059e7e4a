#include <core/transform/prune/shared_constants.h>

#include <algorithm>

#include <core/graph/editor.h>

namespace lathe::transform {

namespace {

bool isVector(const graph::Value& value) {
    if (value.kind != graph::ValueKind::Weight || value.data.elementCount() < 2) return false;
    return std::ranges::count_if(value.data.shape(), [](std::int64_t size) { return size > 1; }) == 1;
}

} // namespace

SharedConstants::SharedConstants(graph::Graph& graph) : m_graph(graph) {
    const graph::UseIndex uses(graph);
    const auto count = static_cast<graph::ValueId>(graph.values.size());
    const auto isShared = [&](graph::ValueId id) { return uses.uses(id).size() > 1 && isVector(graph.value(id)); };
    bool isNeeded = false;
    for (graph::ValueId id = 0; id < count; ++id)
        isNeeded = isNeeded || isShared(id);
    if (!isNeeded) return;
    graph::Editor editor(graph);
    for (graph::ValueId id = 0; id < count; ++id) {
        if (!isShared(id)) continue;
        const std::vector<graph::Editor::Use> readers = editor.uses(id);
        for (std::size_t i = 1; i < readers.size(); ++i) {
            const graph::Value original = graph.value(id);
            const graph::ValueId copy = editor.addWeight(original.name, original.data, original.isParameter);
            editor.redirect(std::span(&readers[i], 1), copy);
            m_copies.emplace_back(copy, id);
        }
    }
}

void SharedConstants::join() {
    if (m_copies.empty()) return;
    graph::Editor editor(m_graph);
    for (const auto& [copy, original] : m_copies) {
        const tensor::Tensor &own = m_graph.value(copy).data, &first = m_graph.value(original).data;
        if (own.storage() == first.storage() && own.shape() == first.shape()) editor.replaceUses(copy, original);
    }
    m_copies.clear();
}

} // namespace lathe::transform
