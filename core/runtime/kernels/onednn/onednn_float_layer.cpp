#include <core/runtime/kernels/onednn/onednn_float_layer.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include <ATen/DimVector.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>

#include <core/graph/operators/call.h>
#include <core/runtime/cpu.h>
#include <core/runtime/kernels/layer_shape_torch.h>
#include <core/runtime/kernels/onednn/onednn_kernel_torch.h>
#include <core/runtime/lowering/patterns/float_layer.h>
#include <core/runtime/plan_memory_torch.h>

namespace lathe::runtime {

namespace {

/// Weights and bias of a layer; undefined where there is none.
struct Weights {
    at::Tensor weight, bias;
};

/// What a layer has before it is packed: its weights and those of the batch norm behind it, as the graph holds them.
class Unpacked {
public:
    Unpacked(const KernelContext& context, const FloatLayer& layer) {
        const auto take = [&](std::optional<graph::ValueId> id) {
            if (!id) return at::Tensor();
            m_ids.push_back(*id);
            return context.weight(*id);
        };
        m_own = {take(layer.weight), take(layer.bias)};
        if (!layer.normalization) return;
        const FloatLayer::Normalization& norm = *layer.normalization;
        m_norm = Norm{take(norm.weight), take(norm.bias), take(norm.mean), take(norm.variance), norm.epsilon};
    }

    [[nodiscard]] const std::vector<graph::ValueId>& ids() const { return m_ids; }
    [[nodiscard]] const at::Tensor& weight() const { return m_own.weight; }

