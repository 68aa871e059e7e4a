#include <core/runtime/memory_layout.h>

#include <algorithm>
#include <numeric>
#include <optional>

namespace lathe::runtime {

namespace {

std::size_t aligned(std::size_t bytes) { return (bytes + memoryAlignment - 1) / memoryAlignment * memoryAlignment; }

bool shareAMoment(const MemoryUse& one, const MemoryUse& other) { return one.begin < other.end && other.begin < one.end; }

/// The smallest gap between blocks, in order of their offsets, that holds so many bytes; behind all of them when there is none.
template<class Blocks>
std::size_t placeBetween(const Blocks& blocks, std::size_t bytes) {
    std::optional<std::size_t> best;
    std::size_t smallest = 0, free = 0;
    for (const auto& [offset, size] : blocks) {
        if (offset > free && offset - free >= bytes && (!best || offset - free < smallest)) {
            best = free;
            smallest = offset - free;
        }
        free = std::max(free, offset + size);
    }
    return best.value_or(free);
}

} // namespace

MemoryLayout layOut(std::span<const MemoryUse> uses) {
    MemoryLayout layout;
    layout.offsets.resize(uses.size());
    layout.before.resize(uses.size());
    std::vector<std::size_t> order(uses.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, std::greater(), [&](std::size_t index) { return uses[index].bytes; });
    std::vector<std::pair<std::size_t, std::size_t>> placed; // offset and size of those that share a moment
    for (std::size_t at = 0; at < order.size(); ++at) {
        const MemoryUse& use = uses[order[at]];
        placed.clear();
        for (std::size_t other = 0; other < at; ++other) {
            if (shareAMoment(use, uses[order[other]])) placed.emplace_back(layout.offsets[order[other]], aligned(uses[order[other]].bytes));
        }
        std::ranges::sort(placed);
        const std::size_t bytes = aligned(use.bytes);
        layout.offsets[order[at]] = placeBetween(placed, bytes);
        layout.bytes = std::max(layout.bytes, layout.offsets[order[at]] + bytes);
    }
    const auto shareMemory = [&](std::size_t one, std::size_t other) {
        return layout.offsets[one] < layout.offsets[other] + aligned(uses[other].bytes) &&
               layout.offsets[other] < layout.offsets[one] + aligned(uses[one].bytes);
    };
    for (std::size_t one = 0; one < uses.size(); ++one) {
        std::optional<std::size_t> next;
        for (std::size_t other = 0; other < uses.size(); ++other) {
            if (other != one && uses[other].begin >= uses[one].end && (!next || uses[other].begin < uses[*next].begin) &&
                shareMemory(one, other))
                next = other;
        }
        if (next) layout.before[*next].push_back(one);
    }
    return layout;
}

} // namespace lathe::runtime
