#include <core/runtime/lowering/patterns/widened.h>

#include <core/graph/operators/conversion.h>
#include <core/quantization/half.h>
#include <core/runtime/cpu.h>
#include <core/runtime/lowering/lowering_context.h>

namespace lathe::runtime {

Outcome lowerWidened(LoweringContext& context, const graph::Node& node) {
    if (node.op != op::toDtype || !quantization::matchHalfRounding(context.uses(), node.results.front())) return Outcome::other();
    context.emit(node, {node.op, {node.name}, {}, false, {}}, true);
    return Outcome::taken();
}

base::Message whyMultipliedAsFloat(tensor::DType half) {
    if (half == tensor::DType::Float16) return {"kernel.noFloat16", {}};
    return cpuHasBfloat16() ? base::Message("kernel.bfloat16Form", {}) : base::Message("kernel.noBfloat16", {});
}

std::optional<graph::ValueId> bfloat16Behind(const LoweringContext& context, graph::ValueId floats) {
    const auto rounding = quantization::matchHalfRounding(context.uses(), floats);
    const bool isInput = rounding && context.original().value(rounding->input).dtype == tensor::DType::Float32;
    return isInput && rounding->dtype == tensor::DType::BFloat16 ? std::optional(rounding->half) : std::nullopt;
}

const graph::Node* roundingBehind(const LoweringContext& context, graph::ValueId floats) {
    const graph::Node* reader = context.onlyReader(floats, op::toDtype);
    return reader != nullptr && graph::conversionDtype(*reader) == tensor::DType::BFloat16 ? reader : nullptr;
}

graph::Node widenFor(LoweringContext& context, graph::Node& reader, std::size_t operand) {
    graph::Node widen = *context.uses().producer(reader.operands[operand].value());
    const graph::ValueId own = context.addFloats(widen.results.front());
    widen.results = {own};
    reader.operands[operand] = own;
    return widen;
}

} // namespace lathe::runtime
