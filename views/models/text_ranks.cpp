#include <views/models/text_ranks.h>

#include <algorithm>
#include <cstdint>
#include <span>

namespace lathe::views {

namespace {

constexpr qsizetype unitsInKey = 4;

struct Entry {
    std::uint64_t key = 0; ///< the next four code units: a number is compared faster than a text
    int text = 0;
};

std::uint64_t keyAt(const QString& text, qsizetype depth) {
    std::uint64_t key = 0;
    for (qsizetype unit = depth; unit < depth + unitsInKey; ++unit)
        key = key << 16 | (unit < text.size() ? text[unit].unicode() : 0U);
    return key;
}

/// How many code units all of them have in common; at least `depth`, up to which they are known to be alike.
qsizetype sharedLength(const std::vector<QString>& texts, std::span<const Entry> entries, qsizetype depth) {
    const QString& first = texts[static_cast<std::size_t>(entries.front().text)];
    qsizetype shared = first.size();
    for (const Entry& entry : entries) {
        const QString& text = texts[static_cast<std::size_t>(entry.text)];
        shared = std::min(shared, text.size());
        qsizetype at = depth;
        while (at < shared && text[at] == first[at])
            ++at;
        shared = at;
    }
    return shared;
}

/// Sorts entries that are alike up to `depth`, and gives them their ranks from `rank` on; returns the next one.
int rankFrom(const std::vector<QString>& texts, std::span<Entry> entries, qsizetype depth, int rank, std::vector<int>& ranks) {
    depth = sharedLength(texts, entries, depth);
    const bool areEqual =
        std::ranges::all_of(entries, [&](const Entry& entry) { return texts[static_cast<std::size_t>(entry.text)].size() <= depth; });
    if (areEqual) {
        for (const Entry& entry : entries)
            ranks[static_cast<std::size_t>(entry.text)] = rank;
        return rank + 1;
    }
    for (Entry& entry : entries)
        entry.key = keyAt(texts[static_cast<std::size_t>(entry.text)], depth);
    std::ranges::sort(entries, {}, &Entry::key);
    for (std::size_t first = 0, end = 0; first < entries.size(); first = end) {
        while (end < entries.size() && entries[end].key == entries[first].key)
            ++end;
        rank = rankFrom(texts, entries.subspan(first, end - first), depth + unitsInKey, rank, ranks);
    }
    return rank;
}

} // namespace

std::vector<int> textRanks(const std::vector<QString>& texts) {
    std::vector<Entry> entries(texts.size());
    for (std::size_t at = 0; at < texts.size(); ++at)
        entries[at].text = static_cast<int>(at);
    std::vector<int> ranks(texts.size());
    if (!entries.empty()) rankFrom(texts, entries, 0, 0, ranks);
    return ranks;
}

} // namespace lathe::views
