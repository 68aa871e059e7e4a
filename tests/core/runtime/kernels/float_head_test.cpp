#include <core/runtime/kernels/attention/float_head.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <core/runtime/cpu.h>

namespace lathe::runtime {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

struct Head {
    explicit Head(std::int64_t rows, std::int64_t keys, std::int64_t features, std::int64_t valueFeatures)
        : query(random(rows * (features + 3))), key(random(keys * (features + 1))), value(random(keys * (valueFeatures + 2))),
          result(static_cast<std::size_t>(rows * (valueFeatures + 4)), -7.0f) {
        head.rows = rows;
        head.keys = keys;
        head.features = features;
        head.valueFeatures = valueFeatures;
        head.query = {query.data(), features + 3};
        head.key = {key.data(), features + 1};
        head.value = {value.data(), valueFeatures + 2};
        head.factor = 0.6f;
        head.result = result.data();
        head.resultStride = valueFeatures + 4;
    }

    static std::vector<float> random(std::int64_t count) {
        static std::mt19937 engine(11);
        std::uniform_real_distribution<float> distribution(-2, 2);
        std::vector<float> numbers(static_cast<std::size_t>(count));
        std::ranges::generate(numbers, [&] { return distribution(engine); });
        return numbers;
    }

    void run(const FloatHeadLoops& loops) {
        std::vector<float> room(static_cast<std::size_t>(loops.roomFor(head)), std::numeric_limits<float>::quiet_NaN());
        loops.run(head, room.data());
    }

    std::vector<float> query, key, value, mask, result;
    FloatHead head;
};

/// By the definition, in double precision.
std::vector<double> slowRow(const FloatHead& head, std::int64_t row) {
    std::vector<double> scores;
    for (std::int64_t key = 0; key < head.keys; ++key) {
        double sum = 0;
        for (std::int64_t feature = 0; feature < head.features; ++feature)
            sum += static_cast<double>(head.query.data[row * head.query.rowStride + feature]) *
                   static_cast<double>(head.key.data[key * head.key.rowStride + feature]);
        sum *= static_cast<double>(head.factor);
        if (head.mask != nullptr) sum += static_cast<double>(head.mask[row * head.maskRowStride + key * head.maskKeyStride]);
        scores.push_back(sum);
    }
    const double peak = *std::ranges::max_element(scores);
    double total = 0;
    for (double& score : scores)
        total += score = std::exp(score - peak);
    std::vector<double> result(static_cast<std::size_t>(head.valueFeatures), 0.0);
    for (std::int64_t key = 0; key < head.keys; ++key) {
        for (std::int64_t feature = 0; feature < head.valueFeatures; ++feature)
            result[static_cast<std::size_t>(feature)] +=
                scores[static_cast<std::size_t>(key)] / total * static_cast<double>(head.value.data[key * head.value.rowStride + feature]);
    }
    return result;
}

void expectSlow(const Head& made) {
    const FloatHead& head = made.head;
    for (std::int64_t row = 0; row < head.rows; ++row) {
        const std::vector<double> expected = slowRow(head, row);
        for (std::int64_t feature = 0; feature < head.resultStride; ++feature) {
            const double actual = static_cast<double>(head.result[row * head.resultStride + feature]);
            if (feature < head.valueFeatures)
                ASSERT_NEAR(actual, expected[static_cast<std::size_t>(feature)], 1e-5) << row << ", " << feature;
            else
                ASSERT_EQ(actual, -7) << "nothing is written between the rows";
        }
    }
}

std::vector<const FloatHeadLoops*> loopsOfThisCpu() {
    std::vector<const FloatHeadLoops*> loops;
    if (floatHeadLoops() != nullptr) loops.push_back(&floatHeadLoopsAvx2());
    if (floatHeadLoops() != nullptr && mayUseAvx512()) loops.push_back(&floatHeadLoopsAvx512());
    return loops;
}

TEST(FloatHead, IsTheSlowReference) {
    if (loopsOfThisCpu().empty()) GTEST_SKIP() << "this CPU has no AVX2";
    for (const FloatHeadLoops* loops : loopsOfThisCpu()) {
        for (const std::int64_t rows : {1, 5, 6, 13, 25}) {
            for (const std::int64_t keys : {1, 7, 16, 31, 40}) {
                for (const std::int64_t features : {1, 4, 33}) {
                    for (const std::int64_t valueFeatures : {1, 16, 21, 64}) {
                        SCOPED_TRACE(std::to_string(rows) + " rows, " + std::to_string(keys) + " keys, " + std::to_string(features) +
                                     " and " + std::to_string(valueFeatures) + " features");
                        Head head(rows, keys, features, valueFeatures);
                        head.run(*loops);
                        expectSlow(head);
                    }
                }
            }
        }
    }
}

TEST(FloatHead, MasksOfEveryForm) {
    for (const FloatHeadLoops* loops : loopsOfThisCpu()) {
        for (const bool hasRows : {false, true}) {
            for (const bool hasKeys : {false, true}) {
                Head head(13, 37, 8, 8);
                head.mask = Head::random(13 * 37);
                for (std::size_t at = 5; hasKeys && at < head.mask.size(); at += 3)
                    head.mask[at] = -infinity;
                head.head.mask = head.mask.data();
                head.head.maskKeyStride = hasKeys ? 1 : 0;
                head.head.maskRowStride = hasRows ? 37 : 0;
                head.run(*loops);
                expectSlow(head);
            }
        }
        Head turned(5, 19, 8, 8); // keys that do not lie side by side
        turned.mask = Head::random(5 * 19);
        turned.head.mask = turned.mask.data();
        turned.head.maskKeyStride = 5;
        turned.head.maskRowStride = 1;
        turned.run(*loops);
        expectSlow(turned);
    }
}

TEST(FloatHead, WhatIsMaskedCountsForNothing) {
    for (const FloatHeadLoops* loops : loopsOfThisCpu()) {
        Head head(3, 20, 4, 4);
        head.mask.assign(3 * 20, -infinity);
        head.mask[20 + 7] = 2; // of the second row one key, of the others none
        head.head.mask = head.mask.data();
        head.head.maskKeyStride = 1;
        head.head.maskRowStride = 20;
        head.run(*loops);
        EXPECT_TRUE(std::isnan(head.result[0])) << "as PyTorch's";
        for (std::size_t feature = 0; feature < 4; ++feature)
            EXPECT_EQ(head.result[8 + feature], head.value[7 * 6 + feature]) << "the others weigh exactly nothing";
        Head large(2, 9, 4, 4); // scores far beyond what e to the power of them could be
        std::ranges::for_each(large.query, [](float& number) { number *= 1e4f; });
        large.run(*loops);
        for (const std::size_t at : {0, 1, 2, 3, 8, 9, 10, 11})
            EXPECT_TRUE(std::isfinite(large.result[at]));
    }
}

} // namespace
} // namespace lathe::runtime
