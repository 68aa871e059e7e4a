#include <core/runtime/kernels/onednn/onednn_int8_layer.h>

#include <algorithm>

#include <ATen/DimVector.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <ATen/quantized/QTensorImpl.h>
#include <ATen/quantized/Quantizer.h>

#include <core/graph/operators/call.h>
#include <core/runtime/kernels/bytes/replaced_bytes_torch.h>
#include <core/runtime/kernels/int8/int8_layer_torch.h>
#include <core/runtime/kernels/layer_shape_torch.h>
#include <core/runtime/kernels/onednn/onednn_kernel_torch.h>
#include <core/runtime/lowering/elementwise.h>
#include <core/runtime/plan_memory_torch.h>

namespace lathe::runtime {

namespace {

const ActivationGrid* gridOf(const Int8Layer& layer) { return std::get_if<ActivationGrid>(&layer.input); }

/// Floats are added before the result gets the units of its bytes.
bool addsFloatsToBytes(const Int8Layer& layer) { return layer.addsResidual && !layer.residual && layer.output; }

/// What the result is counted in while it is added to and limited: steps of its bytes, or 1.
double unitOf(const Int8Layer& layer) { return layer.output && !addsFloatsToBytes(layer) ? layer.output->scale : 1.0; }

/// The limits of the result in its unit, with those of the grid that it is stored on.
std::optional<Elementwise> limitsOf(const Int8Layer& layer) {
    const double unit = unitOf(layer);
    ActivationRange range{static_cast<float>(layer.activation.low / unit), static_cast<float>(layer.activation.high / unit)};
    if (layer.output) {
        const ActivationGrid& grid = *layer.output;
        const auto at = [&](std::int64_t byte) {
            return static_cast<float>(static_cast<double>(byte - grid.zeroPoint) * grid.scale / unit);
        };
        range = limited(range, {at(grid.minimum), at(grid.maximum)});
        // Storing bytes cuts there anyway.
        if (range.low <= at(0)) range.low = ActivationRange{}.low;
        if (range.high >= at(255)) range.high = ActivationRange{}.high;
    }
    return elementwiseOf(range);
}

PackedLayerForm formOf(const Int8Layer& layer, const at::Tensor& weight) {
    PackedLayerForm form = packedForm(layer.isConvolution, layer.geometry, weight);
    form.isInt8 = true;
    form.givesBytes = layer.output.has_value();
    const double unit = unitOf(layer);
    for (const float weightScale : layer.weightScales)
        form.scales.push_back(static_cast<float>(gridOf(layer)->scale * weightScale / unit));
    form.inputZeroPoint = static_cast<std::int32_t>(gridOf(layer)->zeroPoint);
    if (layer.output) form.resultZeroPoint = static_cast<std::int32_t>(layer.output->zeroPoint);
    form.addsFloats = addsFloatsToBytes(layer);
    if (form.addsFloats)
        form.factor = static_cast<float>(1 / layer.output->scale);
    else if (layer.residual && layer.output)
        form.addend = {static_cast<float>(layer.residual->scale / unit), static_cast<std::int32_t>(layer.residual->zeroPoint)};
    else if (layer.addsResidual)
        form.addend = PackedLayerForm::Addend{};
    form.function = limitsOf(layer);
    return form;
}

/// The bias in the result's unit.
std::vector<float> biasFor(const Int8Layer& layer, const at::Tensor& bias) {
    if (!bias.defined()) return {};
    const at::Tensor plain = bias.contiguous();
    std::vector<float> values(plain.const_data_ptr<float>(), plain.const_data_ptr<float>() + plain.numel());
    for (float& value : values)
        value = static_cast<float>(value / unitOf(layer));
    return values;
}

class OnednnInt8Layer final : public Instruction {
public:
    OnednnInt8Layer(const Int8Layer& layer, const at::Tensor& weight, const at::Tensor& bias, const graph::Node& node)
        : m_layer(layer), m_shape(shapeOf(layer, weight)), m_weight(weight.contiguous()),
          m_packed(formOf(layer, m_weight), m_weight.const_data_ptr(), biasFor(layer, bias)), m_input(*graph::mainInput(node)),
          m_residual(layer.addsResidual ? graph::Call(node).value("residual") : std::nullopt), m_result(node.results[0]) {
        if (layer.output) m_quantizer = quantizerOf(*layer.output);
    }

