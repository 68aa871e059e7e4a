#include <core/tensor/tensor.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>

namespace lathe::tensor {

namespace {

struct DTypeInfo {
    DType dtype;
    std::string_view name;
    std::size_t bytes;
};
constexpr std::array dtypes{
    DTypeInfo{DType::Bool, "bool", 1},       DTypeInfo{DType::UInt8, "uint8", 1},       DTypeInfo{DType::Int8, "int8", 1},
    DTypeInfo{DType::Int16, "int16", 2},     DTypeInfo{DType::Int32, "int32", 4},       DTypeInfo{DType::Int64, "int64", 8},
    DTypeInfo{DType::Float16, "float16", 2}, DTypeInfo{DType::BFloat16, "bfloat16", 2}, DTypeInfo{DType::Float32, "float32", 4},
    DTypeInfo{DType::Float64, "float64", 8},
};

const DTypeInfo& info(DType dtype) {
    return *std::find_if(dtypes.begin(), dtypes.end(), [=](const DTypeInfo& entry) { return entry.dtype == dtype; });
}

std::vector<std::int64_t> contiguousStrides(const Shape& shape) {
    std::vector<std::int64_t> strides(shape.size(), 1);
    for (std::size_t i = shape.size(); i > 1; --i)
        strides[i - 2] = strides[i - 1] * std::max<std::int64_t>(shape[i - 1], 1);
    return strides;
}

/// IEEE 754 binary16, all cases.
float halfToFloat(std::uint16_t half) {
    const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000U) << 16;
    const std::uint32_t exponent = (half >> 10) & 0x1FU;
    const std::uint32_t mantissa = half & 0x3FFU;
    if (exponent == 0) return std::copysign(std::ldexp(static_cast<float>(mantissa), -24), std::bit_cast<float>(sign));
    if (exponent == 31) return std::bit_cast<float>(sign | 0x7F800000U | (mantissa << 13));
    return std::bit_cast<float>(sign | ((exponent + 112) << 23) | (mantissa << 13));
}

std::uint16_t floatToHalf(float value) {
    const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
    const auto sign = static_cast<std::uint16_t>((bits >> 16) & 0x8000U);
    const float magnitude = std::fabs(value);
    if (std::isnan(value)) return sign | 0x7E00U;
    if (magnitude >= 65520.0F) return sign | 0x7C00U; // rounds to infinity
    if (magnitude < 6.103515625e-05F) {               // subnormal: nearbyint rounds to even
        return sign | static_cast<std::uint16_t>(std::nearbyint(std::ldexp(magnitude, 24)));
    }
    const std::uint32_t absolute = bits & 0x7FFFFFFFU;
    const std::uint32_t rounded = absolute + 0xFFFU + ((absolute >> 13) & 1U);
    return sign | static_cast<std::uint16_t>((rounded - (112U << 23)) >> 13);
}

float brainToFloat(std::uint16_t value) { return std::bit_cast<float>(static_cast<std::uint32_t>(value) << 16); }

std::uint16_t floatToBrain(float value) {
    const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
    if (std::isnan(value)) return static_cast<std::uint16_t>((bits >> 16) | 0x40U);
    return static_cast<std::uint16_t>((bits + 0x7FFFU + ((bits >> 16) & 1U)) >> 16);
}

/// How elements of a dtype are stored, read and written.
template<class T>
struct Plain {
    using Stored = T;
    static T read(T stored) { return stored; }
    template<class Number>
    static T write(Number value) {
        return static_cast<T>(value);
    }
};
struct Truth {
    using Stored = std::uint8_t;
    static std::uint8_t read(std::uint8_t stored) { return stored != 0 ? 1 : 0; }
    template<class Number>
    static std::uint8_t write(Number value) {
        return value != Number{} ? 1 : 0;
    }
};
template<float (*toFloat)(std::uint16_t), std::uint16_t (*fromFloat)(float)>
struct SixteenBits {
    using Stored = std::uint16_t;
    static float read(std::uint16_t stored) { return toFloat(stored); }
    template<class Number>
    static std::uint16_t write(Number value) {
        return fromFloat(static_cast<float>(value));
    }
};
using Half = SixteenBits<halfToFloat, floatToHalf>;
using Brain = SixteenBits<brainToFloat, floatToBrain>;

/// Calls visit with one of the above: one decision for a whole tensor, not one for each element.
template<class Visit>
void withElements(DType dtype, const Visit& visit) {
    switch (dtype) {
    case DType::Bool:
        return visit(Truth{});
    case DType::UInt8:
        return visit(Plain<std::uint8_t>{});
    case DType::Int8:
        return visit(Plain<std::int8_t>{});
    case DType::Int16:
        return visit(Plain<std::int16_t>{});
    case DType::Int32:
        return visit(Plain<std::int32_t>{});
    case DType::Int64:
        return visit(Plain<std::int64_t>{});
    case DType::Float16:
        return visit(Half{});
    case DType::BFloat16:
        return visit(Brain{});
    case DType::Float32:
        return visit(Plain<float>{});
    case DType::Float64:
        return visit(Plain<double>{});
    }
}

/// An element of a contiguous tensor as it is stored, at whatever address.
template<class Elements>
typename Elements::Stored stored(const Tensor& tensor, std::size_t at) {
    typename Elements::Stored value;
    std::memcpy(&value, tensor.storage()->bytes().data() + tensor.byteOffset() + at * sizeof value, sizeof value);
    return value;
}

/// Calls visit(byte pointer) for every element in row-major order.
template<class Visit>
void forEachElement(const Tensor& tensor, const Visit& visit) {
    const std::byte* base = tensor.storage()->bytes().data() + tensor.byteOffset();
    const auto size = static_cast<std::int64_t>(byteSize(tensor.dtype()));
    const std::int64_t count = tensor.elementCount();
    std::vector<std::int64_t> index(tensor.shape().size(), 0);
    std::int64_t position = 0;
    for (std::int64_t done = 0; done < count; ++done) {
        visit(base + position * size);
        for (std::size_t axis = index.size(); axis-- > 0;) {
            position += tensor.strides()[axis];
            if (++index[axis] < tensor.shape()[axis]) break;
            position -= tensor.strides()[axis] * tensor.shape()[axis];
            index[axis] = 0;
        }
    }
}

} // namespace

