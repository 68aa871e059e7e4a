#include <core/engine/run_context.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>

#include <gtest/gtest.h>

#include <core/base/files.h>
#include <core/data/in_memory_dataset.h>
#include <core/engine/fitted_model.h>
#include <core/graph/operators/call.h>
#include <core/graph/state.h>
#include <core/steps/apply_step.h>
#include <core/steps/input_moments.h>
#include <core/transform/sparsify/sparsity_pattern.h>
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

TEST(RunContext, TimesGraphsInTheirOrder) {
    const auto layerOf = [](std::int64_t width) {
        graph::Graph graph;
        const auto x = graph.addInput("x");
        graph.value(x).shape = graph::dims({8, width});
        graph.value(x).dtype = tensor::DType::Float32;
        const auto weight = graph.addWeight("weight", tensor::Tensor::zeros(tensor::DType::Float32, {width, width}));
        graph.main.outputs.emplace_back(graph.addNode("aten::linear", "fc", {x, weight, graph::Operand()}).results.front());
        return graph;
    };
    RunContext context({}, {});
    const auto times = context.times({layerOf(2048), layerOf(8)});
    ASSERT_TRUE(times) << times.error().text();
    ASSERT_EQ(times->size(), 2U);
    EXPECT_GT((*times)[0], (*times)[1]); // 60 000 times the work
    EXPECT_GT((*times)[1], 0);
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

/// What the papers promise, on a model that was trained: in one shot, the outputs of each layer suffer least by SparseGPT, and in groups of
/// the same weights less by Wanda than by magnitude. (Alone, Wanda compares within an output, which is no gain without outliers.)
TEST(RunContext, PruningThatLooksAtInputsKeepsTheOutputsOfATrainedModel) {
    const graph::Graph original = support::sampleModel().graph;
    RunContext context(sampleSettings(), {}, {}, &original);
    std::vector<steps::WeightReaders> readers;
    for (const char* layer : {"conv2", "fc1", "fc2"}) {
        const graph::Node& node = *original.findNode(layer);
        const graph::ValueId weight = *original.findValue(std::string(layer) + ".weight");
        readers.push_back({weight, *steps::layerInput(original, node, weight), {*graph::Call(node).value("input")}});
    }
    const auto moments = steps::observeInputs(original, readers, 256, context);
    ASSERT_TRUE(moments) << moments.error().text();
    for (const char* pattern : {"", "2:4"}) {
        std::map<std::string, std::vector<double>> errors;
        for (const char* by : {"l1", "wanda", "sparsegpt"}) {
            const base::Json settings{{"criterion", by}, {"pattern", pattern}, {"scope", "layer"}, {"ratio", 0.7}};
            const auto pruned = steps::applyStep(original, {"prune.unstructured", true, settings, {}}, context);
            ASSERT_TRUE(pruned) << pruned.error().text();
            for (const steps::WeightReaders& reader : readers) {
                const auto matrix = [&](const graph::Graph& graph) {
                    return reader.input.rows.fromStored(graph.value(*graph.findValue(original.value(reader.weight).name)).data.toFloats());
                };
                errors[by].push_back(*moments->at(reader.weight)->outputError(matrix(original), matrix(pruned->graph)));
            }
        }
        for (std::size_t layer = 0; layer < readers.size(); ++layer) {
            SCOPED_TRACE(std::string(pattern) + " " + std::to_string(layer));
            EXPECT_LT(errors["sparsegpt"][layer], errors["wanda"][layer]);
            EXPECT_LT(errors["sparsegpt"][layer], errors["l1"][layer]);
            if (*pattern != '\0') {
                EXPECT_LT(errors["wanda"][layer], errors["l1"][layer]);
            }
        }
    }
}

/// Hu et al. 2016 (arXiv:1607.03250): neurons that are mostly zero can go, and more of the answers stay than without others. The means that
/// have shifted are part of what is lost, and recover.bias brings them back.
TEST(RunContext, NeuronsThatAreMostlyZeroMatterLeastAndBiasesBringMeansBack) {
    const graph::Graph original = fitToData(support::sampleModel().graph, support::smallData, {}).value().graph;
    RunContext context(sampleSettings(), {}, {}, &original);
    const auto outputsOf = [&](const graph::Graph& graph) {
        std::vector<float> outputs;
        EXPECT_TRUE(context.observe(graph, {graph.main.outputs.front().value()}, 1024, [&](graph::ValueId, const tensor::Tensor& values) {
            outputs.insert(outputs.end(), values.values<float>().begin(), values.values<float>().end());
        }));
        return outputs;
    };
    const std::vector<float> wanted = outputsOf(original);
    constexpr std::size_t samples = 1024, classes = 10;
    ASSERT_EQ(wanted.size(), samples * classes);
    const auto answer = [](const std::vector<float>& outputs, std::size_t sample) {
        const auto first = outputs.begin() + static_cast<std::ptrdiff_t>(sample * classes);
        return std::max_element(first, first + classes) - first;
    };
    const auto sameAnswers = [&](const graph::Graph& graph) {
        const std::vector<float> outputs = outputsOf(graph);
        std::size_t same = 0;
        for (std::size_t sample = 0; sample < samples; ++sample)
            same += answer(outputs, sample) == answer(wanted, sample) ? 1 : 0;
        return same;
    };
    const auto after = [&](const graph::Graph& graph, const steps::Step& step) {
        const auto done = steps::applyStep(graph, step, context);
        EXPECT_TRUE(done) << done.error().text();
        return done->graph;
    };
    for (const double ratio : {0.25, 0.5}) {
        std::map<std::string, std::pair<std::size_t, std::size_t>> same; // pruned, and with biases moved
        for (const char* by : {"apoz", "random"}) {
            const graph::Graph pruned = after(original, {"prune.structured", true, {{"criterion", by}, {"ratio", ratio}}, {}});
            same[by] = {sameAnswers(pruned), sameAnswers(after(pruned, {"recover.bias", true, base::Json::object(), {}}))};
        }
        SCOPED_TRACE(testing::Message() << ratio << ": " << same["apoz"].first << " to " << same["apoz"].second << ", random "
                                        << same["random"].first << " to " << same["random"].second);
        EXPECT_GT(same["apoz"].first, same["random"].first);
        EXPECT_GT(same["apoz"].second, same["apoz"].first);
    }
}

/// Two of four input channels, before and after training with everything that moves weights.
TEST(RunContext, PatternsOfZerosSurviveTraining) {
    const graph::Graph original = support::sampleModel().graph;
    RunContext context(sampleSettings(), {}, {}, &original);
    const auto pruned = steps::applyStep(
        original, {"prune.unstructured", true, {{"pattern", "2:4"}, {"criterion", "sparsegpt"}, {"samples", 64}}, {}}, context);
    ASSERT_TRUE(pruned) << pruned.error().text();
    for (const char* optimizer : {"sgd", "adamw", "lamb"}) {
        const base::Json settings{{"epochs", 1},         {"max_samples", 320}, {"optimizer", optimizer},       {"weight_decay", 0.01},
                                  {"momentum", 0.9},     {"ema", 0.5},         {"distill", {{"weight", 0.5}}}, {"accumulate", 2},
                                  {"learning_rate", .01}};
        const auto trained = steps::applyStep(pruned->graph, {"finetune", true, settings, {}}, context);
        ASSERT_TRUE(trained) << trained.error().text();
        for (const char* name : {"conv2.weight", "fc1.weight", "fc2.weight", "fc3.weight"}) {
            const tensor::Tensor &before = pruned->graph.value(*pruned->graph.findValue(name)).data,
                                 &after = trained->graph.value(*trained->graph.findValue(name)).data;
            EXPECT_FALSE(after.sameContent(before)) << name;
            const transform::WeightRows rows = transform::weightRows(after.shape(), 1, false);
            std::vector<double> kept;
            for (const float value : rows.fromStored(after.toFloats()))
                kept.push_back(value == 0 ? 0 : 1);
            const auto zeros = transform::lowestOfGroups({2, 4}, rows, kept);
            ASSERT_FALSE(zeros.empty());
            for (const std::size_t at : zeros)
                ASSERT_EQ(kept[at], 0) << optimizer << ", " << name;
        }
    }
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
    EXPECT_LT(report->curve.losses.front(), 1e-6);
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
