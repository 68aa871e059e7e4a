#include <core/formats/archive/pickle.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <map>

namespace lathe::formats {

namespace {

using namespace std::string_view_literals;
using Kind = PickleValue::Kind;
using Position = std::uint32_t;

constexpr int maxDepth = 1000;
/// Of one pickle. Ten thousand tensors take two; a value here takes a hundred bytes where its instruction takes one.
constexpr std::size_t maxPickleBytes = std::size_t{32} << 20;

struct StorageType {
    std::string_view name;
    std::size_t elementBytes;
    std::optional<tensor::DType> dtype;
};
/// Classes of the module "torch".
constexpr std::array storageTypes{
    StorageType{"FloatStorage", 4, tensor::DType::Float32}, StorageType{"DoubleStorage", 8, tensor::DType::Float64},
    StorageType{"HalfStorage", 2, tensor::DType::Float16},  StorageType{"BFloat16Storage", 2, tensor::DType::BFloat16},
    StorageType{"LongStorage", 8, tensor::DType::Int64},    StorageType{"IntStorage", 4, tensor::DType::Int32},
    StorageType{"ShortStorage", 2, tensor::DType::Int16},   StorageType{"CharStorage", 1, tensor::DType::Int8},
    StorageType{"ByteStorage", 1, tensor::DType::UInt8},    StorageType{"BoolStorage", 1, tensor::DType::Bool},
    StorageType{"QUInt8Storage", 1, std::nullopt},          StorageType{"QInt8Storage", 1, std::nullopt},
    StorageType{"QInt32Storage", 4, std::nullopt},          StorageType{"ComplexFloatStorage", 8, std::nullopt},
    StorageType{"ComplexDoubleStorage", 16, std::nullopt},  StorageType{"QUInt4x2Storage", 1, std::nullopt},
};

tl::unexpected<base::Error> rejected(std::string message) { return base::failure(base::ErrorCode::Rejected, std::move(message)); }

tl::unexpected<base::Error> tooFewValues() { return rejected("takes values that are not there"); }

/// A name from the file as it can be shown.
std::string shown(std::string_view name) {
    constexpr std::size_t longest = 80;
    std::string text(name.substr(0, longest));
    std::ranges::replace_if(
        text, [](unsigned char c) { return c < 0x20 || c >= 0x7F; }, '?');
    return name.size() > longest ? text + "…" : text;
}

class Machine {
public:
    Machine(std::string_view bytes, const PickleRules& rules) : m_rest(bytes), m_size(bytes.size()), m_rules(rules) {
        m_pickle.values.resize(3);
        m_pickle.values[falseValue].kind = m_pickle.values[trueValue].kind = Kind::Bool;
        m_pickle.values[trueValue].integer = 1;
    }

    base::Result<Pickle> run() {
        if (m_size > maxPickleBytes) return rejected("is larger than 32 MB, which no model needs");
        for (;;) {
            const auto code = number<std::uint8_t>();
            if (!code) return forward(code);
            if (*code == '.') break;
            if (auto result = step(static_cast<char>(*code)); !result) return forward(result);
        }
        const auto root = pop();
        if (!root) return forward(root);
        m_pickle.root = *root;
        return std::move(m_pickle);
    }

private:
    static constexpr Position noneValue = 0, falseValue = 1, trueValue = 2;

