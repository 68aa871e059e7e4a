#include <core/engine/model_bytes.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <type_traits>

#include <unistd.h>

namespace lathe::engine {

namespace {

using graph::Block;
using graph::Node;
using graph::Operand;
using graph::Value;
using tensor::Storage;
using tensor::Tensor;

constexpr std::size_t storageAlignment = 64;
/// Of blocks in nodes and of lists in operands: reading recurses.
constexpr int maxDepth = 100;
/// A hundred thousand nodes take a tenth of it.
constexpr std::uint64_t maxDescriptionBytes = std::uint64_t{64} << 20;

std::size_t aligned(std::size_t offset) { return (offset + storageAlignment - 1) / storageAlignment * storageAlignment; }

/// Appends fields to a text and collects the storages that tensors share.
class Writer {
public:
    static constexpr bool isReading = false;

    void raw(const void* data, std::size_t size) { m_bytes.append(static_cast<const char*>(data), size); }
    [[nodiscard]] bool isGood() const { return true; }
    void fail() {}
    std::uint64_t indexOf(const std::shared_ptr<const Storage>& storage) {
        const auto [entry, isNew] = m_indices.try_emplace(storage.get(), m_storages.size());
        if (isNew) m_storages.push_back(storage);
        return entry->second;
    }
    [[nodiscard]] const std::string& bytes() const { return m_bytes; }
    [[nodiscard]] const std::vector<std::shared_ptr<const Storage>>& storages() const { return m_storages; }

    int depth = 0;

private:
    std::string m_bytes;
    std::map<const Storage*, std::uint64_t> m_indices;
    std::vector<std::shared_ptr<const Storage>> m_storages;
};

/// Reads the same fields; the first that cannot be makes all later ones empty.
class Reader {
public:
    static constexpr bool isReading = true;

    Reader(std::span<const std::byte> bytes, std::vector<std::shared_ptr<const Storage>> storages)
        : m_rest(bytes), m_storages(std::move(storages)) {}

    void raw(void* data, std::size_t size) {
        if (size > m_rest.size()) fail();
        if (!m_isGood) {
            std::memset(data, 0, size);
            return;
        }
        if (size > 0) std::memcpy(data, m_rest.data(), size);
        m_rest = m_rest.subspan(size);
    }
    [[nodiscard]] bool isGood() const { return m_isGood; }
    void fail() { m_isGood = false; }
    [[nodiscard]] std::size_t remaining() const { return m_isGood ? m_rest.size() : 0; }
    [[nodiscard]] std::shared_ptr<const Storage> storage(std::uint64_t index) {
        if (index < m_storages.size()) return m_storages[index];
        fail();
        return nullptr;
    }

