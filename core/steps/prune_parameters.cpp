#include <core/steps/prune_parameters.h>

#include <algorithm>
#include <cmath>

namespace lathe::steps {

std::string pruneBrief(std::string_view criterion, const Step& step) {
    constexpr std::size_t longestAbbreviation = 4; // L1, LAMP
    std::string name(criterion);
    std::ranges::replace(name, '_', ' ');
    if (name.size() <= longestAbbreviation)
        std::ranges::transform(name, name.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    return name + " " + std::to_string(std::lround(pruneRatio.of(step) * 100)) + " %";
}

} // namespace lathe::steps
