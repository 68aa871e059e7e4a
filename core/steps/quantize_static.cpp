#include <core/steps/quantize_static.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <core/graph/node_index.h>
#include <core/graph/operators/arithmetic.h>
#include <core/graph/operators/names.h>
#include <core/quantization/insert_qdq.h>
#include <core/steps/layer_weights.h>
#include <core/steps/left_out.h>
#include <core/transform/quantize/activation_plan.h>
#include <core/transform/quantize/activation_statistics.h>
#include <core/transform/quantize/bias_grid.h>
#include <core/transform/quantize/calibrator.h>
#include <core/transform/quantize/float32_layers.h>
#include <core/transform/quantize/gates.h>

namespace lathe::steps {

namespace {

using namespace std::string_view_literals;
using transform::ActivationClass;
using transform::ActivationStatistics;
using transform::Calibrator;
using transform::Residuals;
using transform::Scheme;

constexpr NumberChoice activationBits{"activations.bits", std::array{8}, Reach::Layer};
constexpr WordChoice activationScheme{
    "activations.scheme", std::array{std::pair{"affine"sv, Scheme::Affine}, std::pair{"symmetric"sv, Scheme::Symmetric}}, Reach::Layer};
constexpr WordChoice activationRange = activationRangeParameter(Reach::Layer);
constexpr WordChoice activationResiduals{
    "activations.residuals", std::array{std::pair{"float"sv, Residuals::Float}, std::pair{"quantized"sv, Residuals::Quantized}}};
constexpr WordChoice calibrator{
    "calibrator", std::array{std::pair{"histogram"sv, Calibrator::Histogram}, std::pair{"minmax"sv, Calibrator::MinMax}}, Reach::Layer};
enum class Targets { Both, Weights, Activations };
constexpr WordChoice targets{"targets", std::array{std::pair{"both"sv, Targets::Both}, std::pair{"weights"sv, Targets::Weights},
                                                   std::pair{"activations"sv, Targets::Activations}}};
constexpr IntegerParameter samples{"samples", 512, 1, 1'000'000'000};

base::Result<> checkStatistics(const graph::Graph& graph, graph::ValueId value, const ActivationStatistics& statistics) {
    const std::string& name = graph.value(value).name;
    if (statistics.nonFinite() > 0) {
        return base::failure(base::ErrorCode::Rejected, {"quantize.wasNotFinite", {{"value", name}, {"times", statistics.nonFinite()}}});
    }
    if (statistics.count() == 0) return base::failure(base::ErrorCode::Rejected, {"quantize.neverComputed", {{"value", name}}});
    return {};
}

/// What is not finite stays so.
tensor::Tensor limited(const tensor::Tensor& values, const graph::Curve& limits) {
    if (std::isinf(limits.low) && std::isinf(limits.high)) return values;
    const auto seen = values.values<float>();
    std::vector<float> counted(seen.begin(), seen.end());
    for (float& value : counted)
        value = std::isfinite(value) ? std::clamp(value, limits.low, limits.high) : value;
    return tensor::Tensor::of(values.shape(), counted);
}

base::Result<std::map<graph::ValueId, ActivationStatistics>>
calibrationStatistics(const graph::Graph& graph, const std::vector<ActivationClass>& classes, const Step& step, StepContext& context) {
    std::map<graph::ValueId, ActivationStatistics> statistics;
    std::map<graph::ValueId, graph::Curve> limits;
    std::vector<graph::ValueId> observed;
    for (const ActivationClass& same : classes) {
        if (statistics.try_emplace(same.observed).second) observed.push_back(same.observed);
        limits.emplace(same.observed, same.limits);
    }
    auto seen = context.observe(graph, observed, samples.of(step), [&](graph::ValueId id, const tensor::Tensor& values) {
        statistics.at(id).add(limited(values, limits.at(id)).values<float>());
    });
    if (!seen) return base::forward(seen, {"while.calibrating", {}});
    return statistics;
}

base::Result<> quantizeActivations(StepOutcome& outcome, const Step& step, const std::vector<std::string>& layers, StepContext& context) {
    const std::vector<ActivationClass> classes = transform::planActivations(outcome.graph, layers, activationResiduals.of(step));
    std::set<std::string> readers;
    for (const ActivationClass& same : classes)
        readers.insert(same.readers.begin(), same.readers.end());
    const graph::NodeIndex nodes(outcome.graph);
    for (const std::string& layer : layers) {
        const auto input = graph::mainInput(*nodes.find(layer));
        if (input && !readers.contains(layer)) outcome.note(layer, {"quantize.writtenInput", {{"layer", layer}}});
    }
    const auto statistics = calibrationStatistics(outcome.graph, classes, step, context);
    if (!statistics) return base::forward(statistics);

    int levels = 256;
    graph::Editor editor(outcome.graph);
    for (const ActivationClass& same : classes) {
        if (context.job().isCancelled()) return base::Job::cancelled();
        const ActivationStatistics& seen = statistics->at(same.observed);
        if (auto result = checkStatistics(outcome.graph, same.observed, seen); !result) return result;
        const Scheme scheme = activationScheme.of(step, same.layer);
        const quantization::IntegerRange range = integersOf(activationRange.of(step, same.layer));
        const transform::ActivationRange real =
            transform::calibrate(seen, calibrator.of(step, same.layer), scheme, static_cast<int>(range.steps()));
        const auto [scale, zeroPoint] = transform::chooseParameters(real.low, real.high, range, scheme);
        const quantization::TensorGrid grid{static_cast<double>(scale), zeroPoint, range.minimum, range.maximum, range.dtype};
        levels = std::min(levels, static_cast<int>(range.steps()) + 1);
        for (const std::string& reader : same.readers) {
            outcome.layers[reader]["input_low"] = static_cast<double>(real.low);
            outcome.layers[reader]["input_high"] = static_cast<double>(real.high);
        }
        for (const graph::ValueId value : same.values)
            quantization::insertQdq(editor, value, grid);
    }
    outcome.figures["activation_levels"] = levels;
    return {};
}

base::Result<> apply(StepOutcome& outcome, const Step& step, StepContext& context) {
    const std::vector<std::string> layers = layersToQuantize(outcome, step);
    for (const graph::Node& node : std::as_const(outcome.graph).main.nodes) {
        if (node.op == graph::op::embedding) outcome.note(node.name, {"quantize.staticIsForLayers", {{"layer", node.name}}});
    }
    noteOtherWeights(outcome, Reaches::LayersAndTables, "quantize.otherWeights");
    const Targets target = targets.of(step);
    outcome.figures["changed_nodes"] = static_cast<double>(layers.size());
    if (target != Targets::Weights && !context.isPreview()) {
        transform::joinGates(outcome.graph);
        transform::computeInFloat32(outcome.graph, layers);
        if (auto result = quantizeActivations(outcome, step, layers, context); !result) return result;
        if (context.data() == StepContext::Data::Random) outcome.notes.push_back({"quantize.randomRanges", {}});
    }
    if (target == Targets::Activations) return {};
    std::set<std::string> reduced;
    for (const std::string& layer : layers) {
        if (target == Targets::Both && reducesWeights(activationRange.of(step, layer), context.cpuHasVnni())) reduced.insert(layer);
    }
    if (auto result = quantizeWeights(outcome, step, layers, context.job(), reduced); !result) return result;
    noteReducedWeights(outcome, reduced);
    transform::roundBiases(outcome.graph);
    return {};
}

base::Message needsData(const Step& step) {
    if (targets.of(step) == Targets::Weights) return {};
    return {"quantize.needsData", {}};
}

} // namespace

StepDefinition quantizeStatic() {
    std::vector<ParameterSpec> parameters = weightParameters();
    parameters.insert(parameters.end(), {activationBits.spec(), activationScheme.spec(), activationRange.spec(), activationResiduals.spec(),
                                         calibrator.spec(), targets.spec(), samples.spec()});
    return {
        .spec = {"quantize.static", std::move(parameters)},
        .apply = &apply,
        .brief = [](const Step& step) { return "static " + bitsText(step); },
        .nothingChanged = {"quantize.noLayer", {}},
        .needsData = &needsData,
    };
}

} // namespace lathe::steps
