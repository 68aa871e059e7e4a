#include <core/runtime/memory_layout.h>

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

namespace lathe::runtime {
namespace {

std::size_t placeOf(std::size_t bytes) { return (bytes + memoryAlignment - 1) / memoryAlignment * memoryAlignment; }

/// As much as is in use in the moment when that is most: no layout takes less.
std::size_t mostAtOnce(const std::vector<MemoryUse>& uses) {
    std::size_t most = 0;
    for (const MemoryUse& moment : uses) {
        std::size_t bytes = 0;
        for (const MemoryUse& use : uses)
            bytes += use.begin <= moment.begin && moment.begin < use.end ? placeOf(use.bytes) : 0;
        most = std::max(most, bytes);
    }
    return most;
}

/// Writes its number into each byte of a use when it begins, and looks when it ends whether it is there still.
void expectThatNobodyOverwrites(const std::vector<MemoryUse>& uses, const MemoryLayout& layout) {
    std::vector<std::size_t> owner(layout.bytes, uses.size());
    std::size_t moments = 0;
    for (const MemoryUse& use : uses)
        moments = std::max(moments, use.end);
    for (std::size_t moment = 0; moment <= moments; ++moment) {
        for (std::size_t index = 0; index < uses.size(); ++index) {
            const MemoryUse& use = uses[index];
            const auto first = owner.begin() + static_cast<std::ptrdiff_t>(layout.offsets[index]);
            const auto last = first + static_cast<std::ptrdiff_t>(use.bytes);
            const bool isWhole = std::all_of(first, last, [&](std::size_t each) { return each == index; });
            EXPECT_TRUE(use.end != moment || isWhole) << index;
        }
        for (std::size_t index = 0; index < uses.size(); ++index) {
            if (uses[index].begin != moment) continue;
            ASSERT_LE(layout.offsets[index] + uses[index].bytes, layout.bytes);
            EXPECT_EQ(layout.offsets[index] % memoryAlignment, 0u);
            std::fill_n(owner.begin() + static_cast<std::ptrdiff_t>(layout.offsets[index]), uses[index].bytes, index);
        }
    }
}

TEST(MemoryLayout, NothingTakesNothing) {
    EXPECT_EQ(layOut({}).bytes, 0u);
    EXPECT_EQ(layOut(std::vector<MemoryUse>{{0, 0, 1}}).bytes, 0u);
}

TEST(MemoryLayout, AChainTakesItsTwoLargestNeighbours) {
    // Each is read by the next and free afterwards.
    const std::vector<MemoryUse> uses{{640, 0, 2}, {1280, 1, 3}, {64, 2, 4}, {1280, 3, 5}, {1, 4, 6}};
    const MemoryLayout layout = layOut(uses);
    EXPECT_EQ(layout.bytes, 1280u + 640u);
    expectThatNobodyOverwrites(uses, layout);
}

TEST(MemoryLayout, TakesTheSmallestGapThatFits) {
    // 1024 stay in front, 110 at the end; between them a gap of 512 and one of 128 open.
    const std::vector<MemoryUse> uses{{1024, 0, 9}, {512, 0, 4}, {256, 0, 9}, {128, 0, 4}, {110, 0, 9}, {100, 5, 9}};
    const MemoryLayout layout = layOut(uses);
    EXPECT_EQ(layout.offsets[5], layout.offsets[3]);
    expectThatNobodyOverwrites(uses, layout);
}

TEST(MemoryLayout, SaysWhatHasToBeOverBefore) {
    // The second and third share the first's memory, side by side; the fourth is as large as all of it.
    const std::vector<MemoryUse> uses{{256, 0, 1}, {128, 1, 3}, {128, 2, 3}, {256, 3, 4}};
    const MemoryLayout layout = layOut(uses);
    EXPECT_EQ(layout.bytes, 256u);
    EXPECT_TRUE(layout.before[0].empty());
    EXPECT_EQ(layout.before[1], (std::vector<std::size_t>{0}));
    EXPECT_EQ(layout.before[2], layout.offsets[1] == layout.offsets[2] ? (std::vector<std::size_t>{1}) : (std::vector<std::size_t>{}));
    EXPECT_EQ(layout.before[3], (std::vector<std::size_t>{1, 2}));
}

TEST(MemoryLayout, OfRandomUsesNoneOverwritesAnother) {
    std::mt19937 random(7);
    const auto below = [&](std::size_t limit) { return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random); };
    for (int round = 0; round < 60; ++round) {
        std::vector<MemoryUse> uses;
        const std::size_t count = 1 + below(40);
        for (std::size_t index = 0; index < count; ++index)
            uses.push_back({below(3000), index, index + 1 + below(8)});
        const MemoryLayout layout = layOut(uses);
        expectThatNobodyOverwrites(uses, layout);
        EXPECT_GE(layout.bytes, mostAtOnce(uses));
        EXPECT_LE(layout.bytes, mostAtOnce(uses) * 3 / 2);
        // Who gets memory of another knows of him, or of one who got it in between.
        std::vector<bool> isKnownToBeOver(count);
        for (std::size_t index = 0; index < count; ++index) {
            for (const std::size_t other : layout.before[index]) {
                EXPECT_LE(uses[other].end, uses[index].begin);
                isKnownToBeOver[other] = true;
            }
            for (std::size_t other = 0; other < index; ++other) {
                const bool isShared = layout.offsets[other] < layout.offsets[index] + uses[index].bytes &&
                                      layout.offsets[index] < layout.offsets[other] + uses[other].bytes;
                EXPECT_TRUE(!isShared || isKnownToBeOver[other]) << other << " before " << index;
            }
        }
    }
}

} // namespace
} // namespace lathe::runtime
