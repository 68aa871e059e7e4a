#include <core/steps/where.h>

#include <algorithm>

#include <core/base/message.h>
#include <core/graph/layers.h>

namespace lathe::steps {

namespace {

bool takesAway(std::string_view entry) { return entry.starts_with('!'); }
std::string_view patternOf(std::string_view entry) { return takesAway(entry) ? entry.substr(1) : entry; }

/// A name as a pattern of itself.
std::string nameAsPattern(const std::string& name) { return takesAway(name) ? "?" + name.substr(1) : name; }

} // namespace

bool fits(const Where& where, std::string_view layer) {
    bool isIn = where.empty() || takesAway(where.front());
    for (const std::string& entry : where) {
        if (graph::matchesPattern(patternOf(entry), layer)) isIn = !takesAway(entry);
    }
    return isIn;
}

Where bound(Where where, const std::vector<std::string>& layerNames) {
    if (layerNames.empty()) return where;
    for (std::string& entry : where) {
        const std::string_view pattern = patternOf(entry);
        if (pattern != "first" && pattern != "last") continue;
        const std::string& name = pattern == "first" ? layerNames.front() : layerNames.back();
        entry = (takesAway(entry) ? "!" : "") + nameAsPattern(name);
    }
    return where;
}

base::Result<> check(const Where& where, const std::vector<std::string>& layerNames) {
    const Where rule = bound(where, layerNames);
    for (const std::string& entry : rule) {
        const std::string pattern(patternOf(entry));
        if (std::ranges::any_of(layerNames, [&](const std::string& layer) { return graph::matchesPattern(pattern, layer); })) continue;
        const std::string nearest = graph::nearestName(pattern, layerNames);
        const base::Message message = nearest.empty()
                                          ? base::Message("where.noLayerFits", {{"pattern", pattern}})
                                          : base::Message("where.noLayerFitsNearest", {{"pattern", pattern}, {"nearest", nearest}});
        return base::failure(base::ErrorCode::Rejected, message);
    }
    if (!layerNames.empty() && std::ranges::none_of(layerNames, [&](const std::string& layer) { return fits(rule, layer); }))
        return base::failure(base::ErrorCode::Rejected, {"where.leavesAllOut", {}});
    return {};
}

} // namespace lathe::steps
