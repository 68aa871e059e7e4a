#include <core/measure/evaluate_torch.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/logit.h>
#include <ATen/ops/movedim.h>
#include <ATen/ops/view_as_real.h>
#include <ATen/ops/zeros_like.h>

#include <core/data/model_fit.h>
#include <core/measure/counted_labels_torch.h>
#include <core/measure/fidelity.h>
#include <core/measure/machine.h>
#include <core/measure/number_quality.h>
#include <core/measure/pair_quality.h>
#include <core/measure/quality.h>
#include <core/measure/truth_quality.h>
#include <core/runtime/call_torch.h>

namespace lathe::measure {

namespace {

using base::ErrorCode;
using base::failure;
using data::Split;
using recipe::Task;

template<class T>
std::span<const T> valuesOf(const at::Tensor& tensor) {
    return {tensor.const_data_ptr<T>(), static_cast<std::size_t>(tensor.numel())};
}

std::vector<tensor::Shape> shapesOf(const std::vector<at::Tensor>& tensors) {
    std::vector<tensor::Shape> shapes;
    for (const at::Tensor& tensor : tensors)
        shapes.emplace_back(tensor.sizes().begin(), tensor.sizes().end());
    return shapes;
}

tensor::Tensor testLabels(const data::Dataset& dataset) {
    return dataset.hasLabels() ? dataset.labels(Split::Test, 0, dataset.size(Split::Test)) : tensor::Tensor();
}

/// The task for outputs of the first `count` samples.
base::Result<TaskChoice> chooseFor(const std::vector<at::Tensor>& outputs, std::int64_t count, const data::Dataset& dataset,
                                   const tensor::Tensor& labels, const recipe::Evaluation& wanted, std::span<const std::string> names) {
    std::optional<LabelForm> form = labelForm(labels);
    if (form) form->shape.front() = count;
    return measure::chooseTask(form, shapesOf(outputs), names, wanted, dataset.name());
}

/// All tensors that the model gives for these samples, on the CPU.
base::Result<std::vector<at::Tensor>> outputsFor(runtime::Plan& plan, const runtime::Device& device, const data::Dataset& dataset,
                                                 std::int64_t begin, std::int64_t count) {
    const auto outputs = plan.run(runtime::toInputs(dataset.call(Split::Test, begin, count), device));
    if (!outputs) return base::forward(outputs);
    std::vector<at::Tensor> tensors = runtime::outputsOfSamples(*outputs, {count, dataset.callSize(count), dataset.callShape()});
    if (tensors.empty()) return failure(ErrorCode::Rejected, {"model.noTensorOutput", {}});
    for (at::Tensor& tensor : tensors)
        tensor = tensor.to(at::kCPU);
    return tensors;
}

/// One model on its way through the test split.
class Evaluation {
public:
    Evaluation(runtime::Plan& plan, const runtime::Device& device, const data::Dataset& dataset, const std::optional<TaskChoice>& choice)
        : m_plan(plan), m_device(device), m_dataset(dataset), m_labels(testLabels(dataset)), m_choice(choice) {
        if (!m_labels.isNull()) m_labelTensor = runtime::toAten(m_labels);
    }

    /// Runs one batch; returns all tensors of its outputs, on the CPU.
    base::Result<std::vector<at::Tensor>> run(std::int64_t begin, std::int64_t count) {
        auto tensors = outputsFor(m_plan, m_device, m_dataset, begin, count);
        if (!tensors) return m_samples > 0 ? std::move(tensors) : tl::unexpected(data::misfit(m_dataset, tensors.error()));
        if (!m_choice) {
            auto choice = chooseFor(*tensors, count, m_dataset, m_labels, {}, {});
            if (!choice) return base::forward(choice);
            m_choice = *choice;
        }
        if (m_choice->output >= tensors->size())
            return failure(ErrorCode::Rejected, {"quality.fewerOutputs", {{"outputs", tensors->size()}}});
        const at::Tensor& scores = (*tensors)[m_choice->output];
        const bool isPerSample = scores.dim() > 0 && scores.size(0) == count && scores.numel() > 0;
        if (m_choice->task == Task::Outputs) {
            if (const auto added = addOutputs(scores, isPerSample, count, begin); !added) return base::forward(added);
            m_samples += count;
            return tensors;
        }
        if (!isPerSample) {
            return failure(ErrorCode::Rejected,
                           {"quality.noRowPerSample",
                            {{"samples", count}, {"shape", m_dataset.sampleText()}, {"output", tensor::text(shapesOf({scores}).front())}}});
        }
        const at::Tensor labels = m_labels.isNull() ? at::Tensor() : m_labelTensor.narrow(0, begin, count);
        const auto added = m_choice->task == Task::Similarity ? addEmbeddings(*tensors, labels) : add(scores.to(at::kFloat), labels, begin);
        if (!added) return base::forward(added);
        m_samples += count;
        return tensors;
    }

