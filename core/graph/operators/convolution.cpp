#include <core/graph/operators/convolution.h>

#include <algorithm>

#include <core/graph/operators/macs.h>
#include <core/graph/operators/names.h>
#include <core/graph/operators/rows.h>

namespace lathe::graph {

namespace {

/// Every output element sums over one filter; of a transposed convolution every input element is spread over one.
std::optional<std::int64_t> convolutionMacs(const Graph& graph, const Node& node) {
    const Convolution layer(node);
    if (node.results.empty()) return std::nullopt;
    const auto output = countedShape(graph, node.results.front()), weight = countedShape(graph, layer.weight());
    if (!output || !weight || weight->empty()) return std::nullopt;
    const std::int64_t filter = tensor::elementCount(*weight) / std::max<std::int64_t>(weight->front(), 1);
    if (!layer.isTransposed()) return tensor::elementCount(*output) * filter;
    const auto input = countedShape(graph, layer.input());
    if (!input) return std::nullopt;
    return tensor::elementCount(*input) * filter;
}

constexpr OperatorRow rows[] = {
    {"aten::conv1d(Tensor input, Tensor weight, Tensor? bias=None, SymInt[1] stride=[1], SymInt[1] padding=[0], SymInt[1] dilation=[1], "
     "SymInt groups=1) -> Tensor",
     {.channels = ChannelRule::Convolves, .macs = convolutionMacs, .weights = {"weight", "bias"}}},
    {"aten::conv2d(Tensor input, Tensor weight, Tensor? bias=None, SymInt[2] stride=[1, 1], SymInt[2] padding=[0, 0], SymInt[2] "
     "dilation=[1, 1], SymInt groups=1) -> Tensor",
     {.channels = ChannelRule::Convolves, .macs = convolutionMacs, .weights = {"weight", "bias"}}},
    {"aten::conv3d(Tensor input, Tensor weight, Tensor? bias=None, SymInt[3] stride=[1, 1, 1], SymInt[3] padding=[0, 0, 0], SymInt[3] "
     "dilation=[1, 1, 1], SymInt groups=1) -> Tensor",
     {.channels = ChannelRule::Convolves, .macs = convolutionMacs, .weights = {"weight", "bias"}}},
    {"aten::conv_transpose1d(Tensor input, Tensor weight, Tensor? bias=None, SymInt[1] stride=[1], SymInt[1] padding=[0], SymInt[1] "
     "output_padding=[0], SymInt groups=1, SymInt[1] dilation=[1]) -> Tensor",
     {.channels = ChannelRule::Convolves, .macs = convolutionMacs, .weights = {"weight", "bias"}}},
    {"aten::conv_transpose2d.input(Tensor input, Tensor weight, Tensor? bias=None, SymInt[2] stride=[1, 1], SymInt[2] padding=[0, 0], "
     "SymInt[2] output_padding=[0, 0], SymInt groups=1, SymInt[2] dilation=[1, 1]) -> Tensor",
     {.channels = ChannelRule::Convolves, .macs = convolutionMacs, .weights = {"weight", "bias"}}},
    {"aten::conv_transpose3d.input(Tensor input, Tensor weight, Tensor? bias=None, SymInt[3] stride=[1, 1, 1], SymInt[3] padding=[0, 0, "
     "0], SymInt[3] output_padding=[0, 0, 0], SymInt groups=1, SymInt[3] dilation=[1, 1, 1]) -> Tensor",
     {.channels = ChannelRule::Convolves, .macs = convolutionMacs, .weights = {"weight", "bias"}}},
    {"aten::_convolution(Tensor input, Tensor weight, Tensor? bias, SymInt[] stride, SymInt[] padding, SymInt[] dilation, bool transposed, "
     "SymInt[] output_padding, SymInt groups, bool benchmark, bool deterministic, bool cudnn_enabled, bool allow_tf32) -> Tensor",
     {.channels = ChannelRule::Convolves, .macs = convolutionMacs, .weights = {"weight", "bias"}}},
    {"lathe::conv2d_relu(Tensor input, Tensor weight, Tensor? bias=None, SymInt[2] stride=[1, 1], SymInt[2] padding=[0, 0], SymInt[2] "
     "dilation=[1, 1], SymInt groups=1) -> Tensor",
     {.channels = ChannelRule::Convolves, .macs = convolutionMacs, .weights = {"weight", "bias"}, .unfused = op::conv2d}},
};

} // namespace

FamilyRows convolutionRows() { return {Family::Convolution, rows}; }

std::optional<bool> Convolution::transposed() const {
    if (m_operator != nullptr && m_operator->position("transposed")) return flag("transposed");
    return m_operator != nullptr && m_operator->name.find("conv_transpose") != std::string::npos;
}

std::optional<std::vector<std::int64_t>> Convolution::sizes(std::string_view role) const {
    if (const auto one = integer(role)) return std::vector{*one};
    return integers(role);
}

int filterAxis(const Node& node) { return isConvolution(node.op) ? Convolution(node).filterAxis() : 0; }

} // namespace lathe::graph
