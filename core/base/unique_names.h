#pragma once

#include <string>
#include <unordered_map>
#include <unordered_set>

namespace lathe::base {

/// Hands out every name once: `wanted`, or `wanted_1`, `wanted_2`, …: the first that is free. The next number of each name is remembered,
/// so that thousands of nodes of one operator get their names in time that grows with their number.
class UniqueNames {
public:
    /// A name that is free, and taken from now on.
    std::string take(const std::string& wanted);
    /// Takes the name as it is; false when it is taken already.
    bool insert(const std::string& name) { return m_taken.insert(name).second; }
    [[nodiscard]] bool isFree(const std::string& name) const { return !m_taken.contains(name); }
    /// The name may be taken again. A number that was handed out for another name is not handed out a second time.
    void release(const std::string& name) { m_taken.erase(name); }

private:
    std::unordered_set<std::string> m_taken;
    std::unordered_map<std::string, int> m_lastNumber; ///< by wanted name
};

} // namespace lathe::base
