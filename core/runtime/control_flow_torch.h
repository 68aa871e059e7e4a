#pragma once

#include <core/runtime/operand_torch.h>

namespace lathe::runtime {

/// A compiled block with what it hands out.
struct BlockCode {
    std::vector<graph::ValueId> inputs;
    Sequence steps;
    OperandList outputs;
};

/// `prim::If(condition)`: runs one of two blocks; its outputs become the results.
[[nodiscard]] std::unique_ptr<Instruction> makeIf(OperandList operands, BlockCode whenTrue, BlockCode whenFalse,
                                                  std::vector<graph::ValueId> results);
/// `prim::Loop(maximum trips, condition, carried values…)`: block (trip, carried…) → (condition, carried…).
[[nodiscard]] std::unique_ptr<Instruction> makeLoop(OperandList operands, BlockCode body, std::vector<graph::ValueId> results);

} // namespace lathe::runtime
