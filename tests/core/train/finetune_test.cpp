#include <core/train/finetune.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include <core/base/files.h>
#include <core/graph/operators/names.h>
#include <core/quantization/insert_qdq.h>
#include <core/quantization/shared_weight.h>
#include <core/runtime/plan_torch.h>
#include <tests/support/graphs.h>

#include "slow_sgd.h"
#include "toy_data.h"

namespace lathe::train {
namespace {

using base::ErrorCode;
using tensor::Tensor;
using testing::SlowTrainer;
using testing::toyData;
using testing::toyModel;
using testing::weight;

FinetuneOptions toyOptions() {
    FinetuneOptions options;
    options.epochs = 4;
    options.learningRate = 0.05;
    options.batchSize = 8; // 50 samples: the last batch has 2
    options.seed = 3;
    return options;
}

/// A job that asks to stop as soon as the given epoch has begun, and remembers what was reported.
struct StoppingJob {
    explicit StoppingJob(int stopInEpoch) {
        job.stop = source.get_token();
        job.progress = [this, stopInEpoch](const base::Progress& progress) {
            reports.push_back(progress);
            if (progress.values.at("epoch") >= stopInEpoch) source.request_stop();
        };
    }
    std::stop_source source;
    std::vector<base::Progress> reports;
    base::Job job;
};

struct Numbers {
    double momentum, weightDecay;
};
class FinetuneSteps : public ::testing::TestWithParam<Numbers> {};

TEST_P(FinetuneSteps, AreThoseOfTheSlowReference) {
    graph::Graph model = toyModel();
    SlowTrainer slow(model);
    const auto data = toyData();
    FinetuneOptions options = toyOptions();
    options.momentum = GetParam().momentum;
    options.weightDecay = GetParam().weightDecay;

    std::vector<double> losses;
    for (int epoch = 0; epoch < options.epochs; ++epoch) {
        std::mt19937_64 random = epochRandom(options.seed, epoch);
        const auto order = randomOrder(50, random);
        double sum = 0;
        for (std::size_t begin = 0; begin < 50; begin += 8) {
            std::vector<std::pair<float, float>> samples;
            std::vector<std::int64_t> labels;
            for (std::size_t at = begin; at < std::min<std::size_t>(begin + 8, 50); ++at) {
                const std::vector<float> sample = data->samples(data::Split::Train, order[at], 1).toFloats();
                samples.emplace_back(sample[0], sample[1]);
                labels.push_back(data->labels(data::Split::Train, order[at], 1).values<std::int64_t>()[0]);
            }
            sum += slow.step(samples, labels, options.learningRate, options.momentum, options.weightDecay) *
                   static_cast<double>(samples.size());
        }
        losses.push_back(sum / 50);
    }

    const auto report = finetune(model, *data, options, {});
    ASSERT_TRUE(report) << report.error().text();
    ASSERT_EQ(report->curve.losses.size(), losses.size());
    for (std::size_t epoch = 0; epoch < losses.size(); ++epoch) {
        EXPECT_NEAR(report->curve.losses[epoch], losses[epoch], 1e-5);
    }
    std::size_t part = 0;
    for (const char* name : {"fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"}) {
        const std::vector<float> fast = weight(model, name);
        for (std::size_t at = 0; at < fast.size(); ++at) {
            EXPECT_NEAR(fast[at], slow.weights()[part][at], 1e-5) << name << " " << at;
        }
        ++part;
    }
}
INSTANTIATE_TEST_SUITE_P(All, FinetuneSteps, ::testing::Values(Numbers{0, 0}, Numbers{0.9, 0}, Numbers{0, 0.1}, Numbers{0.9, 0.1}));

TEST(Finetune, LowersTheLossAndReportsProgress) {
    graph::Graph model = toyModel();
    StoppingJob never(1000);
    FinetuneOptions options = toyOptions();
    options.epochs = 20;
    const auto report = finetune(model, *toyData(), options, never.job);
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_LT(report->curve.losses.back(), 0.5 * report->curve.losses.front());
    ASSERT_GE(never.reports.size(), 20U);
    EXPECT_EQ(never.reports.back().phase, "finetune");
    EXPECT_EQ(never.reports.back().fraction, 1);
    EXPECT_EQ(never.reports.back().values.at("epochs"), 20);
    EXPECT_DOUBLE_EQ(never.reports.back().values.at("loss"), report->curve.losses.back());
    EXPECT_TRUE(never.reports.back().secondsLeft.has_value());
}

/// Images of two channels, 10 by 10, in three classes.
std::shared_ptr<const data::InMemoryDataset> imageData(std::int64_t count) {
    std::vector<std::int64_t> labels;
    for (std::int64_t at = 0; at < count; ++at)
        labels.push_back(at % 3);
    const data::SplitContent split{support::randomTensor({count, 2, 10, 10}, 7), Tensor::of(tensor::Shape{count}, labels)};
    return data::InMemoryDataset::create({.name = "images", .train = split, .test = split}).value();
}

/// Mean cross-entropy of all samples, in doubles.
double lossOf(const graph::Graph& model, const data::Dataset& data, const runtime::PlanOptions& how = {}) {
    runtime::Plan plan = runtime::Plan::compile(model, how).value();
    const std::int64_t count = data.size(data::Split::Train);
    const std::vector<float> scores =
        runtime::fromAten(plan.runTensor(runtime::toAten(data.samples(data::Split::Train, 0, count))).value()).toFloats();
    double sum = 0;
    for (std::int64_t at = 0; at < count; ++at) {
        double all = 0;
        for (std::int64_t k = 0; k < 3; ++k)
            all += std::exp(static_cast<double>(scores[static_cast<std::size_t>(3 * at + k)]));
        sum += std::log(all) - static_cast<double>(scores[static_cast<std::size_t>(3 * at + at % 3)]);
    }
    return sum / static_cast<double>(count);
}

TEST(Finetune, FiltersMoveAlongTheSlopeOfTheLoss) {
    const graph::Graph start = support::smallConvNet();
    const auto data = imageData(6);
    FinetuneOptions options;
    options.epochs = 1;
    options.batchSize = 6;
    options.momentum = 0;
    options.learningRate = 0.1;
    graph::Graph model = start;
    ASSERT_TRUE(finetune(model, *data, options, {}));
    const std::vector<float> before = weight(start, "conv1.weight"), after = weight(model, "conv1.weight");
    for (std::size_t at = 0; at < before.size(); at += 5) { // filters are 4x2x3x3: every row, column and channel is met
        constexpr float step = 0.004F;
        double slope = 0;
        for (const float sign : {1.0F, -1.0F}) {
            graph::Graph moved = start;
            std::vector<float> values = before;
            values[at] += sign * step;
            moved.value(*moved.findValue("conv1.weight")).data = Tensor::of<float>({4, 2, 3, 3}, values);
            slope += static_cast<double>(sign) * lossOf(moved, *data) / (2 * static_cast<double>(step));
        }
        EXPECT_NEAR(static_cast<double>(before[at] - after[at]) / options.learningRate, slope, 2e-3) << at;
    }
}

TEST(Finetune, InBfloat16ItIsNearlyTheSame) {
    const auto data = imageData(30);
    FinetuneOptions options = toyOptions();
    options.learningRate = 0.01;
    graph::Graph exact = support::smallConvNet(), rough = exact, again = exact;
    const auto exactly = finetune(exact, *data, options, {});
    options.precision = steps::Precision::BFloat16;
    const auto roughly = finetune(rough, *data, options, {});
    ASSERT_TRUE(exactly && roughly);
    for (std::size_t epoch = 0; epoch < exactly->curve.losses.size(); ++epoch)
        EXPECT_NEAR(roughly->curve.losses[epoch], exactly->curve.losses[epoch], 0.02 * exactly->curve.losses[epoch]);
    EXPECT_NE(weight(rough, "conv1.weight"), weight(exact, "conv1.weight")) << "it is rounded";
    EXPECT_EQ(rough.value(*rough.findValue("conv1.weight")).data.dtype(), tensor::DType::Float32);
    ASSERT_TRUE(finetune(again, *data, options, {}));
    EXPECT_EQ(weight(again, "conv1.weight"), weight(rough, "conv1.weight")) << "the same each time";
}

TEST(Finetune, TrainsFusedLayers) {
    graph::Graph plain = toyModel();
    graph::Graph fused = toyModel();
    fused.findNode("fc1")->op = graph::op::linearRelu;
    graph::replaceUses(fused, fused.findNode("relu")->results[0], fused.findNode("fc1")->results[0]);
    std::erase_if(fused.main.nodes, [](const graph::Node& node) { return node.name == "relu"; });
    ASSERT_TRUE(finetune(plain, *toyData(), toyOptions(), {}));
    ASSERT_TRUE(finetune(fused, *toyData(), toyOptions(), {}));
    EXPECT_EQ(weight(fused, "fc1.weight"), weight(plain, "fc1.weight"));
}

TEST(Finetune, IsDeterministicAndDependsOnTheSeed) {
    graph::Graph first = toyModel(), second = toyModel(), other = toyModel();
    FinetuneOptions options = toyOptions();
    ASSERT_TRUE(finetune(first, *toyData(), options, {}));
    ASSERT_TRUE(finetune(second, *toyData(), options, {}));
    EXPECT_TRUE(graph::structurallyEqual(first, second));
    options.seed = 4;
    ASSERT_TRUE(finetune(other, *toyData(), options, {}));
    EXPECT_FALSE(graph::structurallyEqual(first, other));
}

TEST(Finetune, ZerosStayZero) {
    graph::Graph kept = toyModel(true), moved = toyModel(true);
    FinetuneOptions options = toyOptions();
    ASSERT_TRUE(finetune(kept, *toyData(), options, {}));
    EXPECT_EQ(weight(kept, "fc1.weight")[1], 0);
    EXPECT_EQ(weight(kept, "fc1.weight")[6], 0);
    EXPECT_NE(weight(kept, "fc1.weight")[0], weight(toyModel(true), "fc1.weight")[0]);
    EXPECT_NE(weight(kept, "fc1.bias")[1], 0) << "a bias that happens to be zero was not pruned";
    options.keepZeros = false;
    ASSERT_TRUE(finetune(moved, *toyData(), options, {}));
    EXPECT_NE(weight(moved, "fc1.weight")[6], 0);
}

TEST(Finetune, UsesOnlyTheFirstSamplesWhenAskedTo) {
    FinetuneOptions options = toyOptions();
    graph::Graph limited = toyModel(), small = toyModel();
    options.maxSamples = 20;
    ASSERT_TRUE(finetune(limited, *toyData(50), options, {}));
    options.maxSamples = 0;
    ASSERT_TRUE(finetune(small, *toyData(20), options, {}));
    EXPECT_TRUE(graph::structurallyEqual(limited, small));
}

TEST(Finetune, CancelLeavesTheGraphAsItWas) {
    graph::Graph model = toyModel();
    StoppingJob stopping(2);
    const auto report = finetune(model, *toyData(), toyOptions(), stopping.job);
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, ErrorCode::Cancelled);
    EXPECT_LE(stopping.reports.back().values.at("epoch"), 2) << "no further batch after the request";
    EXPECT_TRUE(graph::structurallyEqual(model, toyModel()));
}

/// A training of its own for each optimizer, schedule and whatever else is part of its state.
std::vector<std::pair<const char*, FinetuneOptions>> manyTrainings() {
    std::vector<std::pair<const char*, FinetuneOptions>> trainings;
    const auto add = [&](const char* name, const auto& change) {
        FinetuneOptions options = toyOptions();
        options.schedule = steps::Schedule::Cosine;
        options.warmUp = 0.15;
        options.weightDecay = 0.01;
        change(options);
        trainings.emplace_back(name, std::move(options));
    };
    add("sgd", [](FinetuneOptions&) {});
    add("nesterov", [](FinetuneOptions& options) { options.nesterov = true; });
    add("adamw", [](FinetuneOptions& options) { options.optimizer = steps::Optimizer::AdamW; });
    add("lamb", [](FinetuneOptions& options) { options.optimizer = steps::Optimizer::Lamb; });
    add("constant", [](FinetuneOptions& options) { options.schedule = steps::Schedule::Constant; });
    add("step", [](FinetuneOptions& options) { options.schedule = steps::Schedule::Step; });
    add("one cycle", [](FinetuneOptions& options) { options.schedule = steps::Schedule::OneCycle; });
    add("flip", [](FinetuneOptions& options) { options.augmentation.flip = true; });
    add("shift, noise, mixup", [](FinetuneOptions& options) { options.augmentation = {.shift = 1, .noise = 0.1, .mixup = 0.5}; });
    add("ema", [](FinetuneOptions& options) { options.ema = 0.9; });
    add("validation", [](FinetuneOptions& options) { options.validation = 0.2; });
    add("validation of an average", [](FinetuneOptions& options) { options.validation = 0.2, options.ema = 0.5; });
    add("accumulated and clipped", [](FinetuneOptions& options) { options.accumulate = 3, options.clipNorm = 0.1; });
    static const graph::Graph teacher = testing::wideModel();
    add("distillation", [](FinetuneOptions& options) {
        options.distillation = {.weight = 0.5, .features = steps::FeatureLoss::FitNets};
        options.teacher = &teacher;
    });
    add("distillation of outputs", [](FinetuneOptions& options) {
        options.distillation.weight = 0.5;
        options.validation = 0.2;
        options.teacher = &teacher;
    });
    return trainings;
}

TEST(Finetune, ResumedIsExactlyAsIfNeverInterrupted) {
    const base::TemporaryFolder folder;
    for (auto& [name, options] : manyTrainings()) {
        SCOPED_TRACE(name);
        graph::Graph straight = toyModel(true);
        const auto whole = finetune(straight, *toyData(), options, {});
        ASSERT_TRUE(whole) << whole.error().text();

        options.checkpoint = folder.path() / "state";
        graph::Graph resumed = toyModel(true);
        StoppingJob stopping(3);
        ASSERT_FALSE(finetune(resumed, *toyData(), options, stopping.job));
        ASSERT_TRUE(std::filesystem::exists(options.checkpoint));
        const auto rest = finetune(resumed, *toyData(), options, {});
        ASSERT_TRUE(rest) << rest.error().text();
        // Reports within an epoch depend on the clock, so the request may come in the third epoch or at its end.
        EXPECT_GE(rest->firstEpoch, 2);
        EXPECT_LE(rest->firstEpoch, 3);
        EXPECT_EQ(rest->curve, whole->curve);
        EXPECT_EQ(rest->bestEpoch, whole->bestEpoch);
        EXPECT_TRUE(graph::structurallyEqual(resumed, straight)) << "bit by bit";
        EXPECT_FALSE(std::filesystem::exists(options.checkpoint));
    }
}

TEST(Finetune, EachTrainingOfThemIsAnother) {
    std::vector<graph::Graph> trained;
    for (const auto& [name, options] : manyTrainings()) {
        SCOPED_TRACE(name);
        graph::Graph model = toyModel(true);
        ASSERT_TRUE(finetune(model, *toyData(), options, {}));
        for (const graph::Graph& other : trained)
            EXPECT_FALSE(graph::structurallyEqual(model, other));
        trained.push_back(std::move(model));
    }
}

TEST(Finetune, KeepsTheEpochThatIsBestOnWhatWasSetAside) {
    FinetuneOptions options = toyOptions();
    options.epochs = 12;
    options.learningRate = 2; // wild: the last epoch is not the best
    options.validation = 0.3;
    graph::Graph model = toyModel();
    const auto report = finetune(model, *toyData(), options, {});
    ASSERT_TRUE(report) << report.error().text();
    ASSERT_EQ(report->curve.validationLosses.size(), 12U);
    ASSERT_LT(report->bestEpoch, 12);
    EXPECT_EQ(report->curve.validationLosses[static_cast<std::size_t>(report->bestEpoch) - 1],
              std::ranges::min(report->curve.validationLosses));

    options.patience = 2;
    graph::Graph early = toyModel();
    const auto shorter = finetune(early, *toyData(), options, {});
    ASSERT_TRUE(shorter);
    EXPECT_LT(shorter->curve.losses.size(), 12U);
    EXPECT_EQ(static_cast<int>(shorter->curve.losses.size()), shorter->bestEpoch + 2);

    // The weights are really those of that epoch: as many epochs without looking give them.
    graph::Graph stopped = toyModel();
    options.patience = 0;
    StoppingJob never(1000);
    std::stop_source finish;
    base::Job job;
    job.finish = finish.get_token();
    const int best = report->bestEpoch;
    job.progress = [&](const base::Progress& progress) {
        if (progress.values.at("epoch") > best) finish.request_stop();
    };
    ASSERT_TRUE(finetune(stopped, *toyData(), options, job));
    EXPECT_TRUE(graph::structurallyEqual(stopped, model));
}

TEST(Finetune, TellsOfEachEpochWhatTheSamplesSetAsideSayAndTheRate) {
    FinetuneOptions options = toyOptions();
    options.epochs = 4;
    options.schedule = steps::Schedule::Cosine;
    options.validation = 0.3;
    const auto data = toyData();
    std::mt19937_64 random = epochRandom(options.seed, -1);
    const auto order = randomOrder(50, random); // the last 15 are set aside
    graph::Graph whole = toyModel();
    const auto all = finetune(whole, *data, options, {});
    ASSERT_TRUE(all) << all.error().text();
    ASSERT_EQ(all->curve.validationAccuracies.size(), 4U);
    // 35 samples are 5 batches; the rate is that of the last of them.
    for (int epoch = 0; epoch < 4; ++epoch)
        EXPECT_NEAR(all->curve.learningRates[static_cast<std::size_t>(epoch)],
                    options.learningRate * (1 + std::cos(M_PI * (5 * epoch + 4) / 20)) / 2, 1e-12);

    // The weights of one epoch alone tell how many they have right.
    for (int epochs = 1; epochs <= 4; ++epochs) {
        SCOPED_TRACE(epochs);
        graph::Graph model = toyModel();
        std::stop_source finish;
        base::Job job;
        job.finish = finish.get_token();
        job.progress = [&](const base::Progress& progress) {
            if (progress.values.at("epoch") > epochs) finish.request_stop();
        };
        const auto report = finetune(model, *data, options, job);
        ASSERT_TRUE(report) << report.error().text();
        const auto best = static_cast<std::size_t>(report->bestEpoch) - 1; // whose weights these are
        runtime::Plan plan = runtime::Plan::compile(model, {}).value();
        int right = 0;
        for (std::size_t at = 35; at < 50; ++at) {
            const auto scores =
                runtime::fromAten(plan.runTensor(runtime::toAten(data->samples(data::Split::Train, order[at], 1))).value()).toFloats();
            right += std::ranges::max_element(scores) - scores.begin() ==
                             data->labels(data::Split::Train, order[at], 1).values<std::int64_t>()[0]
                         ? 1
                         : 0;
        }
        EXPECT_DOUBLE_EQ(report->curve.validationAccuracies[best], right / 15.0);
    }
}

TEST(Finetune, NumbersHaveNoAccuracy) {
    const auto split = [](std::int64_t count) {
        return data::SplitContent{support::randomTensor({count, 2}, 3), support::randomTensor({count, 3}, 4)};
    };
    const auto data = data::InMemoryDataset::create({.name = "numbers", .train = split(20), .test = split(5)}).value();
    FinetuneOptions options = toyOptions();
    options.epochs = 2;
    options.validation = 0.5;
    graph::Graph model = toyModel();
    const auto report = finetune(model, *data, options, {});
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_EQ(report->curve.validationLosses.size(), 2U);
    EXPECT_TRUE(report->curve.validationAccuracies.empty());
}

/// A training that is paused waits where it reports.
TEST(Finetune, WhatHappensWhileItWaitsChangesNothing) {
    for (auto& [name, options] : manyTrainings()) {
        SCOPED_TRACE(name);
        graph::Graph straight = toyModel(true), paused = toyModel(true);
        const auto whole = finetune(straight, *toyData(), options, {});
        ASSERT_TRUE(whole);
        base::Job job;
        int told = 0;
        job.progress = [&](const base::Progress&) {
            if (++told != 2) return;
            graph::Graph other = toyModel();
            EXPECT_TRUE(finetune(other, *toyData(40), toyOptions(), {}));
        };
        const auto report = finetune(paused, *toyData(), options, job);
        ASSERT_TRUE(report);
        EXPECT_GE(told, 2);
        EXPECT_EQ(report->curve, whole->curve);
        EXPECT_TRUE(graph::structurallyEqual(paused, straight)) << "bit by bit";
    }
}

TEST(Finetune, DoesNotTouchTheTestSplit) {
    const auto withTest =
        data::InMemoryDataset::create({.name = "points", .train = testing::points(50), .test = testing::points(9)}).value();
    const auto otherTest =
        data::InMemoryDataset::create({.name = "points", .train = testing::points(50), .test = testing::points(30, 9)}).value();
    FinetuneOptions options = toyOptions();
    options.validation = 0.3;
    graph::Graph first = toyModel(), second = toyModel();
    ASSERT_TRUE(finetune(first, *withTest, options, {}));
    ASSERT_TRUE(finetune(second, *otherTest, options, {}));
    EXPECT_TRUE(graph::structurallyEqual(first, second));
}

TEST(Finetune, AskedToFinishItKeepsWhatItHasLearned) {
    FinetuneOptions options = toyOptions();
    std::stop_source finish;
    base::Job job;
    job.finish = finish.get_token();
    job.progress = [&](const base::Progress& progress) {
        if (progress.values.at("epoch") == 3) finish.request_stop();
    };
    graph::Graph model = toyModel();
    const auto report = finetune(model, *toyData(), options, job);
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_EQ(report->curve.losses.size(), 3U);
    EXPECT_FALSE(graph::structurallyEqual(model, toyModel()));
}

TEST(Finetune, FrozenWeightsStay) {
    FinetuneOptions options = toyOptions();
    options.weightDecay = 0.1;
    options.frozen = {"fc1.weight", "fc1.bias"};
    graph::Graph model = toyModel();
    ASSERT_TRUE(finetune(model, *toyData(), options, {}));
    EXPECT_EQ(weight(model, "fc1.weight"), weight(toyModel(), "fc1.weight"));
    EXPECT_EQ(weight(model, "fc1.bias"), weight(toyModel(), "fc1.bias"));
    EXPECT_NE(weight(model, "fc2.weight"), weight(toyModel(), "fc2.weight"));
    EXPECT_TRUE(model.value(*model.findValue("fc1.weight")).isParameter) << "only this training leaves it";
}

TEST(Finetune, IgnoresCheckpointsOfOtherTrainings) {
    const base::TemporaryFolder folder;
    FinetuneOptions options = toyOptions();
    options.checkpoint = folder.path() / "state";
    graph::Graph model = toyModel();
    StoppingJob stopping(3);
    ASSERT_FALSE(finetune(model, *toyData(), options, stopping.job));

    options.learningRate *= 2;
    const auto other = finetune(model, *toyData(), options, {});
    ASSERT_TRUE(other);
    EXPECT_EQ(other->firstEpoch, 0);

    ASSERT_TRUE(base::writeFile(options.checkpoint, "no checkpoint at all"));
    graph::Graph again = toyModel();
    const auto damaged = finetune(again, *toyData(), options, {});
    ASSERT_TRUE(damaged);
    EXPECT_EQ(damaged->firstEpoch, 0);
}

TEST(Finetune, TrainsOnWhenTheCheckpointCannotBeWritten) {
    FinetuneOptions options = toyOptions();
    options.checkpoint = "/no/such/folder/state";
    graph::Graph model = toyModel();
    EXPECT_TRUE(finetune(model, *toyData(), options, {}));
}

TEST(Finetune, NoEpochsChangeNothing) {
    FinetuneOptions options = toyOptions();
    options.epochs = 0;
    graph::Graph model = toyModel();
    const auto report = finetune(model, *toyData(), options, {});
    ASSERT_TRUE(report);
    EXPECT_TRUE(report->curve.losses.empty());
    EXPECT_TRUE(graph::structurallyEqual(model, toyModel()));
}

/// Expects the error and that the graph is as it was.
void expectError(graph::Graph model, const data::Dataset& data, const FinetuneOptions& options, ErrorCode code, const std::string& part) {
    const graph::Graph before = model;
    const auto report = finetune(model, data, options, {});
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, code);
    EXPECT_NE(report.error().message.text().find(part), std::string::npos) << report.error().message;
    EXPECT_TRUE(graph::structurallyEqual(model, before));
}

