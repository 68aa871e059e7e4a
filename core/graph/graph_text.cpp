#include <core/graph/dim_text.h>
#include <core/graph/graph.h>

#include <array>
#include <sstream>

namespace lathe::graph {

namespace {

constexpr std::array typeNames{"Tensor", "int",      "float", "bool",  "str",      "None", "int[]",  "float[]",
                               "bool[]", "Tensor[]", "list",  "tuple", "optional", "dict", "object", "any"};

std::string typeText(const Value& value) {
    if (value.type != TypeKind::Tensor) return typeNames[static_cast<std::size_t>(value.type)];
    std::string result = value.dtype ? std::string(tensor::name(*value.dtype)) : "Tensor";
    if (!value.shape) return result;
    std::string joined;
    for (const Dim& dim : *value.shape)
        joined += (joined.empty() ? "" : ",") + text(dim);
    return result + "[" + joined + "]";
}

template<class Range, class Print>
void printList(std::ostream& out, const Range& range, const Print& print) {
    const char* separator = "";
    for (const auto& element : range) {
        out << separator;
        print(element);
        separator = ", ";
    }
}

void printLiteral(std::ostream& out, const Literal& literal) {
    std::visit(
        [&](const auto& value) {
            using T = std::decay_t<decltype(value)>;
            if constexpr (std::is_same_v<T, std::monostate>) {
                out << "None";
            } else if constexpr (std::is_same_v<T, bool>) {
                out << (value ? "True" : "False");
            } else if constexpr (std::is_same_v<T, std::string>) {
                out << '"' << value << '"';
            } else if constexpr (std::is_arithmetic_v<T>) {
                out << value;
            } else {
                out << "[";
                printList(out, value,
                          [&](const auto& element) { printLiteral(out, Literal(static_cast<typename T::value_type>(element))); });
                out << "]";
            }
        },
        literal);
}

void printOperand(std::ostream& out, const Graph& graph, const Operand& operand) {
    if (operand.isValue()) {
        out << graph.value(operand.value()).name;
    } else if (operand.isLiteral()) {
        printLiteral(out, std::get<Literal>(operand.content));
    } else {
        out << "[";
        printList(out, std::get<std::vector<Operand>>(operand.content), [&](const Operand& element) { printOperand(out, graph, element); });
        out << "]";
    }
}

void printBlock(std::ostream& out, const Graph& graph, const Block& block, const std::string& indent) {
    for (const Node& node : block.nodes) {
        out << indent;
        printList(out, node.results, [&](ValueId id) { out << graph.value(id).name << ": " << typeText(graph.value(id)); });
        out << (node.results.empty() ? "" : " = ") << node.op << "(";
        printList(out, node.operands, [&](const Operand& operand) { printOperand(out, graph, operand); });
        out << ")  # " << node.name << "\n";
        for (const Block& inner : node.blocks) {
            out << indent << "  block(";
            printList(out, inner.inputs, [&](ValueId id) { out << graph.value(id).name; });
            out << "):\n";
            printBlock(out, graph, inner, indent + "    ");
        }
    }
    out << indent << "return ";
    printList(out, block.outputs, [&](const Operand& operand) { printOperand(out, graph, operand); });
    out << "\n";
}

} // namespace

std::string text(const Graph& graph) {
    std::ostringstream out;
    out.precision(9);
    out << "graph " << graph.name << "(";
    printList(out, graph.main.inputs, [&](ValueId id) { out << graph.value(id).name << ": " << typeText(graph.value(id)); });
    out << ")\n";
    for (const Value& value : graph.values) {
        if (value.kind == ValueKind::Weight) out << "weight " << value.name << ": " << typeText(value) << "\n";
    }
    printBlock(out, graph, graph.main, "");
    return out.str();
}

} // namespace lathe::graph
