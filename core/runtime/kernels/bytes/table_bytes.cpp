#include <core/runtime/kernels/bytes/table_bytes.h>

#include <algorithm>

#include <ATen/ops/arange.h>

#include <core/graph/operators/call.h>
#include <core/graph/operators/integers.h>
#include <core/runtime/kernels/aten/library_operator_torch.h>
#include <core/runtime/kernels/bytes/byte_table.h>
#include <core/runtime/kernels/bytes/quantize_bytes_torch.h>
#include <core/runtime/kernels/bytes/replaced_bytes_torch.h>
#include <core/runtime/kernels/kernel_context_torch.h>
#include <core/runtime/kernels/parallel_torch.h>
#include <core/runtime/kernels/simulated/qdq_torch.h>
#include <core/runtime/lowering/patterns/byte_curve.h>
#include <core/runtime/plan_memory_torch.h>

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

at::Tensor lookedUp(at::Tensor given, const ByteTable& table, const ActivationGrid& grid, const at::QuantizerPtr& quantizer,
                    bool mayReplace) {
    const at::MemoryFormat format = given.suggest_memory_format();
    if (!given.is_contiguous(format)) given = given.contiguous(format);
    const auto* from = static_cast<const std::uint8_t*>(given.const_data_ptr());
    at::Tensor result = mayReplace ? replacedBytes(given, grid, quantizer, format) : emptyBytes(given.sizes(), grid, format);
    auto* to = static_cast<std::uint8_t*>(result.mutable_data_ptr());
    at::parallel_for(0, given.numel(), 1 << 18,
                     [&](std::int64_t begin, std::int64_t end) { lookUp(table, from + begin, end - begin, to + begin); });
    return result;
}

Made makeTable(const KernelContext& context, const graph::Node& node, InstructionInfo& info) {
    const auto& curve = *context.lowered.payload<ByteCurve>(node);
    auto table = tableOf(context, curve, info);
    if (!table) return base::forward(table);
    const std::string_view op = graph::findOperator(curve.function.op)->name;
    info.kernel = "Lathe byte " + std::string(op.substr(op.find("::") + 2));
    const graph::ValueId input = *graph::mainInput(node), result = node.results[0];
    return makeInstruction(
        [table = *table, grid = curve.output, quantizer = quantizerOf(curve.output), input, result](Execution& execution) {
            const bool mayReplace = isLastReader(execution, input);
            at::Tensor given = mayReplace ? std::move(execution.slot(input)).toTensor() : execution.tensor(input);
            execution.slot(result) = lookedUp(std::move(given), table, grid, quantizer, mayReplace);
        });
}

} // namespace

KernelDefinition tableBytes() {
    return {.id = "lathe.bytes.table", .words = "Lathe byte table", .ops = {op::tableBytes}, .accepts = acceptsAll, .make = makeTable};
}

} // namespace lathe::runtime
