#include <core/runtime/plan_torch.h>

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>

namespace lathe::runtime {

at::ScalarType scalarType(tensor::DType dtype) {
    switch (dtype) {
    case tensor::DType::Bool:
        return at::kBool;
    case tensor::DType::UInt8:
        return at::kByte;
    case tensor::DType::Int8:
        return at::kChar;
    case tensor::DType::Int16:
        return at::kShort;
    case tensor::DType::Int32:
        return at::kInt;
    case tensor::DType::Int64:
        return at::kLong;
    case tensor::DType::Float16:
        return at::kHalf;
    case tensor::DType::BFloat16:
        return at::kBFloat16;
    case tensor::DType::Float32:
        return at::kFloat;
    case tensor::DType::Float64:
        return at::kDouble;
    }
    return at::kFloat;
}

std::optional<tensor::DType> dtypeOf(at::ScalarType type) {
    switch (type) {
    case at::kBool:
        return tensor::DType::Bool;
    case at::kByte:
    case at::kQUInt8:
        return tensor::DType::UInt8;
    case at::kChar:
    case at::kQInt8:
        return tensor::DType::Int8;
    case at::kShort:
        return tensor::DType::Int16;
    case at::kInt:
    case at::kQInt32:
        return tensor::DType::Int32;
    case at::kLong:
        return tensor::DType::Int64;
    case at::kHalf:
        return tensor::DType::Float16;
    case at::kBFloat16:
        return tensor::DType::BFloat16;
    case at::kFloat:
        return tensor::DType::Float32;
    case at::kDouble:
        return tensor::DType::Float64;
    default:
        return std::nullopt;
    }
}

at::Device torchDevice(const Device& device) {
    if (device.kind == Device::Kind::Cpu) return at::Device(at::kCPU);
    return at::Device(at::kCUDA, static_cast<c10::DeviceIndex>(device.index));
}

at::Tensor toAten(const tensor::Tensor& tensor) {
    const auto options = at::TensorOptions(scalarType(tensor.dtype()));
    if (tensor.isNull()) return at::empty({0}, options);
    // ATen has no read-only tensors; the plan clones what an operator may write.
    auto* data = const_cast<std::byte*>(tensor.storage()->bytes().data()) + tensor.byteOffset();
    return at::from_blob(
        data, tensor.shape(), tensor.strides(), [storage = tensor.storage()](void*) {}, options);
}

std::vector<c10::IValue> toInputs(std::span<const tensor::Tensor> batch, const Device& device) {
    std::vector<c10::IValue> inputs;
    for (const tensor::Tensor& tensor : batch)
        inputs.emplace_back(toAten(tensor).to(torchDevice(device)));
    return inputs;
}

tensor::Tensor fromAten(const at::Tensor& tensor) {
    const at::NoGradGuard noGradient;
    at::Tensor plain = tensor.detach();
    if (plain.is_quantized()) plain = plain.int_repr();
    plain = plain.to(at::kCPU).contiguous();
    const auto dtype = dtypeOf(plain.scalar_type());
    TORCH_CHECK(dtype.has_value(), "A tensor of type ", plain.scalar_type(), " cannot be kept: Lathe has no such element type.");
    const auto* bytes = static_cast<const std::byte*>(plain.const_data_ptr());
    return tensor::Tensor(*dtype, plain.sizes().vec(), tensor::Storage::copyOf({bytes, plain.nbytes()}));
}

} // namespace lathe::runtime
