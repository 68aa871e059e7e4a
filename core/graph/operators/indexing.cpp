#include <core/graph/operators/rows.h>

namespace lathe::graph {

namespace {

constexpr OperatorRow rows[] = {
    {"aten::slice.Tensor(Tensor(a) self, int dim=0, SymInt? start=None, SymInt? end=None, SymInt step=1) -> Tensor(a)",
     {.grid = GridRule::Moves, .channels = ChannelRule::Slices, .handsOn = true}},
    {"aten::select.int(Tensor(a) self, int dim, SymInt index) -> Tensor(a)",
     {.grid = GridRule::Moves, .channels = ChannelRule::Selects, .handsOn = true}},
    {"aten::narrow(Tensor(a) self, int dim, SymInt start, SymInt length) -> Tensor(a)",
     {.grid = GridRule::Moves, .channels = ChannelRule::Slices, .handsOn = true}},
    {"aten::narrow.Tensor(Tensor(a) self, int dim, Tensor start, SymInt length) -> Tensor(a)", {.handsOn = true}},
    {"aten::chunk(Tensor(a -> *) self, int chunks, int dim=0) -> Tensor(a)[]",
     {.grid = GridRule::Moves, .channels = ChannelRule::Splits, .handsOn = true}},
    {"aten::split.Tensor(Tensor(a -> *) self, SymInt split_size, int dim=0) -> Tensor(a)[]",
     {.grid = GridRule::Moves, .channels = ChannelRule::Splits, .handsOn = true}},
    {"aten::split.sizes(Tensor(a -> *) self, SymInt[] split_size, int dim=0) -> Tensor(a)[]",
     {.grid = GridRule::Moves, .channels = ChannelRule::Splits, .handsOn = true}},
    {"aten::split_with_sizes(Tensor(a -> *) self, SymInt[] split_sizes, int dim=0) -> Tensor(a)[]",
     {.grid = GridRule::Moves, .channels = ChannelRule::Splits}},
    {"aten::unbind.int(Tensor(a -> *) self, int dim=0) -> Tensor(a)[]", {.grid = GridRule::Moves, .channels = ChannelRule::Splits}},
    {"aten::flip(Tensor self, int[] dims) -> Tensor", {.grid = GridRule::Moves, .channels = ChannelRule::KeepsOthers, .handsOn = true}},
    {"aten::index_select(Tensor self, int dim, Tensor index) -> Tensor", {.grid = GridRule::Moves, .channels = ChannelRule::Selects}},
    {"aten::index.Tensor(Tensor self, Tensor?[] indices) -> Tensor", {.grid = GridRule::Moves, .channels = ChannelRule::Selects}},
    {"aten::reflection_pad1d(Tensor self, SymInt[2] padding) -> Tensor", {.grid = GridRule::Moves, .channels = ChannelRule::Pads}},
    {"aten::reflection_pad2d(Tensor self, SymInt[4] padding) -> Tensor", {.grid = GridRule::Moves, .channels = ChannelRule::Pads}},
    {"aten::cat(Tensor[] tensors, int dim=0) -> Tensor",
     {.grid = GridRule::Rounds, .channels = ChannelRule::Concatenates, .order = MemoryOrder::Keeps, .handsOn = true}},
    {"aten::concat(Tensor[] tensors, int dim=0) -> Tensor", {.channels = ChannelRule::Concatenates}},
    {"aten::stack(Tensor[] tensors, int dim=0) -> Tensor", {.channels = ChannelRule::Stacks, .handsOn = true}},
    {"aten::sort(Tensor self, int dim=-1, bool descending=False) -> (Tensor values, Tensor indices)", {.grid = GridRule::Moves}},
    {"aten::sort.stable(Tensor self, *, bool? stable, int dim=-1, bool descending=False) -> (Tensor values, Tensor indices)",
     {.grid = GridRule::Moves}},
    {"aten::topk(Tensor self, SymInt k, int dim=-1, bool largest=True, bool sorted=True) -> (Tensor values, Tensor indices)",
     {.grid = GridRule::Moves}},
    {"aten::where.self(Tensor condition, Tensor self, Tensor other) -> Tensor", {.channels = ChannelRule::Broadcasts}},
    {"aten::where.ScalarSelf(Tensor condition, Scalar self, Tensor other) -> Tensor", {.channels = ChannelRule::Broadcasts}},
    {"aten::where.ScalarOther(Tensor condition, Tensor self, Scalar other) -> Tensor", {.channels = ChannelRule::Broadcasts}},
    {"aten::where.Scalar(Tensor condition, Scalar self, Scalar other) -> Tensor"},
    {"aten::gather(Tensor self, int dim, Tensor index, *, bool sparse_grad=False) -> Tensor"},
    {"aten::masked_fill.Scalar(Tensor self, Tensor mask, Scalar value) -> Tensor",
     {.channels = ChannelRule::Broadcasts, .hasInPlaceForm = true}},
    {"aten::masked_fill.Tensor(Tensor self, Tensor mask, Tensor value) -> Tensor",
     {.channels = ChannelRule::Broadcasts, .hasInPlaceForm = true}},
    {"aten::index_put(Tensor self, Tensor?[] indices, Tensor values, bool accumulate=False) -> Tensor", {.hasInPlaceForm = true}},
    {"aten::repeat(Tensor self, SymInt[] repeats) -> Tensor", {.channels = ChannelRule::Tiles}},
    {"aten::roll(Tensor self, SymInt[1] shifts, int[1] dims=[]) -> Tensor", {.channels = ChannelRule::KeepsOthers}},
    {"aten::pad(Tensor self, SymInt[] pad, str mode=\"constant\", float? value=None) -> Tensor",
     {.channels = ChannelRule::Pads, .order = MemoryOrder::Keeps}},
    {"aten::constant_pad_nd(Tensor self, SymInt[] pad, Scalar value=0) -> Tensor",
     {.channels = ChannelRule::Pads, .order = MemoryOrder::Keeps}},
    {"torchvision::nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"},
    // ONNX's NonMaxSuppression: of several images and classes.
    {"lathe::non_max_suppression(Tensor boxes, Tensor scores, Tensor? max_output_boxes_per_class=None, Tensor? iou_threshold=None, "
     "Tensor? score_threshold=None, bool center_point_box=False) -> Tensor"},
    // A weight whose numbers are shared (lookup.h).
    {"lathe::lookup(Tensor indices, Tensor codebooks, int bits, int[] shape) -> Tensor"},
};

} // namespace

FamilyRows indexingRows() { return {Family::Indexing, rows}; }

} // namespace lathe::graph