    int depth = 0;

private:
    std::span<const std::byte> m_rest;
    std::vector<std::shared_ptr<const Storage>> m_storages;
    bool m_isGood = true;
};

// field(archive, value) writes or reads one value; one list of fields serves both directions.

template<class Archive>
void field(Archive& archive, Operand& operand);
template<class Archive>
void field(Archive& archive, Block& block);

template<class Archive, class Number>
requires std::is_integral_v<Number> || std::is_floating_point_v<Number>
void field(Archive& archive, Number& number) { archive.raw(&number, sizeof number); }

template<class Archive>
void field(Archive& archive, bool& value) {
    auto byte = static_cast<std::uint8_t>(value ? 1 : 0);
    archive.raw(&byte, 1);
    if (byte > 1) archive.fail();
    value = byte == 1;
}

template<class Archive, class Enum>
void choice(Archive& archive, Enum& value, Enum last) {
    auto number = static_cast<std::int32_t>(value);
    field(archive, number);
    if (number < 0 || number > static_cast<std::int32_t>(last)) archive.fail();
    value = archive.isGood() ? static_cast<Enum>(number) : Enum{};
}

/// The number of elements of a list; every element takes at least a byte, so that a count can be checked before memory is taken.
template<class Archive>
std::size_t count(Archive& archive, std::size_t size) {
    auto number = static_cast<std::uint64_t>(size);
    field(archive, number);
    if constexpr (Archive::isReading) {
        if (number > archive.remaining()) archive.fail();
    }
    return archive.isGood() ? static_cast<std::size_t>(number) : 0;
}

template<class Archive>
void field(Archive& archive, std::string& text) {
    text.resize(count(archive, text.size()));
    archive.raw(text.data(), text.size());
}

template<class Archive, class Item>
void field(Archive& archive, std::vector<Item>& items) {
    const std::size_t size = count(archive, items.size());
    if constexpr (Archive::isReading) {
        for (std::size_t i = 0; i < size && archive.isGood(); ++i) {
            Item item{};
            field(archive, item);
            items.push_back(std::move(item));
        }
    } else if constexpr (std::is_same_v<Item, bool>) {
        for (bool item : items)
            field(archive, item);
    } else {
        for (Item& item : items)
            field(archive, item);
    }
}

template<class Archive, class Item>
void field(Archive& archive, std::optional<Item>& item) {
    bool isThere = item.has_value();
    field(archive, isThere);
    if (!isThere) return;
    if (!item) item.emplace();
    field(archive, *item);
}

template<class Archive>
void field(Archive&, std::monostate&) {}

template<std::size_t index = 0, class Archive, class... Items>
void alternative(Archive& archive, std::variant<Items...>& value, std::size_t wanted) {
    if constexpr (index < sizeof...(Items)) {
        if (wanted != index) return alternative<index + 1>(archive, value, wanted);
        if (value.index() != index) value.template emplace<index>();
        field(archive, std::get<index>(value));
    } else {
        archive.fail();
    }
}

template<class Archive, class... Items>
void field(Archive& archive, std::variant<Items...>& value) {
    auto index = static_cast<std::uint8_t>(value.index());
    field(archive, index);
    alternative(archive, value, index);
}

template<class Archive, class Value>
void nested(Archive& archive, Value& value) {
    if (++archive.depth > maxDepth) archive.fail();
    if (archive.isGood()) field(archive, value);
    --archive.depth;
}

template<class Archive>
void field(Archive& archive, Operand& operand) {
    nested(archive, operand.content);
}

template<class Archive>
void field(Archive& archive, graph::Dim& dim) {
    field(archive, dim.size);
    field(archive, dim.symbol);
}

bool isInside(const tensor::Shape& shape, const std::vector<std::int64_t>& strides, std::int64_t offset, tensor::DType dtype,
              const Storage& storage) {
    if (shape.size() != strides.size() || offset < 0) return false;
    const auto elements = tensor::checkedElementCount(shape);
    if (!elements) return false;
    std::int64_t last = 0; // index of the last element
    for (std::size_t i = 0; i < shape.size() && *elements > 0; ++i) {
        std::int64_t step = 0;
        if (strides[i] < 0 || __builtin_mul_overflow(shape[i] - 1, strides[i], &step) || __builtin_add_overflow(last, step, &last))
            return false;
    }
    const auto size = static_cast<std::int64_t>(tensor::byteSize(dtype));
    std::int64_t end = offset;
    if (*elements > 0 && (__builtin_mul_overflow(last + 1, size, &end) || __builtin_add_overflow(end, offset, &end))) return false;
    return offset % size == 0 && end <= static_cast<std::int64_t>(storage.bytes().size());
}

template<class Archive>
void field(Archive& archive, Tensor& tensor) {
    bool isThere = !tensor.isNull();
    field(archive, isThere);
    if (!isThere) return;
    tensor::DType dtype = tensor.dtype();
    tensor::Shape shape = tensor.shape();
    std::vector<std::int64_t> strides = tensor.strides();
    std::int64_t offset = tensor.byteOffset();
    choice(archive, dtype, tensor::DType::Float64);
    field(archive, shape);
    field(archive, strides);
    field(archive, offset);
    std::uint64_t index = 0;
    if constexpr (!Archive::isReading) index = archive.indexOf(tensor.storage());
    field(archive, index);
    if constexpr (Archive::isReading) {
        const auto storage = archive.storage(index);
        if (!storage || !isInside(shape, strides, offset, dtype, *storage)) return archive.fail();
        tensor = Tensor(dtype, std::move(shape), std::move(strides), storage, offset);
    }
}

// Structured bindings, so that a member that is added to one of these does not compile until it is written here.

template<class Archive>
void field(Archive& archive, Value& value) {
    auto& [kind, name, type, dtype, shape, data, isParameter] = value;
    choice(archive, kind, graph::ValueKind::Result);
    field(archive, name);
    choice(archive, type, graph::TypeKind::Any);
    bool hasDtype = dtype.has_value();
    field(archive, hasDtype);
    if (hasDtype) {
        if (!dtype) dtype.emplace();
        choice(archive, *dtype, tensor::DType::Float64);
    }
    field(archive, shape);
    field(archive, data);
    field(archive, isParameter);
}

template<class Archive>
void field(Archive& archive, Node& node) {
    auto& [op, name, scope, source, operands, results, blocks] = node;
    field(archive, op);
    field(archive, name);
    field(archive, scope);
    field(archive, source.file);
    field(archive, source.line);
    field(archive, operands);
    field(archive, results);
    nested(archive, blocks);
}

template<class Archive>
void field(Archive& archive, Block& block) {
    auto& [inputs, nodes, outputs] = block;
    field(archive, inputs);
    field(archive, nodes);
    field(archive, outputs);
}

template<class Archive>
void field(Archive& archive, formats::OperatorCount& entry) {
    auto& [op, number, isSupported] = entry;
    field(archive, op);
    field(archive, number);
    field(archive, isSupported);
}

template<class Archive>
void field(Archive& archive, formats::ImportProblem& problem) {
    auto& [op, scope, source, reason] = problem;
    field(archive, op);
    field(archive, scope);
    field(archive, source);
    field(archive, reason);
}

template<class Archive>
void field(Archive& archive, formats::WeightDifference& difference) {
    auto& [kind, name, model, file] = difference;
    choice(archive, kind, formats::WeightDifference::Kind::DType);
    field(archive, name);
    field(archive, model);
    field(archive, file);
}

/// An argument of a message is a message, as deep as reasons within reasons go.
template<class Archive>
void field(Archive& archive, base::Message& message) {
    std::string code = message.code(), sentence = code.empty() ? message.text() : std::string();
    std::vector<base::Message::Argument> arguments = message.arguments();
    field(archive, code);
    field(archive, sentence);
    if (++archive.depth > maxDepth) archive.fail();
    const std::size_t size = count(archive, arguments.size());
    for (std::size_t i = 0; i < size && archive.isGood(); ++i) {
        if constexpr (Archive::isReading) arguments.emplace_back(std::string(), base::Message());
        field(archive, arguments[i].name);
        field(archive, arguments[i].value);
    }
    --archive.depth;
    if constexpr (Archive::isReading) {
        if (!code.empty() && base::sentenceOf(code) == nullptr) archive.fail();
        if (!archive.isGood()) return;
        message = code.empty() ? base::Message(std::move(sentence)) : base::Message(code, std::move(arguments));
    }
}

template<class Archive>
void field(Archive& archive, base::Error& error) {
    auto& [code, message, context] = error;
    choice(archive, code, base::ErrorCode::NoSpace);
    field(archive, message);
    field(archive, context);
}

template<class Archive>
void field(Archive& archive, ReadModel& read) {
    auto& [model, weightDifferences, weightNotes, shapesProblem] = read;
    auto& [graph, report, sha256, fileBytes] = model;
    auto& [name, values, main] = graph;
    field(archive, name);
    field(archive, values);
    field(archive, main);
    auto& [format, operators, problems, notes, runs, keepsState] = report;
    field(archive, format);
    field(archive, operators);
    field(archive, problems);
    field(archive, notes);
    field(archive, runs);
    field(archive, keepsState);
    field(archive, sha256);
    field(archive, fileBytes);
    field(archive, weightDifferences);
    field(archive, weightNotes);
    field(archive, shapesProblem);
}

base::Result<> writeAll(int descriptor, const void* data, std::size_t size) {
    const auto* rest = static_cast<const char*>(data);
    while (size > 0) {
        const ssize_t written = ::write(descriptor, rest, size);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return base::failure(base::ErrorCode::NoSpace, {"model.noMemoryToHandOver", {}});
        rest += written;
        size -= static_cast<std::size_t>(written);
    }
    return {};
}

base::Result<> pad(int descriptor, std::size_t offset) {
    constexpr char zeros[storageAlignment] = {};
    return writeAll(descriptor, zeros, aligned(offset) - offset);
}

/// The beginning: how long the description is, and the storages behind it. All are 64-bit numbers.
std::vector<std::uint64_t> sizes(const Writer& writer) {
    std::vector<std::uint64_t> numbers{writer.bytes().size(), writer.storages().size()};
    for (const auto& storage : writer.storages())
        numbers.push_back(storage->bytes().size());
    return numbers;
}

tl::unexpected<base::Error> damaged() { return base::failure(base::ErrorCode::Failed, {"file.readerMakesNoSense", {}}); }

} // namespace

base::Result<> writeModelBytes(int descriptor, const base::Result<ReadModel>& result) {
    Writer writer;
    bool isRead = result.has_value();
    field(writer, isRead);
    if (isRead) {
        ReadModel copy = *result; // the weights are shared
        field(writer, copy);
    } else {
        base::Error copy = result.error();
        field(writer, copy);
    }
    const std::vector<std::uint64_t> beginning = sizes(writer);
    std::size_t offset = beginning.size() * sizeof(std::uint64_t);
    base::Result<> written = writeAll(descriptor, beginning.data(), offset);
    if (written) written = writeAll(descriptor, writer.bytes().data(), writer.bytes().size());
    offset += writer.bytes().size();
    for (const auto& storage : writer.storages()) {
        if (written) written = pad(descriptor, offset);
        if (written) written = writeAll(descriptor, storage->bytes().data(), storage->bytes().size());
        offset = aligned(offset) + storage->bytes().size();
    }
    return written;
}

base::Result<ReadModel> readModelBytes(std::span<const std::byte> bytes, const std::shared_ptr<const void>& owner) {
    std::size_t offset = 0;
    const auto take = [&](std::uint64_t size) -> std::optional<std::span<const std::byte>> {
        if (offset > bytes.size() || size > bytes.size() - offset) return std::nullopt;
        const auto part = bytes.subspan(offset, static_cast<std::size_t>(size));
        offset += static_cast<std::size_t>(size);
        return part;
    };
    const auto number = [&]() -> std::optional<std::uint64_t> {
        const auto part = take(sizeof(std::uint64_t));
        if (!part) return std::nullopt;
        std::uint64_t value = 0;
        std::memcpy(&value, part->data(), sizeof value);
        return value;
    };
    const auto descriptionBytes = number();
    const auto storageCount = number();
    if (!descriptionBytes || !storageCount || *storageCount > bytes.size() / sizeof(std::uint64_t)) return damaged();
    std::vector<std::uint64_t> storageBytes;
    for (std::uint64_t i = 0; i < *storageCount; ++i) {
        const auto size = number();
        if (!size) return damaged();
        storageBytes.push_back(*size);
    }
    const auto description = *descriptionBytes <= maxDescriptionBytes ? take(*descriptionBytes) : std::nullopt;
    if (!description) return damaged();
    std::vector<std::shared_ptr<const Storage>> storages;
    for (const std::uint64_t size : storageBytes) {
        offset = aligned(offset);
        const auto part = take(size);
        if (!part) return damaged();
        storages.push_back(Storage::adopt(*part, owner));
    }

    Reader reader(*description, std::move(storages));
    bool isRead = false;
    field(reader, isRead);
    if (!isRead) {
        base::Error error;
        field(reader, error);
        if (!reader.isGood() || reader.remaining() > 0) return damaged();
        return tl::unexpected<base::Error>(std::move(error));
    }
    ReadModel read;
    field(reader, read);
    if (!reader.isGood() || reader.remaining() > 0) return damaged();
    if (const auto verified = graph::verify(read.model.graph); !verified) return forward(verified, {"while.takingOver", {}});
    return read;
}

} // namespace lathe::engine
