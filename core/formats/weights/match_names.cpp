#include <core/formats/weights/match_names.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string_view>

namespace lathe::formats {

namespace {

constexpr std::array<std::string_view, 5> wrappers{"module", "_orig_mod", "_fsdp_wrapped_module", "_forward_module",
                                                   "_checkpoint_wrapped_module"};

bool isWrapper(std::string_view word) { return std::ranges::find(wrappers, word) != wrappers.end(); }

/// "module.model.conv.weight": "model.conv.weight".
std::string withoutWrappers(std::string_view name) {
    std::string rest;
    while (true) {
        const auto dot = name.find('.');
        const std::string_view word = name.substr(0, dot);
        if (!isWrapper(word)) {
            if (!rest.empty()) rest += '.';
            rest += word;
        }
        if (dot == std::string_view::npos) return rest;
        name.remove_prefix(dot + 1);
    }
}

/// At most these are what a wrapper calls what it wraps.
constexpr std::array<std::string_view, 3> wrapperPrefixes{"", "model.", "model.model."};

bool isWrapperPrefix(std::string_view prefix) { return std::ranges::find(wrapperPrefixes, prefix) != wrapperPrefixes.end(); }

/// What the names may lose at their beginning: that of a wrapper, and what all of them begin with.
std::vector<std::string> prefixesOf(const std::vector<std::string>& names) {
    std::vector<std::string> prefixes(wrapperPrefixes.begin(), wrapperPrefixes.end());
    if (names.empty()) return prefixes;
    const std::string& first = names.front();
    for (auto dot = first.find('.'); dot != std::string::npos; dot = first.find('.', dot + 1)) {
        const std::string prefix = first.substr(0, dot + 1);
        if (!std::ranges::all_of(names, [&](const std::string& name) { return name.starts_with(prefix); })) break;
        if (std::ranges::find(prefixes, prefix) == prefixes.end()) prefixes.push_back(prefix);
    }
    return prefixes;
}

/// The index of each name behind `prefix`; -1 for those that two names have.
using Index = std::map<std::string, std::ptrdiff_t, std::less<>>;
Index indexOf(const std::vector<std::string>& names, std::string_view prefix) {
    Index index;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (!names[i].starts_with(prefix)) continue;
        const auto [entry, isNew] = index.emplace(names[i].substr(prefix.size()), static_cast<std::ptrdiff_t>(i));
        if (!isNew) entry->second = -1;
    }
    return index;
}

/// Pairs of indices into the model's and the file's names.
std::vector<std::pair<std::size_t, std::size_t>> pairs(const Index& model, const Index& file) {
    std::vector<std::pair<std::size_t, std::size_t>> found;
    for (const auto& [name, index] : model) {
        const auto other = file.find(name);
        if (index >= 0 && other != file.end() && other->second >= 0)
            found.emplace_back(static_cast<std::size_t>(index), static_cast<std::size_t>(other->second));
    }
    return found;
}

} // namespace

MatchedNames matchNames(const std::vector<std::string>& ofModel, const std::vector<std::string>& ofFile) {
    MatchedNames matched{std::vector<std::string>(ofModel.size()), ""};
    const std::set<std::string, std::less<>> fileNames(ofFile.begin(), ofFile.end());
    std::set<std::string, std::less<>> taken;
    for (std::size_t i = 0; i < ofModel.size(); ++i) {
        if (!fileNames.contains(ofModel[i])) continue;
        matched.names[i] = ofModel[i];
        taken.insert(ofModel[i]);
    }
    if (taken.size() == ofModel.size()) return matched;

    std::vector<std::string> model, file;
    std::ranges::transform(ofModel, std::back_inserter(model), withoutWrappers);
    std::ranges::transform(ofFile, std::back_inserter(file), withoutWrappers);
    std::vector<std::pair<std::size_t, std::size_t>> best;
    bool isAmbiguous = false;
    for (const std::string& prefixOfModel : prefixesOf(model)) {
        const Index modelIndex = indexOf(model, prefixOfModel);
        for (const std::string& prefixOfFile : prefixesOf(file)) {
            // "fc.weight" is not "conv.weight".
            if (!isWrapperPrefix(prefixOfModel) && !isWrapperPrefix(prefixOfFile)) continue;
            auto found = pairs(modelIndex, indexOf(file, prefixOfFile));
            std::ranges::sort(found);
            if (found.size() > best.size()) {
                best = std::move(found);
                isAmbiguous = false;
            } else if (found.size() == best.size() && found != best) {
                isAmbiguous = true;
            }
        }
    }
    if (isAmbiguous) return matched;
    std::string first;
    std::size_t count = 0;
    for (const auto& [ours, theirs] : best) {
        if (!matched.names[ours].empty() || taken.contains(ofFile[theirs])) continue;
        matched.names[ours] = ofFile[theirs];
        if (count++ == 0) first = "\"" + ofFile[theirs] + "\" of the file is taken for \"" + ofModel[ours] + "\" of the model";
    }
    if (count > 0) matched.note = first + (count == 1 ? "." : ", and so on for " + std::to_string(count) + " names that wrappers changed.");
    return matched;
}

} // namespace lathe::formats
