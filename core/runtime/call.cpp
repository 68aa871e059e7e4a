#include <core/runtime/call_torch.h>

#include <algorithm>

#include <ATen/TensorOperators.h>
#include <ATen/core/Dict.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/movedim.h>
#include <ATen/ops/stack.h>

namespace lathe::runtime {

namespace {

void collectTensors(const c10::IValue& value, std::vector<at::Tensor>& tensors) {
    if (value.isTensor()) {
        if (value.toTensor().defined()) tensors.push_back(value.toTensor());
    } else if (value.isTuple()) {
        for (const c10::IValue& element : value.toTupleRef().elements())
            collectTensors(element, tensors);
    } else if (value.isList()) {
        for (const c10::IValue& element : value.toListRef())
            collectTensors(element, tensors);
    } else if (value.isGenericDict()) {
        for (const auto& entry : value.toGenericDict())
            collectTensors(entry.value(), tensors);
    }
}

} // namespace

at::Tensor outputOfSamples(const at::Tensor& output, std::size_t index, const CalledSamples& samples) {
    if (!samples.shape.hasBatch) return output.unsqueeze(0);
    const graph::BatchAxis batch = samples.shape.outputAxis(index);
    const auto axis = static_cast<std::int64_t>(batch.value_or(0));
    if (!batch || output.dim() <= axis || output.size(axis) != samples.inCall) return output;
    return (axis > 0 ? output.movedim(axis, 0).contiguous() : output).narrow(0, 0, samples.count);
}

std::vector<at::Tensor> outputsOfSamples(std::span<const c10::IValue> outputs, const CalledSamples& samples) {
    std::vector<at::Tensor> tensors = tensorsOf(outputs);
    for (std::size_t index = 0; index < tensors.size(); ++index)
        tensors[index] = outputOfSamples(tensors[index], index, samples);
    return tensors;
}

at::Tensor valueOfSamples(const at::Tensor& value, const CalledSamples& samples) {
    if (!samples.shape.hasBatch) return value.unsqueeze(0);
    const bool isRepeated =
        samples.count < samples.inCall && samples.shape.isBatchFirst() && value.dim() > 0 && value.size(0) == samples.inCall;
    return isRepeated ? value.narrow(0, 0, samples.count) : value;
}

std::vector<at::Tensor> tensorsOf(std::span<const c10::IValue> outputs) {
    std::vector<at::Tensor> tensors;
    for (const c10::IValue& output : outputs)
        collectTensors(output, tensors);
    return tensors;
}

std::vector<std::vector<c10::IValue>> callsOf(std::span<const at::Tensor> inputs, std::int64_t inCall,
                                              std::span<const graph::BatchAxis> axes) {
    const auto arranged = [&](std::size_t index, std::int64_t begin) {
        const graph::BatchAxis axis = inCall == 0 ? std::nullopt : index < axes.size() ? axes[index] : graph::BatchAxis(0);
        if (!axis) return inputs[index].select(0, begin);
        const at::Tensor samples = inputs[index].narrow(0, begin, inCall);
        return *axis == 0 ? samples : samples.movedim(0, static_cast<std::int64_t>(*axis)).contiguous();
    };
    std::vector<std::vector<c10::IValue>> calls;
    const std::int64_t samples = inputs.empty() ? 0 : inputs.front().size(0);
    for (std::int64_t begin = 0; begin < samples; begin += std::max<std::int64_t>(inCall, 1)) {
        std::vector<c10::IValue>& call = calls.emplace_back();
        for (std::size_t index = 0; index < inputs.size(); ++index)
            call.emplace_back(arranged(index, begin));
    }
    return calls;
}

std::vector<at::Tensor> joinedOutputs(const std::vector<std::vector<at::Tensor>>& calls, std::int64_t inCall) {
    std::vector<at::Tensor> joined;
    for (std::size_t output = 0; !calls.empty() && output < calls.front().size(); ++output) {
        std::vector<at::Tensor> parts;
        for (const std::vector<at::Tensor>& call : calls)
            parts.push_back(call.at(output));
        const bool hasRows = inCall > 0 && parts.front().dim() > 0;
        joined.push_back(calls.size() == 1 && inCall > 0 ? parts.front() : hasRows ? at::cat(parts) : at::stack(parts));
    }
    return joined;
}

} // namespace lathe::runtime
