#pragma once

#include <cstdint>

#include <core/runtime/kernels/kernel_context_torch.h>

namespace lathe::runtime {

/// Are the transformed weights of a layer, so many bytes, worth their memory? Where they are small, or many pixels are multiplied by them:
/// late layers of many channels and few pixels wait for memory.
[[nodiscard]] inline bool winogradIsWorth(const KernelContext& context, const graph::Node& node, std::int64_t weightBytes) {
    constexpr std::int64_t smallBytes = 4 << 20, manyResults = 24 * 24;
    const auto& sizes = context.lowered.graph.value(node.results[0]).shape;
    const bool isKnown = sizes && sizes->size() == 4;
    return weightBytes <= smallBytes || (isKnown && (*sizes)[2].size * (*sizes)[3].size >= manyResults);
}

} // namespace lathe::runtime
