#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace lathe::formats {

/// Deflating an entry of an archive that is shorter than this only adds bytes.
constexpr std::size_t shortestDeflated = 64;

/// Which weights of one file we deflate. Long ones lie in the file as they lie in memory, aligned, so that they can be mapped, unless a
/// quarter of their bytes is zero: what was pruned takes less room in the file, at the price that it is unpacked when it is read. Short
/// ones gain nothing by being mapped; deflated, the integers of a small model take a tenth less room and zero points next to none.
///
/// Never more than a reader unpacks that minds bombs (checkZip): 128 MB in one file, and no long weight that would be less than a
/// thirtieth.
class DeflatedWeights {
public:
    /// Is the next weight of the file one of them?
    [[nodiscard]] bool has(std::string_view bytes);

private:
    std::uint64_t m_total = 0;
};

} // namespace lathe::formats
