#include <algorithm>

#include <core/graph/operators/call.h>
#include <core/graph/operators/rows.h>

namespace lathe::graph {

namespace {

/// Over both dimensions of images; a mean over one of the two only gives the image's memory other sizes.
bool meansOverImages(const Node& node) {
    const auto dims = Call(node).integers("dim");
    if (!dims || dims->size() != 2) return false;
    const auto [first, second] = std::ranges::minmax(*dims);
    return (first == 2 && second == 3) || (first == -2 && second == -1);
}

constexpr OperatorRow rows[] = {
    {"aten::mean(Tensor self, *, ScalarType? dtype=None) -> Tensor", {.channels = ChannelRule::Reduces}},
    {"aten::mean.dim(Tensor self, int[1]? dim, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor",
     {.grid = GridRule::Rounds, .channels = ChannelRule::Reduces, .endsChannelsLast = meansOverImages}},
    {"aten::sum(Tensor self, *, ScalarType? dtype=None) -> Tensor", {.channels = ChannelRule::Reduces}},
    {"aten::sum.dim_IntList(Tensor self, int[1]? dim, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor",
     {.channels = ChannelRule::Reduces}},
    {"aten::amax(Tensor self, int[1] dim=[], bool keepdim=False) -> Tensor", {.channels = ChannelRule::Reduces}},
    {"aten::amin(Tensor self, int[1] dim=[], bool keepdim=False) -> Tensor", {.channels = ChannelRule::Reduces}},
    {"aten::max(Tensor self) -> Tensor", {.grid = GridRule::Moves}},
    {"aten::max.dim(Tensor self, int dim, bool keepdim=False) -> (Tensor values, Tensor indices)", {.grid = GridRule::Moves}},
    {"aten::min(Tensor self) -> Tensor", {.grid = GridRule::Moves}},
    {"aten::min.dim(Tensor self, int dim, bool keepdim=False) -> (Tensor values, Tensor indices)", {.grid = GridRule::Moves}},
    {"aten::argmax(Tensor self, int? dim=None, bool keepdim=False) -> Tensor"},
    {"aten::argmin(Tensor self, int? dim=None, bool keepdim=False) -> Tensor"},
    {"aten::any(Tensor self) -> Tensor"},
    {"aten::any.dim(Tensor self, int dim, bool keepdim=False) -> Tensor"},
    {"aten::all(Tensor self) -> Tensor"},
    {"aten::all.dim(Tensor self, int dim, bool keepdim=False) -> Tensor"},
    {"aten::prod(Tensor self, *, ScalarType? dtype=None) -> Tensor"},
    {"aten::prod.dim_int(Tensor self, int dim, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor"},
    {"aten::var.correction(Tensor self, int[1]? dim=None, *, Scalar? correction=None, bool keepdim=False) -> Tensor",
     {.channels = ChannelRule::Reduces}},
    {"aten::std.correction(Tensor self, int[1]? dim=None, *, Scalar? correction=None, bool keepdim=False) -> Tensor",
     {.channels = ChannelRule::Reduces}},
    {"aten::cumsum(Tensor self, int dim, *, ScalarType? dtype=None) -> Tensor",
     {.channels = ChannelRule::KeepsOthers, .hasInPlaceForm = true}},
    {"aten::linalg_vector_norm(Tensor self, Scalar ord=2, int[1]? dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor"},
};

} // namespace

FamilyRows reductionRows() { return {Family::Reduction, rows}; }

} // namespace lathe::graph
