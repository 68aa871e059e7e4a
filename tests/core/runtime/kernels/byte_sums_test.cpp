#include <core/runtime/kernels/bytes/byte_sums.h>

#include <vector>

#include <gtest/gtest.h>

namespace lathe::runtime {
namespace {

TEST(ByteSums, OfColumns) {
    for (const Int8Instructions instructions : {Int8Instructions::Portable, int8Instructions()}) {
        for (const std::int64_t count : {1, 3, 15, 16, 17, 40}) {
            for (const std::int64_t rows : {0, 1, 2, 256, 257, 258, 700}) {
                std::vector<std::uint8_t> bytes(static_cast<std::size_t>(rows * count));
                for (std::size_t index = 0; index < bytes.size(); ++index)
                    bytes[index] = index % 5 == 0 ? 7 : 255; // so that 16 bits are just enough
                std::vector<std::int32_t> sums(static_cast<std::size_t>(count) + 1, -1);
                sumRows(bytes.data(), rows, count, sums.data(), instructions);
                EXPECT_EQ(sums.back(), -1);
                for (std::int64_t column = 0; column < count; ++column) {
                    std::int32_t wanted = 0;
                    for (std::int64_t row = 0; row < rows; ++row)
                        wanted += bytes[static_cast<std::size_t>(row * count + column)];
                    ASSERT_EQ(sums[static_cast<std::size_t>(column)], wanted) << rows << " rows of " << count << ", column " << column;
                }
            }
        }
    }
}

} // namespace
} // namespace lathe::runtime