TEST(Finetune, RefusesDataWithoutLabelsOrTrainingSamples) {
    const auto unlabelled = data::InMemoryDataset::create({.name = "points", .train = {testing::points(9).samples, {}}}).value();
    expectError(toyModel(), *unlabelled, toyOptions(), ErrorCode::Rejected, "no labels");
    const auto untrained = data::InMemoryDataset::create({.name = "points", .test = testing::points(9)}).value();
    expectError(toyModel(), *untrained, toyOptions(), ErrorCode::Rejected, "no training samples");
}

TEST(Finetune, RefusesLabelsThatTheModelDoesNotHave) {
    data::SplitContent split = testing::points(3);
    split.labels = Tensor::of<std::int64_t>({3}, {0, 7, 1});
    const auto data = data::InMemoryDataset::create({.name = "points", .train = split}).value();
    expectError(toyModel(), *data, toyOptions(), ErrorCode::Rejected, "the label 7, but the model has only 3 outputs");
}

TEST(Finetune, SaysBothShapesWhenTheSamplesDoNotFit) {
    data::SplitContent split = {Tensor::zeros(tensor::DType::Float32, {4, 3}), Tensor::zeros(tensor::DType::Int64, {4})};
    const auto data = data::InMemoryDataset::create({.name = "points", .train = split}).value();
    graph::Graph known = toyModel();
    known.value(known.main.inputs[0]).shape = graph::dims({1, 2});
    expectError(known, *data, toyOptions(), ErrorCode::Rejected, "The samples of points are 3, but the model takes 2.");
    expectError(toyModel(), *data, toyOptions(), ErrorCode::Rejected, "The samples of points are 3, which the model cannot take: fc1: ");
}

