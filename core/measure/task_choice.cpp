#include <core/measure/task_choice.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace lathe::measure {

namespace {

using recipe::Task;
using tensor::Shape;

std::int64_t count(const Shape& shape) { return tensor::elementCount(shape); }

/// [N, 1, H, W] as [N, H, W].
Shape mapShape(const LabelForm& labels) {
    Shape shape = labels.shape;
    if (shape.size() > 3 && shape[1] == 1) shape.erase(shape.begin() + 1);
    return shape;
}

bool isSame(const Shape& a, std::size_t beginA, const Shape& b, std::size_t beginB) {
    return std::equal(a.begin() + static_cast<std::ptrdiff_t>(std::min(beginA, a.size())), a.end(),
                      b.begin() + static_cast<std::ptrdiff_t>(std::min(beginB, b.size())), b.end());
}

bool isEmbedding(const Shape& output) { return output.size() == 2 && output[1] > 1; }

/// The next output of the same shape.
std::optional<std::size_t> otherSide(std::span<const Shape> outputs, std::size_t output) {
    for (std::size_t step = 1; step < outputs.size(); ++step) {
        const std::size_t other = (output + step) % outputs.size();
        if (outputs[other] == outputs[output]) return other;
    }
    return std::nullopt;
}

/// Two samples of each pair have the same score.
template<class T>
bool arePaired(const tensor::Tensor& labels) {
    const std::span<const T> values = labels.values<T>();
    if (labels.shape().size() != 1 || values.empty() || values.size() % 2 != 0) return false;
    bool areAllSame = true;
    for (std::size_t at = 0; at < values.size(); at += 2) {
        if (values[at] != values[at + 1]) return false;
        areAllSame = areAllSame && values[at] == values[0];
    }
    return !areAllSame;
}

/// The axis of the classes (1 where there are none) when an output of this form can be measured so; nothing otherwise.
std::optional<std::int64_t> classAxis(Task task, const LabelForm& labels, const Shape& output) {
    const std::size_t rank = output.size();
    if (rank == 0 || labels.shape.empty() || output[0] != labels.shape[0]) return std::nullopt;
    const bool isOneEach = labels.shape.size() == 1;
    switch (task) {
    case Task::Outputs:
        return 1;
    case Task::Classification:
        return isOneEach && !labels.areFloats && rank == 2 && output[1] > 1 ? std::optional<std::int64_t>(1) : std::nullopt;
    case Task::Tokens:
        if (labels.shape.size() != 2 || labels.areFloats || rank != 3) return std::nullopt;
        if (output[1] == labels.shape[1] && output[2] > 1) return 2;
        return output[2] == labels.shape[1] && output[1] > 1 ? std::optional<std::int64_t>(1) : std::nullopt;
    case Task::Segmentation: {
        const Shape map = mapShape(labels);
        if (map.size() < 3 || labels.areFloats || rank != map.size() + 1 || !isSame(output, 2, map, 1)) return std::nullopt;
        return output[1] > 1 || labels.areZeroOrOne ? std::optional<std::int64_t>(1) : std::nullopt;
    }
    case Task::Binary:
        return isOneEach && labels.areZeroOrOne && count(output) == output[0] ? std::optional<std::int64_t>(1) : std::nullopt;
    case Task::MultiLabel:
        return !isOneEach && labels.areZeroOrOne && output == labels.shape ? std::optional<std::int64_t>(1) : std::nullopt;
    case Task::Regression:
        return count(output) == count(labels.shape) ? std::optional<std::int64_t>(1) : std::nullopt;
    case Task::Similarity:
        return isOneEach && isEmbedding(output) ? std::optional<std::int64_t>(1) : std::nullopt;
    }
    return std::nullopt;
}

constexpr std::array order{Task::Classification, Task::Tokens,     Task::Segmentation, Task::Binary,
                           Task::MultiLabel,     Task::Regression, Task::Similarity};

base::Result<std::optional<std::size_t>> wantedOutput(std::span<const Shape> outputs, std::span<const std::string> names,
                                                      const std::string& wanted) {
    if (wanted.empty()) return std::optional<std::size_t>();
    if (const auto named = std::ranges::find(names, wanted); named != names.end() && names.size() == outputs.size())
        return std::optional(static_cast<std::size_t>(named - names.begin()));
    std::size_t position = 0;
    const auto [end, code] = std::from_chars(wanted.data(), wanted.data() + wanted.size(), position);
    if (code == std::errc{} && end == wanted.data() + wanted.size() && position < outputs.size()) return std::optional(position);
    std::string known;
    for (const std::string& name : names)
        known += (known.empty() ? "" : ", ") + name;
    const bool isOne = outputs.size() == 1;
    if (known.empty())
        return base::failure(base::ErrorCode::Rejected, base::Message(isOne ? "quality.noOutput" : "quality.noOutputOfSeveral",
                                                                      {{"output", wanted}, {"outputs", outputs.size()}}));
    return base::failure(base::ErrorCode::Rejected, base::Message(isOne ? "quality.noOutputBut" : "quality.noOutputOfSeveralBut",
                                                                  {{"output", wanted}, {"outputs", outputs.size()}, {"names", known}}));
}

std::string text(std::span<const Shape> outputs) {
    std::string text;
    for (const Shape& output : outputs)
        text += (text.empty() ? "" : " and ") + tensor::text(output);
    return text;
}

} // namespace

