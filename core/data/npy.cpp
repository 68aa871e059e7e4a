#include <core/data/npy.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include <core/data/byte_order.h>

namespace lathe::data {

namespace {

using base::ErrorCode;
using base::failure;
using tensor::DType;

constexpr std::string_view magic = "\x93NUMPY";

struct NpyType {
    std::string_view code; ///< NumPy's kind and size, without the byte order
    DType dtype;
};
constexpr std::array npyTypes = {
    NpyType{"b1", DType::Bool},    NpyType{"u1", DType::UInt8},   NpyType{"i1", DType::Int8},
    NpyType{"i2", DType::Int16},   NpyType{"i4", DType::Int32},   NpyType{"i8", DType::Int64},
    NpyType{"f2", DType::Float16}, NpyType{"f4", DType::Float32}, NpyType{"f8", DType::Float64},
};

struct NpyHeader {
    std::string descr;
    bool fortranOrder = false;
    tensor::Shape shape;
};

/// What NumPy calls an element type that has no place in a tensor.
std::string unsupportedType(std::string_view descr) {
    const std::string_view kind =
        descr.substr(descr.find_first_not_of("<>|=") == std::string_view::npos ? 0 : descr.find_first_not_of("<>|="));
    if (kind.starts_with('O')) return "holds Python objects (dtype object)";
    if (kind.starts_with('U') || kind.starts_with('S') || kind.starts_with('a')) return "holds text (dtype " + std::string(descr) + ")";
    if (kind.starts_with('c')) return "holds complex numbers (dtype " + std::string(descr) + ")";
    return "holds elements of the dtype " + std::string(descr);
}

/// Reads the header: a Python dictionary literal with the keys descr, fortran_order and shape.
class HeaderParser {
public:
    explicit HeaderParser(std::string_view text) : m_rest(text) {}

    base::Result<NpyHeader> parse() {
        NpyHeader header;
        bool hasDescr = false, hasOrder = false, hasShape = false;
        if (!accept('{')) return malformed();
        while (!accept('}')) {
            const std::optional<std::string> key = quoted();
            if (!key || !accept(':')) return malformed();
            if (*key == "descr") {
                // A list instead of a text is a structured type.
                if (accept('[')) return failure(ErrorCode::Rejected, "holds records (a structured dtype), which a tensor cannot hold");
                const std::optional<std::string> descr = quoted();
                if (!descr) return malformed();
                header.descr = *descr;
                hasDescr = true;
            } else if (*key == "fortran_order") {
                header.fortranOrder = acceptWord("True");
                if (!header.fortranOrder && !acceptWord("False")) return malformed();
                hasOrder = true;
            } else if (*key == "shape") {
                const std::optional<tensor::Shape> dimensions = tuple();
                if (!dimensions) return malformed();
                header.shape = *dimensions;
                hasShape = true;
            } else {
                return malformed();
            }
            accept(',');
        }
        if (!hasDescr || !hasOrder || !hasShape) return malformed();
        return header;
    }

private:
    static tl::unexpected<base::Error> malformed() { return failure(ErrorCode::Rejected, "has a malformed .npy header"); }
    void skipSpace() {
        const std::size_t start = m_rest.find_first_not_of(" \t\r\n");
        m_rest.remove_prefix(start == std::string_view::npos ? m_rest.size() : start);
    }
    bool accept(char wanted) {
        skipSpace();
        if (!m_rest.starts_with(wanted)) return false;
        m_rest.remove_prefix(1);
        return true;
    }
    bool acceptWord(std::string_view word) {
        skipSpace();
        if (!m_rest.starts_with(word)) return false;
        m_rest.remove_prefix(word.size());
        return true;
    }
    std::optional<std::string> quoted() {
        skipSpace();
        if (m_rest.empty() || (m_rest[0] != '\'' && m_rest[0] != '"')) return std::nullopt;
        const std::size_t end = m_rest.find(m_rest[0], 1);
        if (end == std::string_view::npos) return std::nullopt;
        std::string text(m_rest.substr(1, end - 1));
        m_rest.remove_prefix(end + 1);
        return text;
    }
    std::optional<tensor::Shape> tuple() {
        if (!accept('(')) return std::nullopt;
        tensor::Shape shape;
        while (!accept(')')) {
            skipSpace();
            std::int64_t size = 0;
            const auto [end, code] = std::from_chars(m_rest.data(), m_rest.data() + m_rest.size(), size);
            if (code != std::errc{}) return std::nullopt;
            m_rest.remove_prefix(static_cast<std::size_t>(end - m_rest.data()));
            shape.push_back(size);
            accept(',');
        }
        return shape;
    }

