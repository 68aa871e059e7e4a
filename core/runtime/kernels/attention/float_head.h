#pragma once

#include <cstdint>

#include <core/runtime/kernels/attention/attention_head.h>

namespace lathe::runtime {

/// Attention of whole heads by one instruction set: keys and values are packed once for each head, then some rows at a time get their
/// scores, weights and sums, which stay in the nearest cache. A row whose scores are all −infinity gives NaN, as PyTorch has it. From any
/// thread.
struct FloatHeadLoops {
    /// Floats of room that a head needs.
    std::int64_t (*roomFor)(const FloatHead& head);
    /// `room`: roomFor() floats.
    void (*run)(const FloatHead& head, float* room);
};

[[nodiscard]] const FloatHeadLoops& floatHeadLoopsAvx2();
[[nodiscard]] const FloatHeadLoops& floatHeadLoopsAvx512();
/// The widest that this CPU has and that may be used; nullptr: it has none.
[[nodiscard]] const FloatHeadLoops* floatHeadLoops();

} // namespace lathe::runtime