    base::Result<> step(char code) {
        switch (code) {
        case '\x80': { // PROTO
            const auto version = number<std::uint8_t>();
            if (!version) return forward(version);
            if (*version != 2) return rejected("is of protocol " + std::to_string(*version) + "; PyTorch writes protocol 2");
            return {};
        }
        case 'N':
            return push(noneValue);
        case '\x88':
            return push(trueValue);
        case '\x89':
            return push(falseValue);
        case 'K': // BININT1
            return integer(number<std::uint8_t>());
        case 'M': // BININT2
            return integer(number<std::uint16_t>());
        case 'J': // BININT
            return integer(number<std::int32_t>());
        case '\x8a': // LONG1
            return longInteger();
        case 'G':
            return floatNumber();
        case 'X': // BINUNICODE
        case 'T': // BINSTRING
            return text(number<std::uint32_t>());
        case 'U': // SHORT_BINSTRING
            return text(number<std::uint8_t>());
        case 'c':
            return global();
        case ')':
            return make(Kind::Tuple, {});
        case ']':
            return make(Kind::List, {});
        case '}':
            return make(Kind::Dict, {});
        case '(':
            m_marks.push_back(m_stack.size());
            return {};
        case 't':
            return sinceMark(Kind::Tuple);
        case 'l':
            return sinceMark(Kind::List);
        case 'd':
            return sinceMark(Kind::Dict);
        case '\x85':
        case '\x86':
        case '\x87': // TUPLE1 … TUPLE3
            return shortTuple(static_cast<std::size_t>(static_cast<unsigned char>(code) - 0x84));
        case 'a':
            return append(1);
        case 's':
            return append(2);
        case 'e':
        case 'u':
            return appendSinceMark(code == 'e' ? Kind::List : Kind::Dict);
        case 'q':
            return put(number<std::uint8_t>());
        case 'r':
            return put(number<std::uint32_t>());
        case 'h':
            return get(number<std::uint8_t>());
        case 'j':
            return get(number<std::uint32_t>());
        case 'Q':
            return persistentId();
        case 'R':
        case '\x81': // REDUCE, NEWOBJ
            return call();
        case 'b':
            return build();
        case '0':
            return pop() ? base::Result<>() : tooFewValues();
        default: {
            constexpr auto digits = "0123456789abcdef"sv;
            const auto byte = static_cast<unsigned char>(code);
            return rejected(std::string("has the instruction 0x") + digits[byte >> 4] + digits[byte & 15] +
                            ", which PyTorch does not write");
        }
        }
    }

    // Reading

    base::Result<std::string_view> take(std::size_t size) {
        if (size > m_rest.size()) return rejected("ends in the middle");
        const std::string_view part = m_rest.substr(0, size);
        m_rest.remove_prefix(size);
        return part;
    }
    template<class Number>
    base::Result<Number> number() {
        const auto bytes = take(sizeof(Number));
        if (!bytes) return forward(bytes);
        Number value{};
        std::memcpy(&value, bytes->data(), sizeof value);
        return value;
    }
    base::Result<std::string_view> line() {
        const auto end = m_rest.find('\n');
        if (end == std::string_view::npos) return rejected("ends in the middle");
        const std::string_view text = m_rest.substr(0, end);
        m_rest.remove_prefix(end + 1);
        return text;
    }

    // The stack. What is below the last mark cannot be taken.

    base::Result<> push(Position value) {
        m_stack.push_back(value);
        return {};
    }
    base::Result<Position> pop() {
        if (m_stack.size() <= (m_marks.empty() ? 0 : m_marks.back())) return tooFewValues();
        const Position value = m_stack.back();
        m_stack.pop_back();
        return value;
    }
    base::Result<std::vector<Position>> popSinceMark() {
        if (m_marks.empty()) return tooFewValues();
        const auto begin = m_stack.begin() + static_cast<std::ptrdiff_t>(m_marks.back());
        std::vector<Position> items(begin, m_stack.end());
        m_stack.erase(begin, m_stack.end());
        m_marks.pop_back();
        return items;
    }
    PickleValue& at(Position position) { return m_pickle.values[position]; }

    base::Result<> add(PickleValue value) {
        m_pickle.values.push_back(std::move(value));
        return push(static_cast<Position>(m_pickle.values.size() - 1));
    }
    base::Result<> make(Kind kind, std::vector<Position> items) {
        PickleValue value{.kind = kind};
        if (auto result = fill(value, items); !result) return result;
        return add(std::move(value));
    }
    /// Adds items to a container.
    base::Result<> fill(PickleValue& container, const std::vector<Position>& items) {
        for (const Position item : items)
            container.depth = std::max(container.depth, at(item).depth + 1);
        if (container.depth > maxDepth) return rejected("is nested more than " + std::to_string(maxDepth) + " deep");
        if (container.kind == Kind::Dict && items.size() % 2 != 0) return tooFewValues();
        container.items.insert(container.items.end(), items.begin(), items.end());
        return {};
    }

    // Instructions

