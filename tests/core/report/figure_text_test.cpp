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
    EXPECT_EQ(significant(3.2e-6), "0.00000320");
    EXPECT_EQ(significant(3.2e-9), "< 0.000001");
    EXPECT_EQ(significant(-3.2e-9), "> -0.000001");
    EXPECT_EQ(significant(125'000), "125000");
    EXPECT_EQ(significant(1'250'000), "1.25 M");
    EXPECT_EQ(significant(std::numeric_limits<double>::infinity()), "–");
}

TEST(FigureText, CompactFigures) {
    EXPECT_EQ(compact(10), "10");
    EXPECT_EQ(compact(0.266), "0.266");
    EXPECT_EQ(compact(61706, 3), "61706");
    EXPECT_EQ(compact(11'173'962, 6), "11173962");
    EXPECT_EQ(compact(0.5, 4), "0.5");
    EXPECT_EQ(compact(49.80, 6), "49.8");
    EXPECT_EQ(compact(1.5e-9, 6), "< 0.000001");
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

TEST(FigureText, TimesInTheUnitThatSuitsThem) {
    EXPECT_EQ(timeText(0.0), "0 µs");
    EXPECT_EQ(timeText(9.5), "9.50 µs");
    EXPECT_EQ(timeText(999.4), "999 µs");
    EXPECT_EQ(timeText(1710.0), "1.71 ms");
    EXPECT_EQ(timeText(-830.0), "-830 µs");
    EXPECT_EQ(timeText(12.3e6), "12.3 s");
    EXPECT_EQ(timeText(std::nullopt), "–");
}

TEST(FigureText, APartIsNotShownAsTheWhole) {
    EXPECT_EQ(macsText(416'520), "417 kMAC");
    EXPECT_EQ(macsText(0), "0 MAC");
    EXPECT_EQ(macsText(136'000, 14), "≥ 136 kMAC, 14 layers unknown");
    EXPECT_EQ(macsText(136'000, 1), "≥ 136 kMAC, 1 layer unknown");
    EXPECT_EQ(macsText(0, 3), "unknown");
    EXPECT_EQ(shortCount(61706), "61.7 k");
    EXPECT_EQ(shortCount(950), "950");
}

TEST(FigureText, Percent) {
    EXPECT_EQ(percent(0.90325), "90.33 %");
    EXPECT_EQ(percent(1.0), "100.00 %");
    EXPECT_EQ(percent(std::nullopt), "–");
    EXPECT_EQ(orDash(std::nullopt), "–");
    EXPECT_EQ(orDash(2.0), "2.00");
}

} // namespace lathe::report
