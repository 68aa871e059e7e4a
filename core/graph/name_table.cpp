#include <core/graph/name_table.h>

#include <bit>
#include <functional>
#include <utility>

namespace lathe::graph {

NameTable::NameTable(std::size_t count) : m_slots(std::bit_ceil(2 * count + 2)) {}

bool NameTable::insert(const std::string& name) {
    if (2 * (m_size + 1) > m_slots.size()) grow();
    const std::size_t hash = std::hash<std::string>{}(name), mask = m_slots.size() - 1;
    std::size_t at = hash & mask;
    for (; m_slots[at].name != nullptr; at = (at + 1) & mask) {
        if (m_slots[at].hash == hash && *m_slots[at].name == name) return false;
    }
    m_slots[at] = {hash, &name};
    ++m_size;
    return true;
}

void NameTable::grow() {
    const std::vector<Slot> slots = std::exchange(m_slots, std::vector<Slot>(2 * m_slots.size()));
    for (const Slot& slot : slots) {
        if (slot.name == nullptr) continue;
        std::size_t at = slot.hash & (m_slots.size() - 1);
        while (m_slots[at].name != nullptr)
            at = (at + 1) & (m_slots.size() - 1);
        m_slots[at] = slot;
    }
}

} // namespace lathe::graph
