#include <core/runtime/kernels/onednn/onednn_dynamic_linear.h>

#include <algorithm>
#include <array>

#include <ATen/DimVector.h>

#include <core/runtime/kernels/int8/int8_sums.h>
#include <core/runtime/kernels/int8/lathe_layer_torch.h>
#include <core/runtime/kernels/layer_shape_torch.h>
#include <core/runtime/kernels/onednn/onednn_kernel_torch.h>
#include <core/runtime/kernels/parallel_torch.h>
#include <core/runtime/kernels/simulated/qdq_torch.h>

namespace lathe::runtime {

namespace {

PackedLayerForm sumsOf(const at::Tensor& weight) {
    PackedLayerForm form = packedForm(false, {}, weight);
    form.isInt8 = form.givesSums = true;
    return form;
}

class OnednnDynamicLinear final : public LatheLayer {
public:
    OnednnDynamicLinear(const Int8Layer& layer, const at::Tensor& weight, const at::Tensor& bias)
        : LatheLayer(layer, shapeOf(layer, weight), bias), m_weight(weight.contiguous()),
          m_packed(sumsOf(m_weight), m_weight.const_data_ptr(), {}) {
        const at::Tensor sums = m_weight.to(at::kInt).sum(1, false, at::kInt).contiguous();
        const auto* values = sums.const_data_ptr<std::int32_t>();
        m_channelSums.assign(values, values + sums.numel());
        m_channelSums.resize(m_channelSums.size() + int8ScaleReadAhead);
    }

private:
    at::Tensor runBytes(const at::Tensor& given, std::int32_t zeroPoint, const Scales& scales, const at::Tensor& residual) const override {
        const at::Tensor input = (layer().flattens && given.dim() > 2 ? given.flatten(1) : given).contiguous();
        const auto* bytes = static_cast<const std::uint8_t*>(input.const_data_ptr());
        return multiply(at::DimVector(input.sizes()), scales, residual, [&](std::int64_t first, std::int64_t, Rows& rows) {
            rows.bytes = bytes + first * shape().inChannels;
            rows.zeroPoint = {zeroPoint};
        });
    }

    at::Tensor runPerToken(const at::Tensor& given, const at::Tensor& residual) const override {
        const at::Tensor input = given.to(at::kFloat).contiguous();
        const std::int64_t features = shape().inChannels;
        const auto* values = input.const_data_ptr<float>();
        return multiply(at::DimVector(input.sizes()), scales(), residual, [&](std::int64_t first, std::int64_t count, Rows& rows) {
            rows.factor.resize(static_cast<std::size_t>(count));
            rows.rowZeroPoint.resize(static_cast<std::size_t>(count));
            auto* const out = scratch<std::uint8_t>(rowsAtOnce * features);
            rows.bytes = out;
            rows.zeroPoint.perRow = rows.rowZeroPoint.data();
            at::parallel_for(0, count, grainOf(features * 20), [&](std::int64_t begin, std::int64_t end) {
                for (std::int64_t row = begin; row < end; ++row) {
                    const TokenGrid grid = quantizeToken(values + (first + row) * features, features, out + row * features);
                    rows.factor[static_cast<std::size_t>(row)] = grid.scale;
                    rows.rowZeroPoint[static_cast<std::size_t>(row)] = grid.zeroPoint;
                }
            });
        });
    }

    struct Rows {
        const std::uint8_t* bytes = nullptr;
        Int8InputZeroPoint zeroPoint;
        std::vector<float> factor; ///< one for each row, or empty
        std::vector<std::int32_t> rowZeroPoint;
    };

    /// Rows that are multiplied together: their sums stay in the second cache until they are stored.
    static constexpr std::int64_t rowsAtOnce = 64;

    template<class Convert>
    at::Tensor multiply(at::DimVector sizes, const Scales& scales, const at::Tensor& added, const Convert& convert) const {
        const std::int64_t features = shape().inChannels, outputs = shape().outChannels;
        sizes.back() = outputs;
        at::Tensor result = emptyResult(sizes, at::MemoryFormat::Contiguous);
        const at::Tensor residual = residualLike(result, added, at::MemoryFormat::Contiguous);
        const Int8Output output = outputInto(result, residual, scales);
        const std::int64_t count = outputs == 0 ? 0 : result.numel() / outputs;
        Rows rows;
        for (std::int64_t first = 0; first < count; first += rowsAtOnce) {
            const std::int64_t some = std::min(rowsAtOnce, count - first);
            convert(first, some, rows);
            auto* const sums = scratch<std::int32_t>(rowsAtOnce * outputs);
            const auto done = m_packed.run(std::array<std::int64_t, 2>{some, features}, rows.bytes, sums,
                                           threadsFor(some * features * outputs, true, false));
            TORCH_CHECK(done, done.error().message.text());
            at::parallel_for(0, some, grainOf(outputs * 20), [&](std::int64_t begin, std::int64_t end) {
                Int8Output part = output.advanced((first + begin) * outputs);
                Int8InputZeroPoint zeroPoint = rows.zeroPoint;
                if (zeroPoint.perRow) zeroPoint.perRow += begin;
                if (!rows.factor.empty()) part.rowFactor = rows.factor.data() + begin;
                storeSums(sums + begin * outputs, end - begin, outputs, m_channelSums, zeroPoint, part, int8Instructions());
            });
        }
        return result;
    }

    at::Tensor m_weight;
    mutable PackedLayer m_packed; ///< makes code for sizes that it meets; a plan runs one call at a time
    std::vector<std::int32_t> m_channelSums;
};

Verdict accepts(const KernelContext& context, const graph::Node& node) {
    const auto* layer = context.lowered.payload<Int8Layer>(node);
    if (!layer || layer->isConvolution || !std::holds_alternative<quantization::Grid>(layer->input)) return Verdict::otherKind();
    const at::Tensor& weight = context.weight(layer->weight);
    if (!hasSymmetricWeights(*layer, weight)) return Verdict::refused(base::Message("kernel.symmetricOnly", {}));
    if (weight.numel() == 0) return Verdict::otherKind();
    // As bytes from 0 on, whatever type the range has.
    const quantization::Grid& grid = std::get<quantization::Grid>(layer->input);
    const std::int64_t shift = grid.range.dtype == tensor::DType::Int8 ? 128 : 0;
    const ActivationGrid input{1, 0, grid.range.minimum + shift, grid.range.maximum + shift};
    if (!context.machine.hasVnni && maySaturate(input, weight)) return Verdict::refused(base::Message("kernel.couldSaturate", {}));
    return Verdict::accepted(onednnCost);
}

Made make(const KernelContext& context, const graph::Node& node, InstructionInfo& info) {
    const auto& layer = *context.lowered.payload<Int8Layer>(node);
    return makeInt8Instruction(
        "oneDNN", layer, std::make_shared<OnednnDynamicLinear>(layer, context.weight(layer.weight), biasOf(context, layer)), node, info);
}

} // namespace

KernelDefinition onednnDynamicLinear() {
    return {.id = "onednn.int8_dynamic_linear",
            .words = "oneDNN int8",
            .ops = {op::int8Layer},
            .accepts = accepts,
            .make = make,
            .roundsDifferently = true};
}

} // namespace lathe::runtime
