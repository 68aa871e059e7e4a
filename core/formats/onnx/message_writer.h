#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <core/formats/onnx/proto.h>
#include <core/tensor/tensor.h>

namespace lathe::formats::onnx {

/// Messages of onnx.proto as bytes.
[[nodiscard]] std::string integerAttribute(std::string_view name, std::int64_t value);
[[nodiscard]] std::string floatAttribute(std::string_view name, float value);
[[nodiscard]] std::string textAttribute(std::string_view name, std::string_view value);
[[nodiscard]] std::string textsAttribute(std::string_view name, const std::vector<std::string>& values);
[[nodiscard]] std::string integersAttribute(std::string_view name, const std::vector<std::int64_t>& values);
[[nodiscard]] std::string nodeMessage(const std::string& name, const std::string& op, const std::vector<std::string>& inputs,
                                      const std::vector<std::string>& outputs, const std::vector<std::string>& attributes);
/// TensorProto with raw_data; `type` may be Int4 or UInt4 for 8-bit tensors, whose elements are then packed in pairs.
[[nodiscard]] std::string tensorMessage(const std::string& name, const tensor::Tensor& data, ElementType type);
/// ValueInfoProto of a tensor. Dimensions: a number, or a name.
[[nodiscard]] std::string valueMessage(const std::string& name, ElementType type, const std::vector<Dimension>* shape);
[[nodiscard]] std::string modelMessage(const std::string& name, std::int64_t opset, const std::vector<std::string>& nodes,
                                       const std::vector<std::string>& initializers, const std::vector<std::string>& inputs,
                                       const std::vector<std::string>& outputs);

/// The ONNX type of our dtype.
[[nodiscard]] ElementType elementTypeOf(tensor::DType dtype);

} // namespace lathe::formats::onnx