TEST(Finetune, RefusesOutputsThatAreNoScores) {
    graph::Graph model = toyModel();
    graph::Node& node = model.addNode("aten::sum", "sum", {model.main.outputs[0].value(), graph::Literal{}});
    model.main.outputs = {node.results[0]};
    expectError(model, *toyData(), toyOptions(), ErrorCode::Rejected, "one row of class scores");
}

TEST(Finetune, RefusesWhatIsNotForSuchLabels) {
    FinetuneOptions options = toyOptions();
    options.loss = steps::Loss::Huber;
    expectError(toyModel(), *toyData(), options, ErrorCode::Rejected, "Huber's loss is for numbers");
    options.loss = steps::Loss::Dice;
    expectError(toyModel(), *toyData(), options, ErrorCode::Rejected, "The Dice loss is for maps of classes");
    options = toyOptions();
    options.classWeights = {1, 2};
    expectError(toyModel(), *toyData(), options, ErrorCode::Rejected, "2 class weights are given, but the model has 3 classes.");
    options = toyOptions();
    options.augmentation.tokenDropout = 0.1;
    expectError(toyModel(), *toyData(), options, ErrorCode::Rejected, "Tokens can only be dropped where there are tokens");
    options = toyOptions();
    options.distillation.weight = 0.5;
    expectError(toyModel(), *toyData(), options, ErrorCode::InvalidArgument, "no teacher");
}

