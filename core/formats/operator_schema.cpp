#include <core/formats/operator_schema_torch.h>

#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/csrc/jit/runtime/operator.h>

namespace lathe::formats {

const c10::FunctionSchema* findSchema(const std::string& op) {
    // LibTorch throws at a name without a namespace; a dot in front of it ("torch.aten::add") begins no overload.
    const auto colons = op.find("::");
    if (colons == std::string::npos) return nullptr;
    const auto dot = op.find('.', colons);
    const c10::OperatorName name(op.substr(0, dot), dot == std::string::npos ? "" : op.substr(dot + 1));
    if (const auto handle = c10::Dispatcher::singleton().findSchema(name)) return &handle->schema();
    // TorchScript's operators live as long as the process.
    const auto found = torch::jit::findOperatorFor(name);
    return found ? &found->schema() : nullptr;
}

std::optional<graph::Literal> defaultOf(const c10::Argument& argument) {
    if (!argument.default_value()) return std::nullopt;
    const c10::IValue& value = *argument.default_value();
    if (value.isNone()) return graph::Literal{};
    if (value.isBool()) return graph::Literal(value.toBool());
    if (value.isInt()) return graph::Literal(value.toInt());
    if (value.isDouble()) return graph::Literal(value.toDouble());
    if (value.isString()) return graph::Literal(value.toStringRef());
    if (value.isIntList()) return graph::Literal(value.toIntVector());
    if (value.isDoubleList()) return graph::Literal(value.toDoubleVector());
    if (value.isBoolList()) {
        const auto list = value.toBoolList();
        return graph::Literal(std::vector<bool>(list.begin(), list.end()));
    }
    return std::nullopt;
}

} // namespace lathe::formats
