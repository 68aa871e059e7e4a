#include <core/steps/quantize_dynamic.h>

#include <map>
#include <set>

#include <core/graph/node_index.h>
#include <core/graph/operators/call.h>
#include <core/quantization/insert_qdq.h>
#include <core/steps/layer_weights.h>
#include <core/steps/left_out.h>
#include <core/transform/quantize/float32_layers.h>
#include <core/transform/quantize/written_values.h>

namespace lathe::steps {

namespace {

using namespace std::string_view_literals;

using quantization::Granularity;
constexpr WordChoice granularity{"activations.granularity",
                                 std::array{std::pair{"tensor"sv, Granularity::Tensor}, std::pair{"token"sv, Granularity::Token}}};
constexpr WordChoice activationRange = activationRangeParameter(Reach::Step);

base::Result<> apply(StepOutcome& outcome, const Step& step, StepContext& context) {
    std::vector<std::string> layers;
    std::vector<std::string> wanted = layersToQuantize(outcome, step);
    {
        const graph::NodeIndex nodes(outcome.graph);
        const auto written = transform::writtenValues(outcome.graph);
        for (std::string& name : wanted) {
            const graph::Node& layer = *nodes.find(name);
            if (!graph::isLinear(layer.op)) {
                outcome.note(name, {"quantize.dynamicIsForLinear", {{"layer", name}}});
            } else if (const auto input = graph::mainInput(layer); input && written.contains(*input)) {
                outcome.note(name, {"quantize.writtenInput", {{"layer", name}}});
            } else if (input) {
                layers.push_back(std::move(name));
            }
        }
    }
    transform::computeInFloat32(outcome.graph, layers);
    std::map<graph::ValueId, std::vector<std::string>> readers; // layers that read the same value share its quantization
    {
        const graph::NodeIndex nodes(outcome.graph);
        for (const std::string& name : layers)
            readers[*graph::mainInput(*nodes.find(name))].push_back(name);
    }
    const RangeChoice range = activationRange.of(step);
    const bool isPerToken = granularity.of(step) == Granularity::Token; // only kernels of our own have it, and they do not saturate
    std::set<std::string> reduced;
    if (!isPerToken && reducesWeights(range, context.cpuHasVnni())) reduced.insert(layers.begin(), layers.end());
    if (auto result = quantizeWeights(outcome, step, layers, context.job(), reduced); !result) return result;
    noteReducedWeights(outcome, reduced);
    const auto embeddings = quantizeEmbeddings(outcome, step, context.job());
    if (!embeddings) return base::forward(embeddings);
    const auto recurrent = quantizeRecurrentLayers(outcome, step, context.job());
    if (!recurrent) return base::forward(recurrent);
    noteOtherWeights(outcome, Reaches::Stored, "quantize.otherWeights");
    graph::Editor editor(outcome.graph);
    for (const auto& [input, names] : readers) {
        if (context.job().isCancelled()) return base::Job::cancelled();
        quantization::insertDynamicQdq(editor, input, names,
                                       isPerToken ? quantization::tokenGrid() : quantization::dynamicGrid(integersOf(range)));
    }
    editor.finish();
    outcome.figures["changed_nodes"] = static_cast<double>(layers.size() + *embeddings + *recurrent);
    return {};
}

} // namespace

StepDefinition quantizeDynamic() {
    std::vector<ParameterSpec> parameters = weightParameters();
    parameters.insert(parameters.end(), {granularity.spec(), activationRange.spec()});
    return {
        .spec = {"quantize.dynamic", std::move(parameters)},
        .apply = &apply,
        .brief = [](const Step& step) { return "dynamic " + bitsText(step); },
        .nothingChanged = {"quantize.noLayer", {}},
    };
}

} // namespace lathe::steps
