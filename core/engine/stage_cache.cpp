#include <core/engine/stage_cache.h>

#include <unordered_set>
#include <utility>

namespace lathe::engine {

namespace {

/// What a stage adds: its nodes and values, and weights that the graph before does not share.
std::int64_t bytesOf(const Stage& stage, const graph::Graph& before) {
    constexpr std::int64_t bytesOfNode = 500, bytesOfValue = 250; // with names, operands and shapes, roughly
    std::unordered_set<const tensor::Storage*> known;
    for (const graph::Value& value : before.values)
        known.insert(value.data.storage().get());
    std::int64_t bytes = 0;
    graph::forEachNode(stage.graph, [&](const graph::Node&) { bytes += bytesOfNode; });
    for (const graph::Value& value : stage.graph.values) {
        bytes += bytesOfValue;
        if (value.data.storage() && known.insert(value.data.storage().get()).second)
            bytes += static_cast<std::int64_t>(value.data.storage()->bytes().size());
    }
    return bytes;
}

} // namespace

std::shared_ptr<const Stage> StageCache::find(const std::string& key) {
    const std::scoped_lock lock(m_mutex);
    const auto found = m_byKey.find(key);
    if (found == m_byKey.end()) return nullptr;
    m_entries.splice(m_entries.begin(), m_entries, found->second);
    return found->second->stage;
}

void StageCache::keep(const std::string& key, std::shared_ptr<const Stage> stage, const graph::Graph& before) {
    const std::int64_t bytes = bytesOf(*stage, before);
    const std::scoped_lock lock(m_mutex);
    if (const auto found = m_byKey.find(key); found != m_byKey.end()) erase(found->second);
    m_entries.push_front({key, std::move(stage), bytes});
    m_byKey.emplace(key, m_entries.begin());
    m_bytes += bytes;
    while (m_bytes > m_limitBytes && m_entries.size() > 1)
        erase(std::prev(m_entries.end()));
}

void StageCache::forget(std::string_view prefix) {
    const std::scoped_lock lock(m_mutex);
    for (auto entry = m_entries.begin(); entry != m_entries.end();) {
        const auto next = std::next(entry);
        if (entry->key.starts_with(prefix)) erase(entry);
        entry = next;
    }
}

std::size_t StageCache::size() const {
    const std::scoped_lock lock(m_mutex);
    return m_entries.size();
}

void StageCache::erase(std::list<Entry>::iterator entry) {
    m_bytes -= entry->bytes;
    m_byKey.erase(entry->key);
    m_entries.erase(entry);
}

} // namespace lathe::engine
