#include <core/runtime/kernels/bytes/concatenate_bytes.h>

#include <algorithm>
#include <optional>

#include <ATen/ops/arange.h>

#include <core/graph/operators/integers.h>
#include <core/runtime/kernels/bytes/byte_table.h>
#include <core/runtime/kernels/bytes/quantize_bytes_torch.h>
#include <core/runtime/kernels/kernel_context_torch.h>
#include <core/runtime/kernels/simulated/qdq_torch.h>
#include <core/runtime/lowering/patterns/byte_concatenation.h>
#include <core/runtime/plan_memory_torch.h>

namespace lathe::runtime {

namespace {

/// From one grid to another; nothing where they are the same.
std::optional<ByteTable> tableBetween(const ActivationGrid& from, const ActivationGrid& to) {
    if (from == to) return std::nullopt;
    const at::Tensor bytes = quantizeBytes(dequantize(at::arange(256, at::kByte), from.scale, from.zeroPoint), to);
    ByteTable table;
    std::copy_n(static_cast<const std::uint8_t*>(bytes.const_data_ptr()), table.size(), table.begin());
    return table;
}

using Tables = std::vector<std::optional<ByteTable>>;

at::Tensor concatenate(std::vector<at::Tensor> parts, const Tables& tables, const ActivationGrid& grid, std::int64_t givenDim) {
    // An empty part of one dimension counts for nothing, as in PyTorch.
    const auto isNothing = [](const at::Tensor& part) { return part.dim() == 1 && part.size(0) == 0; };
    const auto shaped = std::ranges::find_if_not(parts, isNothing);
    const at::Tensor& first = shaped == parts.end() ? parts.front() : *shaped;
    const std::int64_t dims = first.dim(), dim = givenDim < 0 ? givenDim + dims : givenDim;
    TORCH_CHECK(dim >= 0 && dim < dims, "The dimension ", givenDim, " is outside a tensor of ", dims, " dimensions.");
    const at::MemoryFormat format = first.suggest_memory_format();
    std::vector<std::int64_t> sizes = first.sizes().vec();
    sizes[static_cast<std::size_t>(dim)] = 0;
    for (const at::Tensor& part : parts) {
        if (isNothing(part)) continue;
        TORCH_CHECK(part.dim() == dims, "Tensors of ", dims, " and ", part.dim(), " dimensions do not fit side by side.");
        for (std::int64_t other = 0; other < dims; ++other)
            TORCH_CHECK(other == dim || part.size(other) == first.size(other), "Tensors of sizes ", first.sizes(), " and ", part.sizes(),
                        " do not fit side by side along dimension ", dim, ".");
        sizes[static_cast<std::size_t>(dim)] += part.size(dim);
    }
    at::Tensor result = emptyBytes(sizes, grid, format);
    // Elements that lie behind one another for each index along the dimension, in this order of memory.
    std::int64_t inner = 1;
    const std::vector<std::int64_t> order = format == at::MemoryFormat::ChannelsLast ? std::vector<std::int64_t>{0, 2, 3, 1} : [&] {
        std::vector<std::int64_t> usual;
        for (std::int64_t each = 0; each < dims; ++each)
            usual.push_back(each);
        return usual;
    }();
    for (auto each = order.rbegin(); *each != dim; ++each)
        inner *= sizes[static_cast<std::size_t>(*each)];
    const std::int64_t rowBytes = sizes[static_cast<std::size_t>(dim)] * inner, rows = rowBytes == 0 ? 0 : result.numel() / rowBytes;
    auto* out = static_cast<std::uint8_t*>(result.mutable_data_ptr());
    for (std::size_t index = 0; index < parts.size(); ++index) {
        if (parts[index].numel() == 0) continue;
        const at::Tensor part = parts[index].contiguous(format);
        const auto* from = static_cast<const std::uint8_t*>(part.const_data_ptr());
        const std::int64_t partBytes = part.size(dim) * inner;
        for (std::int64_t row = 0; row < rows; ++row) {
            if (tables[index])
                lookUp(*tables[index], from + row * partBytes, partBytes, out + row * rowBytes);
            else
                std::copy_n(from + row * partBytes, partBytes, out + row * rowBytes);
        }
        out += partBytes;
    }
    return result;
}

Made makeConcatenation(const KernelContext& context, const graph::Node& node, InstructionInfo& info) {
    const auto& payload = *context.lowered.payload<ByteConcatenation>(node);
    info.kernel = "Lathe byte cat";
    Tables tables;
    std::vector<graph::ValueId> inputs;
    for (std::size_t index = 0; index < node.operands.size(); ++index) {
        tables.push_back(tableBetween(payload.inputs[index], payload.output));
        inputs.push_back(node.operands[index].value());
    }
    return makeInstruction([tables = std::move(tables), inputs = std::move(inputs), grid = payload.output, dim = payload.dim,
                            result = node.results[0]](Execution& execution) {
        std::vector<at::Tensor> parts;
        for (const graph::ValueId input : inputs)
            parts.push_back(execution.tensor(input));
        execution.slot(result) = concatenate(std::move(parts), tables, grid, dim);
    });
}

} // namespace

KernelDefinition concatenateBytes() {
    return {.id = "lathe.bytes.concatenate",
            .words = "Lathe byte cat",
            .ops = {op::concatenateBytes},
            .accepts = acceptsAll,
            .make = makeConcatenation};
}

} // namespace lathe::runtime
