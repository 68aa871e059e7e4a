#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include <ATen/core/Tensor.h>

#include <core/runtime/kernels/kernel_context_torch.h>
#include <core/runtime/lowering/patterns/int8_layer.h>

namespace lathe::runtime {

/// An integer layer with its weights packed. Inputs are quint8 tensors (or float32 when the layer is dynamic), on the CPU. Thread-safe.
class Int8LayerKernel {
public:
    virtual ~Int8LayerKernel() = default;
    /// `residual` is undefined for layers that add none. Throws c10::Error when a shape does not fit.
    [[nodiscard]] virtual at::Tensor run(const at::Tensor& input, const at::Tensor& residual) const = 0;
    /// The instructions it uses, as users know them: "AVX2", "AVX-512 VNNI", "portable"; empty when the library decides.
    [[nodiscard]] virtual std::string_view instructions() const { return {}; }
};

/// What people call a kernel of a layer; `library` is whose it is: "Lathe int8 conv2d+relu, float output".
[[nodiscard]] std::string kernelName(std::string_view library, const Int8Layer& layer);

/// Are the weights signed bytes with zero points of zero?
[[nodiscard]] bool hasSymmetricWeights(const Int8Layer& layer, const at::Tensor& weight);

/// Could sums of two products of bytes leave 16 bits with these weights, on CPUs without VNNI? Conservative: takes the two largest.
[[nodiscard]] bool maySaturate(const ActivationGrid& input, const at::Tensor& weight);

/// The instruction of an int8_layer node. `library` is whose kernel it is, as users know it: "Lathe".
[[nodiscard]] Made makeInt8Instruction(std::string_view library, const Int8Layer& layer, std::shared_ptr<const Int8LayerKernel> kernel,
                                       const graph::Node& node, InstructionInfo& info);

/// The weight and the bias where there is one.
[[nodiscard]] std::vector<graph::ValueId> weightsOf(const Int8Layer& layer);

/// The bias of a layer; undefined when it has none.
[[nodiscard]] at::Tensor biasOf(const KernelContext& context, const Int8Layer& layer);

/// Why a layer is computed as it is on this machine, when that is worth telling.
[[nodiscard]] base::Message whyOnThisCpu(const Machine& machine);

} // namespace lathe::runtime
