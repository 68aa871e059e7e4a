#include <core/runtime/lowering/patterns/static_convolution.h>

#include <core/graph/operators/call.h>
#include <core/runtime/lowering/lowering_context.h>
#include <core/runtime/lowering/patterns/int8_layer.h>

namespace lathe::runtime {

Outcome lowerStaticConvolution(LoweringContext& context, const graph::Node& node) {
    if (!isInt8Candidate(node) || !graph::isConvolution(node.op)) return Outcome::other();
    const auto input = graph::Call(node).value("input");
    const Twin* twin = input ? context.twin(*input) : nullptr;
    const graph::Node* dequantize = weightDequantize(context, node);
    if (!twin || !dequantize) return Outcome::other();
    ReadLayer read = readInt8Layer(context, node);
    if (!read.refusal.empty()) return Outcome::refused(std::move(read.refusal));
    read.layer.input = twin->grid;
    graph::Node lowered = node;
    lowered.operands = {twin->bytes};
    std::vector<std::string> covers = context.coversWithInput(node);
    covers.push_back(dequantize->name);
    emitInt8Layer(context, std::move(lowered), std::move(read.layer), node.results[0], {node.op, std::move(covers), {}, false, {}});
    return Outcome::taken();
}

} // namespace lathe::runtime
