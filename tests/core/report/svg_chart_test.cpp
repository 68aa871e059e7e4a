#include <core/report/svg_chart.h>

#include <limits>
#include <regex>

#include <gtest/gtest.h>

namespace lathe::report {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

std::size_t count(const std::string& text, std::string_view what) {
    std::size_t found = 0;
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
        ++found;
    return found;
}

std::vector<double> attributes(const std::string& svg, const std::string& name) {
    std::vector<double> values;
    const std::regex pattern(" " + name + "=\"([^\"]*)\"");
    for (std::sregex_iterator it(svg.begin(), svg.end(), pattern), end; it != end; ++it)
        values.push_back(std::stod((*it)[1]));
    return values;
}

TEST(SvgChart, NothingToShowIsNoChart) {
    EXPECT_EQ(scatterChart({}, "x", "y"), "");
    EXPECT_EQ(scatterChart({{"A", "A", nan, 1}, {"B", "B", 1, infinity}}, "x", "y"), "");
    EXPECT_EQ(distributionChart({{"A", {}}, {"B", {nan}}}, "x"), "");
    EXPECT_EQ(lineChart({}, "x", "y"), "");
    EXPECT_EQ(barChart({}, {}, "x"), "");
    EXPECT_EQ(barChart({"a"}, {{"A", {0.0}}}, "x"), "");
}

TEST(SvgChart, ScatterPutsMoreRightAndHigher) {
    const std::string svg = scatterChart({{"A", "first", 1, 90}, {"B", "second", 2, 91, false}}, "ms", "%");
    const auto xs = attributes(svg, "cx"), ys = attributes(svg, "cy");
    ASSERT_EQ(xs.size(), 2U);
    EXPECT_LT(xs[0], xs[1]);
    EXPECT_GT(ys[0], ys[1]);
    EXPECT_EQ(count(svg, "hollow"), 1U);
}

TEST(SvgChart, OnePointAndEqualValues) {
    for (const double value : {0.0, 5.0, -3.0, 1e14, 1e-12}) {
        const std::string svg = scatterChart({{"A", "A", value, value}}, "x", "y");
        ASSERT_EQ(count(svg, "<circle"), 1U) << value;
        EXPECT_EQ(svg.find("–"), std::string::npos) << "no coordinate that is not a number";
        EXPECT_LT(count(svg, "class=\"grid\""), 20U);
    }
}

TEST(SvgChart, ValuesThatCannotBeDrawnAreLeftOut) {
    const std::string svg = lineChart({{"loss", {1, nan, 1e300, 0.5}}}, "epoch", "loss");
    EXPECT_EQ(count(svg, " L"), 1U) << "two of four points";
}

TEST(SvgChart, DistributionEndsAtTheHigherQuantile) {
    std::vector<double> values(1000, 1.0);
    for (std::size_t i = 0; i < 500; ++i)
        values[i] = 2.0;
    values.back() = 1000;
    const std::string svg = distributionChart({{"A", values}}, "ms");
    EXPECT_EQ(svg.find(">1000<"), std::string::npos) << "one outlier does not set the axis";
    EXPECT_NE(svg.find(">2.0<"), std::string::npos);
}

TEST(SvgChart, BarsAreAsLongAsTheirValues) {
    const std::string svg = barChart({"conv1", "fc1"}, {{"A", {10, 20}}, {"B", {5, nan}}}, "µs");
    const auto widths = attributes(svg, "width");
    ASSERT_EQ(widths.size(), 3U);
    EXPECT_NEAR(widths[0], 2 * widths[1], 0.11); // conv1: A, B
    EXPECT_NEAR(widths[2], 2 * widths[0], 0.21); // fc1: A
}

TEST(SvgChart, NamesAreText) {
    const std::string bad = "<script>\"&";
    for (const std::string& svg : {scatterChart({{bad, bad, 1, 1}}, bad, bad), distributionChart({{bad, {1, 2}}}, bad),
                                   lineChart({{bad, {1, 2}}}, bad, bad), barChart({bad}, {{bad, {1}}}, bad)}) {
        EXPECT_EQ(svg.find("<script"), std::string::npos);
        EXPECT_NE(svg.find("&lt;script&gt;"), std::string::npos);
    }
}

} // namespace

} // namespace lathe::report
