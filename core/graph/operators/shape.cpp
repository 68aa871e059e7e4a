#include <core/graph/operators/rows.h>
#include <core/graph/operators/shape.h>

namespace lathe::graph {

namespace {

/// A flatten from another dimension on only gives the image's memory other sizes.
bool flattensImages(const Node& node) { return Flatten(node).keepsBatch(); }

constexpr OperatorRow rows[] = {
    {"aten::view(Tensor(a) self, SymInt[] size) -> Tensor(a)",
     {.grid = GridRule::Moves, .runsOnBytes = true, .channels = ChannelRule::Reshapes, .handsOn = true}},
    {"aten::view.dtype(Tensor(a) self, ScalarType dtype) -> Tensor(a)", {.handsOn = true}},
    {"aten::reshape(Tensor(a) self, SymInt[] shape) -> Tensor(a)",
     {.grid = GridRule::Moves, .runsOnBytes = true, .channels = ChannelRule::Reshapes, .handsOn = true}},
    {"aten::flatten.using_ints(Tensor(a) self, int start_dim=0, int end_dim=-1) -> Tensor(a)",
     {.grid = GridRule::Moves,
      .runsOnBytes = true,
      .channels = ChannelRule::Reshapes,
      .endsChannelsLast = flattensImages,
      .handsOn = true}},
    {"aten::unflatten.int(Tensor(a) self, int dim, SymInt[] sizes) -> Tensor(a)",
     {.grid = GridRule::Moves, .channels = ChannelRule::Reshapes, .handsOn = true}},
    {"aten::squeeze(Tensor(a) self) -> Tensor(a)",
     {.grid = GridRule::Moves, .runsOnBytes = true, .channels = ChannelRule::Reshapes, .handsOn = true, .hasInPlaceForm = true}},
    {"aten::squeeze.dim(Tensor(a) self, int dim) -> Tensor(a)",
     {.grid = GridRule::Moves, .runsOnBytes = true, .channels = ChannelRule::Reshapes, .handsOn = true, .hasInPlaceForm = true}},
    {"aten::squeeze.dims(Tensor(a) self, int[] dim) -> Tensor(a)",
     {.grid = GridRule::Moves, .runsOnBytes = true, .channels = ChannelRule::Reshapes, .handsOn = true, .hasInPlaceForm = true}},
    {"aten::unsqueeze(Tensor(a) self, int dim) -> Tensor(a)",
     {.grid = GridRule::Moves, .runsOnBytes = true, .channels = ChannelRule::Reshapes, .handsOn = true, .hasInPlaceForm = true}},
    {"aten::_unsafe_view(Tensor self, SymInt[] size) -> Tensor", {.channels = ChannelRule::Reshapes}},
    {"aten::_reshape_alias(Tensor(a) self, SymInt[] size, SymInt[] stride) -> Tensor(a)",
     {.grid = GridRule::Moves, .channels = ChannelRule::Reshapes}},
    {"aten::permute(Tensor(a) self, int[] dims) -> Tensor(a)",
     {.grid = GridRule::Moves, .runsOnBytes = true, .channels = ChannelRule::Permutes, .handsOn = true}},
    {"aten::transpose.int(Tensor(a) self, int dim0, int dim1) -> Tensor(a)",
     {.grid = GridRule::Moves, .runsOnBytes = true, .channels = ChannelRule::Transposes, .handsOn = true}},
    {"aten::t(Tensor(a) self) -> Tensor(a)",
     {.grid = GridRule::Moves, .channels = ChannelRule::Transposes, .handsOn = true, .hasInPlaceForm = true}},
    {"aten::numpy_T(Tensor(a) self) -> Tensor(a)", {.channels = ChannelRule::Transposes, .handsOn = true}},
    {"aten::swapaxes(Tensor(a) self, int axis0, int axis1) -> Tensor(a)",
     {.grid = GridRule::Moves, .channels = ChannelRule::Transposes, .handsOn = true, .hasInPlaceForm = true}},
    {"aten::movedim.int(Tensor(a) self, int source, int destination) -> Tensor(a)", {.grid = GridRule::Moves}},
    {"aten::contiguous(Tensor(a) self, *, MemoryFormat memory_format=0) -> Tensor(a)",
     {.grid = GridRule::Moves, .runsOnBytes = true, .channels = ChannelRule::Keeps, .handsOn = true}},
    {"aten::expand(Tensor(a) self, SymInt[] size, *, bool implicit=False) -> Tensor(a)",
     {.grid = GridRule::Moves, .channels = ChannelRule::Expands, .handsOn = true}},
    {"aten::reshape_as(Tensor(a) self, Tensor other) -> Tensor(a)", {.channels = ChannelRule::Reshapes}},
    {"aten::view_as(Tensor(a) self, Tensor other) -> Tensor(a)", {.channels = ChannelRule::Reshapes}},
    {"aten::expand_as(Tensor(a) self, Tensor other) -> Tensor(a)", {.channels = ChannelRule::Broadcasts}},
    {"aten::clone(Tensor self, *, MemoryFormat? memory_format=None) -> Tensor",
     {.grid = GridRule::Moves, .channels = ChannelRule::Keeps, .handsOn = true}},
    {"aten::alias(Tensor(a) self) -> Tensor(a)", {.grid = GridRule::Moves, .channels = ChannelRule::Keeps, .handsOn = true}},
    {"aten::detach(Tensor(a) self) -> Tensor(a)",
     {.grid = GridRule::Moves, .channels = ChannelRule::Keeps, .handsOn = true, .hasInPlaceForm = true}},
    {"aten::lift_fresh(Tensor(a) self) -> Tensor(a)", {.channels = ChannelRule::Keeps, .handsOn = true}},
    {"aten::lift_fresh_copy(Tensor self) -> Tensor", {.channels = ChannelRule::Keeps}},
    {"aten::channel_shuffle(Tensor self, SymInt groups) -> Tensor", {.grid = GridRule::Moves}},
    {"aten::pixel_shuffle(Tensor self, int upscale_factor) -> Tensor", {.grid = GridRule::Moves, .channels = ChannelRule::PixelShuffles}},
    {"aten::pixel_unshuffle(Tensor self, int downscale_factor) -> Tensor", {.channels = ChannelRule::PixelUnshuffles}},
    {"aten::unfold(Tensor(a) self, int dimension, int size, int step) -> Tensor(a)", {.grid = GridRule::Moves}},
    {"aten::zeros(SymInt[] size, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor"},
    {"aten::ones(SymInt[] size, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor"},
    {"aten::full(SymInt[] size, Scalar fill_value, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? "
     "pin_memory=None) -> Tensor"},
};

} // namespace

FamilyRows shapeRows() { return {Family::Shape, rows}; }

} // namespace lathe::graph
