#include <core/train/loss_gradients.h>

#include <gtest/gtest.h>

#include "slow_sgd.h"
#include "toy_data.h"

namespace lathe::train {
namespace {

using testing::toyData;
using testing::toyModel;

const std::vector<std::string> allWeights{"fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"};

/// One step of plain descent with the rate 1 goes by the gradient.
TEST(LossGradients, AreThoseWrittenOutByHand) {
    const graph::Graph model = toyModel();
    const auto data = toyData(10);
    std::int64_t begin = 0;
    const auto seen = lossGradients(model, allWeights, *data, {.samples = 10, .batchSize = 4},
                                    [&](const std::vector<tensor::Tensor>& gradients) {
                                        testing::SlowTrainer slow(model);
                                        const std::vector<std::vector<double>> before = slow.weights();
                                        std::vector<std::pair<float, float>> samples;
                                        std::vector<std::int64_t> labels;
                                        for (std::int64_t at = begin; at < std::min<std::int64_t>(begin + 4, 10); ++at) {
                                            const std::vector<float> sample = data->samples(data::Split::Train, at, 1).toFloats();
                                            samples.emplace_back(sample[0], sample[1]);
                                            labels.push_back(data->labels(data::Split::Train, at, 1).values<std::int64_t>()[0]);
                                        }
                                        slow.step(samples, labels, 1, 0, 0);
                                        ASSERT_EQ(gradients.size(), 4U);
                                        for (std::size_t part = 0; part < 4; ++part) {
                                            const std::vector<float> gradient = gradients[part].toFloats();
                                            ASSERT_EQ(gradient.size(), before[part].size());
                                            for (std::size_t i = 0; i < gradient.size(); ++i)
                                                EXPECT_NEAR(gradient[i], before[part][i] - slow.weights()[part][i], 1e-6)
                                                    << allWeights[part] << " " << i;
                                        }
                                        begin += 4;
                                    },
                                    {});
    ASSERT_TRUE(seen) << seen.error().text();
    EXPECT_EQ(begin, 12) << "4, 4 and 2 samples";
}

TEST(LossGradients, OfWhatIsNoParameterAreZero) {
    graph::Graph model = toyModel();
    model.value(*model.findValue("fc1.bias")).isParameter = false;
    const auto seen = lossGradients(
        model, {"fc1.bias"}, *toyData(), {.samples = 1},
        [&](const std::vector<tensor::Tensor>& gradients) { EXPECT_EQ(gradients[0].toFloats(), std::vector<float>(4, 0)); }, {});
    EXPECT_TRUE(seen) << seen.error().text();
}

TEST(LossGradients, StopsBetweenBatches) {
    std::stop_source stop;
    int batches = 0;
    const auto seen = lossGradients(toyModel(), allWeights, *toyData(), {.samples = 50, .batchSize = 1},
                                    [&](const std::vector<tensor::Tensor>&) {
                                        ++batches;
                                        stop.request_stop();
                                    },
                                    {stop.get_token(), {}});
    ASSERT_FALSE(seen);
    EXPECT_EQ(seen.error().code, base::ErrorCode::Cancelled);
    EXPECT_EQ(batches, 1);
}

TEST(LossGradients, AreOfTheLossThatFitsTheLabels) {
    data::SplitContent split = testing::points(6);
    std::vector<float> numbers;
    for (int at = 0; at < 18; ++at)
        numbers.push_back(static_cast<float>(at % 5) - 2);
    split.labels = tensor::Tensor::of<float>({6, 3}, numbers);
    const auto data = data::InMemoryDataset::create({.name = "points", .train = split}).value();
    const graph::Graph model = toyModel();
    std::vector<std::vector<float>> gradients;
    const auto seen = lossGradients(model, {"fc2.bias"}, *data, {.samples = 6, .batchSize = 6},
                                    [&](const std::vector<tensor::Tensor>& batch) { gradients.push_back(batch[0].toFloats()); }, {});
    ASSERT_TRUE(seen) << seen.error().text();
    // By differences: the mean squared error with that bias a little larger and smaller.
    const auto errorWith = [&](std::size_t output, float by) {
        graph::Graph changed = model;
        graph::Value& bias = changed.value(*changed.findValue("fc2.bias"));
        std::vector<float> values = bias.data.toFloats();
        values[output] += by;
        bias.data = tensor::Tensor::of<float>({3}, values);
        double sum = 0;
        for (std::int64_t sample = 0; sample < 6; ++sample) {
            const std::vector<float> x = data->samples(data::Split::Train, sample, 1).toFloats();
            const std::vector<float> w1 = testing::weight(changed, "fc1.weight"), b1 = testing::weight(changed, "fc1.bias");
            const std::vector<float> w2 = testing::weight(changed, "fc2.weight"), b2 = testing::weight(changed, "fc2.bias");
            for (std::size_t at = 0; at < 3; ++at) {
                double score = static_cast<double>(b2[at]);
                for (std::size_t unit = 0; unit < 4; ++unit)
                    score +=
                        static_cast<double>(w2[at * 4 + unit] * std::max(0.0F, w1[unit * 2] * x[0] + w1[unit * 2 + 1] * x[1] + b1[unit]));
                const double difference = score - static_cast<double>(numbers[static_cast<std::size_t>(sample) * 3 + at]);
                sum += difference * difference / 18;
            }
        }
        return sum;
    };
    ASSERT_EQ(gradients.size(), 1U);
    for (std::size_t output = 0; output < 3; ++output)
        EXPECT_NEAR(static_cast<double>(gradients[0][output]), (errorWith(output, 0.01F) - errorWith(output, -0.01F)) / 0.02, 1e-3);
}

TEST(LossGradients, NeedLabels) {
    data::DatasetContent content{.name = "points", .train = testing::points(9), .test = testing::points(9)};
    content.train.labels = {};
    content.test.labels = {};
    const auto data = data::InMemoryDataset::create(std::move(content));
    ASSERT_TRUE(data) << data.error().text();
    const auto seen = lossGradients(toyModel(), allWeights, **data, {}, [](const std::vector<tensor::Tensor>&) {}, {});
    ASSERT_FALSE(seen);
    EXPECT_EQ(seen.error().message, "points has no labels: the gradients of the loss cannot be told.");
}

} // namespace
} // namespace lathe::train
