#include <core/train/augment_torch.h>

#include <gtest/gtest.h>

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/zeros.h>

#include <core/train/random_order.h>

#include "toy_data.h"

namespace lathe::train {
namespace {

using recipe::Task;

/// 6 images of 2x4x4 whose pixels hold 1, 2, …, each with a map of the numbers of its first channel.
Batch images() {
    const at::Tensor samples = at::arange(1, 6 * 32 + 1, at::kFloat).reshape({6, 2, 4, 4});
    return {.inputs = {samples}, .count = 6, .labels = samples.select(1, 0).to(at::kLong)};
}

at::Tensor inputOf(const Batch& batch) { return batch.inputs.front().toTensor(); }

Batch augmented(Batch batch, const steps::Augmentation& augmentation, Task task = Task::Segmentation) {
    std::mt19937_64 random = epochRandom(5, 0);
    augment(batch, augmentation, task, random);
    return batch;
}

TEST(Augment, FlipsWholeSamplesWithTheirMaps) {
    const Batch plain = images(), flipped = augmented(images(), {.flip = true});
    int turned = 0;
    for (std::int64_t sample = 0; sample < 6; ++sample) {
        const bool isTurned = inputOf(flipped)[sample].equal(inputOf(plain)[sample].flip(-1));
        EXPECT_TRUE(isTurned || inputOf(flipped)[sample].equal(inputOf(plain)[sample]));
        EXPECT_TRUE(flipped.labels[sample].equal(isTurned ? plain.labels[sample].flip(-1) : plain.labels[sample]));
        turned += isTurned ? 1 : 0;
    }
    EXPECT_GT(turned, 0);
    EXPECT_LT(turned, 6);
}

TEST(Augment, ShiftsImagesWithTheirMaps) {
    const Batch shifted = augmented(images(), {.shift = 2});
    EXPECT_FALSE(inputOf(shifted).equal(inputOf(images())));
    const at::Tensor first = inputOf(shifted).select(1, 0).to(at::kLong);
    const at::Tensor isInside = shifted.labels.ge(0);
    EXPECT_TRUE(first.equal(shifted.labels.clamp_min(0))) << "zeros follow in the image, what does not count in the map";
    EXPECT_LT(isInside.sum().item<std::int64_t>(), 96);
    EXPECT_GE(isInside.sum().item<std::int64_t>(), 6 * 4) << "by 2 at most";
}

TEST(Augment, ShiftsFartherThanTheImageIsWide) {
    const Batch shifted = augmented(images(), {.shift = 50});
    EXPECT_EQ(inputOf(shifted).sizes(), inputOf(images()).sizes());
}

TEST(Augment, NoiseIsAsLargeAsAsked) {
    const at::Tensor samples = at::arange(0, 4000, at::kFloat).reshape({40, 100});
    const Batch noisy = augmented({.inputs = {samples}, .count = 40}, {.noise = 0.1}, Task::Classification);
    const double ratio = ((inputOf(noisy) - samples).std() / samples.std()).item<double>();
    EXPECT_NEAR(ratio, 0.1, 0.01);
}

TEST(Augment, MixesSamplesAndSaysWhichLabels) {
    Batch batch{.inputs = {at::arange(0, 8, at::kFloat).reshape({8, 1})}, .count = 8, .labels = at::arange(0, 8, at::kLong)};
    const Batch mixed = augmented(batch, {.mixup = 0.5}, Task::Classification);
    ASSERT_TRUE(mixed.mixedLabels.defined());
    EXPECT_GT(mixed.share, 0);
    EXPECT_LT(mixed.share, 1);
    const at::Tensor expected = mixed.labels.to(at::kFloat) * mixed.share + mixed.mixedLabels.to(at::kFloat) * (1 - mixed.share);
    EXPECT_LT((inputOf(mixed).flatten() - expected).abs().max().item<double>(), 1e-5);
}

TEST(Augment, SharesOfMixesAreThoseOfTheBetaDistribution) {
    std::mt19937_64 random = epochRandom(1, 0);
    double sum = 0, squares = 0;
    constexpr int draws = 4000;
    for (int draw = 0; draw < draws; ++draw) {
        Batch batch{.inputs = {at::zeros({2, 1})}, .count = 2};
        augment(batch, {.mixup = 0.2}, Task::Outputs, random);
        sum += batch.share;
        squares += batch.share * batch.share;
    }
    const double mean = sum / draws, variance = squares / draws - mean * mean;
    EXPECT_NEAR(mean, 0.5, 0.03);
    EXPECT_NEAR(variance, 1 / (4 * (2 * 0.2 + 1)), 0.01) << "1 / (4·(2α + 1))";
}

TEST(Augment, DroppedTokensAreThoseOfOtherSamplesAtTheSamePlace) {
    const at::Tensor tokens = at::arange(0, 5 * 40, at::kLong).reshape({5, 40});
    const Batch dropped = augmented({.inputs = {tokens}, .count = 5}, {.tokenDropout = 0.3}, Task::Classification);
    const at::Tensor places = inputOf(dropped).remainder(40);
    EXPECT_TRUE(places.equal(tokens.remainder(40)));
    const double changed = inputOf(dropped).ne(tokens).to(at::kDouble).mean().item<double>();
    EXPECT_GT(changed, 0.1);
    EXPECT_LT(changed, 0.4);
}

TEST(Augment, NothingAskedForChangesNothingAndDrawsNothing) {
    std::mt19937_64 random = epochRandom(5, 0), untouched = epochRandom(5, 0);
    Batch batch = images();
    augment(batch, {}, Task::Segmentation, random);
    EXPECT_TRUE(inputOf(batch).equal(inputOf(images())));
    EXPECT_EQ(random, untouched);
}

TEST(CheckAugmentation, SaysWhatIsNotForSuchData) {
    const auto tokens =
        data::InMemoryDataset::create({.name = "words", .train = {tensor::Tensor::zeros(tensor::DType::Int64, {3, 5}), {}}}).value();
    EXPECT_TRUE(checkAugmentation({.tokenDropout = 0.1}, *tokens));
    EXPECT_FALSE(checkAugmentation({.flip = true}, *tokens));
    EXPECT_FALSE(checkAugmentation({.noise = 0.1}, *tokens));
    const auto numbers = testing::toyData();
    EXPECT_TRUE(checkAugmentation({.flip = true, .shift = 1, .noise = 1, .mixup = 1}, *numbers));
    EXPECT_FALSE(checkAugmentation({.tokenDropout = 0.1}, *numbers));
}

} // namespace
} // namespace lathe::train
