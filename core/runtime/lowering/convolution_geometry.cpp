#include <core/runtime/lowering/convolution_geometry.h>

#include <vector>

#include <core/graph/operators/convolution.h>
#include <core/runtime/lowering/qdq_nodes.h>

namespace lathe::runtime {

namespace {

using Pair = std::array<std::int64_t, 2>;

std::optional<Pair> pairFrom(const std::optional<std::vector<std::int64_t>>& sizes, std::int64_t smallest) {
    const auto pair = sizes ? pairOf(graph::Literal(*sizes)) : std::nullopt;
    return pair && (*pair)[0] >= smallest && (*pair)[1] >= smallest ? pair : std::nullopt;
}

std::string text(const char* what, const Pair& pair) { return what + std::to_string(pair[0]) + "x" + std::to_string(pair[1]); }

} // namespace

std::optional<ConvolutionGeometry> constantGeometry(const graph::Node& node) {
    const graph::Convolution convolution(node);
    const auto stride = pairFrom(convolution.stride(), 1), padding = pairFrom(convolution.padding(), 0),
               dilation = pairFrom(convolution.dilation(), 1);
    const auto groups = convolution.groups();
    if (!stride || !padding || !dilation || !groups || *groups < 1) return std::nullopt;
    return ConvolutionGeometry{*stride, *padding, *dilation, *groups};
}

std::string text(const ConvolutionGeometry& geometry) {
    return text("s", geometry.stride) + text(" p", geometry.padding) + text(" d", geometry.dilation) + " g" +
           std::to_string(geometry.groups);
}

} // namespace lathe::runtime