    [[nodiscard]] bool areProbabilities() const { return m_truths && m_truths->areProbabilities(); }

    /// Of pairs of embeddings whose scores nobody knows: how far they are ordered as in the original; else nothing.
    [[nodiscard]] std::optional<double> agreementOfPairs(const Evaluation& original) const {
        if (!m_pairs || !original.m_pairs || !m_labels.isNull()) return std::nullopt;
        return spearmanCorrelation(m_pairs->similarities(), original.m_pairs->similarities());
    }

    /// `areProbabilities`: of truths, what the original's scores are taken for.
    [[nodiscard]] Quality result(bool areProbabilities) const {
        Quality quality;
        if (m_truths)
            quality = m_truths->result(areProbabilities);
        else if (m_numbers)
            quality = m_numbers->result();
        else if (m_pairs)
            quality = m_pairs->result();
        else if (m_classes)
            quality = m_classes->result();
        quality.samples = m_samples;
        quality.nonFinite += m_nonFinite;
        if (m_choice->task == Task::Outputs && !m_isRow) quality.predictions.clear();
        if (m_choice->task == Task::Tokens) quality.meanIou.reset();
        return quality;
    }

private:
    base::Result<> add(const at::Tensor& scores, const at::Tensor& labels, std::int64_t begin) {
        switch (m_choice->task) {
        case Task::Outputs: // see addOutputs
        case Task::Classification:
            return addClasses(scores, labels, begin, QualityMeter::Rows::Samples);
        case Task::Tokens:
        case Task::Segmentation:
            return addParts(scores, labels, begin);
        case Task::Binary:
        case Task::MultiLabel: {
            const std::int64_t columns = scores.numel() / scores.size(0);
            if (!m_truths) m_truths.emplace(columns, m_choice->threshold);
            m_truths->add(valuesOf<float>(scores.contiguous()), valuesOf<std::int64_t>(labels.to(at::kLong).contiguous()));
            return {};
        }
        case Task::Regression: {
            if (!m_numbers) m_numbers.emplace(scores.numel() / scores.size(0));
            m_numbers->add(valuesOf<float>(scores.contiguous()), valuesOf<float>(labels.to(at::kFloat).contiguous()));
            return {};
        }
        case Task::Similarity: // see addEmbeddings
            return {};
        }
        return {};
    }

    base::Result<> addEmbeddings(const std::vector<at::Tensor>& outputs, const at::Tensor& labels) {
        const at::Tensor first = outputs[m_choice->output].to(at::kFloat).contiguous();
        const at::Tensor scores = labels.defined() ? labels.to(at::kFloat).contiguous() : labels;
        const std::span<const float> known = scores.defined() ? valuesOf<float>(scores) : std::span<const float>();
        if (!m_pairs && first.dim() == 2) m_pairs.emplace(first.size(1));
        if (first.dim() != 2 || first.size(1) != m_pairs->columns())
            return failure(ErrorCode::Rejected, "The output of the model is not one embedding for each sample, of as many numbers.");
        if (!m_choice->otherSide) {
            m_pairs->addRows(valuesOf<float>(first), known);
            return {};
        }
        const at::Tensor second =
            *m_choice->otherSide < outputs.size() ? outputs[*m_choice->otherSide].to(at::kFloat).contiguous() : at::Tensor();
        if (!second.defined() || second.sizes() != first.sizes())
            return failure(ErrorCode::Rejected, "The two sides of the pairs are not embeddings of the same shape.");
        m_pairs->add(valuesOf<float>(first), valuesOf<float>(second), known);
        return {};
    }

    /// Without labels: the top-1 of each sample where all have a row of as many numbers; else only whether they are numbers, of which a
    /// detector may give as many as it likes.
    base::Result<> addOutputs(const at::Tensor& values, bool isPerSample, std::int64_t count, std::int64_t begin) {
        const std::int64_t columns = isPerSample ? values.numel() / count : 0;
        const bool isAsBefore = m_samples == 0 || columns == m_columns;
        m_isRow = isPerSample && values.dim() == 2 && columns > 1 && isAsBefore && (m_samples == 0 || m_isRow);
        m_columns = columns;
        if (isPerSample && isAsBefore)
            return addClasses(values.reshape({count, -1}).to(at::kFloat), {}, begin, QualityMeter::Rows::Samples);
        m_columns = -1;
        if (!values.isfinite().all().item<bool>()) m_nonFinite += count;
        return {};
    }

