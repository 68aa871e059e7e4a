#include <core/formats/aten_tensor_torch.h>

#include <array>

#include <ATen/ops/from_blob.h>

namespace lathe::formats {

namespace {

struct Pair {
    tensor::DType ours;
    at::ScalarType theirs;
};
constexpr std::array pairs{
    Pair{tensor::DType::Bool, at::kBool},      Pair{tensor::DType::UInt8, at::kByte},        Pair{tensor::DType::Int8, at::kChar},
    Pair{tensor::DType::Int16, at::kShort},    Pair{tensor::DType::Int32, at::kInt},         Pair{tensor::DType::Int64, at::kLong},
    Pair{tensor::DType::Float16, at::kHalf},   Pair{tensor::DType::BFloat16, at::kBFloat16}, Pair{tensor::DType::Float32, at::kFloat},
    Pair{tensor::DType::Float64, at::kDouble},
};

} // namespace

std::optional<tensor::DType> dtypeOf(at::ScalarType type) {
    for (const Pair& pair : pairs) {
        if (pair.theirs == type) return pair.ours;
    }
    return std::nullopt;
}

at::ScalarType scalarTypeOf(tensor::DType dtype) {
    for (const Pair& pair : pairs) {
        if (pair.ours == dtype) return pair.theirs;
    }
    return at::kFloat;
}

at::Tensor shareAsAten(const tensor::Tensor& tensor) {
    auto* data = const_cast<std::byte*>(tensor.storage()->bytes().data()) + tensor.byteOffset();
    return at::from_blob(
        data, tensor.shape(), tensor.strides(), [storage = tensor.storage()](void*) {}, at::TensorOptions(scalarTypeOf(tensor.dtype())));
}

} // namespace lathe::formats
