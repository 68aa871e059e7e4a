#include <core/engine/run_context.h>

#include <filesystem>
#include <functional>
#include <map>

#include <gtest/gtest.h>

#include <core/base/files.h>
#include <core/data/in_memory_dataset.h>
#include <core/graph/state.h>
#include <tests/core/engine/sample_model.h>

namespace lathe::engine {
namespace {

using Data = steps::StepContext::Data;

RunSettings sampleSettings() { return {data::openDataset(support::smallData).value(), {}, 3, {}, {}}; }

TEST(RunContext, SaysWhatThereIs) {
    EXPECT_EQ(RunContext({}, {}).data(), Data::None);
    const RunContext real(sampleSettings(), {});
    EXPECT_EQ(real.data(), Data::Real);
    EXPECT_EQ(real.seed(), 3);
    EXPECT_FALSE(real.isPreview());
    data::DatasetContent content;
    content.name = "random";
    content.test.samples = tensor::Tensor::zeros(tensor::DType::Float32, {2, 4});
    content.isRandom = true;
    EXPECT_EQ(RunContext({data::InMemoryDataset::create(std::move(content)).value(), {}, 0, {}, {}}, {}).data(), Data::Random);
}

TEST(RunContext, ShowsTheValuesThatAreAskedForOverAllSamples) {
    const graph::Graph graph = support::sampleModel().graph;
    const graph::ValueId input = graph.main.inputs.front(), output = graph.main.outputs.front().value();
    RunContext context(sampleSettings(), {});
    std::map<graph::ValueId, std::int64_t> elements;
    std::vector<graph::ValueId> order;
    const auto seen = context.observe(graph, {output, input}, 70, [&](graph::ValueId id, const tensor::Tensor& values) {
        EXPECT_EQ(values.dtype(), tensor::DType::Float32);
        elements[id] += values.elementCount();
        order.push_back(id);
    });
    ASSERT_TRUE(seen) << seen.error().text();
    EXPECT_EQ(elements, (std::map<graph::ValueId, std::int64_t>{{input, 70 * 32 * 32}, {output, 70 * 10}}));
    EXPECT_EQ(order, (std::vector<graph::ValueId>{input, output, input, output})); // 64 samples, then 6
}

TEST(RunContext, StateGoesOnFromSampleToSample) {
    // total += x, and the total is the output.
    graph::Graph graph;
    const graph::ValueId x = graph.addInput("x");
    const graph::ValueId total = graph.addWeight("total", tensor::Tensor::of<float>({1, 1}, {100}), false);
    const graph::ValueId next = graph.addNode("aten::add.Tensor", "sum", {total, x, graph::Literal(std::int64_t{1})}).results[0];
    graph.addNode(std::string(graph::keepState), "keep", {total, next}, 0);
    graph.main.outputs = {next};
    data::DatasetContent content;
    content.name = "frames";
    content.test.samples = tensor::Tensor::of<float>({4, 1}, {1, 2, 3, 4});
    RunContext context({data::InMemoryDataset::create(std::move(content)).value(), {}, 0, {}, {}}, {});
    std::vector<float> seen;
    const auto done = context.observe(graph, {next}, 3, [&](graph::ValueId, const tensor::Tensor& values) {
        seen.insert(seen.end(), values.values<float>().begin(), values.values<float>().end());
    });
    ASSERT_TRUE(done) << done.error().text();
    EXPECT_EQ(seen, (std::vector<float>{101, 103, 106}));
}

TEST(RunContext, TellsTheGradientsOfEachBatch) {
    const graph::Graph graph = support::sampleModel().graph;
    RunContext context(sampleSettings(), {});
    std::vector<std::vector<tensor::Shape>> batches;
    const auto told = context.gradients(graph, {*graph.findValue("conv1.weight"), *graph.findValue("fc3.bias")}, 6, 4,
                                        [&](const std::vector<tensor::Tensor>& gradients) {
                                            batches.push_back({gradients.at(0).shape(), gradients.at(1).shape()});
                                        });
    ASSERT_TRUE(told) << told.error().text();
    EXPECT_EQ(batches, (std::vector<std::vector<tensor::Shape>>(2, {{6, 1, 5, 5}, {10}})));
}

TEST(RunContext, StopsBetweenBatches) {
    std::stop_source stop;
    const graph::Graph graph = support::sampleModel().graph;
    RunContext context(sampleSettings(), {stop.get_token(), {}});
    int batches = 0;
    const auto seen = context.observe(graph, {graph.main.inputs.front()}, 256, [&](graph::ValueId, const tensor::Tensor&) {
        ++batches;
        stop.request_stop();
    });
    ASSERT_FALSE(seen);
    EXPECT_EQ(seen.error().code, base::ErrorCode::Cancelled);
    EXPECT_EQ(batches, 1);
}

TEST(RunContext, WithoutDataThereIsNothingToLookAtOrTrainWith) {
    graph::Graph graph = support::sampleModel().graph;
    RunContext context({}, {});
    EXPECT_EQ(context.observe(graph, {}, 1, [](graph::ValueId, const tensor::Tensor&) {}).error().code, base::ErrorCode::InvalidArgument);
    EXPECT_EQ(context.gradients(graph, {}, 1, 1, [](const std::vector<tensor::Tensor>&) {}).error().code, base::ErrorCode::InvalidArgument);
    EXPECT_EQ(context.train(graph, {}).error().code, base::ErrorCode::InvalidArgument);
}

TEST(RunContext, TheTeacherIsTheOriginalOrAnotherFile) {
    const graph::Graph original = support::sampleModel().graph;
    graph::Graph weak = original; // that says the same of everything
    graph::Value& weight = weak.value(*weak.findValue("fc3.weight"));
    weight.data = tensor::Tensor::zeros(weight.data.dtype(), weight.data.shape());
    const steps::TrainingSettings settings{.epochs = 1, .learningRate = 0.01, .maxSamples = 200, .distillation = {.weight = 1}};

    graph::Graph byOriginal = original, byItself = original, byFile = original;
    ASSERT_TRUE(RunContext(sampleSettings(), {}, {}, &weak).train(byOriginal, settings));
    EXPECT_FALSE(graph::structurallyEqual(byOriginal, original));
    const auto none = RunContext(sampleSettings(), {}).train(byItself, settings);
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, base::ErrorCode::InvalidArgument);