std::size_t byteSize(DType dtype) { return info(dtype).bytes; }
std::string_view name(DType dtype) { return info(dtype).name; }

std::optional<DType> dtypeFromName(std::string_view name) {
    const auto* found = std::find_if(dtypes.begin(), dtypes.end(), [=](const DTypeInfo& entry) { return entry.name == name; });
    if (found == dtypes.end()) return std::nullopt;
    return found->dtype;
}

std::int64_t elementCount(const Shape& shape) {
    std::int64_t count = 1;
    for (const std::int64_t size : shape)
        count *= size;
    return count;
}

base::Result<std::int64_t> checkedElementCount(const Shape& shape) {
    std::int64_t count = 1; // of the dimensions that are not zero: the strides of an empty tensor must fit, too
    bool isEmpty = false;
    for (const std::int64_t size : shape) {
        if (size == 0) {
            isEmpty = true;
            continue;
        }
        if (size < 0) return base::failure(base::ErrorCode::Rejected, "The shape " + text(shape) + " has a negative dimension.");
        if (__builtin_mul_overflow(count, size, &count)) {
            return base::failure(base::ErrorCode::Rejected, "The shape " + text(shape) + " has too many elements.");
        }
    }
    return isEmpty ? 0 : count;
}

std::string text(const Shape& shape) {
    std::string joined;
    for (const std::int64_t size : shape)
        joined += (joined.empty() ? "" : "x") + std::to_string(size);
    return joined;
}

std::shared_ptr<const Storage> Storage::copyOf(std::span<const std::byte> bytes) {
    auto owner = std::make_shared<std::vector<std::byte>>(bytes.begin(), bytes.end());
    const std::span<const std::byte> view(*owner);
    return adopt(view, std::move(owner));
}

std::shared_ptr<const Storage> Storage::adopt(std::span<const std::byte> bytes, std::shared_ptr<const void> owner) {
    return std::shared_ptr<const Storage>(new Storage(bytes, std::move(owner)));
}