/// Of a weight that shares numbers these are trained, and no weight gets one of its own.
TEST(Finetune, TrainsTheNumbersThatWeightsShare) {
    graph::Graph model = toyModel();
    const quantization::SharedWeight shared{
        2, {0, 1, 2, 3, 0, 2, 1, 3, 1, 0, 3, 2}, Tensor::of<float>({1, 4}, {0, -0.5F, 0.3F, 0.5F}), {3, 4}};
    {
        graph::Editor editor(model);
        quantization::insertLookup(editor, *model.findValue("fc2.weight"), shared);
        editor.finish();
    }
    const auto report = finetune(model, *toyData(), toyOptions(), {});
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_LT(report->curve.losses.back(), report->curve.losses.front());
    const auto after = quantization::sharedWeightOf(model, *model.findNode("fc2.weight_lookup"));
    ASSERT_TRUE(after);
    EXPECT_EQ(after->indices, shared.indices);
    const std::vector<float> numbers = after->codebooks.toFloats();
    EXPECT_EQ(numbers[0], 0) << "zeros stay zero";
    for (std::size_t i = 1; i < 4; ++i)
        EXPECT_NE(numbers[i], shared.codebooks.toFloats()[i]);
}

TEST(Finetune, RefusesModelsWithoutParameters) {
    graph::Graph model = toyModel();
    for (graph::Value& value : model.values) {
        value.isParameter = false;
    }
    expectError(model, *toyData(), toyOptions(), ErrorCode::Rejected, "no parameters to train");
}

