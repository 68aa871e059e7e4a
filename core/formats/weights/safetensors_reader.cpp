#include <core/formats/weights/safetensors_reader.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include <core/base/json_reader.h>

namespace lathe::formats {

namespace {

using base::JsonReader;

constexpr std::size_t maxHeaderBytes = std::size_t{100} << 20; ///< the limit of the format's own library
constexpr std::size_t maxTensors = 1'000'000;

constexpr std::pair<std::string_view, tensor::DType> dtypes[] = {
    {"F32", tensor::DType::Float32}, {"F64", tensor::DType::Float64}, {"F16", tensor::DType::Float16}, {"BF16", tensor::DType::BFloat16},
    {"I64", tensor::DType::Int64},   {"I32", tensor::DType::Int32},   {"I16", tensor::DType::Int16},   {"I8", tensor::DType::Int8},
    {"U8", tensor::DType::UInt8},    {"BOOL", tensor::DType::Bool}};

struct Entry {
    tensor::DType dtype = tensor::DType::Float32;
    tensor::Shape shape;
    std::uint64_t begin = 0, end = 0; ///< from the first byte behind the header
};

tl::unexpected<base::Error> rejected(std::string message) { return base::failure(base::ErrorCode::Rejected, std::move(message)); }

Entry readEntry(const JsonReader& in) {
    Entry entry;
    entry.dtype = in["dtype"].choice<tensor::DType>(dtypes);
    entry.shape = in["shape"].integers(64);
    const std::vector<std::int64_t> offsets = in["data_offsets"].integers(2);
    if (offsets.size() != 2 || offsets[0] < 0 || offsets[1] < offsets[0]) {
        in["data_offsets"].fail("is not a beginning and an end");
        return entry;
    }
    entry.begin = static_cast<std::uint64_t>(offsets[0]);
    entry.end = static_cast<std::uint64_t>(offsets[1]);
    return entry;
}

base::Result<std::map<std::string, Entry>> readHeader(std::string_view text) {
    auto json = base::parseJson(text);
    if (!json) return rejected("has a header that is not JSON: " + json.error().message.text());
    if (json->is_object()) json->erase("__metadata__");
    const JsonReader in(*json, "the header");
    auto entries = in.finish(in.members(readEntry, maxTensors));
    if (!entries) return rejected("is malformed: " + entries.error().message.text());
    return entries;
}

/// Each byte belongs to exactly one tensor.
base::Result<> checkCover(const std::map<std::string, Entry>& entries, std::uint64_t dataBytes) {
    std::vector<const std::pair<const std::string, Entry>*> byBegin;
    for (const auto& entry : entries)
        byBegin.push_back(&entry);
    std::ranges::sort(byBegin, [](const auto* a, const auto* b) {
        return std::pair(a->second.begin, a->second.end) < std::pair(b->second.begin, b->second.end);
    });
    std::uint64_t end = 0;
    for (const auto* entry : byBegin) {
        const auto& [name, tensor] = *entry;
        if (tensor.begin != end || tensor.end > dataBytes)
            return rejected("is malformed: the elements of \"" + name + "\" are not where they should be.");
        const auto count = tensor::checkedElementCount(tensor.shape);
        const std::uint64_t bytes = tensor.end - tensor.begin;
        const std::size_t elementBytes = tensor::byteSize(tensor.dtype);
        if (!count || bytes % elementBytes != 0 || static_cast<std::uint64_t>(*count) != bytes / elementBytes)
            return rejected("is malformed: \"" + name + "\" of shape " + tensor::text(tensor.shape) + " has " + std::to_string(bytes) +
                            " bytes.");
        end = tensor.end;
    }
    if (end != dataBytes) return rejected("is malformed: " + std::to_string(dataBytes - end) + " bytes at its end belong to no tensor.");
    return {};
}

} // namespace

base::Result<NamedTensors> readSafetensors(std::span<const std::byte> bytes, const std::shared_ptr<const void>& owner) {
    std::uint64_t headerBytes = 0;
    if (bytes.size() < sizeof headerBytes) return rejected("is cut off.");
    std::memcpy(&headerBytes, bytes.data(), sizeof headerBytes);
    bytes = bytes.subspan(sizeof headerBytes);
    if (headerBytes > bytes.size()) return rejected("is cut off: its header of " + std::to_string(headerBytes) + " bytes is not whole.");
    if (headerBytes > maxHeaderBytes)
        return rejected("has a header of " + std::to_string(headerBytes) + " bytes, more than any model needs.");
    const auto header = readHeader({reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(headerBytes)});
    if (!header) return forward(header);
    bytes = bytes.subspan(static_cast<std::size_t>(headerBytes));
    if (const auto cover = checkCover(*header, bytes.size()); !cover) return forward(cover);

    NamedTensors tensors;
    for (const auto& [name, entry] : *header) {
        const auto part = bytes.subspan(static_cast<std::size_t>(entry.begin), static_cast<std::size_t>(entry.end - entry.begin));
        const bool isAligned = reinterpret_cast<std::uintptr_t>(part.data()) % tensor::byteSize(entry.dtype) == 0;
        const auto storage = isAligned ? tensor::Storage::adopt(part, owner) : tensor::Storage::copyOf(part);
        tensors.emplace(name, tensor::Tensor(entry.dtype, entry.shape, storage));
    }
    return tensors;
}

} // namespace lathe::formats
