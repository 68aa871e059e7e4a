#include <core/runtime/kernels/attention/attention_tiles.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

#include <core/runtime/kernels/attention/row_softmax.h>

namespace lathe::runtime {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

float toFloat(std::uint16_t half) { return std::bit_cast<float>(static_cast<std::uint32_t>(half) << 16U); }

std::uint16_t toHalf(float number) {
    std::uint16_t half = 0;
    toBfloat16Portable(&number, 1, &half);
    return half;
}

/// A matrix with numbers between its rows that nobody may read as part of it.
struct Matrix {
    std::int64_t rows, columns, stride;
    std::vector<std::uint16_t> data;

    Matrix(std::int64_t rowCount, std::int64_t columnCount, unsigned seed, std::int64_t gap)
        : rows(rowCount), columns(columnCount), stride(columnCount + gap),
          data(static_cast<std::size_t>(rowCount * stride), toHalf(1e30F)) {
        std::mt19937 engine(seed);
        std::normal_distribution<float> numbers;
        for (std::int64_t row = 0; row < rows; ++row) {
            for (std::int64_t column = 0; column < columns; ++column)
                data[static_cast<std::size_t>(row * stride + column)] = toHalf(numbers(engine));
        }
    }
    [[nodiscard]] double at(std::int64_t row, std::int64_t column) const {
        return static_cast<double>(toFloat(data[static_cast<std::size_t>(row * stride + column)]));
    }
    [[nodiscard]] NumberRows<std::uint16_t> view() const { return {data.data(), stride}; }
};

struct Sizes {
    std::int64_t rows, keys, features, valueFeatures;
};

/// By the definition in double; only the weights are rounded.
std::vector<double> reference(const HalfHead& head, const Matrix& query, const Matrix& key, const Matrix& value) {
    std::vector<double> result;
    for (std::int64_t row = 0; row < head.rows; ++row) {
        std::vector<double> weights;
        double peak = -std::numeric_limits<double>::infinity(), sum = 0;
        for (std::int64_t each = 0; each < head.keys; ++each) {
            double score = 0;
            for (std::int64_t feature = 0; feature < head.features; ++feature)
                score += query.at(row, feature) * key.at(each, feature);
            score *= static_cast<double>(head.factor);
            if (head.mask != nullptr) score += static_cast<double>(head.mask[row * head.maskRowStride + each * head.maskKeyStride]);
            weights.push_back(score);
            peak = std::max(peak, score);
        }
        for (double& weight : weights)
            sum += weight = std::exp(weight - peak);
        for (std::int64_t feature = 0; feature < head.valueFeatures; ++feature) {
            double total = 0;
            for (std::int64_t each = 0; each < head.keys; ++each)
                total += static_cast<double>(toFloat(toHalf(static_cast<float>(weights[static_cast<std::size_t>(each)] / sum)))) *
                         value.at(each, feature);
            result.push_back(total);
        }
    }
    return result;
}

enum class Mask { None, OfKeys, OfRowsAndKeys, OfRows };

void expectAsDefined(HalfProducts products, const Sizes& sizes, Mask kind, std::int64_t gap) {
    const Matrix query(sizes.rows, sizes.features, 1, gap), key(sizes.keys, sizes.features, 2, gap),
        value(sizes.keys, sizes.valueFeatures, 3, gap);
    std::vector<float> mask;
    for (std::int64_t at = 0; at < sizes.rows * sizes.keys; ++at)
        mask.push_back(at % 5 == 4 ? -infinity : static_cast<float>(at % 7) / 3);
    const std::int64_t resultStride = sizes.valueFeatures + 3;
    std::vector<float> result(static_cast<std::size_t>(sizes.rows * resultStride), 77);
    HalfHead head{sizes.rows, sizes.keys, sizes.features, sizes.valueFeatures, query.view(), key.view(), value.view(), 0.25F};
    if (kind != Mask::None) head.mask = mask.data();
    head.maskRowStride = kind == Mask::OfRowsAndKeys ? sizes.keys : kind == Mask::OfRows ? 1 : 0;
    head.maskKeyStride = kind == Mask::OfRows ? 0 : 1;
    if (kind == Mask::OfRows) mask.assign(mask.size(), 0.5F);
    head.result = result.data();
    head.resultStride = resultStride;
    AttentionTiles tiles(products);
    tiles.run(head);
    const std::vector<double> wanted = reference(head, query, key, value);
    // A weight that lies between two halves may be rounded to the other one: 2^-9 of it.
    for (std::int64_t row = 0; row < sizes.rows; ++row) {
        for (std::int64_t feature = 0; feature < sizes.valueFeatures; ++feature)
            ASSERT_NEAR(result[static_cast<std::size_t>(row * resultStride + feature)],
                        wanted[static_cast<std::size_t>(row * sizes.valueFeatures + feature)], 4e-3)
                << row << ", " << feature << " of " << sizes.rows << "x" << sizes.keys << "x" << sizes.features;
        for (std::int64_t behind = sizes.valueFeatures; behind < resultStride; ++behind)
            ASSERT_EQ(result[static_cast<std::size_t>(row * resultStride + behind)], 77) << "what lies behind stays";
    }
}

/// With each kind of products that the CPU has.
class Tiles : public ::testing::TestWithParam<HalfProducts> {
protected:
    void SetUp() override {
        const auto best = bestHalfProducts();
        const bool has = best == GetParam() || (best && GetParam() == HalfProducts::DotProducts && __builtin_cpu_supports("avx512bf16"));
        if (!has) GTEST_SKIP() << "this CPU has no such products of bfloat16";
    }
};

INSTANTIATE_TEST_SUITE_P(Products, Tiles, ::testing::Values(HalfProducts::MatrixTiles, HalfProducts::DotProducts));

TEST_P(Tiles, EveryShapeAndMask) {
    for (const Sizes& sizes :
         {Sizes{1, 1, 1, 1}, {16, 32, 32, 16}, {17, 33, 31, 17}, {5, 7, 64, 5}, {128, 128, 32, 32}, {3, 300, 80, 48}}) {
        for (const Mask mask : {Mask::None, Mask::OfKeys, Mask::OfRowsAndKeys, Mask::OfRows}) {
            if (sizes.keys == 1 && mask != Mask::None) continue;
            for (const std::int64_t gap : {0, 5})
                expectAsDefined(GetParam(), sizes, mask, gap);
        }
    }
}

TEST_P(Tiles, OneAfterAnotherOfOtherSizes) {
    AttentionTiles tiles(GetParam());
    for (const std::int64_t keys : {200, 3, 64}) {
        const Matrix query(2, 8, 1, 0), key(keys, 8, 2, 0), value(keys, 8, 3, 0);
        std::vector<float> result(16);
        HalfHead head{2, keys, 8, 8, query.view(), key.view(), value.view(), 1};
        head.result = result.data();
        head.resultStride = 8;
        tiles.run(head);
        const std::vector<double> wanted = reference(head, query, key, value);
        for (std::size_t at = 0; at < result.size(); ++at)
            EXPECT_NEAR(result[at], wanted[at], 1e-2) << keys;
    }
}

TEST_P(Tiles, ARowWithoutAnythingIsNoNumber) {
    const Matrix query(2, 8, 1, 0), key(3, 8, 2, 0), value(3, 8, 3, 0);
    const std::vector<float> mask = {-infinity, -infinity, -infinity, 0, 0, 0};
    std::vector<float> result(16);
    HalfHead head{2, 3, 8, 8, query.view(), key.view(), value.view(), 1, mask.data(), 3, 1, result.data(), 8};
    AttentionTiles tiles(GetParam());
    tiles.run(head);
    EXPECT_TRUE(std::isnan(result[0]) && std::isnan(result[7])) << "as in PyTorch";
    EXPECT_FALSE(std::isnan(result[8]));
}

} // namespace
} // namespace lathe::runtime