/// smallConvNet() with weights of three bits, scales by the largest weight, and 8-bit images.
graph::Graph coarseNet() {
    graph::Graph model = support::smallConvNet();
    graph::Editor editor(model);
    const quantization::IntegerRange range = quantization::signedRange(3, quantization::Scheme::Symmetric);
    const quantization::Grid grid{range, quantization::Scheme::Symmetric, quantization::Granularity::Channel, 0};
    for (const char* name : {"conv1.weight", "fc.weight"}) {
        const graph::ValueId id = *model.findValue(name);
        std::vector<float> values = model.value(id).data.toFloats();
        const tensor::Shape shape = model.value(id).data.shape();
        const auto channels = static_cast<std::size_t>(shape[0]);
        quantization::GridNumbers numbers{std::vector<float>(channels, 1.0F / static_cast<float>(range.maximum)),
                                          std::vector<std::int64_t>(channels, 0)};
        for (float& value : values)
            value = std::nearbyint(value * static_cast<float>(range.maximum));
        quantization::insertWeightDequantize(editor, id, Tensor::of(shape, values).to(tensor::DType::Int8), grid, numbers);
    }
    (void)quantization::insertQdq(editor, model.main.inputs[0], {1.0 / 127, 128});
    editor.finish();
    return model;
}

