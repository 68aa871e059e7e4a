#include <core/graph/operators/rows.h>

namespace lathe::graph {

namespace {

/// TorchScript has no schemas for them.
constexpr OperatorRow rows[] = {
    {"prim::If(bool condition) -> ..."},
    {"prim::Loop(int max_trip_count, bool condition, ...) -> ..."},
};

} // namespace

FamilyRows controlFlowRows() { return {Family::ControlFlow, rows}; }

} // namespace lathe::graph
