#include <core/steps/prune_parameters.h>

#include <algorithm>
#include <cmath>

namespace lathe::steps {

std::string pruneBrief(std::string_view criterion, const Step& step) {
    std::string name(criterion);
    if (name != "random") // the names of norms are upper case
        std::ranges::transform(name, name.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    return name + " " + std::to_string(std::lround(pruneRatio.of(step) * 100)) + " %";
}

} // namespace lathe::steps
