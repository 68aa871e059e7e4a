#include <core/transform/recover/kept_channels.h>

#include <gtest/gtest.h>

namespace lathe::transform {
namespace {

using Places = std::vector<std::size_t>;
using Numbers = std::vector<double>;

TEST(KeptChannels, AreFoundByTheirNumbers) {
    EXPECT_EQ(keptChannels(Numbers{1, 2, 3, 4}, Numbers{2, 4}), (Places{1, 3}));
    EXPECT_EQ(keptChannels(Numbers{1, 2, 3}, Numbers{1, 2, 3}), (Places{0, 1, 2}));
    EXPECT_EQ(keptChannels(Numbers{1, 2}, Numbers{}), Places{});
}

TEST(KeptChannels, AreNotGuessed) {
    EXPECT_EQ(keptChannels(Numbers{1, 2, 3}, Numbers{2, 5}), std::nullopt);
    EXPECT_EQ(keptChannels(Numbers{1, 2, 3}, Numbers{3, 1}), std::nullopt) << "pruning keeps the order";
    EXPECT_EQ(keptChannels(Numbers{0, 0, 0}, Numbers{0, 0}), std::nullopt) << "which two?";
    EXPECT_EQ(keptChannels(Numbers{1, 0, 0, 2}, Numbers{1, 0, 0, 2}), (Places{0, 1, 2, 3})) << "there is no choice";
}

} // namespace
} // namespace lathe::transform