std::optional<LabelForm> labelForm(const tensor::Tensor& labels) {
    if (labels.isNull()) return std::nullopt;
    LabelForm form{.shape = labels.shape(), .areFloats = labels.dtype() == tensor::DType::Float32};
    if (form.areFloats) {
        form.areZeroOrOne = std::ranges::all_of(labels.values<float>(), [](float value) { return value == 0 || value == 1; });
        form.arePaired = arePaired<float>(labels);
        return form;
    }
    const auto values = labels.values<std::int64_t>();
    form.areZeroOrOne = std::ranges::all_of(values, [](std::int64_t value) { return value == 0 || value == 1; });
    if (!values.empty()) form.largest = std::ranges::max(values);
    form.arePaired = arePaired<std::int64_t>(labels);
    return form;
}

base::Result<TaskChoice> chooseTask(const std::optional<LabelForm>& labels, std::span<const Shape> outputs,
                                    std::span<const std::string> names, const recipe::Evaluation& wanted, const std::string& dataName) {
    const auto chosen = wantedOutput(outputs, names, wanted.output);
    if (!chosen) return base::forward(chosen);
    TaskChoice choice{.task = Task::Outputs, .output = chosen->value_or(0), .classAxis = 1, .threshold = wanted.threshold};
    if (wanted.task == Task::Outputs || (!labels && !wanted.task)) return choice;
    const auto isPairs = [&](std::size_t output) {
        return isEmbedding(outputs[output]) && (wanted.task == Task::Similarity || labels->arePaired || otherSide(outputs, output));
    };
    if (!labels && wanted.task == Task::Similarity) {
        for (std::size_t output = 0; output < outputs.size(); ++output) {
            if ((*chosen && output != **chosen) || !isEmbedding(outputs[output])) continue;
            choice.task = Task::Similarity;
            choice.output = output;
            choice.otherSide = otherSide(outputs, output);
            return choice;
        }
        return base::failure(base::ErrorCode::Rejected,
                             "The outputs of the model are " + text(outputs) + ": none is one embedding for each sample.");
    }
    if (!labels) {
        return base::failure(base::ErrorCode::Rejected,
                             {"data.taskNeedsLabels", {{"data", dataName}, {"task", std::string(recipe::name(*wanted.task))}}});
    }
    for (std::size_t output = 0; output < outputs.size(); ++output) {
        if (*chosen && output != **chosen) continue;
        for (const Task task : order) {
            if (wanted.task && task != *wanted.task) continue;
            const auto axis = classAxis(task, *labels, outputs[output]);
            if (!axis || (task == Task::Similarity && !isPairs(output))) continue;
            if (task == Task::Similarity && !labels->arePaired) choice.otherSide = otherSide(outputs, output);
            choice.task = task;
            choice.output = output;
            choice.classAxis = *axis;
            return choice;
        }
    }
    const std::string samples = std::to_string(labels->shape.front());
    if (!wanted.task && labels->shape.size() == 1 && !labels->areFloats) {
        return base::failure(base::ErrorCode::Rejected,
                             {"quality.noScoresPerSample", {{"samples", samples}, {"data", dataName}, {"output", text(outputs)}}});
    }
    std::vector<base::Message::Argument> arguments = {
        {"data", dataName},
        {"samples", samples},
        {"shape", tensor::text(labels->shape)},
        {"kind", labels->areFloats ? base::Message("quality.numbers", {}) : base::Message("quality.wholeNumbers", {})},
        {"output", text(outputs)}};
    if (!wanted.task) return base::failure(base::ErrorCode::Rejected, base::Message("quality.labelsFitNothing", std::move(arguments)));
    arguments.emplace_back("task", std::string(recipe::name(*wanted.task)));
    return base::failure(base::ErrorCode::Rejected, base::Message("quality.labelsDoNotFitTask", std::move(arguments)));
}

} // namespace lathe::measure
