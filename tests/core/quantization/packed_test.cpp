#include <core/quantization/packed.h>

#include <gtest/gtest.h>

namespace lathe::quantization {
namespace {

TEST(Packed, EveryIntegerComesBackWhateverStandsBesideIt) {
    for (const int bits : {2, 3, 4, 5, 6, 7, 8}) {
        for (const bool isSigned : {true, false}) {
            const int low = isSigned ? -(1 << (bits - 1)) : 0, count = 1 << bits;
            std::vector<std::int8_t> values; // all pairs, so that each stands across bytes too
            for (int first = 0; first < count; ++first) {
                for (int second = 0; second < count; ++second) {
                    values.push_back(static_cast<std::int8_t>(low + first));
                    values.push_back(static_cast<std::int8_t>(low + second));
                    values.push_back(static_cast<std::int8_t>(low));
                }
            }
            const auto packed = pack(values, bits);
            EXPECT_EQ(packed.size(), (values.size() * static_cast<std::size_t>(bits) + 7) / 8);
            EXPECT_EQ(unpack(packed, values.size(), bits, isSigned), values) << bits << " bits";
        }
    }
}

TEST(Packed, TheLowestBitsComeFirst) {
    EXPECT_EQ(pack(std::vector<std::int8_t>{1, 2}, 4), (std::vector<std::uint8_t>{0x21}));
    EXPECT_EQ(pack(std::vector<std::int8_t>{-1, 0, 0}, 3), (std::vector<std::uint8_t>{7, 0}));
    EXPECT_TRUE(pack({}, 2).empty());
    EXPECT_EQ(packedSize(3, 3), 2U);
}

} // namespace
} // namespace lathe::quantization
