#include <core/formats/exported_program/symbolic_size.h>

#include <gtest/gtest.h>

#include <core/formats/exported_program/metadata.h>

namespace lathe::formats {
namespace {

TEST(SymbolicSize, ReadsWhatShapesSay) {
    std::set<std::string> symbols;
    const auto size = parseSize("2*(batch + 1)//3 - s1", symbols);
    ASSERT_TRUE(size) << size.error().text();
    EXPECT_EQ(size->value, 2 * (exampleSize + 1) / 3 - exampleSize);
    EXPECT_EQ(symbols, (std::set<std::string>{"batch", "s1"}));
    EXPECT_EQ(symbolText(size->expression), "2*(batch + 1)//3 + -1*s1");
    EXPECT_EQ(parseSize("12", symbols)->expression, "");
    EXPECT_EQ(parseSize("12", symbols)->value, 12);
    EXPECT_EQ(sizeOf({5, ""}, symbols)->value, 5);
}

TEST(SymbolicSize, RefusesTheRest) {
    for (const char* text : {"", "2*", "(s0", "Max(1, s0)", "s0 s1", "1.5", "9s", "s0//0", "99999999999999999999", "s0; import os"}) {
        std::set<std::string> symbols;
        const auto size = parseSize(text, symbols);
        ASSERT_FALSE(size) << text;
        EXPECT_EQ(size.error().code, base::ErrorCode::Unsupported);
        EXPECT_TRUE(symbols.empty()) << text;
    }
    std::set<std::string> symbols;
    EXPECT_FALSE(parseSize(std::string(100'000, '('), symbols));
}

} // namespace
} // namespace lathe::formats