double simulatedLossOf(const graph::Graph& model, const data::Dataset& data) {
    return lossOf(model, data, {.device = {}, .quantization = runtime::QuantizationMode::Simulated});
}

TEST(Finetune, AQuantizedModelLearnsThroughItsRounding) {
    const auto data = imageData(30);
    const graph::Graph start = coarseNet();
    const auto form = quantization::trainableForm(start);
    ASSERT_TRUE(form) << form.error().text();
    EXPECT_NEAR(lossOf(form->graph, *data), simulatedLossOf(start, *data), 1e-4) << "the form says what the model says";

    FinetuneOptions options = toyOptions();
    options.epochs = 20;
    options.learningRate = 0.02;
    graph::Graph model = start;
    const auto report = finetune(model, *data, options, {});
    ASSERT_TRUE(report) << report.error().text();
    EXPECT_TRUE(quantization::isQuantized(model));
    EXPECT_EQ(model.value(*model.findValue("conv1.weight")).data.dtype(), tensor::DType::Int8);
    for (const float value : weight(model, "fc.weight"))
        EXPECT_LE(std::abs(value), 3) << "within three bits";
    EXPECT_NE(weight(model, "fc.weight"), weight(start, "fc.weight"));
    EXPECT_NE(weight(model, "fc.weight_scale"), weight(start, "fc.weight_scale")) << "steps are learned too";
    EXPECT_LT(simulatedLossOf(model, *data), 0.5 * simulatedLossOf(start, *data));
    EXPECT_LT(simulatedLossOf(model, *data), report->curve.losses.front());
}

