#include <core/measure/evaluate_torch.h>

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include <core/data/model_fit.h>
#include <core/measure/quality.h>

namespace lathe::measure {

namespace {

using base::ErrorCode;
using base::failure;
using data::Split;

/// Can `scores`, the output for the first `count` samples, be compared with the labels?
base::Result<> checkOutputs(const at::Tensor& scores, std::int64_t count, const data::Dataset& dataset,
                            std::span<const std::int64_t> labels) {
    const tensor::Shape shape(scores.sizes().begin(), scores.sizes().end());
    if (scores.dim() < 1 || scores.size(0) != count || scores.numel() == 0 || (!labels.empty() && scores.dim() != 2)) {
        return failure(ErrorCode::Rejected, "The model's output for " + std::to_string(count) + " samples of " + dataset.sampleText() +
                                                " is " + tensor::text(shape) + ", but one row of class scores for each sample is needed.");
    }
    if (labels.empty()) return {};
    const auto wrong = std::ranges::find_if(labels, [&](std::int64_t label) { return label < 0 || label >= scores.size(1); });
    if (wrong == labels.end()) return {};
    return failure(ErrorCode::Rejected, "Test sample " + std::to_string(wrong - labels.begin()) + " of " + dataset.name() +
                                            " has the label " + std::to_string(*wrong) + ", but the model has only " +
                                            std::to_string(scores.size(1)) + " outputs.");
}

} // namespace

base::Result<Quality> evaluate(runtime::Plan& plan, const runtime::Device& device, const data::Dataset& dataset, std::int64_t batchSize,
                               const base::Job& job) try {
    const std::int64_t size = dataset.size(Split::Test);
    if (size == 0) return failure(ErrorCode::Rejected, dataset.name() + " has no test samples.");
    if (batchSize < 1) return failure(ErrorCode::InvalidArgument, "The batch size must be 1 or more.");
    const tensor::Tensor allLabels = dataset.hasLabels() ? dataset.labels(Split::Test, 0, size) : tensor::Tensor{};
    const std::span<const std::int64_t> labels = allLabels.isNull() ? std::span<const std::int64_t>{} : allLabels.values<std::int64_t>();

    std::optional<QualityMeter> meter;
    for (std::int64_t begin = 0; begin < size; begin += batchSize) {
        if (job.isCancelled()) return base::Job::cancelled();
        const std::int64_t count = std::min(batchSize, size - begin);
        const base::Result<at::Tensor> scores = plan.runTensor(runtime::toInputs(dataset.batch(Split::Test, begin, count), device));
        if (!scores) return meter ? base::forward(scores) : tl::unexpected(data::misfit(dataset, scores.error()));
        if (!meter) {
            if (const auto checked = checkOutputs(*scores, count, dataset, labels); !checked) return base::forward(checked);
            meter.emplace(scores->numel() / count);
        }
        const at::Tensor rows = scores->to(at::kCPU, at::kFloat).contiguous();
        const std::span<const float> values(rows.const_data_ptr<float>(), static_cast<std::size_t>(rows.numel()));
        meter->add(values, labels.empty() ? labels : labels.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(count)));

        base::Progress progress;
        progress.phase = "quality";
        progress.fraction = static_cast<double>(begin + count) / static_cast<double>(size);
        job.report(progress);
    }
    return meter->result();
} catch (const c10::Error& error) {
    const std::string message = error.what_without_backtrace();
    return failure(ErrorCode::Failed, "Measuring quality failed: " + message.substr(0, message.find('\n')));
}

} // namespace lathe::measure
