#include <core/runtime/call_torch.h>

#include <algorithm>

#include <ATen/core/Dict.h>
#include <ATen/ops/cat.h>
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

at::Tensor outputOfSamples(const at::Tensor& output, const CalledSamples& samples) {
    if (!samples.hasBatch) return output.unsqueeze(0);
    const bool isRepeated = samples.count < samples.inCall && output.dim() > 0 && output.size(0) == samples.inCall;
    return isRepeated ? output.narrow(0, 0, samples.count) : output;
}

std::vector<at::Tensor> tensorsOf(std::span<const c10::IValue> outputs) {
    std::vector<at::Tensor> tensors;
    for (const c10::IValue& output : outputs)
        collectTensors(output, tensors);
    return tensors;
}

std::vector<std::vector<c10::IValue>> callsOf(std::span<const at::Tensor> inputs, std::int64_t inCall) {
    std::vector<std::vector<c10::IValue>> calls;
    const std::int64_t samples = inputs.empty() ? 0 : inputs.front().size(0);
    for (std::int64_t begin = 0; begin < samples; begin += std::max<std::int64_t>(inCall, 1)) {
        std::vector<c10::IValue>& call = calls.emplace_back();
        for (const at::Tensor& input : inputs)
            call.emplace_back(inCall > 0 ? input.narrow(0, begin, inCall) : input.select(0, begin));
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
