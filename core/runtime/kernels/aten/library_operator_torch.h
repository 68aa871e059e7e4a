#pragma once

#include <ATen/core/function_schema.h>

#include <core/runtime/kernels/kernel.h>

namespace lathe::runtime {

/// Any operator of PyTorch by name: through the dispatcher, or TorchScript's own operators ("prim::NumToTensor", "aten::len"). What Lathe
/// has no kernel for comes here.
[[nodiscard]] KernelDefinition libraryOperator();
[[nodiscard]] Made makeOperator(const KernelContext& context, const graph::Node& node, InstructionInfo& info);

/// The schema of an operator node; nullptr for ours and for prim:: operators without one.
[[nodiscard]] const c10::FunctionSchema* findSchema(const graph::Node& node);

} // namespace lathe::runtime