    // Taught by the file of the very model there is nothing to learn.
    steps::TrainingSettings other = settings;
    other.distillation.teacherFile = support::sampleFile().string();
    const auto report = RunContext(sampleSettings(), {}, {}, &weak).train(byFile, other);
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_LT(report->epochLosses.front(), 1e-6);
    other.distillation.teacherFile = "/no/such/model.pt";
    const auto missing = RunContext(sampleSettings(), {}).train(byFile, other);
    ASSERT_FALSE(missing);
    EXPECT_NE(missing.error().text().find("/no/such/model.pt"), std::string::npos) << missing.error().text();
}

/// Trains two epochs and gives up in the second; `inSecond` is called there first.
void interruptedTraining(const RunSettings& settings, graph::Graph graph, const std::function<void()>& inSecond = {}) {
    std::stop_source stop;
    const base::Job job{stop.get_token(), [&](const base::Progress& progress) {
                            const auto epoch = progress.values.find("epoch");
                            if (epoch == progress.values.end() || epoch->second < 2 || stop.stop_requested()) return;
                            if (inSecond) inSecond();
                            stop.request_stop();
                        }};
    RunContext context(settings, job);
    EXPECT_EQ(context.train(graph, {.epochs = 2, .learningRate = 0.01, .maxSamples = 2000}).error().code, base::ErrorCode::Cancelled);
}

std::size_t checkpoints(const std::filesystem::path& folder) {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        count += entry.path().extension() == ".checkpoint" ? 1 : 0;
    return count;
}

TEST(RunContext, TrainingsOfTheSameStructureWithOtherWeightsKeepAStateEach) {
    const base::TemporaryFolder folder;
    RunSettings settings = sampleSettings();
    settings.checkpointFolder = folder.path();
    graph::Graph graph = support::sampleModel().graph;
    interruptedTraining(settings, graph);
    EXPECT_EQ(checkpoints(folder.path()), 1U);
    graph::Value& weight = graph.value(*graph.findValue("fc3.weight"));
    weight.data = tensor::Tensor::zeros(weight.data.dtype(), weight.data.shape());
    interruptedTraining(settings, graph);
    EXPECT_EQ(checkpoints(folder.path()), 2U);
}

TEST(RunContext, ARunBesideTheSameTrainingLeavesItItsState) {
    const base::TemporaryFolder folder;
    RunSettings settings = sampleSettings();
    settings.checkpointFolder = folder.path();
    const graph::Graph graph = support::sampleModel().graph;
    interruptedTraining(settings, graph, [&] {
        graph::Graph same = graph;
        const auto report = RunContext(settings, {}).train(same, {.epochs = 2, .learningRate = 0.01, .maxSamples = 2000});
        ASSERT_TRUE(report) << report.error().text();
        EXPECT_EQ(report->firstEpoch, 0) << "the state is the other's";
    });
    EXPECT_EQ(checkpoints(folder.path()), 1U) << "what is done has not taken away the state of what still runs";
    graph::Graph again = graph;
    const auto continued = RunContext(settings, {}).train(again, {.epochs = 2, .learningRate = 0.01, .maxSamples = 2000});
    ASSERT_TRUE(continued) << continued.error().text();
    EXPECT_EQ(continued->firstEpoch, 1);
    EXPECT_TRUE(std::filesystem::is_empty(folder.path())) << "nothing is left of a training that is done";
}

} // namespace
} // namespace lathe::engine
