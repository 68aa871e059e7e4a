#include <core/client/requests.h>

#include <gtest/gtest.h>

namespace lathe::client {

namespace {

const base::Json recipe = {{"lathe", 1}, {"steps", base::Json::array()}};

/// Written, read and written again: the same.
template<class Request>
void expectRoundTrip(const Request& request, base::Result<Request> (*read)(const base::Json&)) {
    const base::Json json = toJson(request);
    const auto back = read(json);
    ASSERT_TRUE(back) << back.error().text();
    EXPECT_EQ(toJson(*back), json);
}

using Kind = graph::OpenModules::Kind;

TEST(Requests, ComeBackAsTheyWere) {
    expectRoundTrip(OpenRequest{"a.pt", "fashion-mnist"}, openRequestFromJson);
    expectRoundTrip(OpenRequest{"a.pt", ""}, openRequestFromJson);
    expectRoundTrip(CloseRequest{3}, closeRequestFromJson);
    expectRoundTrip(PreviewRequest{3, recipe}, previewRequestFromJson);
    expectRoundTrip(DrawingRequest{3, recipe, 2}, drawingRequestFromJson);
    for (const graph::OpenModules& open : {graph::OpenModules{Kind::Fitting}, graph::OpenModules{Kind::All},
                                           graph::OpenModules{Kind::Chosen}, graph::OpenModules{Kind::Chosen, {"layer1", "layer1.0"}}}) {
        const auto back = drawingRequestFromJson(toJson(DrawingRequest{3, recipe, 2, open}));
        ASSERT_TRUE(back) << back.error().text();
        EXPECT_EQ(back->open, open);
    }
    expectRoundTrip(FindRequest{3, recipe, -1, "conv 5×5"}, findRequestFromJson);
    expectRoundTrip(WeightsRequest{3, recipe, "conv1", 32}, weightsRequestFromJson);
    expectRoundTrip(SamplesRequest{"d", recipe, 24, 6}, samplesRequestFromJson);
    expectRoundTrip(RunRequest{3, recipe, "d", "cuda:1", 4, -7, "h.sqlite", "n", {"t"}}, runRequestFromJson);
    expectRoundTrip(RunRequest{3, recipe, "d", "cpu", 0, 0, std::nullopt, "", {}}, runRequestFromJson);
    expectRoundTrip(ExportRequest{3, recipe, "d", "cpu", 9, "torchscript", "o.pt", false, "python3", "h.sqlite"}, exportRequestFromJson);
    expectRoundTrip(ExportRequest{3, recipe, "d", "cpu", 9, "onnx", "o.onnx", true, "", std::nullopt}, exportRequestFromJson);
    expectRoundTrip(MeasureRequest{"h.sqlite", "6d0f", "d"}, measureRequestFromJson);
    expectRoundTrip(CancelRequest{12}, cancelRequestFromJson);
}

TEST(Requests, WhatMayBeLeftOut) {
    const auto run = runRequestFromJson({{"model", 1}, {"recipe", recipe}, {"data", "d"}});
    ASSERT_TRUE(run);
    EXPECT_EQ(run->device, "cpu");
    EXPECT_FALSE(run->history);
    const auto written = exportRequestFromJson({{"model", 1}, {"recipe", recipe}, {"to", "torchscript"}, {"file", "o.pt"}});
    ASSERT_TRUE(written);
    EXPECT_TRUE(written->verify);
    EXPECT_EQ(written->python, "");
    EXPECT_FALSE(written->history);
    EXPECT_EQ(drawingRequestFromJson({{"model", 1}, {"recipe", recipe}, {"step", 0}})->open.kind, Kind::Fitting);
    EXPECT_EQ(weightsRequestFromJson({{"model", 1}, {"recipe", recipe}, {"layer", "a"}})->bins, 64);
}

TEST(Requests, WrongParametersAreNamed) {
    const auto expectNamed = [](const auto& result, const char* parameter) {
        ASSERT_FALSE(result) << parameter;
        EXPECT_EQ(result.error().code, base::ErrorCode::InvalidArgument);
        EXPECT_NE(result.error().message.text().find(parameter), std::string::npos) << result.error().message;
    };
    expectNamed(openRequestFromJson(base::Json::object()), "file");
    expectNamed(openRequestFromJson({{"file", 5}}), "file");
    expectNamed(closeRequestFromJson({{"model", -1}}), "model");
    expectNamed(measureRequestFromJson({{"history", "h.sqlite"}}), "run");
    expectNamed(previewRequestFromJson({{"model", 1}, {"recipe", "{}"}}), "recipe");
    expectNamed(drawingRequestFromJson({{"model", 1}, {"recipe", recipe}, {"step", -2}}), "step");
    expectNamed(drawingRequestFromJson({{"model", 1}, {"recipe", recipe}, {"step", 0}, {"open", "some"}}), "open");
    expectNamed(drawingRequestFromJson({{"model", 1}, {"recipe", recipe}, {"step", 0}, {"open", {"a", 7}}}), "open[1]");
    expectNamed(findRequestFromJson({{"model", 1}, {"recipe", recipe}, {"step", 0}}), "text");
    expectNamed(weightsRequestFromJson({{"model", 1}, {"recipe", recipe}, {"layer", "a"}, {"bins", 0}}), "bins");
    expectNamed(runRequestFromJson({{"model", 1}, {"recipe", recipe}, {"data", "d"}, {"tags", {1}}}), "tags[0]");
    expectNamed(exportRequestFromJson({{"model", 1}, {"recipe", recipe}, {"to", "exe"}, {"file", "f"}}), "\"to\"");
    expectNamed(cancelRequestFromJson(base::Json::array()), "object");
}

} // namespace

} // namespace lathe::client
