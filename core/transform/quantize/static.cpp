#include <core/transform/quantize/static.h>

#include <algorithm>

#include <core/graph/ops.h>
#include <core/transform/quantize/activation_plan.h>
#include <core/transform/quantize/activation_statistics.h>
#include <core/transform/quantize/calibrator.h>
#include <core/transform/quantize/insert_qdq.h>
#include <core/transform/quantize/layer_weights.h>

namespace lathe::transform {

namespace {

base::Result<> checkStatistics(const graph::Graph& graph, graph::ValueId value, const ActivationStatistics& statistics) {
    const std::string name = "\"" + graph.value(value).name + "\"";
    if (statistics.nonFinite() > 0) {
        return base::failure(base::ErrorCode::Rejected, name + " was NaN or infinite " + std::to_string(statistics.nonFinite()) +
                                                            " times on the calibration samples.");
    }
    if (statistics.count() == 0) return base::failure(base::ErrorCode::Rejected, "Calibration never computed " + name + ".");
    return {};
}

base::Result<> quantizeActivations(StepOutcome& outcome, const recipe::Step& step, const std::vector<std::string>& layers,
                                   const StepServices& services, const base::Job& job) {
    const Residuals residuals = step.parameter("activations.residuals") == "quantized" ? Residuals::Quantized : Residuals::Float;
    const std::vector<ActivationClass> classes = planActivations(outcome.graph, layers, residuals);
    std::map<graph::ValueId, ActivationStatistics> statistics;
    for (const ActivationClass& same : classes)
        statistics[same.observed];
    auto collected = services.collectActivations(outcome.graph, statistics, step.parameter("samples").get<std::int64_t>(), job);
    if (!collected) return base::forward(collected, "while calibrating");

    int levels = 256;
    graph::Editor editor(outcome.graph);
    for (const ActivationClass& same : classes) {
        if (job.isCancelled()) return base::Job::cancelled();
        const ActivationStatistics& seen = statistics.at(same.observed);
        if (auto result = checkStatistics(outcome.graph, same.observed, seen); !result) return result;
        const auto setting = [&](std::string_view key) { return step.parameter(key, same.layer).get<std::string>(); };
        const Scheme scheme = setting("activations.scheme") == "symmetric" ? Scheme::Symmetric : Scheme::Affine;
        const IntegerRange range = activationRange(setting("activations.range"), services.cpuHasVnni);
        const Calibrator calibrator = setting("calibrator") == "minmax" ? Calibrator::MinMax : Calibrator::Histogram;
        const ActivationRange real = calibrate(seen, calibrator, scheme, range.high - range.low);
        const ActivationQuantization quantization{chooseParameters(real.low, real.high, range, scheme), range};
        levels = std::min(levels, range.high - range.low + 1);
        for (const std::string& reader : same.readers) {
            outcome.layers[reader]["input_low"] = static_cast<double>(real.low);
            outcome.layers[reader]["input_high"] = static_cast<double>(real.high);
        }
        for (const graph::ValueId value : same.values)
            insertActivationQdq(editor, value, quantization);
    }
    outcome.figures["activation_levels"] = levels;
    if (levels < 256 && step.parameter("activations.range") == "auto") {
        outcome.notes.emplace_back("Activations use 7 bits (0..127): this CPU has no VNNI.");
    }
    return {};
}

} // namespace

base::Result<> quantizeStatic(StepOutcome& outcome, const recipe::Step& step, const StepServices& services, const base::Job& job) {
    const std::vector<std::string> layers = layersToQuantize(outcome, step);
    for (const graph::Node& node : std::as_const(outcome.graph).main.nodes) {
        if (node.op == graph::op::embedding)
            outcome.note(node.name, "\"" + node.name + "\" stays float: static quantization is for convolutions and linear layers.");
    }
    const auto targets = step.parameter("targets").get<std::string>();
    outcome.figures["changed_nodes"] = static_cast<double>(layers.size());
    if (targets != "weights" && services.collectActivations) {
        if (auto result = quantizeActivations(outcome, step, layers, services, job); !result) return result;
    }
    if (targets == "activations") return {};
    return quantizeWeights(outcome, step, layers, job);
}

} // namespace lathe::transform
