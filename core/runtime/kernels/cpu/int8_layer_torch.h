#pragma once

#include <memory>
#include <string_view>

#include <ATen/core/Tensor.h>

#include <core/runtime/lowering/int8_layer.h>

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

/// Lathe's own kernel: exact on every CPU, any of the forms that Int8Layer describes. `weight` is the integer tensor, `bias` may be
/// undefined.
[[nodiscard]] std::unique_ptr<Int8LayerKernel> makeLatheKernel(const Int8Layer& layer, const at::Tensor& weight, const at::Tensor& bias);

/// FBGEMM by PyTorch's packed parameters, for layers that it has a kernel for.
[[nodiscard]] std::unique_ptr<Int8LayerKernel> makeFbgemmKernel(const Int8Layer& layer, const at::Tensor& weight, const at::Tensor& bias);

/// Has FBGEMM a kernel of this form? Static input and output grids, no activation but relu, no residual.
[[nodiscard]] bool fbgemmHas(const Int8Layer& layer);

/// Could FBGEMM's sums of two products of bytes leave 16 bits with these weights (on CPUs without VNNI)? Conservative: takes the two
/// largest.
[[nodiscard]] bool mayFbgemmSaturate(const Int8Layer& layer, const at::Tensor& weight);

/// A quint8 tensor of these sizes, channels-last when it has four dimensions and `like` asks for it.
[[nodiscard]] at::Tensor emptyBytes(at::IntArrayRef sizes, const ActivationGrid& grid, at::MemoryFormat format);
/// float32 → quint8 in the same memory order.
[[nodiscard]] at::Tensor quantizeBytes(const at::Tensor& input, const ActivationGrid& grid);

} // namespace lathe::runtime
