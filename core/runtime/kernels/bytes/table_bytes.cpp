#include <core/runtime/kernels/bytes/table_bytes.h>

#include <algorithm>

#include <ATen/ops/arange.h>

#include <core/graph/operators/call.h>
#include <core/graph/operators/integers.h>
#include <core/runtime/kernels/aten/library_operator_torch.h>
#include <core/runtime/kernels/bytes/byte_table.h>
#include <core/runtime/kernels/bytes/quantize_bytes_torch.h>
#include <core/runtime/kernels/kernel_context_torch.h>
#include <core/runtime/kernels/parallel_torch.h>
#include <core/runtime/kernels/simulated/qdq_torch.h>
#include <core/runtime/lowering/patterns/byte_curve.h>

namespace lathe::runtime {

namespace {

/// Quantized results of the function for each byte, by the very operator that computes it on floats: the same as in simulation.
base::Result<ByteTable> tableOf(const KernelContext& context, const ByteCurve& curve, InstructionInfo& info) {
    const auto function = makeOperator(context, curve.function, info);
    if (!function) return base::forward(function);
    Slots slots(context.slots.size());
    const auto slot = [&](graph::ValueId id) -> c10::IValue& { return slots[static_cast<std::size_t>(id)]; };
    slot(*graph::mainInput(curve.function)) = dequantize(at::arange(256, at::kByte), curve.input.scale, curve.input.zeroPoint);
    Execution execution(slots, nullptr);
    (*function)->run(execution);
    const at::Tensor bytes = quantizeBytes(slot(curve.function.results[0]).toTensor(), curve.output);
    ByteTable table;
    std::copy_n(static_cast<const std::uint8_t*>(bytes.const_data_ptr()), table.size(), table.begin());
    return table;
}

at::Tensor lookedUp(const at::Tensor& given, const ByteTable& table, const ActivationGrid& grid) {
    const at::MemoryFormat format = given.suggest_memory_format();
    const at::Tensor input = given.contiguous(format);
    at::Tensor result = emptyBytes(input.sizes(), grid, format);
    const auto* from = static_cast<const std::uint8_t*>(input.const_data_ptr());
    auto* to = static_cast<std::uint8_t*>(result.mutable_data_ptr());
    at::parallel_for(0, input.numel(), 1 << 18,
                     [&](std::int64_t begin, std::int64_t end) { lookUp(table, from + begin, end - begin, to + begin); });
    return result;
}

Made makeTable(const KernelContext& context, const graph::Node& node, InstructionInfo& info) {
    const auto& curve = *context.lowered.payload<ByteCurve>(node);
    auto table = tableOf(context, curve, info);
    if (!table) return base::forward(table);
    const std::string_view op = graph::findOperator(curve.function.op)->name;
    info.kernel = "Lathe byte " + std::string(op.substr(op.find("::") + 2));
    return makeInstruction([table = *table, grid = curve.output, input = *graph::mainInput(node), result = node.results[0]](
                               Execution& execution) { execution.slot(result) = lookedUp(execution.tensor(input), table, grid); });
}

} // namespace

KernelDefinition tableBytes() {
    return {.id = "lathe.bytes.table", .words = "Lathe byte table", .ops = {op::tableBytes}, .accepts = acceptsAll, .make = makeTable};
}

} // namespace lathe::runtime
