#include <core/formats/exported_program/operands.h>

#include <limits>

#include <core/formats/exported_program/types.h>

namespace lathe::formats {

namespace {

using base::JsonReader;
using graph::Literal;
using graph::Operand;

template<class T>
std::optional<Literal> literalList(const std::vector<Operand>& elements) {
    std::vector<T> list;
    for (const Operand& element : elements) {
        const auto value = element.literal<T>();
        if (!value) return std::nullopt;
        list.push_back(*value);
    }
    return Literal(std::move(list));
}

double number(const JsonReader& in) {
    if (!in.json().is_string()) return in.number();
    const std::string text = in.text();
    constexpr double infinity = std::numeric_limits<double>::infinity();
    if (text == "Infinity") return infinity;
    if (text == "-Infinity") return -infinity;
    if (text != "NaN") in.fail("is not a number");
    return std::numeric_limits<double>::quiet_NaN();
}

Operand enumerator(const JsonReader& in, std::optional<std::int64_t> (*toAten)(std::int64_t)) {
    const auto known = toAten(in.integer());
    if (in.isGood() && !known) in.fail("is " + in.json().dump() + ", which is not known");
    return known ? Operand(Literal(*known)) : Operand();
}

Operand listOf(std::vector<Operand> elements) {
    if (elements.empty()) return Operand(std::move(elements));
    if (auto list = literalList<std::int64_t>(elements)) return Operand(std::move(*list));
    if (auto list = literalList<double>(elements)) return Operand(std::move(*list));
    if (auto list = literalList<bool>(elements)) return Operand(std::move(*list));
    return Operand(std::move(elements));
}

Operand tensor(const JsonReader& in, const Frame& frame) { return definedValue(in, frame, in["name"].text()); }

/// {"as_name": …} or {"as_int": …} and its like; {"as_tensor": …} or {"as_none": …}.
Operand either(const JsonReader& in, const Frame& frame) {
    if (in.has("as_name")) return definedValue(in, frame, in["as_name"].text());
    if (in.has("as_int")) return Operand(Literal(in["as_int"].integer()));
    if (in.has("as_float")) return Operand(Literal(number(in["as_float"])));
    if (in.has("as_bool")) return Operand(Literal(in["as_bool"].boolean()));
    if (in.has("as_tensor")) return tensor(in["as_tensor"], frame);
    if (!in.has("as_none")) in.fail("is neither a name nor a number");
    return {};
}

} // namespace

Frame frameOf(const JsonReader& graph) {
    Frame frame;
    const JsonReader tensors = graph["tensor_values"];
    if (!tensors.isGood()) return frame;
    if (!tensors.json().is_object()) {
        tensors.fail("is not an object");
        return frame;
    }
    for (auto it = tensors.json().begin(); it != tensors.json().end(); ++it)
        frame.tensors.emplace(it.key(), &it.value());
    return frame;
}

Operand definedValue(const JsonReader& at, const Frame& frame, const std::string& name) {
    const auto found = frame.names.find(name);
    if (found != frame.names.end()) return found->second;
    at.fail("refers to \"" + name.substr(0, 64) + "\", which is not defined before");
    return {};
}

Operand readArgument(const JsonReader& argument, const Frame& frame) {
    if (!argument.isGood()) return {};
    if (!argument.json().is_object() || argument.json().size() != 1) {
        argument.fail("is not one argument");
        return {};
    }
    const std::string& kind = argument.json().begin().key();
    const JsonReader in = argument[kind];
    const auto tensorIn = [&](const JsonReader& each) { return tensor(each, frame); };
    const auto eitherIn = [&](const JsonReader& each) { return either(each, frame); };
    if (kind == "as_none") return {};
    if (kind == "as_tensor") return tensor(in, frame);
    if (kind == "as_tensors") return Operand(in.list(tensorIn));
    if (kind == "as_int") return Operand(Literal(in.integer()));
    if (kind == "as_ints") return Operand(Literal(in.integers()));
    if (kind == "as_float") return Operand(Literal(number(in)));
    if (kind == "as_floats") return Operand(Literal(in.list(number)));
    if (kind == "as_bool") return Operand(Literal(in.boolean()));
    if (kind == "as_bools") {
        const auto flags = in.list([](const JsonReader& each) { return each.boolean() ? 1 : 0; });
        return Operand(Literal(std::vector<bool>(flags.begin(), flags.end())));
    }
    if (kind == "as_string" || kind == "as_operator") return Operand(Literal(in.text()));
    if (kind == "as_sym_int" || kind == "as_sym_float" || kind == "as_sym_bool" || kind == "as_optional_tensor") return either(in, frame);
    if (kind == "as_sym_ints" || kind == "as_sym_floats" || kind == "as_sym_bools") return listOf(in.list(eitherIn));
    if (kind == "as_optional_tensors") return Operand(in.list(eitherIn));
    if (kind == "as_scalar_type") return enumerator(in, atenScalarType);
    if (kind == "as_memory_format") return enumerator(in, atenMemoryFormat);
    if (kind == "as_layout") return enumerator(in, atenLayout);
    if (kind == "as_device") return Operand(Literal(in["type"].text()));
    // The operator that takes a graph is then reported as one that cannot run.
    if (kind == "as_graph") return Operand(Literal(in["name"].text()));
    argument.fail("is an argument of the kind \"" + kind.substr(0, 32) + "\", which cannot be used");
    return {};
}

} // namespace lathe::formats
