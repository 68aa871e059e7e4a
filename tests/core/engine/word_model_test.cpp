// A model with two inputs, from the file through the comparison to each export: what language models need.
#include <algorithm>

#include <gtest/gtest.h>

#include <core/base/files.h>
#include <core/data/npz.h>
#include <core/engine/comparison.h>
#include <core/engine/export_model.h>
#include <core/engine/measure_models.h>
#include <core/engine/open_model.h>
#include <tests/core/engine/sample_model.h>
#include <tests/support/graphs.h>

namespace lathe::engine {
namespace {

using tensor::Tensor;

class WordModel : public testing::Test {
protected:
    void SetUp() override {
        ASSERT_TRUE(formats::writeTorchScript(support::wordModel(), m_model));
        std::vector<std::int64_t> words(30 * 5);
        std::vector<float> mask(words.size());
        for (std::size_t at = 0; at < words.size(); ++at) {
            words[at] = static_cast<std::int64_t>(at * 7 % 20);
            mask[at] = at % 5 < 3 ? 1.0F : 0.0F;
        }
        // In the file "mask" comes first.
        ASSERT_TRUE(
            data::writeNpz(m_data, {{"mask", Tensor::of<float>({30, 5}, mask)}, {"words", Tensor::of<std::int64_t>({30, 5}, words)}}));
    }
    formats::OpenedModel opened() const { return formats::openModel(m_model).value(); }

    base::TemporaryFolder m_folder;
    std::filesystem::path m_model = m_folder.path() / "words.pt", m_data = m_folder.path() / "words.npz";
    recipe::Recipe m_recipe =
        support::recipeOf(R"({"lathe": 1, "steps": [{"op": "quantize.dynamic", "activations": {"granularity": "token"}}]})");
};

TEST_F(WordModel, ItsShapesAreFoundWithTheData) {
    const auto read = openModel({.file = m_model, .data = m_data.string()}, {});
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_FALSE(read->shapesProblem) << read->shapesProblem->message;
    const graph::Graph& graph = read->model.graph;
    EXPECT_EQ(graph.value(graph.main.inputs[0]).shape, (std::vector<graph::Dim>{{1, "batch"}, {5, ""}}));
    EXPECT_EQ(graph::staticShape(graph.value(graph.main.outputs[0].value())), (tensor::Shape{1, 3}));
}

TEST_F(WordModel, IsComparedWithItsQuantizedForm) {
    ComparisonRequest request;
    request.recipe = m_recipe;
    request.modelFile = m_model;
    request.data = m_data.string();
    const auto document = runComparison(request, opened(), {});
    ASSERT_TRUE(document) << document.error().text();
    EXPECT_EQ(document->optimized.quality.samples, 30);
    EXPECT_GE(document->comparison.agreement.value(), 0.9);
    // Without labels the outputs stand for the quality.
    EXPECT_FALSE(document->optimized.quality.accuracy);
    EXPECT_GT(document->optimized.quality.sqnrDb.value(), 20);
    EXPECT_GT(document->optimized.quality.cosine.value(), 0.99);
    EXPECT_GT(document->optimized.quality.maxAbsError.value(), 0);
    EXPECT_EQ(document->environment.at("task"), "outputs");
    EXPECT_EQ(document->optimized.kind, measure::Truth::Real);
}

TEST_F(WordModel, WorksWithRandomInput) {
    const std::string random = "random:words.1=5,mask=5,samples=16";
    const auto read = openModel({.file = m_model, .data = random}, {});
    ASSERT_TRUE(read) << read.error().text();
    ASSERT_FALSE(read->shapesProblem) << read->shapesProblem->message;
    EXPECT_EQ(graph::staticShape(read->model.graph.value(read->model.graph.main.outputs[0].value())), (tensor::Shape{1, 3}));
    const auto missing = openModel({.file = m_model, .data = "random"}, {});
    ASSERT_TRUE(missing);
    EXPECT_NE(missing->shapesProblem.value().message.text().find("random:mask="), std::string::npos);

    ComparisonRequest request;
    request.recipe = support::recipeOf(R"({"lathe": 1, "steps": [{"op": "quantize.static"}]})");
    request.modelFile = m_model;
    request.data = random;
    const auto document = runComparison(request, read->model, {});
    ASSERT_TRUE(document) << document.error().text();
    EXPECT_EQ(document->dataName, "random");
    EXPECT_EQ(document->optimized.quality.samples, 16);
    EXPECT_FALSE(document->optimized.quality.accuracy);
    EXPECT_GT(document->optimized.quality.sqnrDb.value(), 10);
    EXPECT_GT(document->optimized.latency.p50, 0);
    EXPECT_FALSE(document->optimized.layers.empty());
    ASSERT_EQ(document->steps.size(), 1U);
    EXPECT_EQ(std::ranges::count(document->steps[0].notes, std::string("quantize.randomRanges"), &base::Message::code), 1);

    ModelExportRequest wanted;
    wanted.file = m_folder.path() / "out.pt";
    wanted.modelFile = m_model;
    wanted.data = random;
    const auto reply = exportModel(wanted, read->model, {});
    ASSERT_TRUE(reply) << reply.error().text();
    ASSERT_EQ(reply->checks.size(), 1U);
    EXPECT_EQ(reply->checks[0].verdict, history::ExportVerdict::Same);
}

TEST_F(WordModel, ExportsAreCheckedWithBothInputs) {
    for (const auto& [to, name] : {std::pair("torchscript", "int8.pt"), std::pair("pt2", "int8.pt2"), std::pair("onnx", "int8.onnx")}) {
        ModelExportRequest request;
        request.file = m_folder.path() / name;
        request.to = to;
        request.recipe = m_recipe;
        request.data = m_data.string();
        const auto reply = exportModel(request, opened(), {});
        ASSERT_TRUE(reply) << name << ": " << reply.error().text();
        ASSERT_EQ(reply->checks.size(), 1U) << name;
        EXPECT_EQ(reply->checks[0].verdict, history::ExportVerdict::Same) << name;
        EXPECT_LT(reply->checks[0].maxRelError.value(), 0.01) << name << ": a number may be rounded to the next step";
    }
}

TEST_F(WordModel, IsMeasuredOnTheData) {
    MeasureRequest request;
    request.files = {m_model, m_model};
    request.data = m_data.string();
    request.batches = {2};
    const auto measurement = measureModels(request, {});
    ASSERT_TRUE(measurement) << measurement.error().text();
    EXPECT_EQ(measurement->comparisons.size(), 1U);
}

} // namespace
} // namespace lathe::engine
