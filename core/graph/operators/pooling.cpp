#include <core/graph/operators/call.h>
#include <core/graph/operators/rows.h>

#include <algorithm>

namespace lathe::graph {

namespace {

/// Images of one pixel look the same in either order.
bool poolsToOne(const Node& node) {
    const auto sizes = Call(node).integers("output_size");
    return sizes && !sizes->empty() && std::ranges::all_of(*sizes, [](std::int64_t size) { return size == 1; });
}

constexpr OperatorRow rows[] = {
    {"aten::max_pool1d(Tensor self, int[1] kernel_size, int[1] stride=[], int[1] padding=[0], int[1] dilation=[1], bool ceil_mode=False) "
     "-> Tensor",
     {.grid = GridRule::Moves, .runsOnBytes = true, .channels = ChannelRule::Pools}},
    {"aten::max_pool2d(Tensor self, int[2] kernel_size, int[2] stride=[], int[2] padding=0, int[2] dilation=1, bool ceil_mode=False) -> "
     "Tensor",
     {.grid = GridRule::Moves, .runsOnBytes = true, .channels = ChannelRule::Pools, .order = MemoryOrder::Keeps}},
    {"aten::max_pool3d(Tensor self, int[3] kernel_size, int[3] stride=[], int[3] padding=0, int[3] dilation=1, bool ceil_mode=False) -> "
     "Tensor",
     {.grid = GridRule::Moves, .runsOnBytes = true, .channels = ChannelRule::Pools}},
    {"aten::avg_pool1d(Tensor self, int[1] kernel_size, int[1] stride=[], int[1] padding=[0], bool ceil_mode=False, bool "
     "count_include_pad=True) -> Tensor",
     {.grid = GridRule::Rounds, .runsOnBytes = true, .channels = ChannelRule::Pools}},
    {"aten::avg_pool2d(Tensor self, int[2] kernel_size, int[2] stride=[], int[2] padding=0, bool ceil_mode=False, bool "
     "count_include_pad=True, int? divisor_override=None) -> Tensor",
     {.grid = GridRule::Rounds, .runsOnBytes = true, .channels = ChannelRule::Pools, .order = MemoryOrder::Keeps}},
    {"aten::avg_pool3d(Tensor self, int[3] kernel_size, int[3] stride=[], int[3] padding=0, bool ceil_mode=False, bool "
     "count_include_pad=True, int? divisor_override=None) -> Tensor",
     {.grid = GridRule::Rounds, .runsOnBytes = true, .channels = ChannelRule::Pools}},
    {"aten::adaptive_avg_pool1d(Tensor self, int[1] output_size) -> Tensor",
     {.grid = GridRule::Rounds, .runsOnBytes = true, .channels = ChannelRule::Pools}},
    {"aten::adaptive_avg_pool2d(Tensor self, SymInt[2] output_size) -> Tensor",
     {.grid = GridRule::Rounds,
      .runsOnBytes = true,
      .channels = ChannelRule::Pools,
      .order = MemoryOrder::Keeps,
      .endsChannelsLast = poolsToOne}},
    {"aten::_adaptive_avg_pool2d(Tensor self, SymInt[2] output_size) -> Tensor",
     {.grid = GridRule::Rounds, .channels = ChannelRule::Pools}},
    {"aten::adaptive_avg_pool3d(Tensor self, SymInt[3] output_size) -> Tensor", {.grid = GridRule::Rounds, .channels = ChannelRule::Pools}},
    {"aten::adaptive_max_pool2d(Tensor self, int[2] output_size) -> (Tensor, Tensor)", {.channels = ChannelRule::Pools}},
    {"aten::max_pool2d_with_indices(Tensor self, int[2] kernel_size, int[2] stride=[], int[2] padding=0, int[2] dilation=1, bool "
     "ceil_mode=False) -> (Tensor, Tensor)",
     {.channels = ChannelRule::Pools}},
};

} // namespace

FamilyRows poolingRows() { return {Family::Pooling, rows}; }

} // namespace lathe::graph
