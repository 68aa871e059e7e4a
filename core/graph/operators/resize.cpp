#include <core/graph/operators/rows.h>

namespace lathe::graph {

namespace {

constexpr OperatorRow rows[] = {
    {"aten::upsample_nearest1d(Tensor self, SymInt[1] output_size, float? scales=None) -> Tensor",
     {.grid = GridRule::Moves, .channels = ChannelRule::Pools}},
    {"aten::upsample_nearest1d.vec(Tensor input, SymInt[]? output_size, float[]? scale_factors) -> Tensor",
     {.grid = GridRule::Moves, .channels = ChannelRule::Pools}},
    {"aten::upsample_nearest2d(Tensor self, SymInt[2] output_size, float? scales_h=None, float? scales_w=None) -> Tensor",
     {.grid = GridRule::Moves, .channels = ChannelRule::Pools, .order = MemoryOrder::Keeps}},
    {"aten::upsample_nearest2d.vec(Tensor input, SymInt[]? output_size, float[]? scale_factors) -> Tensor",
     {.grid = GridRule::Moves, .channels = ChannelRule::Pools, .order = MemoryOrder::Keeps}},
    {"aten::upsample_nearest3d(Tensor self, SymInt[3] output_size, float? scales_d=None, float? scales_h=None, float? scales_w=None) -> "
     "Tensor",
     {.grid = GridRule::Moves, .channels = ChannelRule::Pools}},
    {"aten::upsample_nearest3d.vec(Tensor input, SymInt[]? output_size, float[]? scale_factors) -> Tensor",
     {.grid = GridRule::Moves, .channels = ChannelRule::Pools}},
    {"aten::_upsample_nearest_exact2d(Tensor self, SymInt[2] output_size, float? scales_h=None, float? scales_w=None) -> Tensor",
     {.grid = GridRule::Moves, .channels = ChannelRule::Pools, .order = MemoryOrder::Keeps}},
    {"aten::_upsample_nearest_exact2d.vec(Tensor input, SymInt[]? output_size, float[]? scale_factors) -> Tensor",
     {.grid = GridRule::Moves, .channels = ChannelRule::Pools, .order = MemoryOrder::Keeps}},
    {"aten::upsample_bilinear2d(Tensor self, SymInt[2] output_size, bool align_corners, float? scales_h=None, float? scales_w=None) -> "
     "Tensor",
     {.grid = GridRule::Rounds, .channels = ChannelRule::Pools, .order = MemoryOrder::Keeps}},
    {"aten::upsample_bilinear2d.vec(Tensor input, SymInt[]? output_size, bool align_corners, float[]? scale_factors) -> Tensor",
     {.grid = GridRule::Rounds, .channels = ChannelRule::Pools, .order = MemoryOrder::Keeps}},
    {"aten::grid_sampler(Tensor input, Tensor grid, int interpolation_mode, int padding_mode, bool align_corners) -> Tensor",
     {.grid = GridRule::Rounds}},
    // torchvision's: images that are sampled between their pixels.
    {"torchvision::roi_align(Tensor input, Tensor rois, float spatial_scale, SymInt pooled_height, SymInt pooled_width, int "
     "sampling_ratio, bool aligned) -> Tensor"},
    {"lathe::roi_align_max(Tensor input, Tensor rois, float spatial_scale, int pooled_height, int pooled_width, int sampling_ratio, bool "
     "aligned) -> Tensor"},
    {"torchvision::deform_conv2d(Tensor input, Tensor weight, Tensor offset, Tensor mask, Tensor bias, SymInt stride_h, SymInt stride_w, "
     "SymInt pad_h, SymInt pad_w, SymInt dilation_h, SymInt dilation_w, SymInt groups, SymInt offset_groups, bool use_mask) -> Tensor",
     {.weights = {"weight", "bias"}}},
};

} // namespace

FamilyRows resizeRows() { return {Family::Resize, rows}; }

} // namespace lathe::graph
