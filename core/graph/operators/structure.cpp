#include <core/graph/operators/rows.h>

namespace lathe::graph {

namespace {

/// prim:: operators with "..." have no schema in TorchScript.
constexpr OperatorRow rows[] = {
    {"aten::size(Tensor self) -> int[]", {.channels = ChannelRule::Measures}},
    {"aten::size.int(Tensor self, int dim) -> int", {.channels = ChannelRule::Measures}},
    {"aten::dim(Tensor self) -> int", {.channels = ChannelRule::Measures}},
    {"aten::numel(Tensor self) -> int", {.channels = ChannelRule::Measures}},
    {"aten::is_floating_point(Tensor self) -> bool", {.channels = ChannelRule::Measures}},
    {"aten::sym_size(Tensor self) -> SymInt[]", {.channels = ChannelRule::Measures}},
    {"aten::sym_size.int(Tensor self, int dim) -> SymInt", {.channels = ChannelRule::Measures}},
    {"aten::__getitem__.t(t[](a) list, int idx) -> t(*)", {.grid = GridRule::Moves}},
    {"aten::append.t(t[](a!) self, t(c -> *) el) -> t[](a!)"},
    {"aten::len.t(t[] a) -> int"},
    {"aten::warn(str message, int stacklevel=2) -> ()", {.hasEffects = true}},
    {"prim::ListConstruct(...) -> t", {.handsOn = true}},
    {"prim::TupleConstruct(...) -> t", {.handsOn = true}},
    {"prim::DictConstruct(...) -> t"},
    {"prim::ListUnpack(t[] list) -> ...", {.grid = GridRule::Moves, .handsOn = true}},
    {"prim::TupleUnpack(Any tup) -> ...", {.handsOn = true}},
    {"prim::TupleIndex(Any tup, int i) -> Any"},
    {"prim::Constant(...) -> t"},
    {"prim::GetAttr(t object) -> t"},
    {"prim::unchecked_cast(t x) -> t"},
    {"prim::Uninitialized() -> Any"},
    {"prim::NumToTensor.Scalar(Scalar a) -> Tensor"},
    {"prim::NumToTensor.bool(bool a) -> Tensor"},
    {"prim::dtype(Tensor a) -> int"},
    {"prim::device(Tensor a) -> Device"},
    {"prim::min(Scalar a, Scalar b) -> Scalar"},
    {"prim::min.bool_list(bool[] l, bool[] r) -> bool[]"},
    {"prim::min.float(float a, float b) -> float"},
    {"prim::min.float_int(float a, int b) -> float"},
    {"prim::min.float_list(float[] l, float[] r) -> float[]"},
    {"prim::min.int(int a, int b) -> int"},
    {"prim::min.int_float(int a, float b) -> float"},
    {"prim::min.int_list(int[] l, int[] r) -> int[]"},
    {"prim::min.self_bool(bool[] self) -> bool"},
    {"prim::min.self_float(float[] self) -> float"},
    {"prim::min.self_int(int[] self) -> int"},
    {"prim::max(Scalar a, Scalar b) -> Scalar"},
    {"prim::max.bool_list(bool[] l, bool[] r) -> bool[]"},
    {"prim::max.float(float a, float b) -> float"},
    {"prim::max.float_int(float a, int b) -> float"},
    {"prim::max.float_list(float[] l, float[] r) -> float[]"},
    {"prim::max.int(int a, int b) -> int"},
    {"prim::max.int_float(int a, float b) -> float"},
    {"prim::max.int_list(int[] l, int[] r) -> int[]"},
    {"prim::max.self_bool(bool[] self) -> bool"},
    {"prim::max.self_float(float[] self) -> float"},
    {"prim::max.self_int(int[] self) -> int"},
    {"prim::is_cuda(Tensor a) -> bool"},
    {"prim::data(Tensor(a) a) -> Tensor(a)"},
    {"prim::layout(Tensor a) -> Layout"},
    {"lathe::keep_state(Tensor state, Tensor next) -> ()", {.hasEffects = true}}, // see core/graph/state.h
};

} // namespace

FamilyRows structureRows() { return {Family::Structure, rows}; }

} // namespace lathe::graph
