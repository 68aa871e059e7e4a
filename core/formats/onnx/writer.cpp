#include <algorithm>

#include <core/base/files.h>
#include <core/formats/known_numbers.h>
#include <core/formats/lookup_operators.h>
#include <core/formats/model_file.h>
#include <core/formats/onnx/emission.h>
#include <core/graph/operators/library_names.h>
#include <core/graph/operators/operator.h>
#include <core/quantization/qdq.h>

namespace lathe::formats {

namespace {

/// Smoothing while images shrink came with operator set 18, deformed convolutions with 19, four-bit integers with 21, convolutions and
/// pooling of bfloat16 with 22.
constexpr std::int64_t plainOpset = 17, antialiasOpset = 18, deformOpset = 19, fourBitOpset = 21, bfloat16Opset = 22;

bool hasAntialias(const graph::Graph& graph) {
    return std::ranges::any_of(graph.main.nodes, [](const graph::Node& node) {
        return node.op.starts_with("aten::_upsample_") && node.op.find("_aa") != std::string::npos;
    });
}

bool hasBFloat16(const graph::Graph& graph) {
    return std::ranges::any_of(graph.values, [](const graph::Value& value) { return value.dtype == tensor::DType::BFloat16; });
}

bool hasFourBitWeights(const graph::Graph& graph) {
    return std::ranges::any_of(graph.main.nodes, [](const graph::Node& node) {
        const auto grid = graph::isDequantize(node.op) ? quantization::gridOf(node) : std::nullopt;
        return grid && !grid->isDynamic && grid->range.steps() <= 15;
    });
}

bool hasDeformedConvolution(const graph::Graph& graph) {
    return std::ranges::any_of(graph.main.nodes, [](const graph::Node& node) { return node.op == graph::op::deformConv2d; });
}

std::int64_t opsetFor(const graph::Graph& graph) {
    if (hasBFloat16(graph)) return bfloat16Opset;
    if (hasFourBitWeights(graph)) return fourBitOpset;
    if (hasDeformedConvolution(graph)) return deformOpset;
    return hasAntialias(graph) ? antialiasOpset : plainOpset;
}

} // namespace

base::Result<std::int64_t> writeOnnx(const graph::Graph& model, const std::filesystem::path& file, ProductWeights productWeights) {
    constexpr std::int64_t largestExactWord = 6; // ONNX Runtime adds 64-bit integers as doubles
    const graph::Graph graph = withKnownNumbers(withLookupsInAten(model, largestExactWord));
    onnx::Emission emission(graph, opsetFor(graph), productWeights);
    const auto unsupported = [](const base::Message& reason) {
        return base::failure(base::ErrorCode::Unsupported, {"export.noOnnx", {{"reason", reason}}});
    };
    std::string bytes;
    std::string node;
    try {
        for (const graph::Node& each : graph.main.nodes) {
            node = each.name;
            onnx::emitNode(emission, each);
        }
        node.clear();
        bytes = emission.finish(graph.name);
    } catch (const onnx::CannotEmit& reason) {
        if (node.empty()) return unsupported({"export.itself", {{"problem", reason.reason}}});
        return unsupported({"export.node", {{"node", node}, {"problem", reason.reason}}});
    } catch (const std::out_of_range&) {
        return unsupported({"export.lacksOperand", {{"node", node}}});
    }
    if (bytes.size() >= (std::size_t{1} << 31)) return unsupported({"export.largerThanOnnx", {}});
    if (const auto written = base::writeFile(file, bytes); !written) return base::forward(written);
    return static_cast<std::int64_t>(bytes.size());
}

} // namespace lathe::formats