    template<class Number>
    base::Result<> integer(const base::Result<Number>& value) {
        if (!value) return forward(value);
        return add({.kind = Kind::Integer, .integer = *value});
    }
    base::Result<> longInteger() {
        const auto size = number<std::uint8_t>();
        if (!size) return forward(size);
        const auto bytes = take(*size);
        if (!bytes) return forward(bytes);
        if (*size > sizeof(std::int64_t)) return rejected("holds a whole number of " + std::to_string(*size) + " bytes");
        std::int64_t value = !bytes->empty() && (bytes->back() & '\x80') != 0 ? -1 : 0; // the sign goes on
        std::memcpy(&value, bytes->data(), bytes->size());
        return add({.kind = Kind::Integer, .integer = value});
    }
    base::Result<> floatNumber() { // big-endian
        const auto bytes = take(8);
        if (!bytes) return forward(bytes);
        std::uint64_t bits = 0;
        for (const char byte : *bytes)
            bits = bits << 8 | static_cast<unsigned char>(byte);
        return add({.kind = Kind::Number, .number = std::bit_cast<double>(bits)});
    }
    template<class Number>
    base::Result<> text(const base::Result<Number>& size) {
        if (!size) return forward(size);
        if (*size > m_rest.size()) return rejected("claims a text of " + std::to_string(*size) + " bytes, more than follow");
        return add({.kind = Kind::Text, .text = take(*size).value()});
    }
    base::Result<> global() {
        const auto module = line();
        if (!module) return forward(module);
        const auto name = line();
        if (!name) return forward(name);
        if (!m_rules.isAllowed(*module, *name))
            return rejected("asks Python to call " + shown(*module) + "." + shown(*name) + ", which no weights need");
        return add({.kind = Kind::Global, .text = *module, .name = *name});
    }
    base::Result<> sinceMark(Kind kind) {
        auto items = popSinceMark();
        if (!items) return forward(items);
        return make(kind, std::move(*items));
    }
    base::Result<> shortTuple(std::size_t count) {
        std::vector<Position> items(count);
        for (std::size_t i = count; i > 0; --i) {
            const auto item = pop();
            if (!item) return forward(item);
            items[i - 1] = *item;
        }
        return make(Kind::Tuple, std::move(items));
    }
    base::Result<> append(std::size_t count) {
        std::vector<Position> items(count);
        for (std::size_t i = count; i > 0; --i) {
            const auto item = pop();
            if (!item) return forward(item);
            items[i - 1] = *item;
        }
        return appendTo(items, count == 1 ? Kind::List : Kind::Dict);
    }
    base::Result<> appendSinceMark(Kind kind) {
        const auto items = popSinceMark();
        if (!items) return forward(items);
        return appendTo(*items, kind);
    }
    base::Result<> appendTo(const std::vector<Position>& items, Kind kind) {
        const auto container = pop();
        if (!container) return forward(container);
        if (at(*container).kind != kind) return rejected("fills something that is no list or dictionary");
        if (auto result = fill(at(*container), items); !result) return result;
        return push(*container);
    }
    template<class Number>
    base::Result<> put(const base::Result<Number>& index) {
        if (!index) return forward(index);
        const auto value = pop();
        if (!value) return forward(value);
        // There are never more values than instructions.
        if (*index >= m_size) return rejected("stores a value under the number " + std::to_string(*index) + ", more than it can hold");
        m_memo[static_cast<std::uint32_t>(*index)] = *value;
        return push(*value);
    }
    template<class Number>
    base::Result<> get(const base::Result<Number>& index) {
        if (!index) return forward(index);
        const auto found = m_memo.find(static_cast<std::uint32_t>(*index));
        if (found == m_memo.end()) return rejected("refers to a value that it never stored");
        return push(found->second);
    }

    // Storages and tensors

    bool isGlobal(Position position, std::string_view module, std::string_view name) {
        const PickleValue& value = at(position);
        return value.kind == Kind::Global && value.text == module && value.name == name;
    }

    /// ("storage", class, key, device, number of elements)
    base::Result<> persistentId() {
        const auto id = pop();
        if (!id) return forward(id);
        const std::vector<Position> parts = at(*id).items;
        const bool isStorage = at(*id).kind == Kind::Tuple && parts.size() == 5 && at(parts[0]).text == "storage" &&
                               at(parts[1]).kind == Kind::Global && at(parts[2]).kind == Kind::Text && at(parts[4]).kind == Kind::Integer;
        if (!isStorage) return rejected("refers to something outside of it that is no storage");
        const auto type = std::ranges::find(storageTypes, at(parts[1]).name, &StorageType::name);
        if (at(parts[1]).text != "torch" || type == storageTypes.end())
            return rejected("has a storage of the unknown class " + shown(at(parts[1]).text) + "." + shown(at(parts[1]).name));
        const std::string_view key = at(parts[2]).text;
        const std::int64_t count = at(parts[4]).integer;
        if (count != 0) {
            const auto bytes = m_rules.recordBytes(key);
            if (!bytes) return rejected("has weights in the record \"" + shown(key) + "\", which is missing");
            if (count < 0 || static_cast<std::uint64_t>(count) > *bytes / type->elementBytes)
                return rejected("claims " + std::to_string(count) + " weights in the record \"" + shown(key) + "\", which has " +
                                std::to_string(*bytes) + " bytes");
        }
        return make(Kind::Storage, {*id});
    }

