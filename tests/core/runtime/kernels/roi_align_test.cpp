#include <core/runtime/kernels/vision/roi_align.h>

#include <gtest/gtest.h>

#include <cmath>

#include <core/graph/operators/library_names.h>
#include <tests/core/runtime/graphs.h>

namespace lathe::runtime::testing {
namespace {

double pixelBetween(const at::Tensor& plane, double y, double x) {
    const auto height = plane.size(0), width = plane.size(1);
    if (y < -1 || y > static_cast<double>(height) || x < -1 || x > static_cast<double>(width)) return 0;
    y = std::min(std::max(y, 0.0), static_cast<double>(height - 1));
    x = std::min(std::max(x, 0.0), static_cast<double>(width - 1));
    const auto top = static_cast<std::int64_t>(y), left = static_cast<std::int64_t>(x);
    const auto bottom = std::min(top + 1, height - 1), right = std::min(left + 1, width - 1);
    const double down = y - static_cast<double>(top), aside = x - static_cast<double>(left);
    const auto pixel = [&](std::int64_t row, std::int64_t column) { return plane[row][column].item<double>(); };
    return (1 - down) * ((1 - aside) * pixel(top, left) + aside * pixel(top, right)) +
           down * ((1 - aside) * pixel(bottom, left) + aside * pixel(bottom, right));
}

at::Tensor slowRoiAlign(const at::Tensor& images, const at::Tensor& regions, double scale, std::int64_t height, std::int64_t width,
                        std::int64_t samples, bool isAligned) {
    at::Tensor result = at::zeros({regions.size(0), images.size(1), height, width});
    const double offset = isAligned ? 0.5 : 0;
    for (std::int64_t region = 0; region < regions.size(0); ++region) {
        const auto at = [&](int index) { return regions[region][index].item<double>(); };
        const double left = at(1) * scale - offset, top = at(2) * scale - offset;
        double across = at(3) * scale - offset - left, down = at(4) * scale - offset - top;
        if (!isAligned) {
            across = std::max(across, 1.0);
            down = std::max(down, 1.0);
        }
        const double binY = down / static_cast<double>(height), binX = across / static_cast<double>(width);
        const auto countY = samples > 0 ? samples : static_cast<std::int64_t>(std::ceil(binY));
        const auto countX = samples > 0 ? samples : static_cast<std::int64_t>(std::ceil(binX));
        for (std::int64_t channel = 0; channel < images.size(1); ++channel)
            for (std::int64_t row = 0; row < height; ++row)
                for (std::int64_t column = 0; column < width; ++column) {
                    double sum = 0;
                    for (std::int64_t y = 0; y < countY; ++y)
                        for (std::int64_t x = 0; x < countX; ++x)
                            sum += pixelBetween(
                                images[static_cast<std::int64_t>(at(0))][channel],
                                top + binY * (static_cast<double>(row) + (static_cast<double>(y) + 0.5) / static_cast<double>(countY)),
                                left + binX * (static_cast<double>(column) + (static_cast<double>(x) + 0.5) / static_cast<double>(countX)));
                    const auto count = std::max<std::int64_t>(countX * countY, 1);
                    result[region][channel][row][column] = sum / static_cast<double>(count);
                }
    }
    return result;
}

TEST(RoiAlign, IsTheMeanOfSamplesInEachBin) {
    at::manual_seed(5);
    const at::Tensor images = at::randn({2, 3, 7, 9});
    // Inside, over the border, outside, smaller than a pixel, empty.
    const at::Tensor regions = at::tensor({0.F,  2.F,  2.F, 12.F, 9.F, 1.F,  -4.F, -3.F, 20.F, 16.F, 1.F, 40.F, 40.F,
                                           50.F, 60.F, 0.F, 3.F,  3.F, 3.2F, 3.4F, 1.F,  5.F,  5.F,  5.F, 5.F})
                                   .reshape({5, 5});
    for (const bool isAligned : {false, true}) {
        for (const std::int64_t samples : {-1, 2}) {
            Graph graph;
            const auto x = graph.addInput("x"), r = graph.addInput("r");
            graph.main.outputs.emplace_back(graph
                                                .addNode(std::string(graph::op::roiAlign), "roi",
                                                         {x, r, real(0.5), integer(3), integer(2), integer(samples), boolean(isAligned)})
                                                .results[0]);
            Plan plan = compiled(graph);
            EXPECT_EQ(plan.instructions()[0].kernel, "Lathe roi_align");
            const at::Tensor actual = runAll(plan, {images, regions})[0].toTensor();
            const at::Tensor expected = slowRoiAlign(images, regions, 0.5, 3, 2, samples, isAligned);
            EXPECT_TRUE(at::allclose(actual, expected, 1e-4, 1e-4))
                << isAligned << ", " << samples << ": " << (actual - expected).abs().max();
            EXPECT_GT(expected.abs().max().item<float>(), 0.1F);
        }
    }
}

TEST(RoiAlign, TheLargestShareOfAPixelWhereOnnxAsksForIt) {
    Graph graph;
    const auto x = graph.addInput("x"), r = graph.addInput("r");
    graph.main.outputs.emplace_back(
        graph.addNode(std::string(graph::op::roiAlignMax), "roi", {x, r, real(1), integer(1), integer(1), integer(1), boolean(false)})
            .results[0]);
    Plan plan = compiled(graph);
    // One sample in the middle of four pixels, and one a quarter to the right and down.
    const at::Tensor image = at::tensor({1.F, 2.F, 4.F, 8.F}).reshape({1, 1, 2, 2});
    const at::Tensor regions = at::tensor({0.F, 0.F, 0.F, 1.F, 1.F, 0.F, 0.25F, 0.25F, 1.25F, 1.25F}).reshape({2, 5});
    const at::Tensor y = runAll(plan, {image, regions})[0].toTensor();
    EXPECT_FLOAT_EQ(y[0].item<float>(), 2) << "8 counts by a quarter";
    EXPECT_FLOAT_EQ(y[1].item<float>(), 4.5) << "8 counts by nine sixteenths";
}

TEST(RoiAlign, ARegionOfAnImageThatIsNotThereIsAnError) {
    Graph graph;
    const auto x = graph.addInput("x"), r = graph.addInput("r");
    graph.main.outputs.emplace_back(
        graph.addNode(std::string(graph::op::roiAlign), "roi", {x, r, real(1), integer(2), integer(2), integer(0), boolean(false)})
            .results[0]);
    Plan plan = compiled(graph);
    const auto result = plan.run(std::vector<c10::IValue>{at::rand({1, 1, 4, 4}), at::tensor({3.F, 0.F, 0.F, 2.F, 2.F}).reshape({1, 5})});
    ASSERT_FALSE(result);
    EXPECT_NE(result.error().text().find("image 3"), std::string::npos) << result.error().text();
}

} // namespace
} // namespace lathe::runtime::testing