TEST(Finetune, ScalesStayAboveZero) {
    const auto data = imageData(30);
    FinetuneOptions options = toyOptions();
    options.epochs = 2;
    options.learningRate = 1e-3;
    options.weightDecay = 900; // drives everything to 0 and beyond
    graph::Graph model = coarseNet();
    ASSERT_TRUE(finetune(model, *data, options, {}));
    for (const float scale : weight(model, "fc.weight_scale"))
        EXPECT_GT(scale, 0);
}

TEST(Finetune, RefusesModelsWhoseGridsAreChosenWhileTheyRun) {
    graph::Graph model = toyModel();
    graph::Editor editor(model);
    (void)quantization::insertDynamicQdq(editor, model.main.inputs[0], {"fc1"}, quantization::dynamicGrid({0, 127}));
    editor.finish();
    expectError(model, *toyData(), toyOptions(), ErrorCode::Unsupported, "before quantization");
}

TEST(Finetune, StopsWhenTheLossIsNotFinite) {
    data::SplitContent split = testing::points(9);
    std::vector<float> values = split.samples.toFloats();
    values[4] = std::numeric_limits<float>::quiet_NaN();
    split.samples = Tensor::of<float>({9, 2}, values);
    const auto data = data::InMemoryDataset::create({.name = "points", .train = split}).value();
    expectError(toyModel(), *data, toyOptions(), ErrorCode::Failed, "not a finite number");
}

} // namespace
} // namespace lathe::train
