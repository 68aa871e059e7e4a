#include <core/layout/drawing.h>

#include <algorithm>

#include <gtest/gtest.h>

#include <core/layout/xml_text.h>
#include <tests/core/layout/lenet_graph.h>

namespace lathe::layout {

namespace {

Placement gridPlacement(const Drawing& drawing) {
    Placement placement;
    placement.width = 300;
    placement.height = 100.0 * static_cast<double>(drawing.nodes.size());
    for (std::size_t i = 0; i < drawing.nodes.size(); ++i) {
        placement.nodes.push_back({drawing.nodes[i].id, 150, 50 + 100.0 * static_cast<double>(i), 200, 40});
    }
    for (const DrawEdge& edge : drawing.edges) {
        placement.edges.push_back({edge.from, edge.to, {{0, 0}, {0, 10}, {0, 20}, {0, 30.25}}});
    }
    return placement;
}

std::size_t count(const std::string& text, std::string_view what) {
    std::size_t found = 0;
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
        ++found;
    return found;
}

TEST(Svg, OneBoxPerNodeAndOnePathPerEdge) {
    const Drawing drawn = drawing(test::lenet());
    const std::string svg = toSvg(drawn, gridPlacement(drawn));
    EXPECT_EQ(count(svg, "<rect class=\"node"), drawn.nodes.size());
    EXPECT_EQ(count(svg, "<rect class=\"node layer\""), 2U);
    EXPECT_EQ(count(svg, "<path class=\"edge\""), drawn.edges.size());
    EXPECT_NE(svg.find(">conv2d + relu · 5x5"), std::string::npos);
    EXPECT_NE(svg.find("prefers-color-scheme: dark"), std::string::npos);
    EXPECT_TRUE(svg.ends_with("</svg>\n"));
}

TEST(Svg, NamesAreText) {
    Drawing drawn = drawing(test::lenet());
    drawn.name = "</title><script>alert(1)</script>";
    drawn.nodes[1].label = "<b>\"'&";
    drawn.nodes[1].source = "]]><!--";
    const std::string svg = toSvg(drawn, gridPlacement(drawn));
    EXPECT_EQ(svg.find("<script"), std::string::npos);
    EXPECT_EQ(svg.find("<b>"), std::string::npos);
    EXPECT_EQ(svg.find("<!--"), std::string::npos);
    EXPECT_NE(svg.find("&lt;b&gt;&quot;&#39;&amp;"), std::string::npos);
}

TEST(Svg, LongTextsAreShortenedToTheirBox) {
    Drawing drawn = drawing(test::lenet());
    drawn.nodes[1].label = std::string(500, 'w');
    const std::string svg = toSvg(drawn, gridPlacement(drawn));
    EXPECT_EQ(svg.find(std::string(40, 'w') + "<"), std::string::npos);
    EXPECT_NE(svg.find("ww…"), std::string::npos);
}

TEST(Svg, EmptyDrawing) {
    const std::string svg = toSvg({}, {});
    EXPECT_EQ(count(svg, "<path"), 0U);
    EXPECT_TRUE(svg.ends_with("</svg>\n"));
}

TEST(Svg, SizesFitTheLongestLine) {
    Drawing drawn = drawing(test::lenet());
    const auto before = estimatedSizes(drawn);
    drawn.nodes[2].detail = std::string(40, 'w');
    const auto after = estimatedSizes(drawn);
    ASSERT_EQ(before.size(), drawn.nodes.size());
    EXPECT_GT(after[2].width, before[2].width);
    EXPECT_GT(before[1].height, before[0].height) << "a line more";
}

TEST(LayoutJson, HoldsPlacesAndPoints) {
    const Drawing drawn = drawing(test::lenet());
    const base::Json json = toJson(drawn, gridPlacement(drawn));
    EXPECT_EQ(json["schema"], "lathe.layout/1");
    ASSERT_EQ(json["nodes"].size(), drawn.nodes.size());
    EXPECT_EQ(json["nodes"][1]["name"], "conv1");
    EXPECT_EQ(json["nodes"][1]["y"], 150.0);
    EXPECT_EQ(json["nodes"][1]["group"], "");
    EXPECT_EQ(json["edges"][0]["points"], base::Json::parse("[[0.0,0.0],[0.0,10.0],[0.0,20.0],[0.0,30.25]]"));
    EXPECT_TRUE(json["seconds"].is_number());
}

} // namespace

} // namespace lathe::layout
