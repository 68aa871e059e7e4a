#include <core/graph/operators/rows.h>

namespace lathe::graph {

namespace {

constexpr OperatorRow rows[] = {
    {"aten::relu(Tensor self) -> Tensor",
     {.grid = GridRule::Cuts, .runsOnBytes = true, .channels = ChannelRule::Keeps, .order = MemoryOrder::Keeps, .hasInPlaceForm = true}},
    {"aten::relu6(Tensor self) -> Tensor",
     {.grid = GridRule::Rounds, .channels = ChannelRule::Keeps, .order = MemoryOrder::Keeps, .hasInPlaceForm = true}},
    {"aten::sigmoid(Tensor self) -> Tensor",
     {.grid = GridRule::Sigmoid, .channels = ChannelRule::Keeps, .order = MemoryOrder::Keeps, .hasInPlaceForm = true}},
    {"aten::tanh(Tensor self) -> Tensor",
     {.grid = GridRule::Tanh, .channels = ChannelRule::Keeps, .order = MemoryOrder::Keeps, .hasInPlaceForm = true}},
    {"aten::gelu(Tensor self, *, str approximate=\"none\") -> Tensor",
     {.grid = GridRule::Rounds, .channels = ChannelRule::Keeps, .order = MemoryOrder::Keeps, .hasInPlaceForm = true}},
    {"aten::silu(Tensor self) -> Tensor", {.channels = ChannelRule::Keeps, .order = MemoryOrder::Keeps, .hasInPlaceForm = true}},
    {"aten::mish(Tensor self) -> Tensor", {.channels = ChannelRule::Keeps, .hasInPlaceForm = true}},
    {"aten::elu(Tensor self, Scalar alpha=1, Scalar scale=1, Scalar input_scale=1) -> Tensor",
     {.channels = ChannelRule::Keeps, .order = MemoryOrder::Keeps, .hasInPlaceForm = true}},
    {"aten::selu(Tensor self) -> Tensor", {.channels = ChannelRule::Keeps, .hasInPlaceForm = true}},
    {"aten::celu(Tensor self, Scalar alpha=1.) -> Tensor", {.channels = ChannelRule::Keeps, .hasInPlaceForm = true}},
    {"aten::hardtanh(Tensor self, Scalar min_val=-1, Scalar max_val=1) -> Tensor",
     {.grid = GridRule::Rounds, .channels = ChannelRule::Keeps, .order = MemoryOrder::Keeps, .hasInPlaceForm = true}},
    {"aten::hardswish(Tensor self) -> Tensor", {.channels = ChannelRule::Keeps, .order = MemoryOrder::Keeps, .hasInPlaceForm = true}},
    {"aten::hardsigmoid(Tensor self) -> Tensor",
     {.grid = GridRule::Sigmoid, .channels = ChannelRule::Keeps, .order = MemoryOrder::Keeps, .hasInPlaceForm = true}},
    {"aten::softplus(Tensor self, Scalar beta=1, Scalar threshold=20) -> Tensor",
     {.channels = ChannelRule::Keeps, .order = MemoryOrder::Keeps}},
    {"aten::leaky_relu(Tensor self, Scalar negative_slope=0.01) -> Tensor",
     {.grid = GridRule::Rounds, .channels = ChannelRule::Keeps, .order = MemoryOrder::Keeps, .hasInPlaceForm = true}},
    {"aten::clamp(Tensor self, Scalar? min=None, Scalar? max=None) -> Tensor",
     {.grid = GridRule::Rounds, .channels = ChannelRule::Keeps, .order = MemoryOrder::Keeps, .hasInPlaceForm = true}},
    {"aten::clamp.Tensor(Tensor self, Tensor? min=None, Tensor? max=None) -> Tensor",
     {.channels = ChannelRule::Keeps, .hasInPlaceForm = true}},
    {"aten::clamp_min(Tensor self, Scalar min) -> Tensor",
     {.channels = ChannelRule::Keeps, .order = MemoryOrder::Keeps, .hasInPlaceForm = true}},
    {"aten::clamp_min.Tensor(Tensor self, Tensor min) -> Tensor", {.channels = ChannelRule::Keeps, .hasInPlaceForm = true}},
    {"aten::clamp_max(Tensor self, Scalar max) -> Tensor", {.channels = ChannelRule::Keeps, .hasInPlaceForm = true}},
    {"aten::clamp_max.Tensor(Tensor self, Tensor max) -> Tensor", {.channels = ChannelRule::Keeps, .hasInPlaceForm = true}},
    {"aten::threshold(Tensor self, Scalar threshold, Scalar value) -> Tensor",
     {.grid = GridRule::Rounds, .channels = ChannelRule::Keeps, .hasInPlaceForm = true}},
    {"aten::prelu(Tensor self, Tensor weight) -> Tensor",
     {.grid = GridRule::Rounds, .channels = ChannelRule::Slopes, .weights = {"weight"}}},
    {"aten::rrelu(Tensor self, Scalar lower=0.125, Scalar upper=0.33333333333333331, bool training=False, Generator? generator=None) -> "
     "Tensor",
     {.training = "training", .isRandom = true, .hasInPlaceForm = true}},
    {"aten::softmax.int(Tensor self, int dim, ScalarType? dtype=None) -> Tensor", {.channels = ChannelRule::KeepsOthers}},
    {"aten::log_softmax.int(Tensor self, int dim, ScalarType? dtype=None) -> Tensor", {.channels = ChannelRule::KeepsOthers}},
    {"aten::_softmax(Tensor self, int dim, bool half_to_float) -> Tensor", {.channels = ChannelRule::KeepsOthers}},
    {"aten::_log_softmax(Tensor self, int dim, bool half_to_float) -> Tensor", {.channels = ChannelRule::KeepsOthers}},
    {"aten::glu(Tensor self, int dim=-1) -> Tensor", {.channels = ChannelRule::Gates}},
    {"aten::log_sigmoid(Tensor self) -> Tensor", {.channels = ChannelRule::Keeps}},
};

} // namespace

FamilyRows activationRows() { return {Family::Activation, rows}; }

} // namespace lathe::graph
