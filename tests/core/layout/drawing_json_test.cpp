#include <core/layout/drawing.h>

#include <functional>

#include <gtest/gtest.h>

#include <tests/core/layout/lenet_graph.h>
#include <tests/support/transformer.h>

namespace lathe::layout {

namespace {

TEST(DrawingJson, ComesBackAsItWas) {
    const Drawing drawn = drawing(test::lenet());
    const auto back = drawingFromJson(toJson(drawn));
    ASSERT_TRUE(back) << back.error().text();
    EXPECT_EQ(*back, drawn);
    EXPECT_EQ(*drawingFromJson(toJson(Drawing{})), Drawing{});
    const Drawing closed = drawing(support::transformer(131), {graph::OpenModules::Kind::Chosen, {"blocks"}});
    EXPECT_EQ(closed.open.size(), 1U);
    EXPECT_EQ(*drawingFromJson(toJson(closed)), closed);
}

/// Each change makes a document that a broken or hostile engine could send, with what the message must name.
TEST(DrawingJson, HostileDocuments) {
    struct Case {
        const char* named;
        std::function<void(base::Json&)> damage;
    };
    const std::vector<Case> cases = {
        {"schema", [](base::Json& json) { json["schema"] = "lathe.graph/2"; }},
        {"not an object", [](base::Json& json) { json = 7; }},
        {"\"nodes\"", [](base::Json& json) { json.erase("nodes"); }},
        {"\"open\"", [](base::Json& json) { json.erase("open"); }},
        {"open[0]", [](base::Json& json) { json["open"] = {7}; }},
        {"nodes[1].nodes_inside", [](base::Json& json) { json["nodes"][1]["nodes_inside"] = -1; }},
        {"not a list", [](base::Json& json) { json["edges"] = "none"; }},
        {"nodes[1].label", [](base::Json& json) { json["nodes"][1]["label"] = nullptr; }},
        {"nodes[1].macs", [](base::Json& json) { json["nodes"][1]["macs"] = -1; }},
        {"nodes[2].parameters", [](base::Json& json) { json["nodes"][2]["parameters"] = 1.5; }},
        {"nodes[1].layer", [](base::Json& json) { json["nodes"][1]["layer"] = 1; }},
        {"twice", [](base::Json& json) { json["nodes"][1]["id"] = json["nodes"][2]["id"]; }},
        {"not there", [](base::Json& json) { json["edges"][0]["to"] = "nowhere"; }},
        {"bytes", [](base::Json& json) { json["nodes"][0]["label"] = std::string(1 << 20, 'x'); }},
    };
    for (const Case& each : cases) {
        base::Json json = toJson(drawing(test::lenet()));
        each.damage(json);
        const auto result = drawingFromJson(json);
        ASSERT_FALSE(result) << each.named;
        EXPECT_EQ(result.error().code, base::ErrorCode::Rejected);
        EXPECT_NE(result.error().message.text().find(each.named), std::string::npos) << result.error().message;
    }
}

} // namespace

} // namespace lathe::layout