    base::Result<> call() {
        const auto arguments = pop();
        if (!arguments) return forward(arguments);
        const auto callee = pop();
        if (!callee) return forward(callee);
        if (at(*callee).kind != Kind::Global || at(*arguments).kind != Kind::Tuple) return rejected("calls something that is no function");
        if (isGlobal(*callee, "collections", "OrderedDict")) return make(Kind::Dict, {}); // filled like one
        if (isGlobal(*callee, "torch._utils", "_rebuild_tensor_v2") || isGlobal(*callee, "torch._utils", "_rebuild_tensor") ||
            isGlobal(*callee, "torch._utils", "_rebuild_qtensor"))
            return tensor(at(*arguments).items);
        if (isGlobal(*callee, "torch._utils", "_rebuild_parameter") && !at(*arguments).items.empty())
            return push(at(*arguments).items.front());
        return make(Kind::Object, {*callee, *arguments});
    }

    /// (storage, offset, size, strides, …)
    base::Result<> tensor(const std::vector<Position>& arguments) {
        const auto malformed = [] { return rejected("describes a tensor in a way that PyTorch does not"); };
        if (arguments.size() < 4 || at(arguments[0]).kind != Kind::Storage || at(arguments[1]).kind != Kind::Integer) return malformed();
        const std::vector<Position>& id = at(at(arguments[0]).items.front()).items;
        const auto type = std::ranges::find(storageTypes, at(id[1]).name, &StorageType::name);
        PickledTensor tensor{
            .key = std::string(at(id[2]).text), .dtype = type->dtype, .offset = at(arguments[1]).integer, .shape = {}, .strides = {}};
        if (!integers(at(arguments[2]), tensor.shape) || !integers(at(arguments[3]), tensor.strides)) return malformed();
        if (tensor.shape.size() != tensor.strides.size()) return malformed();
        if (auto result = checkExtent(tensor, at(id[4]).integer); !result) return result;
        m_pickle.tensors.push_back(std::move(tensor));
        return add({.kind = Kind::Tensor, .integer = static_cast<std::int64_t>(m_pickle.tensors.size() - 1)});
    }
    bool integers(const PickleValue& list, std::vector<std::int64_t>& numbers) {
        if (list.kind != Kind::Tuple && list.kind != Kind::List) return false;
        for (const Position item : list.items) {
            if (at(item).kind != Kind::Integer) return false;
            numbers.push_back(at(item).integer);
        }
        return true;
    }
    /// Do all elements lie in the storage?
    static base::Result<> checkExtent(const PickledTensor& tensor, std::int64_t count) {
        const auto elements = tensor::checkedElementCount(tensor.shape);
        if (!elements) return rejected("describes a tensor of the impossible shape " + tensor::text(tensor.shape));
        std::int64_t last = tensor.offset;
        bool isInside = tensor.offset >= 0 && tensor.offset <= count;
        for (std::size_t i = 0; i < tensor.shape.size() && *elements > 0 && isInside; ++i) {
            std::int64_t step = 0;
            isInside = tensor.strides[i] >= 0 && !__builtin_mul_overflow(tensor.shape[i] - 1, tensor.strides[i], &step) &&
                       !__builtin_add_overflow(last, step, &last) && last < count;
        }
        if (*elements > 0 && last >= count) isInside = false;
        if (isInside) return {};
        return rejected("describes a tensor of shape " + tensor::text(tensor.shape) + " that reaches beyond its " + std::to_string(count) +
                        " weights");
    }

    /// The state of an object stays with it; what it does with it is never asked.
    base::Result<> build() {
        const auto state = pop();
        if (!state) return forward(state);
        const auto object = pop();
        if (!object) return forward(object);
        PickleValue& value = at(*object);
        if (value.kind == Kind::Object) {
            if (auto result = fill(value, {*state}); !result) return result;
        }
        return push(*object);
    }

    std::string_view m_rest;
    std::size_t m_size;
    const PickleRules& m_rules;
    Pickle m_pickle;
    std::vector<Position> m_stack;
    std::vector<std::size_t> m_marks;
    std::map<std::uint32_t, Position> m_memo;
};

} // namespace

base::Result<Pickle> readPickle(std::string_view bytes, const PickleRules& rules) { return Machine(bytes, rules).run(); }

} // namespace lathe::formats
