#include <core/runtime/kernels/vision/non_max_suppression.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include <core/graph/operators/library_names.h>
#include <tests/core/runtime/graphs.h>

namespace lathe::runtime::testing {
namespace {

double overlap(const at::Tensor& a, const at::Tensor& b) {
    const auto at = [](const at::Tensor& box, int index) { return box[index].item<double>(); };
    const double width = std::max(0.0, std::min(at(a, 2), at(b, 2)) - std::max(at(a, 0), at(b, 0)));
    const double height = std::max(0.0, std::min(at(a, 3), at(b, 3)) - std::max(at(a, 1), at(b, 1)));
    const auto area = [&](const at::Tensor& box) { return (at(box, 2) - at(box, 0)) * (at(box, 3) - at(box, 1)); };
    return width * height / (area(a) + area(b) - width * height);
}

/// Again and again the best of those that are left, which takes away what it covers.
std::vector<std::int64_t> slowSuppression(const at::Tensor& boxes, const at::Tensor& scores, double threshold, double least) {
    std::vector<std::int64_t> left, kept;
    for (std::int64_t index = 0; index < scores.size(0); ++index)
        if (scores[index].item<double>() > least) left.push_back(index);
    while (!left.empty()) {
        std::int64_t best = left.front();
        for (const std::int64_t index : left)
            if (scores[index].item<double>() > scores[best].item<double>()) best = index;
        kept.push_back(best);
        std::erase_if(left, [&](std::int64_t index) { return index == best || overlap(boxes[best], boxes[index]) > threshold; });
    }
    return kept;
}

at::Tensor randomBoxes(std::int64_t count) {
    const at::Tensor corner = at::rand({count, 2}), size = at::rand({count, 2}) * 0.5 + 0.05;
    return at::cat({corner, corner + size}, 1);
}

TEST(NonMaxSuppression, BoxesAsTorchvisionHasThem) {
    at::manual_seed(3);
    for (const std::int64_t count : {0, 1, 40}) {
        for (const double threshold : {0.0, 0.3, 1.0}) {
            Graph graph;
            const auto boxes = graph.addInput("boxes"), scores = graph.addInput("scores");
            graph.main.outputs.emplace_back(graph.addNode(std::string(graph::op::nms), "nms", {boxes, scores, real(threshold)}).results[0]);
            Plan plan = compiled(graph);
            EXPECT_EQ(plan.instructions()[0].kernel, "Lathe nms");
            const at::Tensor where = randomBoxes(count);
            at::Tensor score = at::rand({count});
            if (count > 3) score[2] = score[3]; // of equal ones the first
            const at::Tensor kept = runAll(plan, {where, score})[0].toTensor();
            EXPECT_EQ(kept.scalar_type(), at::kLong);
            const auto expected = slowSuppression(where, score, threshold, -1);
            EXPECT_TRUE(at::equal(kept, at::tensor(expected, at::kLong))) << count << " boxes, threshold " << threshold;
        }
    }
}

TEST(NonMaxSuppression, ClassesOfSeveralImagesAsOnnxHasThem) {
    at::manual_seed(4);
    const at::Tensor corners = at::stack({randomBoxes(12), randomBoxes(12)}), scores = at::rand({2, 3, 12});
    for (const bool isCentred : {false, true}) {
        for (const std::int64_t most : {0, 2, 100}) {
            Graph graph;
            const auto boxes = graph.addInput("boxes"), score = graph.addInput("scores");
            const auto limit = graph.addWeight("most", tensor::Tensor::of<std::int64_t>({1}, {most}), false);
            const auto share = graph.addWeight("share", tensor::Tensor::of<float>({1}, {0.3F}), false);
            const auto least = graph.addWeight("least", tensor::Tensor::of<float>({1}, {0.4F}), false);
            graph.main.outputs.emplace_back(
                graph.addNode(std::string(graph::op::nonMaxSuppression), "nms", {boxes, score, limit, share, least, boolean(isCentred)})
                    .results[0]);
            Plan plan = compiled(graph);
            const auto part = [&](int index) { return corners.select(2, index); };
            // Centre and size, or opposite corners: y first, and any two.
            const at::Tensor given =
                isCentred ? at::stack({(part(0) + part(2)) / 2, (part(1) + part(3)) / 2, part(2) - part(0), part(3) - part(1)}, 2)
                          : at::stack({part(3), part(0), part(1), part(2)}, 2);
            const at::Tensor rows = runAll(plan, {given, scores})[0].toTensor();
            std::vector<std::int64_t> expected;
            for (std::int64_t image = 0; image < 2; ++image)
                for (std::int64_t kind = 0; kind < 3; ++kind) {
                    auto kept = slowSuppression(corners[image], scores[image][kind], 0.3, 0.4);
                    kept.resize(std::min(kept.size(), static_cast<std::size_t>(most)));
                    for (const std::int64_t box : kept)
                        expected.insert(expected.end(), {image, kind, box});
                }
            EXPECT_TRUE(at::equal(rows, at::tensor(expected, at::kLong).reshape({-1, 3}))) << isCentred << ", " << most << "\n" << rows;
        }
    }
}

TEST(NonMaxSuppression, WhatDoesNotFitIsAnError) {
    Graph graph;
    const auto boxes = graph.addInput("boxes"), scores = graph.addInput("scores");
    graph.main.outputs.emplace_back(graph.addNode(std::string(graph::op::nms), "nms", {boxes, scores, real(0.5)}).results[0]);
    Plan plan = compiled(graph);
    EXPECT_FALSE(plan.run(std::vector<c10::IValue>{at::rand({4, 3}), at::rand({4})}));
    EXPECT_FALSE(plan.run(std::vector<c10::IValue>{at::rand({4, 4}), at::rand({5})}));
}

} // namespace
} // namespace lathe::runtime::testing
