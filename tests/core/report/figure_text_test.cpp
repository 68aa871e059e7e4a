#include <core/report/figure_text.h>

#include <limits>

#include <gtest/gtest.h>

namespace lathe::report {

TEST(FigureText, SignificantDigits) {
    EXPECT_EQ(significant(0.05214), "0.0521");
    EXPECT_EQ(significant(12.34), "12.3");
    EXPECT_EQ(significant(1234.5), "1234"); // half to even
    EXPECT_EQ(significant(1, 3), "1.00");
    EXPECT_EQ(significant(0), "0");
    EXPECT_EQ(significant(-0.5, 2), "-0.50");
    EXPECT_EQ(significant(3.2e-9), "3.20e-09");
    EXPECT_EQ(significant(1e300, 2), "1.0e+300");
    EXPECT_EQ(significant(std::numeric_limits<double>::infinity()), "–");
}

TEST(FigureText, CompactFigures) {
    EXPECT_EQ(compact(10), "10");
    EXPECT_EQ(compact(0.266), "0.266");
    EXPECT_EQ(compact(61706, 6), "61706");
    EXPECT_EQ(compact(std::numeric_limits<double>::quiet_NaN()), "–");
}

TEST(FigureText, FixedDecimals) {
    EXPECT_EQ(fixed(2.5, 2), "2.50");
    EXPECT_EQ(fixed(-0.001, 2), "0.00");
    EXPECT_EQ(fixed(-0.01, 2), "-0.01");
    EXPECT_EQ(fixed(std::numeric_limits<double>::quiet_NaN(), 2), "–");
    EXPECT_EQ(fixed(1e308, 1).size(), 311U);
}

TEST(FigureText, GroupedCounts) {
    EXPECT_EQ(count(0), "0");
    EXPECT_EQ(count(999), "999");
    EXPECT_EQ(count(61706), "61\u202F706");
    EXPECT_EQ(count(-1234567), "-1\u202F234\u202F567");
    EXPECT_EQ(count(-123), "-123");
}

TEST(FigureText, Bytes) {
    EXPECT_EQ(byteText(0), "0 B");
    EXPECT_EQ(byteText(999), "999 B");
    EXPECT_EQ(byteText(1000), "1.00 kB");
    EXPECT_EQ(byteText(251118), "251 kB");
    EXPECT_EQ(byteText(999'600), "1.00 MB");
    EXPECT_EQ(byteText(std::numeric_limits<std::int64_t>::max()), "9.22 EB");
}

TEST(FigureText, Percent) {
    EXPECT_EQ(percent(0.90325), "90.33 %");
    EXPECT_EQ(percent(1.0), "100.00 %");
    EXPECT_EQ(percent(std::nullopt), "–");
    EXPECT_EQ(orDash(std::nullopt), "–");
    EXPECT_EQ(orDash(2.0), "2.00");
}

} // namespace lathe::report
