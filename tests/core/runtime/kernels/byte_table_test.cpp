#include <core/runtime/kernels/bytes/byte_table.h>

#include <vector>

#include <gtest/gtest.h>

namespace lathe::runtime {
namespace {

std::vector<TableInstructions> variants() {
    std::vector<TableInstructions> known;
    for (const auto instructions : {TableInstructions::Portable, TableInstructions::Avx2, TableInstructions::Avx512Vbmi}) {
        if (instructions <= tableInstructions()) known.push_back(instructions);
    }
    return known;
}

TEST(ByteTable, EveryByteBecomesItsEntry) {
    ByteTable table;
    for (std::size_t byte = 0; byte < table.size(); ++byte)
        table[byte] = static_cast<std::uint8_t>((byte * 167 + 13) ^ (byte >> 3));
    std::vector<std::uint8_t> bytes(1000);
    for (std::size_t index = 0; index < bytes.size(); ++index)
        bytes[index] = static_cast<std::uint8_t>(index * 7);
    for (const TableInstructions instructions : variants()) {
        for (const std::size_t count : {0, 1, 2, 15, 16, 31, 32, 33, 63, 64, 65, 127, 128, 257, 1000}) {
            const auto length = static_cast<std::int64_t>(count);
            std::vector<std::uint8_t> found(count + 1, 99), inPlace(bytes.begin(), bytes.begin() + length);
            lookUp(table, bytes.data(), length, found.data(), instructions);
            lookUp(table, inPlace.data(), length, inPlace.data(), instructions);
            EXPECT_EQ(found.back(), 99) << count;
            for (std::size_t index = 0; index < count; ++index) {
                ASSERT_EQ(found[index], table[bytes[index]]) << index << " of " << count;
                ASSERT_EQ(inPlace[index], table[bytes[index]]) << index << " of " << count;
            }
        }
    }
}

} // namespace
} // namespace lathe::runtime