    void run(Execution& execution) override {
        const at::Tensor& given = execution.tensor(m_input);
        checkInputFits(m_layer, m_shape, given);
        const bool isOneImage = m_layer.isConvolution && given.dim() == 3;
        const at::MemoryFormat order = orderOf(m_layer.isConvolution);
        at::Tensor input = (isOneImage ? given.unsqueeze(0) : given).contiguous(order);
        const at::DimVector sizes = resultSizes(input);
        at::Tensor result, floats;
        const auto residual = [&] { return spread(execution.tensor(*m_residual), sizes); };
        if (m_layer.residual && !m_layer.output) {
            // Floats lie where the result is going to be.
            result = residual().dequantize().contiguous(order);
        } else if (m_residual && !addsFloatsToBytes(m_layer)) {
            result = memoryWithAddend(execution, *m_residual, sizes, order);
            // Bytes say on which grid they are, and these are going to be on that of the result.
            if (m_layer.output) at::get_qtensorimpl(result)->set_quantizer_(m_quantizer);
        } else if (m_layer.output) {
            result = emptyBytes(sizes, *m_layer.output, order);
        } else {
            result = emptyResult(sizes, at::kFloat, order);
        }
        if (m_residual && addsFloatsToBytes(m_layer)) floats = residual().to(at::kFloat).contiguous(order);
        if (result.numel() > 0 && input.numel() > 0) {
            const std::int64_t features = m_shape.inChannels;
            const auto done = m_packed.run(
                m_layer.isConvolution ? input.sizes() : at::IntArrayRef({input.numel() / features, features}), input.const_data_ptr(),
                result.mutable_data_ptr(),
                threadsFor(result.numel() * m_weight.numel() / m_weight.size(0), true, m_layer.isConvolution && m_weight.size(1) == 1),
                floats.defined() ? floats.const_data_ptr<float>() : nullptr);
            TORCH_CHECK(done, done.error().message.text());
        }
        if (m_layer.isConvolution && !m_layer.output && !m_layer.keepsChannelsLast) result = result.contiguous();
        execution.slot(m_result) = isOneImage ? result.squeeze(0) : std::move(result);
    }

    [[nodiscard]] std::vector<graph::ValueId> heldWeights() const override { return weightsOf(m_layer); }

private:
    [[nodiscard]] at::DimVector resultSizes(const at::Tensor& input) const {
        if (m_layer.isConvolution) return at::DimVector(m_packed.resultSizes(input.sizes()));
        at::DimVector sizes(input.sizes());
        if (m_layer.flattens && sizes.size() > 2) sizes.resize(2);
        sizes.back() = m_shape.outChannels;
        return sizes;
    }

    Int8Layer m_layer;
    ConvolutionShape m_shape;
    at::Tensor m_weight;
    PackedLayer m_packed;
    graph::ValueId m_input;
    std::optional<graph::ValueId> m_residual;
    graph::ValueId m_result;
    at::QuantizerPtr m_quantizer; ///< of bytes
};

Verdict accepts(const KernelContext& context, const graph::Node& node) {
    const auto* layer = context.lowered.payload<Int8Layer>(node);
    if (!layer) return Verdict::otherKind();
    const ActivationGrid* grid = gridOf(*layer);
    // onednn_dynamic_linear.cpp computes those that are linear.
    if (!grid && !layer->isConvolution) return Verdict::otherKind();
    if (!grid) return Verdict::refused(base::Message("kernel.noRangeOfInput", {}));
    const at::Tensor& weight = context.weight(layer->weight);
    if (!hasSymmetricWeights(*layer, weight)) return Verdict::refused(base::Message("kernel.symmetricOnly", {}));
    if (weight.numel() == 0 || std::ranges::any_of(layer->weightScales, [](float scale) { return scale == 0; }))
        return Verdict::otherKind();
    if (!context.machine.hasVnni && maySaturate(*grid, weight)) return Verdict::refused(base::Message("kernel.couldSaturate", {}));
    return Verdict::accepted(onednnCost);
}

Made make(const KernelContext& context, const graph::Node& node, InstructionInfo& info) {
    const auto& layer = *context.lowered.payload<Int8Layer>(node);
    info.kernel = kernelName("oneDNN", layer);
    return std::make_unique<OnednnInt8Layer>(layer, context.weight(layer.weight), biasOf(context, layer), node);
}

} // namespace

KernelDefinition onednnInt8Layer() {
    return {.id = "onednn.int8_layer",
            .words = "oneDNN int8",
            .ops = {op::int8Layer},
            .accepts = accepts,
            .make = make,
            .roundsDifferently = true};
}

} // namespace lathe::runtime
