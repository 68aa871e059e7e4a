#include <core/runtime/kernels/vision/deform_conv2d.h>

#include <gtest/gtest.h>

#include <cmath>

#include <core/graph/operators/library_names.h>
#include <tests/core/runtime/graphs.h>

namespace lathe::runtime::testing {
namespace {

struct Case {
    std::int64_t strideY = 1, strideX = 1, padY = 0, padX = 0, dilationY = 1, dilationX = 1, groups = 1, offsetGroups = 1;
    bool usesMask = false;
};

/// The definition, one multiplication after the other.
at::Tensor slowDeformConv(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& offset, const at::Tensor& mask,
                          const at::Tensor& bias, const Case& c) {
    const auto rows = offset.size(2), columns = offset.size(3), kernelY = weight.size(2), kernelX = weight.size(3);
    at::Tensor result = at::zeros({x.size(0), weight.size(0), rows, columns});
    const auto pixel = [&](std::int64_t image, std::int64_t channel, std::int64_t row, std::int64_t column) {
        const bool isInside = row >= 0 && row < x.size(2) && column >= 0 && column < x.size(3);
        return isInside ? x[image][channel][row][column].item<double>() : 0.0;
    };
    const std::int64_t perGroup = weight.size(1), filtersPerGroup = weight.size(0) / c.groups, perOffset = x.size(1) / c.offsetGroups;
    for (std::int64_t image = 0; image < x.size(0); ++image)
        for (std::int64_t filter = 0; filter < weight.size(0); ++filter)
            for (std::int64_t row = 0; row < rows; ++row)
                for (std::int64_t column = 0; column < columns; ++column) {
                    double sum = bias.numel() > 0 ? bias[filter].item<double>() : 0;
                    for (std::int64_t part = 0; part < perGroup; ++part)
                        for (std::int64_t i = 0; i < kernelY; ++i)
                            for (std::int64_t j = 0; j < kernelX; ++j) {
                                const std::int64_t channel = filter / filtersPerGroup * perGroup + part;
                                const std::int64_t tap = channel / perOffset * kernelY * kernelX + i * kernelX + j;
                                const double y = static_cast<double>(row * c.strideY - c.padY + i * c.dilationY) +
                                                 offset[image][2 * tap][row][column].item<double>();
                                const double z = static_cast<double>(column * c.strideX - c.padX + j * c.dilationX) +
                                                 offset[image][2 * tap + 1][row][column].item<double>();
                                const auto top = static_cast<std::int64_t>(std::floor(y)), left = static_cast<std::int64_t>(std::floor(z));
                                const double down = y - static_cast<double>(top), aside = z - static_cast<double>(left);
                                const double value = (1 - down) * (1 - aside) * pixel(image, channel, top, left) +
                                                     (1 - down) * aside * pixel(image, channel, top, left + 1) +
                                                     down * (1 - aside) * pixel(image, channel, top + 1, left) +
                                                     down * aside * pixel(image, channel, top + 1, left + 1);
                                const double share = c.usesMask ? mask[image][tap][row][column].item<double>() : 1;
                                sum += value * share * weight[filter][part][i][j].item<double>();
                            }
                    result[image][filter][row][column] = sum;
                }
    return result;
}

Plan planFor(const Case& c) {
    Graph graph;
    std::vector<Operand> operands;
    for (const char* name : {"x", "weight", "offset", "mask", "bias"})
        operands.emplace_back(graph.addInput(name));
    for (const std::int64_t number : {c.strideY, c.strideX, c.padY, c.padX, c.dilationY, c.dilationX, c.groups, c.offsetGroups})
        operands.push_back(integer(number));
    operands.push_back(boolean(c.usesMask));
    graph.main.outputs.emplace_back(graph.addNode(std::string(graph::op::deformConv2d), "deform", std::move(operands)).results[0]);
    return compiled(graph);
}

TEST(DeformConv2d, IsItsDefinition) {
    at::manual_seed(6);
    const std::vector<Case> cases{{},
                                  {.strideY = 2, .padY = 1, .padX = 2, .dilationX = 2},
                                  {.padY = 1, .padX = 1, .groups = 2, .offsetGroups = 2, .usesMask = true},
                                  {.offsetGroups = 4, .usesMask = true}};
    for (std::size_t at = 0; at < cases.size(); ++at) {
        const Case& c = cases[at];
        const std::int64_t kernelY = 3, kernelX = 2;
        const at::Tensor x = at::randn({2, 4, 6, 5}), weight = at::randn({6, 4 / c.groups, kernelY, kernelX}), bias = at::randn({6});
        const std::int64_t rows = (6 + 2 * c.padY - c.dilationY * (kernelY - 1) - 1) / c.strideY + 1;
        const std::int64_t columns = (5 + 2 * c.padX - c.dilationX * (kernelX - 1) - 1) / c.strideX + 1;
        const at::Tensor offset = at::randn({2, 2 * c.offsetGroups * kernelY * kernelX, rows, columns}) * 2;
        const at::Tensor mask = c.usesMask ? at::rand({2, c.offsetGroups * kernelY * kernelX, rows, columns}) : at::zeros({2, 1});
        Plan plan = planFor(c);
        EXPECT_EQ(plan.instructions()[0].kernel, "Lathe deform_conv2d");
        const at::Tensor actual = runAll(plan, {x, weight, offset, mask, bias})[0].toTensor();
        const at::Tensor expected = slowDeformConv(x, weight, offset, mask, bias, c);
        EXPECT_TRUE(at::allclose(actual, expected, 1e-4, 1e-4)) << "case " << at;
    }
}

TEST(DeformConv2d, OffsetsThatAreNoNumbersLookAtNothing) {
    Plan plan = planFor({});
    const float nan = std::numeric_limits<float>::quiet_NaN(), far = 1e30F;
    at::Tensor offset = at::full({1, 2, 3, 3}, far);
    offset[0][0][0][0] = nan;
    const at::Tensor y =
        runAll(plan, {at::ones({1, 1, 3, 3}), at::ones({1, 1, 1, 1}), offset, at::zeros({1, 1}), at::zeros({1})})[0].toTensor();
    EXPECT_TRUE(at::equal(y, at::zeros({1, 1, 3, 3})));
    EXPECT_FALSE(plan.run(std::vector<c10::IValue>{at::ones({1, 1, 3, 3}), at::ones({1, 1, 1, 1}), at::zeros({1, 2, 2, 3}),
                                                   at::zeros({1, 1}), at::zeros({1})}));
}

} // namespace
} // namespace lathe::runtime::testing
