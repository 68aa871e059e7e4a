#include <core/runtime/kernels/float_layer/float_layer_instruction_torch.h>

#include <utility>

#include <ATen/DimVector.h>
#include <ATen/TensorOperators.h>

#include <core/graph/operators/call.h>
#include <core/runtime/kernels/onednn/onednn_kernel_torch.h>
#include <core/runtime/plan_memory_torch.h>

namespace lathe::runtime {

FloatLayerInstruction::FloatLayerInstruction(const KernelContext& context, const FloatLayer& layer, const graph::Node& node,
                                             at::ScalarType multiplied)
    : m_layer(layer), m_unfolded(std::in_place, context, layer), m_held(m_unfolded->ids()), m_shape(shapeOf(layer, m_unfolded->weight())),
      m_macsPerResult(m_unfolded->weight().numel() / m_shape.outChannels), m_input(*graph::mainInput(node)),
      m_residual(layer.addsResidual ? graph::Call(node).value("residual") : std::nullopt), m_result(node.results[0]),
      m_keepsOrder(context.mayBeChannelsLast(m_result)), m_inputType(layer.readsBfloat16 ? at::kBFloat16 : at::kFloat),
      m_resultType(layer.givesBfloat16 ? at::kBFloat16 : at::kFloat), m_multipliedType(multiplied) {
    m_layer.nodes.clear();
}

void FloatLayerInstruction::run(Execution& execution) {
    const at::Tensor& given = execution.tensor(m_input);
    TORCH_CHECK(given.layout() == at::kStrided, "The layer computes dense tensors.");
    TORCH_CHECK(given.scalar_type() == m_inputType, "The layer computes ", c10::toString(m_inputType), ", but its input is ",
                c10::toString(given.scalar_type()), ".");
    checkInputFits(m_layer, m_shape, given);
    const bool isOneImage = m_layer.isConvolution && given.dim() == 3;
    const at::MemoryFormat order = orderOf(m_layer.isConvolution);
    // Halves that are multiplied as floats have the same products.
    at::Tensor input = isOneImage ? given.unsqueeze(0) : given;
    if (input.scalar_type() != m_multipliedType) input = input.to(m_multipliedType);
    input = input.contiguous(order);
    const at::DimVector sizes = resultSizes(input);
    if (m_residual)
        TORCH_CHECK(execution.tensor(*m_residual).scalar_type() == at::kFloat, "The layer adds float32, but what it adds is ",
                    c10::toString(execution.tensor(*m_residual).scalar_type()), ".");
    at::Tensor result = m_residual ? memoryWithAddend(execution, *m_residual, sizes, order)
                                   : emptyResult(sizes, m_multipliedType == at::kBFloat16 ? m_resultType : at::kFloat, order);
    if (result.numel() > 0) {
        if (m_unfolded) {
            const FoldedWeights folded = m_unfolded->folded();
            compute(input, result, &folded);
            m_unfolded.reset();
        } else {
            compute(input, result, nullptr);
        }
    }
    if (result.scalar_type() != m_resultType) result = result.to(m_resultType);
    // Channels-last images are not for what follows everywhere.
    if (m_layer.isConvolution && !m_keepsOrder) result = result.contiguous();
    execution.slot(m_result) = isOneImage ? result.squeeze(0) : std::move(result);
}

at::DimVector FloatLayerInstruction::resultSizes(const at::Tensor& input) const {
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

std::string wordsOf(const FloatLayer& layer) {
    std::string words = layer.isConvolution ? "conv2d" : "linear";
    if (layer.normalization) words += "+batch_norm";
    if (layer.addsResidual) words += "+add";
    if (layer.function) words += "+" + nameOf(*layer.function);
    return words + ", weights packed once";
}

} // namespace lathe::runtime
