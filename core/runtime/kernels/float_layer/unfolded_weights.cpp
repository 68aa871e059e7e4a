#include <core/runtime/kernels/float_layer/unfolded_weights_torch.h>

#include <algorithm>

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>

namespace lathe::runtime {

namespace {

/// Each filter times its factor; some filters at a time, which is all that is there in doubles.
at::Tensor multiplied(const at::Tensor& weight, const at::Tensor& factor) {
    constexpr std::int64_t numbersAtOnce = 1 << 17;
    const std::int64_t filters = weight.size(0), atOnce = std::max<std::int64_t>(1, numbersAtOnce * filters / weight.numel());
    at::Tensor result = at::empty(weight.sizes(), weight.options());
    for (std::int64_t first = 0; first < filters; first += atOnce) {
        const std::int64_t count = std::min(atOnce, filters - first);
        result.narrow(0, first, count)
            .copy_(weight.narrow(0, first, count).to(at::kDouble).mul(factor.narrow(0, first, count).view({-1, 1, 1, 1})));
    }
    return result;
}

} // namespace

UnfoldedWeights::UnfoldedWeights(const KernelContext& context, const FloatLayer& layer) {
    const auto take = [&](std::optional<graph::ValueId> id) {
        if (!id) return at::Tensor();
        m_ids.push_back(*id);
        return context.weight(*id);
    };
    m_weight = take(layer.weight);
    m_bias = take(layer.bias);
    if (!layer.normalization) return;
    const FloatLayer::Normalization& norm = *layer.normalization;
    m_norm = Norm{take(norm.weight), take(norm.bias), take(norm.mean), take(norm.variance), norm.epsilon};
}

FoldedWeights UnfoldedWeights::folded() const {
    FoldedWeights folded{m_weight, m_bias};
    if (m_norm) {
        const auto wide = [](const at::Tensor& tensor) { return tensor.to(at::kDouble); };
        at::Tensor factor = wide(m_norm->variance).add(m_norm->epsilon).rsqrt();
        if (m_norm->weight.defined()) factor = factor.mul(wide(m_norm->weight));
        at::Tensor bias = wide(m_norm->mean).neg();
        if (folded.bias.defined()) bias = bias.add(folded.bias);
        bias = bias.mul(factor);
        if (m_norm->bias.defined()) bias = bias.add(wide(m_norm->bias));
        folded.weight = multiplied(folded.weight, factor);
        folded.bias = bias.to(at::kFloat);
    }
    folded.weight = folded.weight.contiguous();
    if (folded.bias.defined()) folded.bias = folded.bias.contiguous();
    return folded;
}

} // namespace lathe::runtime
