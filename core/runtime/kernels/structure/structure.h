#pragma once

#include <core/runtime/kernels/kernel.h>

namespace lathe::runtime {

/// prim::ListConstruct and prim::TupleConstruct.
[[nodiscard]] KernelDefinition listOrTuple();
/// prim::DictConstruct.
[[nodiscard]] KernelDefinition dictionary();
/// aten::append: an empty list becomes one of what is put into it.
[[nodiscard]] KernelDefinition appended();
/// prim::ListUnpack and prim::TupleUnpack.
[[nodiscard]] KernelDefinition unpacked();
/// prim::TupleIndex.
[[nodiscard]] KernelDefinition tupleElement();
/// prim::unchecked_cast, prim::Constant and their like: the value itself.
[[nodiscard]] KernelDefinition same();

/// lathe::keep_state: nothing, because each run begins anew (core/graph/state.h).
[[nodiscard]] KernelDefinition keptState();

} // namespace lathe::runtime