    std::string_view m_rest;
};

/// Strides of an array whose first index moves fastest.
std::vector<std::int64_t> fortranStrides(const tensor::Shape& shape) {
    std::vector<std::int64_t> strides;
    std::int64_t stride = 1;
    for (const std::int64_t size : shape) {
        strides.push_back(stride);
        stride *= size;
    }
    return strides;
}

} // namespace

base::Result<tensor::Tensor> parseNpy(std::vector<std::byte> bytes) {
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (!text.starts_with(magic)) return failure(ErrorCode::Rejected, "is not a .npy array");
    if (text.size() < 10) return failure(ErrorCode::Rejected, "is truncated");
    const int version = static_cast<unsigned char>(text[6]);
    if (version < 1 || version > 3) return failure(ErrorCode::Rejected, "has the unknown .npy version " + std::to_string(version));
    const std::size_t lengthBytes = version == 1 ? 2 : 4;
    const std::size_t headerAt = 8 + lengthBytes;
    if (text.size() < headerAt) return failure(ErrorCode::Rejected, "is truncated");
    std::size_t headerLength = 0;
    std::memcpy(&headerLength, text.data() + 8, lengthBytes);
    if (headerLength > text.size() - headerAt) return failure(ErrorCode::Rejected, "is truncated");

    base::Result<NpyHeader> header = HeaderParser(text.substr(headerAt, headerLength)).parse();
    if (!header) return base::forward(header);
    const std::string_view descr = header->descr;
    const auto type = std::find_if(npyTypes.begin(), npyTypes.end(), [&](const NpyType& candidate) {
        return descr.size() == 3 && std::string_view("<>|=").find(descr[0]) != std::string_view::npos && descr.substr(1) == candidate.code;
    });
    if (type == npyTypes.end()) {
        return failure(ErrorCode::Rejected, unsupportedType(descr) + ", which a tensor cannot hold");
    }

    const std::size_t dataAt = headerAt + headerLength;
    const std::size_t dataBytes = bytes.size() - dataAt;
    const std::size_t elementBytes = tensor::byteSize(type->dtype);
    const base::Result<std::int64_t> count = tensor::checkedElementCount(header->shape);
    if (!count || static_cast<std::uint64_t>(*count) > dataBytes / elementBytes) {
        return failure(ErrorCode::Rejected, "is truncated: its header says " + tensor::text(header->shape) + " elements of " +
                                                std::to_string(elementBytes) + " bytes, but " + std::to_string(dataBytes) +
                                                " bytes follow");
    }
    if (static_cast<std::uint64_t>(*count) * elementBytes != dataBytes) {
        return failure(ErrorCode::Rejected, "goes on after the " + tensor::text(header->shape) + " elements that its header says");
    }

    const auto owner = std::make_shared<std::vector<std::byte>>(std::move(bytes));
    const std::span<std::byte> data = std::span(*owner).subspan(dataAt);
    if (descr[0] == '>') reverseElements(data, elementBytes);
    if (type->dtype == DType::Bool) {
        for (std::byte& element : data) {
            element = element == std::byte{0} ? std::byte{0} : std::byte{1};
        }
    }
    // NumPy aligns the elements to 16 bytes or more; other writers may not.
    const auto storage = dataAt % elementBytes == 0 ? tensor::Storage::adopt(data, owner) : tensor::Storage::copyOf(data);
    if (!header->fortranOrder) return tensor::Tensor(type->dtype, header->shape, storage);
    return tensor::Tensor(type->dtype, header->shape, fortranStrides(header->shape), storage, 0).contiguous();
}

std::string formatNpy(const tensor::Tensor& array) {
    const tensor::Tensor data = array.dtype() == DType::BFloat16 ? array.to(DType::Float32) : array.contiguous();
    const auto type =
        std::find_if(npyTypes.begin(), npyTypes.end(), [&](const NpyType& candidate) { return candidate.dtype == data.dtype(); });

    std::string shape;
    for (const std::int64_t size : data.shape()) {
        shape += std::to_string(size) + ", ";
    }
    if (data.shape().size() > 1) shape.resize(shape.size() - 2);
    const char order = tensor::byteSize(data.dtype()) == 1 ? '|' : '<';
    std::string header =
        std::string("{'descr': '") + order + std::string(type->code) + "', 'fortran_order': False, 'shape': (" + shape + "), }";
    // The elements begin at a multiple of 64 bytes, so that the file can be mapped.
    header.append(63 - (magic.size() + 4 + header.size()) % 64, ' ');
    header += '\n';

    std::string bytes(magic);
    bytes += {'\1', '\0', static_cast<char>(header.size() & 0xFF), static_cast<char>(header.size() >> 8)};
    bytes += header;
    if (data.byteCount() > 0) {
        bytes.append(reinterpret_cast<const char*>(data.storage()->bytes().data()) + data.byteOffset(),
                     static_cast<std::size_t>(data.byteCount()));
    }
    return bytes;
}

} // namespace lathe::data
