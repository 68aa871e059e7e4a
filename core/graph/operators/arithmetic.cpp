#include <core/graph/operators/rows.h>

namespace lathe::graph {

namespace {

constexpr OperatorRow rows[] = {
    {"aten::add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor",
     {.channels = ChannelRule::Broadcasts, .order = MemoryOrder::Keeps, .hasInPlaceForm = true}},
    {"aten::add.Scalar(Tensor self, Scalar other, Scalar alpha=1) -> Tensor",
     {.channels = ChannelRule::Broadcasts, .hasInPlaceForm = true}},
    {"aten::sub.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor",
     {.channels = ChannelRule::Broadcasts, .order = MemoryOrder::Keeps, .hasInPlaceForm = true}},
    {"aten::sub.Scalar(Tensor self, Scalar other, Scalar alpha=1) -> Tensor",
     {.channels = ChannelRule::Broadcasts, .hasInPlaceForm = true}},
    {"aten::mul.Tensor(Tensor self, Tensor other) -> Tensor",
     {.channels = ChannelRule::Broadcasts, .order = MemoryOrder::Keeps, .hasInPlaceForm = true}},
    {"aten::mul.Scalar(Tensor self, Scalar other) -> Tensor", {.channels = ChannelRule::Broadcasts, .hasInPlaceForm = true}},
    {"aten::div.Tensor(Tensor self, Tensor other) -> Tensor",
     {.channels = ChannelRule::Broadcasts, .order = MemoryOrder::Keeps, .hasInPlaceForm = true}},
    {"aten::div.Scalar(Tensor self, Scalar other) -> Tensor", {.channels = ChannelRule::Broadcasts, .hasInPlaceForm = true}},
    {"aten::div.Tensor_mode(Tensor self, Tensor other, *, str? rounding_mode) -> Tensor",
     {.channels = ChannelRule::Broadcasts, .hasInPlaceForm = true}},
    {"aten::div.Scalar_mode(Tensor self, Scalar other, *, str? rounding_mode) -> Tensor",
     {.channels = ChannelRule::Broadcasts, .hasInPlaceForm = true}},
    {"aten::maximum(Tensor self, Tensor other) -> Tensor", {.channels = ChannelRule::Broadcasts}},
    {"aten::minimum(Tensor self, Tensor other) -> Tensor", {.channels = ChannelRule::Broadcasts}},
    {"aten::abs(Tensor self) -> Tensor", {.channels = ChannelRule::Keeps, .hasInPlaceForm = true}},
    {"aten::neg(Tensor self) -> Tensor", {.channels = ChannelRule::Keeps, .hasInPlaceForm = true}},
    {"aten::exp(Tensor self) -> Tensor", {.channels = ChannelRule::Keeps, .hasInPlaceForm = true}},
    {"aten::log(Tensor self) -> Tensor", {.channels = ChannelRule::Keeps, .hasInPlaceForm = true}},
    {"aten::sqrt(Tensor self) -> Tensor", {.channels = ChannelRule::Keeps, .hasInPlaceForm = true}},
    {"aten::rsqrt(Tensor self) -> Tensor", {.channels = ChannelRule::Keeps, .hasInPlaceForm = true}},
    {"aten::square(Tensor self) -> Tensor", {.channels = ChannelRule::Keeps, .hasInPlaceForm = true}},
    {"aten::pow.Tensor_Scalar(Tensor self, Scalar exponent) -> Tensor", {.channels = ChannelRule::Keeps}},
    {"aten::pow.Tensor_Tensor(Tensor self, Tensor exponent) -> Tensor", {.channels = ChannelRule::Broadcasts}},
    {"aten::pow.Scalar(Scalar self, Tensor exponent) -> Tensor", {.channels = ChannelRule::Broadcasts, .hasInPlaceForm = true}},
    {"aten::rsub.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor", {.channels = ChannelRule::Broadcasts}},
    {"aten::rsub.Scalar(Tensor self, Scalar other, Scalar alpha=1) -> Tensor", {.channels = ChannelRule::Broadcasts}},
    {"aten::reciprocal(Tensor self) -> Tensor", {.channels = ChannelRule::Keeps, .hasInPlaceForm = true}},
    {"aten::erf(Tensor self) -> Tensor", {.channels = ChannelRule::Keeps, .hasInPlaceForm = true}},
    {"aten::sin(Tensor self) -> Tensor", {.channels = ChannelRule::Keeps, .hasInPlaceForm = true}},
    {"aten::cos(Tensor self) -> Tensor", {.channels = ChannelRule::Keeps, .hasInPlaceForm = true}},
    {"aten::floor(Tensor self) -> Tensor", {.channels = ChannelRule::Keeps, .hasInPlaceForm = true}},
    {"aten::ceil(Tensor self) -> Tensor", {.channels = ChannelRule::Keeps, .hasInPlaceForm = true}},
    {"aten::round(Tensor self) -> Tensor", {.channels = ChannelRule::Keeps, .hasInPlaceForm = true}},
    {"aten::sign(Tensor self) -> Tensor", {.channels = ChannelRule::Keeps, .hasInPlaceForm = true}},
    {"aten::log1p(Tensor self) -> Tensor", {.channels = ChannelRule::Keeps, .hasInPlaceForm = true}},
    {"aten::expm1(Tensor self) -> Tensor", {.channels = ChannelRule::Keeps, .hasInPlaceForm = true}},
    {"aten::remainder.Scalar(Tensor self, Scalar other) -> Tensor", {.channels = ChannelRule::Keeps, .hasInPlaceForm = true}},
    {"aten::remainder.Tensor(Tensor self, Tensor other) -> Tensor", {.channels = ChannelRule::Broadcasts, .hasInPlaceForm = true}},
    {"aten::floor_divide(Tensor self, Tensor other) -> Tensor", {.channels = ChannelRule::Broadcasts}},
    {"aten::floor_divide.Scalar(Tensor self, Scalar other) -> Tensor", {.channels = ChannelRule::Keeps, .hasInPlaceForm = true}},
};

} // namespace

FamilyRows arithmeticRows() { return {Family::Arithmetic, rows}; }

} // namespace lathe::graph