    /// Contiguous, with the batch norm multiplied in.
    [[nodiscard]] Weights folded() const {
        Weights folded = m_own;
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

private:
    /// Some filters at a time, which is all that is there in doubles.
    static at::Tensor multiplied(const at::Tensor& weight, const at::Tensor& factor) {
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

    struct Norm {
        at::Tensor weight, bias, mean, variance;
        double epsilon = 0;
    };
    Weights m_own;
    std::optional<Norm> m_norm;
    std::vector<graph::ValueId> m_ids;
};

PackedLayerForm formOf(const FloatLayer& layer, const at::Tensor& weight, bool multipliesBfloat16) {
    PackedLayerForm form = packedForm(layer.isConvolution, layer.geometry, weight);
    if (layer.addsResidual) form.addend = PackedLayerForm::Addend{};
    form.function = layer.function;
    form.isBfloat16 = multipliesBfloat16;
    form.givesBfloat16 = multipliesBfloat16 && layer.givesBfloat16;
    return form;
}

class OnednnFloatLayer final : public Instruction {
public:
    OnednnFloatLayer(const KernelContext& context, const FloatLayer& layer, const graph::Node& node, bool multipliesBfloat16)
        : m_layer(layer), m_unpacked(std::in_place, context, layer), m_held(m_unpacked->ids()),
          m_shape(shapeOf(layer, m_unpacked->weight())), m_macsPerResult(m_unpacked->weight().numel() / m_shape.outChannels),
          m_input(*graph::mainInput(node)), m_residual(layer.addsResidual ? graph::Call(node).value("residual") : std::nullopt),
          m_result(node.results[0]), m_keepsOrder(context.mayBeChannelsLast(m_result)),
          m_inputType(layer.readsBfloat16 ? at::kBFloat16 : at::kFloat), m_resultType(layer.givesBfloat16 ? at::kBFloat16 : at::kFloat),
          m_multipliesBfloat16(multipliesBfloat16) {
        m_layer.nodes.clear();
    }

    void run(Execution& execution) override {
        const at::Tensor& given = execution.tensor(m_input);
        TORCH_CHECK(given.layout() == at::kStrided, "The layer computes dense tensors.");
        TORCH_CHECK(given.scalar_type() == m_inputType, "The layer computes ", c10::toString(m_inputType), ", but its input is ",
                    c10::toString(given.scalar_type()), ".");
        checkInputFits(m_layer, m_shape, given);
        const bool isOneImage = m_layer.isConvolution && given.dim() == 3;
        const at::MemoryFormat order = orderOf(m_layer.isConvolution);
        // Halves that are multiplied as floats have the same products.
        at::Tensor input = isOneImage ? given.unsqueeze(0) : given;
        const at::ScalarType multiplied = m_multipliesBfloat16 ? at::kBFloat16 : at::kFloat;
        if (input.scalar_type() != multiplied) input = input.to(multiplied);
        input = input.contiguous(order);
        const at::DimVector sizes = resultSizes(input);
        if (m_residual)
            TORCH_CHECK(execution.tensor(*m_residual).scalar_type() == at::kFloat, "The layer adds float32, but what it adds is ",
                        c10::toString(execution.tensor(*m_residual).scalar_type()), ".");
        at::Tensor result = m_residual ? memoryWithAddend(execution, *m_residual, sizes, order)
                                       : emptyResult(sizes, m_multipliesBfloat16 ? m_resultType : at::kFloat, order);
        if (result.numel() > 0) compute(input, result);
        if (result.scalar_type() != m_resultType) result = result.to(m_resultType);
        // Channels-last images are not for what follows everywhere.
        if (m_layer.isConvolution && !m_keepsOrder) result = result.contiguous();
        execution.slot(m_result) = isOneImage ? result.squeeze(0) : std::move(result);
    }

    [[nodiscard]] std::vector<graph::ValueId> heldWeights() const override { return m_held; }

private:
    [[nodiscard]] at::DimVector resultSizes(const at::Tensor& input) const {
        at::DimVector sizes(input.sizes());
        if (!m_layer.isConvolution) {
            sizes.back() = m_shape.outChannels;
            return sizes;
        }
        sizes[1] = m_shape.outChannels;
        sizes[2] = m_shape.window.outHeight(input.size(2));
        sizes[3] = m_shape.window.outWidth(input.size(3));
        return sizes;
    }

    /// The first call packs, and the weights as they were are let go: a plan whose layers are packed one by one needs room for one more.
    void compute(const at::Tensor& input, at::Tensor& result) {
        Weights folded;
        if (!m_packed) {
            folded = m_unpacked->folded();
            const auto bias = folded.bias.defined()
                                  ? std::span(folded.bias.const_data_ptr<float>(), static_cast<std::size_t>(folded.bias.numel()))
                                  : std::span<const float>();
            m_packed.emplace(formOf(m_layer, folded.weight, m_multipliesBfloat16), folded.weight.const_data_ptr(), bias);
        }
        const bool isDepthwise = m_layer.isConvolution && m_shape.inChannels == m_shape.groups;
        const auto done =
            m_packed->run(m_layer.isConvolution ? input.sizes() : at::IntArrayRef({input.numel() / m_shape.inChannels, m_shape.inChannels}),
                          input.const_data_ptr(), result.mutable_data_ptr(),
                          threadsFor(result.numel() * m_macsPerResult, m_multipliesBfloat16, isDepthwise));
        if (!done && m_unpacked) m_packed.reset(); // it has no weights to pack
        TORCH_CHECK(done, done.error().message.text());
        m_unpacked.reset();
    }

    FloatLayer m_layer;                 ///< without its nodes
    std::optional<Unpacked> m_unpacked; ///< until the first call
    std::vector<graph::ValueId> m_held;
    ConvolutionShape m_shape;
    std::optional<PackedLayer> m_packed;
    std::int64_t m_macsPerResult;
    graph::ValueId m_input;
    std::optional<graph::ValueId> m_residual;
    graph::ValueId m_result;
    bool m_keepsOrder;
    at::ScalarType m_inputType, m_resultType;
    bool m_multipliesBfloat16;
};

const FloatLayer& layerOf(const KernelContext& context, const graph::Node& node) { return *context.lowered.payload<FloatLayer>(node); }

Verdict accepts(const KernelContext& context, const graph::Node&) {
    return offersOnednn(context) ? Verdict::accepted(onednnCost) : Verdict::otherKind();
}

Verdict acceptsBfloat16(const KernelContext& context, const graph::Node& node) {
    const bool isFor = offersOnednn(context) && cpuHasBfloat16() && layerOf(context, node).readsBfloat16;
    return isFor ? Verdict::accepted(1) : Verdict::otherKind();
}

Made makeLayer(const KernelContext& context, const graph::Node& node, InstructionInfo& info, bool multipliesBfloat16) {
    const FloatLayer& layer = layerOf(context, node);
    info.kernel = std::string(multipliesBfloat16 ? "oneDNN bfloat16 " : "oneDNN ") + (layer.isConvolution ? "conv2d" : "linear");
    if (layer.normalization) info.kernel += "+batch_norm";
    if (layer.addsResidual) info.kernel += "+add";
    if (layer.function) info.kernel += "+" + nameOf(*layer.function);
    info.kernel += ", weights packed once";
    return std::make_unique<OnednnFloatLayer>(context, layer, node, multipliesBfloat16);
}

Made make(const KernelContext& context, const graph::Node& node, InstructionInfo& info) { return makeLayer(context, node, info, false); }
Made makeBfloat16(const KernelContext& context, const graph::Node& node, InstructionInfo& info) {
    return makeLayer(context, node, info, true);
}

} // namespace

KernelDefinition onednnFloatLayer() {
    return {.id = "onednn.float_layer",
            .words = "oneDNN with packed weights",
            .ops = {op::floatConvolution, op::floatLinear},
            .accepts = accepts,
            .make = make};
}

KernelDefinition onednnBfloat16Layer() {
    return {.id = "onednn.bfloat16_layer",
            .words = "oneDNN in bfloat16",
            .ops = {op::floatConvolution, op::floatLinear},
            .accepts = acceptsBfloat16,
            .make = makeBfloat16};
}

} // namespace lathe::runtime
