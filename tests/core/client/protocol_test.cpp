#include <core/client/protocol.h>
#include <core/steps/step_table.h>

#include <functional>
#include <limits>

#include <gtest/gtest.h>

namespace lathe::client {

namespace {

using base::Json;

HelloReply hello() {
    HelloReply reply{
        "0.1.0", "2.11.0", "AMD EPYC", "AVX2", 2, "medium", {{"cuda:0", "H100", "9.0", 1 << 30}}, {{"fashion-mnist", "clothing", true}},
        {}};
    reply.steps = steps::stepSpecs();
    return reply;
}

LayerInfo layer() {
    measure::LayerFigures figures;
    figures.parameters = 156;
    figures.macs = 117600;
    figures.bits = 8;
    figures.sparsity = 0.5;
    figures.loss = 0.25;
    figures.sqnrDb = 41.5;
    return {figures, "conv1", "aten::conv2d", {6, 1, 5, 5}, true, 0};
}

OpenReply open() {
    OpenReply reply;
    reply.model = 4;
    reply.file = "/m/lenet5.pt";
    reply.name = "lenet5";
    reply.sha256 = std::string(64, 'a');
    reply.format = "torchscript";
    reply.fileBytes = 251'118;
    reply.parameters = 61'706;
    reply.macs = 416'520;
    reply.inputShapes = {{-1, 1, 32, 32}};
    reply.report = {"torchscript", {"x: float32[1,1,32,32]"},          {"y"}, 61'706, 416'520, 12, {{"aten::relu", 4, true}},
                    false,         {{"aten::x", "s", "f.py:1", "why"}}};
    reply.report.notes = {"The size s0 is at least 2."};
    reply.report.state = {"hidden: float32[2,1,64]"};
    reply.drawing.nodes.resize(1);
    reply.drawing.nodes[0].id = "conv1";
    reply.layers = {layer()};
    reply.groups = {{"conv1", "conv2"}};
    return reply;
}

PreviewReply preview() {
    return {{{2, "prune.structured", 10, 20, 40, 1.5, {"note"}}, {3, "quantize.static", 1, 2, 3, std::nullopt, {}}},
            {layer()},
            {{"conv1", "conv2"}},
            "why not"};
}

WeightsReply weights() {
    return {"conv1",
            {6, 1},
            6,
            -1,
            1,
            0.25,
            0.5,
            2,
            {-1, 1, {1, 2, 3}},
            QuantizedWeights{4, -8, 7, 0.5, 20.0},
            {{-1, 1}, {0, 0.5}},
            CodebookInfo{4, 2, {-0.5, 0, 0.25}},
            SpectrumInfo{3, 2, {4, 1, 100, 400}, {{1, 0.5, 20, 80}, {2, 0.75, 40, std::nullopt}}}};
}

SamplesReply samples() { return {"digits", "float32", {1, 1, 2}, {"zero", "one"}, 10, 2, {{1, -0.5, 0.5, {1, 1, 2}, {0, 255}}}}; }

ExportReply exported() {
    using history::ExportVerdict;
    ExportReply reply{"o.pt", 1000, 7500, "5f00", {}, {"slow", "slower"}};
    reply.checks = {{"libtorch", "2.11.0", ExportVerdict::Same, 1e-6, 1e-7, 0.999, 3.25, ""},
                    {"torch", "2.11.0", ExportVerdict::Different, std::nullopt, std::nullopt, std::nullopt, 4.5, "other shape"},
                    {"onnxruntime", "", ExportVerdict::NotJudged, std::nullopt, std::nullopt, std::nullopt, std::nullopt, "no module"}};
    return reply;
}

template<class Reply>
void expectRoundTrip(const Reply& reply, base::Result<Reply> (*read)(const Json&)) {
    const Json json = toJson(reply);
    const auto text = base::parseJson(json.dump()); // as it comes out of the pipe
    ASSERT_TRUE(text);
    const auto back = read(*text);
    ASSERT_TRUE(back) << back.error().text();
    EXPECT_EQ(toJson(*back), json);
}

TEST(Protocol, RepliesComeBackAsTheyWere) {
    expectRoundTrip(hello(), helloReplyFromJson);
    expectRoundTrip(open(), openReplyFromJson);
    expectRoundTrip(preview(), previewReplyFromJson);
    expectRoundTrip(PreviewReply{}, previewReplyFromJson);
    expectRoundTrip(DrawingReply{open().drawing}, drawingReplyFromJson);
    expectRoundTrip(FindReply{{"conv1", "layer1.0.conv1"}, 1200}, findReplyFromJson);
    expectRoundTrip(weights(), weightsReplyFromJson);
    expectRoundTrip(samples(), samplesReplyFromJson);
    expectRoundTrip(exported(), exportReplyFromJson);
    EXPECT_EQ(*weightsReplyFromJson(toJson(weights())), weights());
    EXPECT_EQ(*exportReplyFromJson(toJson(exported())), exported());
    EXPECT_EQ(*exportReplyFromJson(toJson(ExportReply{})), ExportReply{});
    EXPECT_EQ(openReplyFromJson(toJson(open()))->layers[0], layer());
    EXPECT_EQ(openReplyFromJson(toJson(open()))->report, open().report);
}

TEST(Protocol, APartOfTheMacsIsNotTheWhole) {
    OpenReply reply = open();
    reply.macs = 136'000;
    reply.macsUnknownLayers = 14;
    reply.weightBytes = 1000;
    reply.layers[0].macs.reset();
    reply.layers[0].lossParts = {0.2, 0.05, 0.01, 0.02};
    reply.layers[0].notes = {{2, {"prune.skipped", {{"layer", "conv1"}}}}, {3, "Something else."}};
    const Json json = toJson(reply);
    EXPECT_TRUE(json["macs"].is_null());
    EXPECT_EQ(json["macs_at_least"], 136'000);
    EXPECT_EQ(json["macs_unknown_layers"], 14);
    EXPECT_TRUE(json["layers"][0]["macs"].is_null());
    const auto back = openReplyFromJson(json);
    ASSERT_TRUE(back) << back.error().text();
    EXPECT_EQ(back->macs, 136'000);
    EXPECT_EQ(back->macsUnknownLayers, 14);
    EXPECT_EQ(back->weightBytes, 1000);
    EXPECT_EQ(back->layers, reply.layers);
    EXPECT_EQ(back->layers[0].notes[0].message.code(), "prune.skipped");
    EXPECT_EQ(back->layers[0].notes[1].message.code(), "");
}

TEST(Protocol, AStageTellsItsPartsAndWhatItDidNotDo) {
    StageInfo stage{2, "prune.structured", 10, 20, 40, 1.5, {"note"}};
    stage.lossParts = {1.0, 0.5, 0.25, 0.125};
    stage.changed = false;
    stage.warnings = {{"prune.noChannel", {}}};
    const base::Message why("recipe.noLayer", {{"layer", "fc9"}});
    const auto back = previewReplyFromJson(toJson(PreviewReply{{stage}, {}, {}, why}));
    ASSERT_TRUE(back) << back.error().text();
    EXPECT_EQ(back->stages, std::vector<StageInfo>{stage});
    EXPECT_EQ(back->stages[0].warnings[0].code(), "prune.noChannel");
    EXPECT_EQ(back->stages[0].notes[0].code(), "");
    ASSERT_TRUE(back->error);
    EXPECT_EQ(back->error->code(), "recipe.noLayer");
}

TEST(Protocol, AnExportTellsItsRatioAndTheLoadTimeOfTheFirstJudge) {
    const Json json = toJson(exported());
    EXPECT_EQ(json["size_ratio"], 7.5);
    EXPECT_EQ(json["load_ms"], 3.25);
    EXPECT_EQ(json["checks"][1]["ok"], false);
    EXPECT_TRUE(json["checks"][2]["ok"].is_null());
    EXPECT_TRUE(toJson(ExportReply{})["size_ratio"].is_null());
}

TEST(Protocol, ProgressMayNotKnowHowFarItIs) {
    ProgressNote note{5, {"finetune", 2, 6, 0.4, 80.0, {{"loss", 0.31}, {"bad", std::numeric_limits<double>::quiet_NaN()}}}};
    const auto back = progressNoteFromJson(toJson(note));
    ASSERT_TRUE(back) << back.error().text();
    EXPECT_EQ(back->id, 5);
    EXPECT_EQ(back->progress.fraction, 0.4);
    EXPECT_EQ(back->progress.secondsLeft, 80.0);
    EXPECT_EQ(back->progress.values, (std::map<std::string, double>{{"loss", 0.31}}));
    note.progress.fraction = -1;
    note.progress.secondsLeft.reset();
    const Json json = toJson(note);
    EXPECT_TRUE(json["fraction"].is_null());
    EXPECT_LT(progressNoteFromJson(json)->progress.fraction, 0);
    EXPECT_FALSE(progressNoteFromJson(json)->progress.secondsLeft);
}

TEST(Protocol, WeightsWithNaN) {
    WeightsReply reply = weights();
    reply.mean = reply.histogram.from = std::numeric_limits<double>::quiet_NaN();
    EXPECT_TRUE(toJson(reply)["mean"].is_null());
    EXPECT_EQ(weightsReplyFromJson(toJson(reply))->mean, 0);
}

/// What a broken or hostile engine could answer, and what the message must name.
template<class Reply>
void expectRejected(const Reply& good, base::Result<Reply> (*read)(const Json&), const char* named,
                    const std::function<void(Json&)>& damage) {
    Json json = toJson(good);
    damage(json);
    const auto result = read(json);
    ASSERT_FALSE(result) << named;
    EXPECT_EQ(result.error().code, base::ErrorCode::Rejected);
    EXPECT_NE(result.error().message.text().find(named), std::string::npos) << result.error().message;
}

TEST(Protocol, HostileReplies) {
    expectRejected(hello(), helloReplyFromJson, "threads", [](Json& json) { json["threads"] = 0; });
    expectRejected(hello(), helloReplyFromJson, "steps[0].op", [](Json& json) { json["steps"][0]["op"] = 3; });
    expectRejected(hello(), helloReplyFromJson, "devices", [](Json& json) { json["devices"] = std::vector<int>(2000); });
    expectRejected(hello(), helloReplyFromJson, "kind", [](Json& json) { json["steps"][5]["parameters"][0]["kind"] = "magic"; });
    expectRejected(hello(), helloReplyFromJson, "default",
                   [](Json& json) { json["steps"][5]["parameters"][0]["default"] = Json::array(); });
    expectRejected(open(), openReplyFromJson, "model", [](Json& json) { json["model"] = -1; });
    expectRejected(open(), openReplyFromJson, "sha256", [](Json& json) { json["sha256"] = std::string(65, 'a'); });
    expectRejected(open(), openReplyFromJson, "input_shapes[0]", [](Json& json) { json["input_shapes"][0] = std::vector<int>(65, 1); });
    expectRejected(open(), openReplyFromJson, "input_shapes[0][1]", [](Json& json) { json["input_shapes"][0][1] = -2; });
    expectRejected(open(), openReplyFromJson, "nodes[0].label", [](Json& json) { json["drawing"]["nodes"][0]["label"] = 1; });
    expectRejected(open(), openReplyFromJson, "import report", [](Json& json) { json["report"] = nullptr; });
    expectRejected(open(), openReplyFromJson, "layers[0].sparsity", [](Json& json) { json["layers"][0]["sparsity"] = 1.01; });
    expectRejected(open(), openReplyFromJson, "layers[0].loss",
                   [](Json& json) { json["layers"][0]["loss"] = std::numeric_limits<double>::infinity(); });
    expectRejected(open(), openReplyFromJson, "layers[0].group", [](Json& json) { json["layers"][0]["group"] = -2; });
    expectRejected(preview(), previewReplyFromJson, "has no group 1", [](Json& json) { json["layers"][0]["group"] = 1; });
    expectRejected(preview(), previewReplyFromJson, "error", [](Json& json) { json["error"] = false; });
    expectRejected(preview(), previewReplyFromJson, "stages[1].weight_bytes", [](Json& json) {
        json["stages"][1].erase("weight_bytes");
        json["stages"][1]["weight_bytes"] = -4;
    });
    expectRejected(preview(), previewReplyFromJson, "lacks \"macs\"", [](Json& json) { json["stages"][1].erase("macs"); });
    expectRejected(weights(), weightsReplyFromJson, "histogram", [](Json& json) { json["histogram"]["to"] = -2; });
    expectRejected(weights(), weightsReplyFromJson, "counts", [](Json& json) { json["histogram"]["counts"] = std::vector<int>(5000); });
    expectRejected(samples(), samplesReplyFromJson, "levels", [](Json& json) { json["samples"][0]["levels"] = {1}; });
    expectRejected(samples(), samplesReplyFromJson, "levels", [](Json& json) { json["samples"][0]["levels"] = {1, 256}; });
    expectRejected(weights(), weightsReplyFromJson, "quantized.bits", [](Json& json) { json["quantized"]["bits"] = 0; });
    expectRejected(exported(), exportReplyFromJson, "checks[0].ok", [](Json& json) { json["checks"][0]["ok"] = "yes"; });
    expectRejected(ProgressNote{1, {"p", 0, 0, 0.5, {}, {}}}, progressNoteFromJson, "fraction", [](Json& json) { json["fraction"] = 1.5; });
}

} // namespace

} // namespace lathe::client
