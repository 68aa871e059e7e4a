#include <core/graph/operators/rows.h>

namespace lathe::graph {

namespace {

constexpr OperatorRow rows[] = {
    {"aten::eq.Tensor(Tensor self, Tensor other) -> Tensor",
     {.grid = GridRule::Plain, .channels = ChannelRule::Broadcasts, .hasInPlaceForm = true}},
    {"aten::eq.Scalar(Tensor self, Scalar other) -> Tensor",
     {.grid = GridRule::Plain, .channels = ChannelRule::Broadcasts, .hasInPlaceForm = true}},
    {"aten::ne.Tensor(Tensor self, Tensor other) -> Tensor",
     {.grid = GridRule::Plain, .channels = ChannelRule::Broadcasts, .hasInPlaceForm = true}},
    {"aten::ne.Scalar(Tensor self, Scalar other) -> Tensor",
     {.grid = GridRule::Plain, .channels = ChannelRule::Broadcasts, .hasInPlaceForm = true}},
    {"aten::lt.Tensor(Tensor self, Tensor other) -> Tensor",
     {.grid = GridRule::Plain, .channels = ChannelRule::Broadcasts, .hasInPlaceForm = true}},
    {"aten::lt.Scalar(Tensor self, Scalar other) -> Tensor",
     {.grid = GridRule::Plain, .channels = ChannelRule::Broadcasts, .hasInPlaceForm = true}},
    {"aten::le.Tensor(Tensor self, Tensor other) -> Tensor",
     {.grid = GridRule::Plain, .channels = ChannelRule::Broadcasts, .hasInPlaceForm = true}},
    {"aten::le.Scalar(Tensor self, Scalar other) -> Tensor",
     {.grid = GridRule::Plain, .channels = ChannelRule::Broadcasts, .hasInPlaceForm = true}},
    {"aten::gt.Tensor(Tensor self, Tensor other) -> Tensor",
     {.grid = GridRule::Plain, .channels = ChannelRule::Broadcasts, .hasInPlaceForm = true}},
    {"aten::gt.Scalar(Tensor self, Scalar other) -> Tensor",
     {.grid = GridRule::Plain, .channels = ChannelRule::Broadcasts, .hasInPlaceForm = true}},
    {"aten::ge.Tensor(Tensor self, Tensor other) -> Tensor",
     {.grid = GridRule::Plain, .channels = ChannelRule::Broadcasts, .hasInPlaceForm = true}},
    {"aten::ge.Scalar(Tensor self, Scalar other) -> Tensor",
     {.grid = GridRule::Plain, .channels = ChannelRule::Broadcasts, .hasInPlaceForm = true}},
    {"aten::equal(Tensor self, Tensor other) -> bool", {.grid = GridRule::Plain}},
    {"aten::logical_and(Tensor self, Tensor other) -> Tensor", {.channels = ChannelRule::Broadcasts, .hasInPlaceForm = true}},
    {"aten::logical_or(Tensor self, Tensor other) -> Tensor", {.channels = ChannelRule::Broadcasts, .hasInPlaceForm = true}},
    {"aten::logical_not(Tensor self) -> Tensor", {.channels = ChannelRule::Keeps, .hasInPlaceForm = true}},
    {"aten::isnan(Tensor self) -> Tensor", {.channels = ChannelRule::Keeps}},
    {"aten::isinf(Tensor self) -> Tensor", {.channels = ChannelRule::Keeps}},
};

} // namespace

FamilyRows comparisonRows() { return {Family::Comparison, rows}; }

} // namespace lathe::graph
