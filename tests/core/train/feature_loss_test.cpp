#include <cmath>
#include <vector>

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <gtest/gtest.h>

#include <core/train/feature_loss_torch.h>
#include <core/train/random_order.h>

namespace lathe::train {
namespace {

/// Samples by channels by places, and the numbers in one row, for the slow way.
struct Features {
    std::size_t samples, channels, places;
    at::Tensor tensor;
    [[nodiscard]] double at(std::size_t sample, std::size_t channel, std::size_t place) const {
        return static_cast<double>(tensor.const_data_ptr<float>()[(sample * channels + channel) * places + place]);
    }
};

Features features(std::size_t samples, std::size_t channels, std::size_t places, int seed) {
    const auto size = [](std::size_t number) { return static_cast<std::int64_t>(number); };
    Features made{samples, channels, places, at::empty({size(samples), size(channels), size(places)}, at::kFloat)};
    std::mt19937_64 random = epochRandom(seed, 0);
    auto* numbers = made.tensor.mutable_data_ptr<float>();
    for (std::size_t at = 0; at < samples * channels * places; ++at)
        numbers[at] = static_cast<float>(2 * uniform(random) - 1);
    return made;
}

double meanSquare(const std::vector<double>& a, const std::vector<double>& b) {
    EXPECT_EQ(a.size(), b.size());
    double sum = 0;
    for (std::size_t at = 0; at < a.size(); ++at)
        sum += (a[at] - b[at]) * (a[at] - b[at]);
    return sum / static_cast<double>(a.size());
}

/// Rows of so many numbers get the length 1.
void normalize(std::vector<double>& numbers, std::size_t width) {
    for (std::size_t row = 0; row < numbers.size(); row += width) {
        double squares = 0;
        for (std::size_t at = row; at < row + width; ++at)
            squares += numbers[at] * numbers[at];
        for (std::size_t at = row; at < row + width; ++at)
            numbers[at] /= std::sqrt(squares);
    }
}

TEST(FeatureLoss, FitNetsIsTheMeanSquareBehindTheMap) {
    const Features student = features(3, 2, 5, 1), teacher = features(3, 4, 5, 2), map = features(1, 4, 2, 3); // 4 channels from 2
    std::vector<double> is, wanted;
    for (std::size_t sample = 0; sample < 3; ++sample) {
        for (std::size_t channel = 0; channel < 4; ++channel) {
            for (std::size_t place = 0; place < 5; ++place) {
                is.push_back(map.at(0, channel, 0) * student.at(sample, 0, place) + map.at(0, channel, 1) * student.at(sample, 1, place));
                wanted.push_back(teacher.at(sample, channel, place));
            }
        }
    }
    EXPECT_NEAR(fitNetsLoss(student.tensor, teacher.tensor, 1, map.tensor[0]).item<double>(), meanSquare(is, wanted), 1e-6);
    const Features same = features(3, 4, 5, 4);
    is.clear();
    for (std::size_t at = 0; at < wanted.size(); ++at)
        is.push_back(same.at(0, 0, at));
    EXPECT_NEAR(fitNetsLoss(same.tensor, teacher.tensor, 1, {}).item<double>(), meanSquare(is, wanted), 1e-6);
}

TEST(FeatureLoss, AttentionComparesWhereChannelsAreLarge) {
    const Features student = features(3, 2, 5, 1), teacher = features(3, 4, 5, 2);
    const auto mapOf = [](const Features& from) {
        std::vector<double> map;
        for (std::size_t sample = 0; sample < from.samples; ++sample) {
            for (std::size_t place = 0; place < from.places; ++place) {
                double squares = 0;
                for (std::size_t channel = 0; channel < from.channels; ++channel)
                    squares += from.at(sample, channel, place) * from.at(sample, channel, place);
                map.push_back(squares / static_cast<double>(from.channels));
            }
        }
        normalize(map, from.places);
        return map;
    };
    const double wanted = meanSquare(mapOf(student), mapOf(teacher));
    EXPECT_GT(wanted, 1e-3);
    EXPECT_NEAR(attentionLoss(student.tensor, teacher.tensor, 1).item<double>(), wanted, 1e-6);
    // Tokens have their channels last.
    EXPECT_NEAR(attentionLoss(student.tensor.movedim(1, 2), teacher.tensor.movedim(1, 2), 2).item<double>(), wanted, 1e-6);
    EXPECT_NEAR(attentionLoss(student.tensor * 3, student.tensor, 1).item<double>(), 0, 1e-9); // how large is not compared
}

TEST(FeatureLoss, SimilarityComparesSamplesWithEachOther) {
    const Features student = features(4, 2, 3, 1), teacher = features(4, 5, 7, 2); // nothing but the samples is the same
    const auto similarities = [](const Features& from) {
        std::vector<double> all;
        for (std::size_t a = 0; a < from.samples; ++a) {
            for (std::size_t b = 0; b < from.samples; ++b) {
                double sum = 0;
                for (std::size_t at = 0; at < from.channels * from.places; ++at)
                    sum += from.at(a, 0, at) * from.at(b, 0, at);
                all.push_back(sum);
            }
        }
        normalize(all, from.samples);
        return all;
    };
    const double wanted = meanSquare(similarities(student), similarities(teacher));
    EXPECT_GT(wanted, 1e-3);
    EXPECT_NEAR(similarityLoss(student.tensor, teacher.tensor).item<double>(), wanted, 1e-6);
}

} // namespace
} // namespace lathe::train
