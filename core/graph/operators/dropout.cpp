#include <core/graph/operators/rows.h>

namespace lathe::graph {

namespace {

constexpr OperatorRow rows[] = {
    {"aten::dropout(Tensor input, float p, bool train) -> Tensor",
     {.grid = GridRule::Moves,
      .runsOnBytes = true,
      .channels = ChannelRule::Keeps,
      .order = MemoryOrder::Keeps,
      .training = "train",
      .isRandom = true,
      .hasInPlaceForm = true}},
    {"aten::feature_dropout(Tensor input, float p, bool train) -> Tensor",
     {.grid = GridRule::Moves, .channels = ChannelRule::Keeps, .training = "train", .isRandom = true, .hasInPlaceForm = true}},
    {"aten::alpha_dropout(Tensor input, float p, bool train) -> Tensor",
     {.channels = ChannelRule::Keeps, .training = "train", .isRandom = true, .hasInPlaceForm = true}},
    {"aten::feature_alpha_dropout(Tensor input, float p, bool train) -> Tensor",
     {.training = "train", .isRandom = true, .hasInPlaceForm = true}},
    {"aten::native_dropout(Tensor input, float p, bool? train) -> (Tensor, Tensor)", {.training = "train", .isRandom = true}},
};

} // namespace

FamilyRows dropoutRows() { return {Family::Dropout, rows}; }

} // namespace lathe::graph