    /// `rows`: [rows, classes]; `labels`: one each, or undefined.
    base::Result<> addClasses(const at::Tensor& rows, const at::Tensor& labels, std::int64_t begin, QualityMeter::Rows kind) {
        const at::Tensor values = rows.contiguous(), numbers = labels.defined() ? labels.contiguous() : labels;
        const std::span<const std::int64_t> classes = numbers.defined() ? valuesOf<std::int64_t>(numbers) : std::span<const std::int64_t>{};
        const auto wrong = std::ranges::find_if(classes, [&](std::int64_t label) { return label < 0 || label >= values.size(1); });
        if (wrong != classes.end()) {
            if (kind == QualityMeter::Rows::Samples)
                return failure(ErrorCode::Rejected, {"quality.labelOfSample",
                                                     {{"sample", begin + (wrong - classes.begin())},
                                                      {"data", m_dataset.name()},
                                                      {"label", *wrong},
                                                      {"outputs", values.size(1)}}});
            return failure(ErrorCode::Rejected,
                           {"quality.labelOfPart", {{"data", m_dataset.name()}, {"label", *wrong}, {"outputs", values.size(1)}}});
        }
        if (!m_classes) m_classes.emplace(values.size(1), kind);
        m_classes->add(valuesOf<float>(values), classes);
        return {};
    }

    /// A row for each pixel or token that counts.
    base::Result<> addParts(const at::Tensor& scores, const at::Tensor& labels, std::int64_t begin) {
        at::Tensor rows = scores.movedim(m_choice->classAxis, -1);
        rows = rows.reshape({-1, rows.size(-1)});
        if (rows.size(1) == 1) rows = yesAndNo(rows);
        const at::Tensor flat = labels.reshape({-1});
        const at::Tensor kept = countedLabels(flat, rows.size(1));
        if (!m_classes) m_classes.emplace(rows.size(1), QualityMeter::Rows::Parts);
        return kept.numel() == 0 ? base::Result<>()
                                 : addClasses(rows.index_select(0, kept), flat.index_select(0, kept), begin, QualityMeter::Rows::Parts);
    }

    /// Scores of no and yes whose softmax is the probability of yes.
    at::Tensor yesAndNo(const at::Tensor& scores) {
        if (!m_arePartsProbable) m_arePartsProbable = scores.min().item<float>() >= 0 && scores.max().item<float>() <= 1;
        at::Tensor logits = *m_arePartsProbable ? scores.logit(1e-7) : scores;
        if (m_choice->threshold) {
            const double threshold = *m_choice->threshold;
            logits = logits - (*m_arePartsProbable ? std::log(threshold / (1 - threshold)) : threshold);
        }
        return at::cat({at::zeros_like(logits), logits}, 1);
    }

    runtime::Plan& m_plan;
    const runtime::Device& m_device;
    const data::Dataset& m_dataset;
    tensor::Tensor m_labels;
    at::Tensor m_labelTensor;
    std::optional<TaskChoice> m_choice;
    std::optional<QualityMeter> m_classes;
    std::optional<TruthMeter> m_truths;
    std::optional<NumberMeter> m_numbers;
    std::optional<PairMeter> m_pairs;
    std::optional<bool> m_arePartsProbable;
    std::int64_t m_samples = 0, m_nonFinite = 0;
    std::int64_t m_columns = 0; ///< of an output without labels; -1: not as many for each sample
    bool m_isRow = false;
};

/// Calls `run(begin, count)` for each batch of the test split.
template<class Run>
base::Result<> forEachBatch(const data::Dataset& dataset, std::int64_t batchSize, const base::Job& job, const Run& run) {
    const std::int64_t size = dataset.size(Split::Test);
    if (size == 0) return failure(ErrorCode::Rejected, {"data.noTestSamples", {{"data", dataset.name()}}});
    if (batchSize < 1) return failure(ErrorCode::InvalidArgument, {"quality.batchIsTooSmall", {}});
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
        return failure(ErrorCode::Failed, {"quality.failed", {{"reason", message.substr(0, message.find('\n'))}}});
    }
}

/// What keeps a batch of outputs from being compared, `begin` being its first sample; nothing when it was compared.
std::optional<base::Message> addOutputs(FidelityMeter& meter, const std::vector<at::Tensor>& original,
                                        const std::vector<at::Tensor>& changed, std::int64_t begin, std::int64_t count) {
    if (original.size() != changed.size())
        return base::Message("quality.otherOutputs", {{"after", changed.size()}, {"before", original.size()}});
    for (std::size_t at = 0; at < original.size(); ++at) {
        if (original[at].sizes() == changed[at].sizes()) continue;
        const auto shapeOf = [](const at::Tensor& tensor) {
            return tensor::text(tensor::Shape(tensor.sizes().begin(), tensor.sizes().end()));
        };
        return base::Message("quality.otherShapes",
                             {{"sample", begin}, {"output", at}, {"after", shapeOf(changed[at])}, {"before", shapeOf(original[at])}});
    }
    meter.begin(count);
    const auto parts = [](const at::Tensor& tensor) { return tensor.is_complex() ? at::view_as_real(tensor.resolve_conj()) : tensor; };
    for (std::size_t at = 0; at < original.size(); ++at) {
        const at::Tensor from = parts(original[at]), to = parts(changed[at]);
        const bool isPerSample = from.dim() > 0 && from.size(0) == count;
        const bool isNarrow = from.scalar_type() != at::kDouble && from.is_floating_point() && to.is_floating_point();
        const at::ScalarType type = isNarrow ? at::kFloat : at::kDouble; // integers and float64 as double
        const at::Tensor before = from.to(type).contiguous(), after = to.to(type).contiguous();
        if (isNarrow) {
            meter.add(valuesOf<float>(before), valuesOf<float>(after), isPerSample);
        } else {
            meter.add(valuesOf<double>(before), valuesOf<double>(after), isPerSample);
        }
    }
    meter.end();
    return std::nullopt;
}

} // namespace

