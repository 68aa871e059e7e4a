#include <core/runtime/kernels/vision/non_max_suppression.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>

#include <ATen/ops/tensor.h>
#include <torch/library.h>

#include <core/graph/operators/call.h>
#include <core/graph/operators/library_names.h>
#include <core/runtime/kernels/vision/vision_operator_torch.h>

namespace lathe::runtime {

namespace {

struct Box {
    float left, top, right, bottom;
    [[nodiscard]] float area() const { return (right - left) * (bottom - top); }
};

/// Do they share more than that part of what they cover together?
bool overlap(const Box& a, const Box& b, float threshold) {
    const float width = std::min(a.right, b.right) - std::max(a.left, b.left);
    const float height = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
    const float shared = std::max(width, 0.0F) * std::max(height, 0.0F);
    return shared / (a.area() + b.area() - shared) > threshold;
}

/// Of the boxes with these numbers, which are sorted by falling score, those to keep; at most `most`.
std::vector<std::int64_t> suppressed(const std::vector<Box>& boxes, const std::vector<std::int64_t>& order, float threshold,
                                     std::size_t most) {
    std::vector<std::int64_t> kept;
    for (const std::int64_t candidate : order) {
        if (kept.size() >= most) break;
        const Box& box = boxes[static_cast<std::size_t>(candidate)];
        const bool isFree =
            std::ranges::none_of(kept, [&](std::int64_t other) { return overlap(boxes[static_cast<std::size_t>(other)], box, threshold); });
        if (isFree) kept.push_back(candidate);
    }
    return kept;
}

/// Numbers of scores above `least`, the highest first; of equal ones the first.
std::vector<std::int64_t> byScore(const float* scores, std::int64_t count, std::optional<float> least) {
    std::vector<std::int64_t> order(static_cast<std::size_t>(count));
    std::iota(order.begin(), order.end(), 0);
    if (least) std::erase_if(order, [&](std::int64_t index) { return !(scores[index] > *least); });
    std::ranges::stable_sort(order, [&](std::int64_t a, std::int64_t b) { return scores[a] > scores[b]; });
    return order;
}

at::Tensor floats(const at::Tensor& tensor) { return tensor.to(at::kCPU, at::kFloat).contiguous(); }

at::Tensor torchvisionNms(const at::Tensor& boxes, const at::Tensor& scores, double threshold) {
    TORCH_CHECK(boxes.dim() == 2 && boxes.size(1) == 4 && scores.dim() == 1 && scores.size(0) == boxes.size(0),
                "nms takes boxes [n, 4] and scores [n]");
    const at::Tensor corners = floats(boxes), values = floats(scores);
    std::vector<Box> all;
    for (std::int64_t index = 0; index < corners.size(0); ++index) {
        const float* row = corners.const_data_ptr<float>() + 4 * index;
        all.push_back({row[0], row[1], row[2], row[3]});
    }
    const auto kept = suppressed(all, byScore(values.const_data_ptr<float>(), values.size(0), {}), static_cast<float>(threshold),
                                 std::numeric_limits<std::size_t>::max());
    return at::tensor(kept, at::kLong).to(boxes.device());
}

Box boxOf(const float* row, bool isCentred) {
    if (isCentred) return {row[0] - row[2] / 2, row[1] - row[3] / 2, row[0] + row[2] / 2, row[1] + row[3] / 2};
    return {std::min(row[1], row[3]), std::min(row[0], row[2]), std::max(row[1], row[3]), std::max(row[0], row[2])};
}

struct Limits {
    std::size_t most = 0;
    float overlap = 0;
    std::optional<float> score;
};

at::Tensor classwise(const at::Tensor& boxes, const at::Tensor& scores, const Limits& limits, bool isCentred) {
    TORCH_CHECK(boxes.dim() == 3 && boxes.size(2) == 4 && scores.dim() == 3 && scores.size(0) == boxes.size(0) &&
                    scores.size(2) == boxes.size(1),
                "NonMaxSuppression takes boxes [images, n, 4] and scores [images, classes, n]");
    const at::Tensor corners = floats(boxes), values = floats(scores);
    std::vector<std::int64_t> rows;
    for (std::int64_t image = 0; image < scores.size(0); ++image) {
        std::vector<Box> all;
        for (std::int64_t index = 0; index < boxes.size(1); ++index)
            all.push_back(boxOf(corners.const_data_ptr<float>() + 4 * (image * boxes.size(1) + index), isCentred));
        for (std::int64_t kind = 0; kind < scores.size(1); ++kind) {
            const float* own = values.const_data_ptr<float>() + (image * scores.size(1) + kind) * scores.size(2);
            for (const std::int64_t box : suppressed(all, byScore(own, scores.size(2), limits.score), limits.overlap, limits.most))
                rows.insert(rows.end(), {image, kind, box});
        }
    }
    return at::tensor(rows, at::kLong).reshape({-1, 3}).to(boxes.device());
}

Made makeNms(const KernelContext& context, const graph::Node& node, InstructionInfo& info) {
    return makeVisionOperator(context, node, info, "nms", [](const torch::jit::Stack& stack) {
        return torchvisionNms(stack[0].toTensor(), stack[1].toTensor(), stack[2].toDouble());
    });
}

Made makeClasswise(const KernelContext&, const graph::Node& node, InstructionInfo& info) {
    const graph::Call call(node);
    const auto valueOf = [&](std::string_view role) { return call.value(role).value_or(-1); };
    const graph::ValueId boxes = valueOf("boxes"), scores = valueOf("scores");
    if (boxes < 0 || scores < 0 || node.results.size() != 1)
        return base::failure(base::ErrorCode::Rejected, node.name + ": " + node.op + " lacks boxes or scores.");
    info.kernel = "Lathe non_max_suppression";
    return makeInstruction([boxes, scores, most = valueOf("max_output_boxes_per_class"), share = valueOf("iou_threshold"),
                            least = valueOf("score_threshold"), isCentred = call.flag("center_point_box").value_or(false),
                            result = node.results.front()](Execution& execution) {
        const auto number = [&](graph::ValueId id) -> std::optional<double> {
            if (id < 0) return std::nullopt;
            return execution.tensor(id).to(at::kDouble).item<double>();
        };
        Limits limits;
        limits.most = static_cast<std::size_t>(std::clamp(number(most).value_or(0), 0.0, 1e15));
        limits.overlap = static_cast<float>(number(share).value_or(0));
        if (const auto lowest = number(least)) limits.score = static_cast<float>(*lowest);
        execution.slot(result) = classwise(execution.tensor(boxes), execution.tensor(scores), limits, isCentred);
    });
}

} // namespace

TORCH_LIBRARY_IMPL(torchvision, CompositeExplicitAutograd, library) { library.impl("nms", torchvisionNms); }

KernelDefinition boxSuppression() {
    return {.id = "lathe.nms", .words = "nms", .ops = {graph::op::nms}, .accepts = acceptsAll, .make = makeNms};
}

KernelDefinition classSuppression() {
    return {.id = "lathe.non_max_suppression",
            .words = "non-maximum suppression",
            .ops = {graph::op::nonMaxSuppression},
            .accepts = acceptsAll,
            .make = makeClasswise};
}

} // namespace lathe::runtime
