#include <core/formats/operator_schema_torch.h>

#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/csrc/jit/runtime/operator.h>
#include <torch/library.h>

#include <core/graph/operators/operator.h>

namespace lathe::formats {

namespace {

/// LibTorch does not carry torchvision: its operators are declared as the table has them before anything is read, so that TorchScript's
/// parser knows them. core/runtime computes them.
const torch::Library& torchvision() {
    static const auto declared = [] {
        torch::Library library(torch::Library::FRAGMENT, "torchvision", std::nullopt, __FILE__, __LINE__);
        for (const graph::Operator& known : graph::operators()) {
            if (known.name.starts_with("torchvision::")) library.def(known.schema.c_str());
        }
        return library;
    }();
    return declared;
}

[[maybe_unused]] const torch::Library& declaredAtStart = torchvision();

} // namespace

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
