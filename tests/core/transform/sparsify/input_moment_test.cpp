#include <core/transform/sparsify/input_moment.h>

#include <cmath>
#include <limits>
#include <numeric>

#include <gtest/gtest.h>

#include <tests/support/graphs.h>

namespace lathe::transform {
namespace {

using Detail = InputMoment::Detail;

struct Case {
    const char* name;
    std::int64_t groups, outputs, inputs;
    std::vector<std::int64_t> kernel, stride, padding, dilation, size;
    bool isTransposed = false;
};

void PrintTo(const Case& each, std::ostream* stream) { *stream << each.name; }

class InputMomentOf : public ::testing::TestWithParam<Case> {};

std::int64_t product(const std::vector<std::int64_t>& sizes) {
    return std::accumulate(sizes.begin(), sizes.end(), std::int64_t{1}, std::multiplies<>());
}

std::vector<std::int64_t> indices(std::int64_t at, const std::vector<std::int64_t>& sizes) {
    std::vector<std::int64_t> found(sizes.size());
    for (std::size_t dimension = sizes.size(); dimension-- > 0; at /= sizes[dimension])
        found[dimension] = at % sizes[dimension];
    return found;
}

/// The layer itself, as its definition says: every input is multiplied with every weight and added where that belongs. With weights that
/// are all zero but one, what it gives at each place is what it reads there through that weight.
std::vector<double> outputs(const Case& each, const std::vector<float>& image, std::int64_t group, std::int64_t input, std::int64_t place,
                            const std::vector<std::int64_t>& outputSizes) {
    std::vector<double> result(static_cast<std::size_t>(product(outputSizes)), 0);
    const std::vector<std::int64_t> tap = indices(place, each.kernel);
    const std::int64_t from = product(each.size), channel = group * each.inputs + input;
    for (std::int64_t output = 0; output < product(outputSizes); ++output) {
        for (std::int64_t at = 0; at < from; ++at) {
            const auto o = indices(output, outputSizes), i = indices(at, each.size);
            bool meets = true;
            for (std::size_t d = 0; d < o.size(); ++d) {
                const std::int64_t shift = tap[d] * each.dilation[d] - each.padding[d];
                meets = meets && (each.isTransposed ? o[d] == i[d] * each.stride[d] + shift : i[d] == o[d] * each.stride[d] + shift);
            }
            if (meets)
                result[static_cast<std::size_t>(output)] += static_cast<double>(image[static_cast<std::size_t>(channel * from + at)]);
        }
    }
    return result;
}

TEST_P(InputMomentOf, IsThatOfWhatEachWeightReads) {
    const Case& each = GetParam();
    std::vector<std::int64_t> outputSizes;
    for (std::size_t d = 0; d < each.kernel.size(); ++d) {
        const std::int64_t reach = each.dilation[d] * (each.kernel[d] - 1) + 1;
        outputSizes.push_back(each.isTransposed ? (each.size[d] - 1) * each.stride[d] - 2 * each.padding[d] + reach
                                                : (each.size[d] + 2 * each.padding[d] - reach) / each.stride[d] + 1);
    }
    const WeightRows rows{each.groups, each.outputs, each.inputs, product(each.kernel), each.isTransposed};
    const LayerInput input{rows, each.kernel, each.stride, each.padding, each.dilation};
    InputMoment moment(input, Detail::Moments), squares(input, Detail::Squares);
    const std::int64_t samples = 2;
    tensor::Shape shape{samples, each.groups * each.inputs};
    shape.insert(shape.end(), each.size.begin(), each.size.end());
    const tensor::Tensor images = support::randomTensor(shape, 5);
    moment.add(images);
    squares.add(images);
    const std::int64_t all = samples * product(outputSizes);
    ASSERT_EQ(moment.count(), all);

    const std::vector<float> values = images.toFloats();
    const auto imageSize = static_cast<std::ptrdiff_t>(values.size()) / samples;
    const std::int64_t columns = rows.columns();
    for (std::int64_t group = 0; group < each.groups; ++group) {
        std::vector<std::vector<double>> read(static_cast<std::size_t>(columns));
        for (std::int64_t column = 0; column < columns; ++column) {
            for (std::int64_t sample = 0; sample < samples; ++sample) {
                const std::vector<float> image(values.begin() + sample * imageSize, values.begin() + (sample + 1) * imageSize);
                const auto more = outputs(each, image, group, column % each.inputs, column / each.inputs, outputSizes);
                auto& into = read[static_cast<std::size_t>(column)];
                into.insert(into.end(), more.begin(), more.end());
            }
        }
        const std::vector<double> found = moment.moment(group);
        for (std::int64_t a = 0; a < columns; ++a) {
            for (std::int64_t b = 0; b < columns; ++b) {
                const auto &left = read[static_cast<std::size_t>(a)], &right = read[static_cast<std::size_t>(b)];
                const double expected = std::inner_product(left.begin(), left.end(), right.begin(), 0.0) / static_cast<double>(all);
                EXPECT_NEAR(found[static_cast<std::size_t>(a * columns + b)], expected, 1e-5);
                if (a != b) continue;
                EXPECT_NEAR(moment.squares()[static_cast<std::size_t>(group * columns + a)], expected, 1e-5);
                EXPECT_NEAR(squares.squares()[static_cast<std::size_t>(group * columns + a)], expected, 1e-5);
            }
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Layers, InputMomentOf,
                         ::testing::Values(Case{"plain", 1, 2, 3, {3, 3}, {1, 1}, {0, 0}, {1, 1}, {5, 6}},
                                           Case{"padded", 1, 2, 2, {3, 3}, {1, 1}, {1, 2}, {1, 1}, {4, 3}},
                                           Case{"strided", 1, 2, 2, {3, 2}, {2, 3}, {1, 0}, {1, 1}, {7, 8}},
                                           Case{"dilated", 1, 1, 2, {2, 3}, {1, 1}, {2, 1}, {3, 2}, {6, 7}},
                                           Case{"grouped", 3, 2, 2, {3, 1}, {1, 1}, {1, 0}, {1, 1}, {4, 3}},
                                           Case{"depthwise", 4, 1, 1, {3, 3}, {2, 2}, {1, 1}, {1, 1}, {5, 5}},
                                           Case{"one dimension", 1, 2, 3, {4}, {2}, {1}, {1}, {9}},
                                           Case{"three dimensions", 1, 1, 2, {2, 1, 2}, {1, 2, 1}, {0, 0, 1}, {1, 1, 1}, {3, 3, 2}},
                                           Case{"transposed", 1, 2, 3, {3, 2}, {2, 1}, {1, 0}, {1, 2}, {3, 4}, true},
                                           Case{"transposed, grouped", 2, 1, 2, {3}, {3}, {1}, {1}, {4}, true},
                                           Case{"kernel of one", 1, 2, 4, {1, 1}, {1, 1}, {0, 0}, {1, 1}, {3, 3}}));

const LayerInput linear{weightRows({2, 3}, 1, false)};

TEST(InputMoment, OfALinearLayerIsThatOfItsInput) {
    InputMoment moment(linear, Detail::Moments);
    moment.add(tensor::Tensor::of<float>({2, 1, 3}, {1, 2, 3, -1, 0, 2}));
    EXPECT_EQ(moment.count(), 2);
    EXPECT_EQ(moment.moment(0), (std::vector<double>{1, 1, .5, 1, 2, 3, .5, 3, 6.5}));
    EXPECT_EQ(moment.squares(), (std::vector<double>{1, 2, 6.5}));
}

/// Against the layer run on the samples.
TEST(InputMoment, KnowsTheErrorOfWhatTheLayerComputes) {
    InputMoment moment(linear, Detail::Moments);
    const std::vector<float> before{1, 2, 3, -1, 0, 2}, after{1, 0, 3, 0, 0, 2};
    EXPECT_FALSE(moment.outputError(before, after)) << "nothing was seen";
    const std::vector<std::vector<float>> samples{{1, 2, 3}, {-1, 0, 2}, {4, -4, 1}};
    double error = 0, signal = 0;
    for (const auto& sample : samples) {
        moment.add(tensor::Tensor::of<float>({1, 3}, sample));
        for (std::size_t output = 0; output < 2; ++output) {
            double is = 0, was = 0;
            for (std::size_t i = 0; i < 3; ++i) {
                was += static_cast<double>(before[output * 3 + i] * sample[i]);
                is += static_cast<double>(after[output * 3 + i] * sample[i]);
            }
            error += (is - was) * (is - was);
            signal += was * was;
        }
    }
    EXPECT_NEAR(*moment.outputError(before, after), error / signal, 1e-12);
    EXPECT_EQ(*moment.outputError(before, before), 0);
    const std::vector<float> zeros(6, 0);
    EXPECT_EQ(*moment.outputError(zeros, zeros), 0);
}

TEST(InputMoment, LeavesOutWhatDoesNotFit) {
    InputMoment moment(linear, Detail::Moments);
    moment.add(support::randomTensor({2, 4}, 1));
    moment.add(tensor::Tensor::of<float>({0, 3}, {}));
    EXPECT_EQ(moment.count(), 0);
    const LayerInput convolution{weightRows({2, 3, 3, 3}, 1, false), {3, 3}, {1, 1}, {0, 0}, {1, 1}};
    InputMoment small(convolution, Detail::Moments);
    small.add(support::randomTensor({1, 3, 2, 2}, 1)); // smaller than the kernel
    small.add(support::randomTensor({1, 4, 5, 5}, 1)); // other channels
    small.add(support::randomTensor({5, 5}, 1));
    EXPECT_EQ(small.count(), 0);
    small.add(support::randomTensor({3, 4, 5}, 1)); // no samples' dimension
    EXPECT_EQ(small.count(), 6);
}

TEST(InputMoment, KnowsWhatIsNotFinite) {
    for (const Detail detail : {Detail::Moments, Detail::Squares}) {
        InputMoment moment(linear, detail);
        moment.add(support::randomTensor({2, 3}, 1));
        EXPECT_TRUE(moment.isFinite());
        moment.add(tensor::Tensor::of<float>({1, 3}, {0, std::numeric_limits<float>::infinity(), 0}));
        EXPECT_FALSE(moment.isFinite());
    }
}

} // namespace
} // namespace lathe::transform
