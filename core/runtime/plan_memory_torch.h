#pragma once

#include <memory>
#include <optional>
#include <span>

#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>

#include <core/runtime/lowering/qdq_nodes.h>

namespace lathe::runtime {

/// The memory of a plan's calls on the CPU (core/decisions/0018). The first call with inputs of some sizes takes its memory from the heap
/// and is watched: what was allocated, in which order, and when it was free again. From then on a call with such inputs gets all of it at
/// fixed places in one block, which plans that run one after the other share. What a call hands out is not in the block.
///
/// Nothing depends on calls being alike: a call that allocates otherwise than the watched one, or that still uses what it had given back
/// by then, has the heap from there on, and the next one is watched again. Not thread-safe: one call at a time; different plans may run at
/// once.
class PlanMemory {
public:
    PlanMemory();
    PlanMemory(const PlanMemory&) = delete;
    PlanMemory& operator=(const PlanMemory&) = delete;
    ~PlanMemory();

    struct Impl;

    /// One call: what its thread allocates for tensors comes from the plan's memory while this lives. It has to outlive what the call does
    /// not hand out.
    class Call {
    public:
        Call(PlanMemory& memory, std::span<const c10::IValue> inputs);
        Call(const Call&) = delete;
        Call& operator=(const Call&) = delete;
        ~Call();

        /// It ended as it should; without that it teaches nothing.
        void succeeded();

    private:
        Impl* m_impl;
        Impl* m_outer; ///< whose call this thread was in
    };

    /// Bytes of the block that calls with the latest sizes share; nothing when they have none (yet).
    [[nodiscard]] std::optional<std::size_t> plannedBytes() const;

private:
    std::unique_ptr<Impl> m_impl;
};

/// An empty tensor on the CPU for a kernel's result: in a call of a plan that of the last call, as soon as nobody else has it.
[[nodiscard]] at::Tensor emptyResult(at::IntArrayRef sizes, at::ScalarType type, at::MemoryFormat format);
/// Of quint8 on this grid.
[[nodiscard]] at::Tensor emptyBytes(at::IntArrayRef sizes, const ActivationGrid& grid, at::MemoryFormat format);

/// Is this the only tensor of its memory, and `tensor` the only one who has it but for the plan that keeps it for its next call?
[[nodiscard]] bool isUnshared(const at::Tensor& tensor);

} // namespace lathe::runtime
