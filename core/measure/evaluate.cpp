#include <core/measure/evaluate_torch.h>

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <ATen/core/Tensor.h>

#include <core/data/model_fit.h>
#include <core/measure/fidelity.h>
#include <core/measure/machine.h>
#include <core/measure/quality.h>
#include <core/runtime/call_torch.h>

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

/// One model on its way through the test split.
class Evaluation {
public:
    Evaluation(runtime::Plan& plan, const runtime::Device& device, const data::Dataset& dataset)
        : m_plan(plan), m_device(device), m_dataset(dataset) {
        if (dataset.hasLabels()) m_labels = dataset.labels(Split::Test, 0, dataset.size(Split::Test));
    }

    /// Runs one batch; returns all tensors of its outputs, on the CPU.
    base::Result<std::vector<at::Tensor>> run(std::int64_t begin, std::int64_t count) {
        const auto outputs = m_plan.run(runtime::toInputs(m_dataset.call(Split::Test, begin, count), m_device));
        if (!outputs) return m_meter ? base::forward(outputs) : tl::unexpected(data::misfit(m_dataset, outputs.error()));
        std::vector<at::Tensor> tensors = runtime::tensorsOf(*outputs);
        if (tensors.empty()) return failure(ErrorCode::Rejected, "The model has no output that is a tensor.");
        for (at::Tensor& tensor : tensors)
            tensor = runtime::outputOfSamples(tensor, {count, m_dataset.callSize(count), m_dataset.callShape().hasBatch}).to(at::kCPU);
        if (const auto added = add(tensors.front(), begin, count); !added) return base::forward(added);
        return tensors;
    }

    [[nodiscard]] Quality result() const {
        Quality quality = m_meter->result();
        if (!m_isRow && !quality.accuracy) quality.predictions.clear();
        return quality;
    }

private:
    base::Result<> add(const at::Tensor& scores, std::int64_t begin, std::int64_t count) {
        const std::span<const std::int64_t> labels = m_labels.isNull() ? std::span<const std::int64_t>{} : m_labels.values<std::int64_t>();
        if (!m_meter) {
            if (auto checked = checkOutputs(scores, count, m_dataset, labels); !checked) return checked;
            m_isRow = scores.dim() == 2 && scores.size(1) > 1;
            m_meter.emplace(scores.numel() / count);
        }
        const at::Tensor rows = scores.to(at::kFloat).contiguous();
        const std::span<const float> values(rows.const_data_ptr<float>(), static_cast<std::size_t>(rows.numel()));
        m_meter->add(values, labels.empty() ? labels : labels.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(count)));
        return {};
    }

    runtime::Plan& m_plan;
    const runtime::Device& m_device;
    const data::Dataset& m_dataset;
    tensor::Tensor m_labels;
    std::optional<QualityMeter> m_meter;
    bool m_isRow = false;
};

/// Calls `run(begin, count)` for each batch of the test split.
template<class Run>
base::Result<> forEachBatch(const data::Dataset& dataset, std::int64_t batchSize, const base::Job& job, const Run& run) {
    const std::int64_t size = dataset.size(Split::Test);
    if (size == 0) return failure(ErrorCode::Rejected, dataset.name() + " has no test samples.");
    if (batchSize < 1) return failure(ErrorCode::InvalidArgument, "The batch size must be 1 or more.");
    const std::int64_t inCall = dataset.callSize(batchSize);
    try {
        for (std::int64_t begin = 0; begin < size; begin += inCall) {
            if (job.isCancelled()) return base::Job::cancelled();
            const std::int64_t count = std::min(inCall, size - begin);
            if (base::Result<> done = run(begin, count); !done) return done;
            base::Progress progress;
            progress.phase = "quality";
            progress.fraction = static_cast<double>(begin + count) / static_cast<double>(size);
            job.report(progress);
        }
        return {};
    } catch (const c10::Error& error) {
        const std::string message = error.what_without_backtrace();
        return failure(ErrorCode::Failed, "Measuring quality failed: " + message.substr(0, message.find('\n')));
    }
}

template<class T>
std::span<const T> valuesOf(const at::Tensor& tensor) {
    return {tensor.const_data_ptr<T>(), static_cast<std::size_t>(tensor.numel())};
}

/// False when the two do not have as many outputs of the same shapes.
bool addOutputs(FidelityMeter& meter, const std::vector<at::Tensor>& original, const std::vector<at::Tensor>& changed, std::int64_t count) {
    if (original.size() != changed.size()) return false;
    for (std::size_t at = 0; at < original.size(); ++at)
        if (original[at].sizes() != changed[at].sizes() || original[at].is_complex() || changed[at].is_complex()) return false;
    meter.begin(count);
    for (std::size_t at = 0; at < original.size(); ++at) {
        const bool isPerSample = original[at].dim() > 0 && original[at].size(0) == count;
        const bool isNarrow =
            original[at].scalar_type() != at::kDouble && original[at].is_floating_point() && changed[at].is_floating_point();
        const at::ScalarType type = isNarrow ? at::kFloat : at::kDouble; // integers and float64 as double
        const at::Tensor before = original[at].to(type).contiguous(), after = changed[at].to(type).contiguous();
        if (isNarrow) {
            meter.add(valuesOf<float>(before), valuesOf<float>(after), isPerSample);
        } else {
            meter.add(valuesOf<double>(before), valuesOf<double>(after), isPerSample);
        }
    }
    meter.end();
    return true;
}

} // namespace

base::Result<Quality> evaluate(runtime::Plan& plan, const runtime::Device& device, const data::Dataset& dataset, std::int64_t batchSize,
                               const base::Job& job) {
    Evaluation evaluation(plan, device, dataset);
    const auto done = forEachBatch(dataset, batchSize, job, [&](std::int64_t begin, std::int64_t count) -> base::Result<> {
        const auto outputs = evaluation.run(begin, count);
        return outputs ? base::Result<>() : base::forward(outputs);
    });
    if (!done) return base::forward(done);
    return evaluation.result();
}

base::Result<EvaluatedPair> evaluatePair(runtime::Plan& original, runtime::Plan& changed, const runtime::Device& device,
                                         const data::Dataset& dataset, std::int64_t batchSize, const base::Job& job) {
    Evaluation before(original, device, dataset), after(changed, device, dataset);
    std::optional<FidelityMeter> fidelity{std::in_place};
    EvaluatedPair pair;
    const auto run = [&](Evaluation& evaluation, std::int64_t& peak, std::int64_t begin, std::int64_t count) {
        resetPeakMemory();
        auto outputs = evaluation.run(begin, count);
        peak = std::max(peak, peakMemoryBytes());
        return outputs;
    };
    const auto done = forEachBatch(dataset, batchSize, job, [&](std::int64_t begin, std::int64_t count) -> base::Result<> {
        const auto expected = run(before, pair.originalPeakMemory, begin, count);
        if (!expected) return base::forward(expected, "while running the original model");
        const auto actual = run(after, pair.changedPeakMemory, begin, count);
        if (!actual) return base::forward(actual, "while running the optimized model");
        if (fidelity && !addOutputs(*fidelity, *expected, *actual, count)) fidelity.reset();
        return {};
    });
    if (!done) return base::forward(done);
    pair.original = before.result();
    pair.changed = after.result();
    if (fidelity) fidelity->storeInto(pair.changed);
    return pair;
}

} // namespace lathe::measure
