#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <core/base/files.h>
#include <core/base/result.h>

namespace lathe::tensor {

/// Element types of weights and values. Quantized tensors are plain Int8/UInt8 data; scale and zero point live in the graph's QDQ nodes.
enum class DType { Bool, UInt8, Int8, Int16, Int32, Int64, Float16, BFloat16, Float32, Float64 };

[[nodiscard]] std::size_t byteSize(DType dtype);
/// "float32", "int8", … as in JSON and the text form.
[[nodiscard]] std::string_view name(DType dtype);
[[nodiscard]] std::optional<DType> dtypeFromName(std::string_view name);

template<class T>
inline constexpr DType dtypeOf = DType::Float32;
template<>
inline constexpr DType dtypeOf<bool> = DType::Bool;
template<>
inline constexpr DType dtypeOf<std::uint8_t> = DType::UInt8;
template<>
inline constexpr DType dtypeOf<std::int8_t> = DType::Int8;
template<>
inline constexpr DType dtypeOf<std::int16_t> = DType::Int16;
template<>
inline constexpr DType dtypeOf<std::int32_t> = DType::Int32;
template<>
inline constexpr DType dtypeOf<std::int64_t> = DType::Int64;
template<>
inline constexpr DType dtypeOf<double> = DType::Float64;

using Shape = std::vector<std::int64_t>;

/// Product of the dimensions; 1 for a scalar. Dimensions must be non-negative and the product must fit (see checkedElementCount for outside
/// data).
[[nodiscard]] std::int64_t elementCount(const Shape& shape);
/// The same for shapes from files: Rejected when a dimension is negative or the product overflows.
[[nodiscard]] base::Result<std::int64_t> checkedElementCount(const Shape& shape);
/// "1x6x28x28".
[[nodiscard]] std::string text(const Shape& shape);

/// Immutable bytes, shared between tensors: owned memory, a part of a mapped file, or memory kept alive by somebody else (`owner`).
class Storage {
public:
    [[nodiscard]] static std::shared_ptr<const Storage> copyOf(std::span<const std::byte> bytes);
    [[nodiscard]] static std::shared_ptr<const Storage> adopt(std::span<const std::byte> bytes, std::shared_ptr<const void> owner);
    [[nodiscard]] std::span<const std::byte> bytes() const { return m_bytes; }

private:
    Storage(std::span<const std::byte> bytes, std::shared_ptr<const void> owner) : m_bytes(bytes), m_owner(std::move(owner)) {}
    std::span<const std::byte> m_bytes;
    std::shared_ptr<const void> m_owner;
};

/// A view (dtype, shape, strides in elements, offset in bytes) into shared immutable storage. Cheap to copy. Two tensors may share one
/// storage: that is how tied weights are seen. A tensor without storage is "null".
class Tensor {
public:
    Tensor() = default;
    /// The view must lie inside the storage (asserted; readers of files check before).
    Tensor(DType dtype, Shape shape, std::shared_ptr<const Storage> storage, std::int64_t byteOffset = 0);
    Tensor(DType dtype, Shape shape, std::vector<std::int64_t> strides, std::shared_ptr<const Storage> storage, std::int64_t byteOffset);

    template<class T>
    [[nodiscard]] static Tensor of(Shape shape, const std::vector<T>& values) {
        assert(tensor::elementCount(shape) == static_cast<std::int64_t>(values.size()));
        return Tensor(dtypeOf<T>, std::move(shape), Storage::copyOf(std::as_bytes(std::span(values))));
    }
    [[nodiscard]] static Tensor zeros(DType dtype, Shape shape);

    [[nodiscard]] bool isNull() const { return !m_storage; }
    [[nodiscard]] DType dtype() const { return m_dtype; }
    [[nodiscard]] const Shape& shape() const { return m_shape; }
    [[nodiscard]] const std::vector<std::int64_t>& strides() const { return m_strides; }
    [[nodiscard]] std::int64_t byteOffset() const { return m_byteOffset; }
    [[nodiscard]] const std::shared_ptr<const Storage>& storage() const { return m_storage; }
    [[nodiscard]] std::int64_t elementCount() const { return tensor::elementCount(m_shape); }
    /// Bytes that a contiguous copy takes.
    [[nodiscard]] std::int64_t byteCount() const { return elementCount() * static_cast<std::int64_t>(byteSize(m_dtype)); }

    [[nodiscard]] bool isContiguous() const;
    /// Itself when contiguous, otherwise a contiguous copy.
    [[nodiscard]] Tensor contiguous() const;
    /// The elements in row-major order. T must match the dtype and the tensor be contiguous (asserted).
    template<class T>
    [[nodiscard]] std::span<const T> values() const {
        assert(dtypeOf<T> == m_dtype && isContiguous());
        return {reinterpret_cast<const T*>(m_storage->bytes().data() + m_byteOffset), static_cast<std::size_t>(elementCount())};
    }
    /// Row-major copy of any dtype and strides as floats.
    [[nodiscard]] std::vector<float> toFloats() const;
    /// A contiguous copy in another dtype (float rounding as static_cast; Float16/BFloat16 round to nearest even).
    [[nodiscard]] Tensor to(DType dtype) const;

    /// Same dtype, shape and bits (NaN equals itself).
    [[nodiscard]] bool sameContent(const Tensor& other) const;

private:
    DType m_dtype = DType::Float32;
    Shape m_shape;
    std::vector<std::int64_t> m_strides;
    std::int64_t m_byteOffset = 0;
    std::shared_ptr<const Storage> m_storage;
};

} // namespace lathe::tensor
