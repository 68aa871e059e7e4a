#include <core/formats/onnx/tensor_data.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <span>

namespace lathe::formats::onnx {

namespace {

using tensor::DType;

struct TypeInfo {
    ElementType type;
    std::string_view name;
    DType dtype;
    int bits; ///< of an element in raw_data
};
constexpr std::array types{
    TypeInfo{ElementType::Float, "float", DType::Float32, 32},
    TypeInfo{ElementType::UInt8, "uint8", DType::UInt8, 8},
    TypeInfo{ElementType::Int8, "int8", DType::Int8, 8},
    TypeInfo{ElementType::UInt16, "uint16", DType::Int32, 16},
    TypeInfo{ElementType::Int16, "int16", DType::Int16, 16},
    TypeInfo{ElementType::Int32, "int32", DType::Int32, 32},
    TypeInfo{ElementType::Int64, "int64", DType::Int64, 64},
    TypeInfo{ElementType::Bool, "bool", DType::Bool, 8},
    TypeInfo{ElementType::Float16, "float16", DType::Float16, 16},
    TypeInfo{ElementType::Double, "double", DType::Float64, 64},
    TypeInfo{ElementType::UInt32, "uint32", DType::Int64, 32},
    TypeInfo{ElementType::UInt64, "uint64", DType::Int64, 64},
    TypeInfo{ElementType::BFloat16, "bfloat16", DType::BFloat16, 16},
    TypeInfo{ElementType::UInt4, "uint4", DType::UInt8, 4},
    TypeInfo{ElementType::Int4, "int4", DType::Int8, 4},
};

const TypeInfo* find(ElementType type) {
    const auto* found = std::ranges::find(types, type, &TypeInfo::type);
    return found == types.end() ? nullptr : found;
}

tl::unexpected<base::Error> rejected(std::string message) { return base::failure(base::ErrorCode::Rejected, std::move(message)); }

std::string of(const tensor::Shape& shape) { return shape.empty() ? "of one element" : tensor::text(shape); }

/// Elements whose bits are those of our dtype are taken as they are; others are widened one by one.
base::Result<tensor::Tensor> fromBytes(const TypeInfo& info, const tensor::Shape& shape, std::int64_t count, MappedBytes data) {
    const auto size = tensor::byteSize(info.dtype);
    if (static_cast<std::size_t>(info.bits) == size * 8) {
        const bool isAligned = reinterpret_cast<std::uintptr_t>(data.bytes.data()) % size == 0;
        if (info.dtype == DType::Bool) {
            // Any byte but 0 is true in ONNX, but only 1 is a C++ bool.
            std::vector<std::byte> bytes(data.bytes.begin(), data.bytes.end());
            for (std::byte& byte : bytes)
                byte = std::byte{byte != std::byte{0}};
            return tensor::Tensor(info.dtype, shape, tensor::Storage::copyOf(bytes));
        }
        auto storage = data.owner && isAligned ? tensor::Storage::adopt(data.bytes, data.owner) : tensor::Storage::copyOf(data.bytes);
        return tensor::Tensor(info.dtype, shape, std::move(storage));
    }
    std::vector<std::byte> out(static_cast<std::size_t>(count) * size);
    for (std::size_t index = 0; index < static_cast<std::size_t>(count); ++index) {
        if (info.bits == 4) {
            // Two elements a byte, the first in the low half.
            const auto both = std::to_integer<unsigned>(data.bytes[index / 2]);
            const unsigned half = index % 2 == 0 ? both & 15U : both >> 4U;
            const int value = info.dtype == DType::Int8 && half > 7 ? static_cast<int>(half) - 16 : static_cast<int>(half);
            out[index] = static_cast<std::byte>(value);
        } else if (info.type == ElementType::UInt16) {
            std::uint16_t value = 0;
            std::memcpy(&value, data.bytes.data() + index * sizeof value, sizeof value);
            const std::int32_t wide = value;
            std::memcpy(out.data() + index * sizeof wide, &wide, sizeof wide);
        } else {
            std::uint32_t value = 0;
            std::memcpy(&value, data.bytes.data() + index * sizeof value, sizeof value);
            const std::int64_t wide = value;
            std::memcpy(out.data() + index * sizeof wide, &wide, sizeof wide);
        }
    }
    return tensor::Tensor(info.dtype, shape, tensor::Storage::copyOf(out));
}

/// int32_data holds integers of up to 32 bits, and the bits of 16-bit floats; packed int4 as bytes.
template<class T>
tensor::Tensor narrowed(DType dtype, const tensor::Shape& shape, const std::vector<std::int64_t>& values) {
    std::vector<T> narrow;
    narrow.reserve(values.size());
    for (const std::int64_t value : values)
        narrow.push_back(static_cast<T>(value));
    return tensor::Tensor(dtype, shape, tensor::Storage::copyOf(std::as_bytes(std::span(narrow))));
}

tensor::Tensor fromIntegers(const TypeInfo& info, const tensor::Shape& shape, const std::vector<std::int64_t>& values) {
    switch (tensor::byteSize(info.dtype)) {
    case 1: {
        std::vector<std::int64_t> flags = values;
        if (info.dtype == DType::Bool) std::ranges::transform(flags, flags.begin(), [](std::int64_t value) { return value != 0 ? 1 : 0; });
        return narrowed<std::uint8_t>(info.dtype, shape, flags);
    }
    case 2:
        return narrowed<std::uint16_t>(info.dtype, shape, values);
    case 4:
        return narrowed<std::uint32_t>(info.dtype, shape, values);
    default:
        return narrowed<std::int64_t>(info.dtype, shape, values);
    }
}

} // namespace

std::optional<tensor::DType> dtypeOf(ElementType type) {
    const TypeInfo* info = find(type);
    return info ? std::optional(info->dtype) : std::nullopt;
}

std::string name(ElementType type) {
    const TypeInfo* info = find(type);
    return info ? std::string(info->name) : "number " + std::to_string(static_cast<int>(type));
}

base::Result<tensor::Tensor> readTensor(const TensorProto& proto, ExternalData& files) {
    const TypeInfo* info = find(proto.dataType);
    if (!info)
        return base::failure(base::ErrorCode::Unsupported, "has elements of a type that Lathe has not (" + name(proto.dataType) + ").");
    for (const std::int64_t dimension : proto.dims) {
        if (dimension < 0) return rejected("has the shape " + tensor::text(proto.dims) + ", which has a negative dimension.");
    }
    const auto count = tensor::checkedElementCount(proto.dims);
    // Eight bytes an element is the most; the product must stay a number.
    if (!count || *count > (std::int64_t{1} << 59))
        return rejected("has the shape " + tensor::text(proto.dims) + ", which has too many elements.");
    const std::int64_t byteCount = info->bits == 4 ? (*count + 1) / 2 : *count * (info->bits / 8);

    if (proto.isExternal) {
        auto data = files.bytesOf(proto, byteCount);
        if (!data) return base::forward(data);
        return fromBytes(*info, proto.dims, *count, std::move(*data));
    }
    const auto needs = [&](std::size_t present, std::string_view unit, std::int64_t needed) {
        return rejected("has " + std::to_string(present) + " " + std::string(unit) + " of data where its shape " + of(proto.dims) +
                        " needs " + std::to_string(needed) + ".");
    };
    if (proto.hasRawData) {
        if (proto.rawData.size() != static_cast<std::size_t>(byteCount)) return needs(proto.rawData.size(), "bytes", byteCount);
        return fromBytes(*info, proto.dims, *count, {std::as_bytes(std::span(proto.rawData)), nullptr});
    }
    const auto fits = [&](std::size_t present) { return present == static_cast<std::size_t>(*count); };
    if (proto.dataType == ElementType::Float) {
        if (!fits(proto.floatData.size())) return needs(proto.floatData.size(), "numbers", *count);
        return tensor::Tensor::of<float>(proto.dims, proto.floatData);
    }
    if (proto.dataType == ElementType::Double) {
        if (!fits(proto.doubleData.size())) return needs(proto.doubleData.size(), "numbers", *count);
        return tensor::Tensor::of<double>(proto.dims, proto.doubleData);
    }
    if (info->bits == 4) {
        if (proto.integerData.size() != static_cast<std::size_t>(byteCount)) return needs(proto.integerData.size(), "bytes", byteCount);
        std::vector<std::byte> packed;
        for (const std::int64_t pair : proto.integerData)
            packed.push_back(static_cast<std::byte>(pair));
        return fromBytes(*info, proto.dims, *count, {packed, nullptr});
    }
    if (!fits(proto.integerData.size())) return needs(proto.integerData.size(), "numbers", *count);
    return fromIntegers(*info, proto.dims, proto.integerData);
}

} // namespace lathe::formats::onnx