base::Result<TaskChoice> chooseTask(runtime::Plan& plan, const runtime::Device& device, const data::Dataset& dataset,
                                    const recipe::Evaluation& wanted, std::span<const std::string> outputNames) {
    if (dataset.size(Split::Test) == 0) return failure(ErrorCode::Rejected, {"data.noTestSamples", {{"data", dataset.name()}}});
    // Two, where the model takes them: of one sample a batch looks like any other size.
    const std::int64_t count = std::min(dataset.callSize(2), dataset.size(Split::Test));
    const auto outputs = outputsFor(plan, device, dataset, 0, count);
    if (!outputs) return tl::unexpected(data::misfit(dataset, outputs.error()));
    return chooseFor(*outputs, count, dataset, testLabels(dataset), wanted, outputNames);
}

base::Result<Quality> evaluate(runtime::Plan& plan, const runtime::Device& device, const data::Dataset& dataset, std::int64_t batchSize,
                               const base::Job& job, const std::optional<TaskChoice>& choice) {
    Evaluation evaluation(plan, device, dataset, choice);
    const auto done = forEachBatch(dataset, batchSize, job, [&](std::int64_t begin, std::int64_t count) -> base::Result<> {
        const auto outputs = evaluation.run(begin, count);
        return outputs ? base::Result<>() : base::forward(outputs);
    });
    if (!done) return base::forward(done);
    return evaluation.result(evaluation.areProbabilities());
}

base::Result<EvaluatedPair> evaluatePair(runtime::Plan& original, runtime::Plan& changed, const runtime::Device& device,
                                         const data::Dataset& dataset, std::int64_t batchSize, const base::Job& job,
                                         const std::optional<TaskChoice>& choice) {
    Evaluation before(original, device, dataset, choice), after(changed, device, dataset, choice);
    FidelityMeter fidelity;
    EvaluatedPair pair;
    const auto run = [&](Evaluation& evaluation, std::int64_t& peak, std::int64_t begin, std::int64_t count) {
        resetPeakMemory();
        auto outputs = evaluation.run(begin, count);
        peak = std::max(peak, peakMemoryBytes());
        return outputs;
    };
    const auto done = forEachBatch(dataset, batchSize, job, [&](std::int64_t begin, std::int64_t count) -> base::Result<> {
        const auto expected = run(before, pair.originalPeakMemory, begin, count);
        if (!expected) return base::forward(expected, {"while.runningOriginal", {}});
        const auto actual = run(after, pair.changedPeakMemory, begin, count);
        if (!actual) return base::forward(actual, {"while.runningOptimized", {}});
        if (pair.whyNotCompared) return {};
        pair.whyNotCompared = addOutputs(fidelity, *expected, *actual, begin, count);
        return {};
    });
    if (!done) return base::forward(done);
    pair.original = before.result(before.areProbabilities());
    pair.changed = after.result(before.areProbabilities());
    if (const auto agreement = after.agreementOfPairs(before)) pair.changed.spearman = agreement;
    if (!pair.whyNotCompared) fidelity.storeInto(pair.changed);
    return pair;
}

} // namespace lathe::measure
