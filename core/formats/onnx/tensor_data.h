#pragma once

#include <optional>

#include <core/base/result.h>
#include <core/formats/onnx/external_data.h>
#include <core/formats/onnx/proto.h>
#include <core/tensor/tensor.h>

namespace lathe::formats::onnx {

/// How our tensors hold elements of a type: int4 and uint4 as int8 and uint8 (one element a byte), unsigned integers of more than 8 bits in
/// the next larger signed type (uint64 as int64, of the same bits). Nothing for text, complex numbers and 8-bit floats.
[[nodiscard]] std::optional<tensor::DType> dtypeOf(ElementType type);
/// "float", "int4", … as in onnx.proto, for messages.
[[nodiscard]] std::string name(ElementType type);

/// The tensor with its data, from raw_data, typed fields or a file beside the model. Errors: Rejected with the end of a sentence about the
/// tensor ("has 12 bytes of data where its shape 2x2 needs 16."); Unsupported for element types without a counterpart.
[[nodiscard]] base::Result<tensor::Tensor> readTensor(const TensorProto& proto, ExternalData& files);

} // namespace lathe::formats::onnx