Tensor::Tensor(DType dtype, Shape shape, std::shared_ptr<const Storage> storage, std::int64_t byteOffset)
    : Tensor(dtype, shape, contiguousStrides(shape), std::move(storage), byteOffset) {}

Tensor::Tensor(DType dtype, Shape shape, std::vector<std::int64_t> strides, std::shared_ptr<const Storage> storage, std::int64_t byteOffset)
    : m_dtype(dtype), m_shape(std::move(shape)), m_strides(std::move(strides)), m_byteOffset(byteOffset), m_storage(std::move(storage)) {
    assert(m_shape.size() == m_strides.size() && m_storage);
    [[maybe_unused]] std::int64_t last = 0;
    for (std::size_t axis = 0; axis < m_shape.size(); ++axis)
        last += std::max<std::int64_t>(m_shape[axis] - 1, 0) * m_strides[axis];
    assert(elementCount() == 0 || m_byteOffset + (last + 1) * static_cast<std::int64_t>(byteSize(m_dtype)) <=
                                      static_cast<std::int64_t>(m_storage->bytes().size()));
}

Tensor Tensor::zeros(DType dtype, Shape shape) {
    const std::vector<std::byte> bytes(static_cast<std::size_t>(tensor::elementCount(shape)) * byteSize(dtype));
    return Tensor(dtype, std::move(shape), Storage::copyOf(bytes));
}

bool Tensor::isContiguous() const {
    std::int64_t expected = 1;
    for (std::size_t axis = m_shape.size(); axis-- > 0;) {
        if (m_shape[axis] != 1 && m_strides[axis] != expected) return elementCount() == 0;
        expected *= m_shape[axis];
    }
    return true;
}

Tensor Tensor::contiguous() const {
    if (isNull() || isContiguous()) return *this;
    auto bytes = std::make_shared<std::vector<std::byte>>();
    bytes->reserve(static_cast<std::size_t>(byteCount()));
    const std::size_t size = byteSize(m_dtype);
    forEachElement(*this, [&](const std::byte* at) { bytes->insert(bytes->end(), at, at + size); });
    const std::span<const std::byte> view(*bytes);
    return Tensor(m_dtype, m_shape, Storage::adopt(view, std::move(bytes)));
}

std::vector<float> Tensor::toFloats() const {
    std::vector<float> floats;
    if (isNull()) return floats;
    const Tensor source = contiguous();
    floats.resize(static_cast<std::size_t>(elementCount()));
    withElements(m_dtype, [&](auto elements) {
        for (std::size_t i = 0; i < floats.size(); ++i)
            floats[i] = static_cast<float>(elements.read(stored<decltype(elements)>(source, i)));
    });
    return floats;
}

Tensor Tensor::to(DType dtype) const {
    if (isNull() || dtype == m_dtype) return contiguous();
    const Tensor source = contiguous();
    const auto count = static_cast<std::size_t>(elementCount());
    auto bytes = std::make_shared<std::vector<std::byte>>(count * byteSize(dtype));
    withElements(m_dtype, [&](auto from) {
        withElements(dtype, [&](auto to) {
            auto* out = reinterpret_cast<typename decltype(to)::Stored*>(bytes->data());
            for (std::size_t i = 0; i < count; ++i)
                out[i] = to.write(from.read(stored<decltype(from)>(source, i)));
        });
    });
    const std::span<const std::byte> view(*bytes);
    return Tensor(dtype, m_shape, Storage::adopt(view, std::move(bytes)));
}

bool Tensor::sameContent(const Tensor& other) const {
    if (isNull() || other.isNull()) return isNull() == other.isNull();
    if (m_dtype != other.m_dtype || m_shape != other.m_shape) return false;
    const Tensor a = contiguous();
    const Tensor b = other.contiguous();
    const std::byte* first = a.m_storage->bytes().data() + a.m_byteOffset;
    return std::equal(first, first + byteCount(), b.m_storage->bytes().data() + b.m_byteOffset);
}

} // namespace lathe::tensor
