#include <core/steps/quantize_half.h>

#include <map>
#include <set>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include <core/graph/editor.h>
#include <core/graph/operators/call.h>
#include <core/graph/operators/matrix.h>
#include <core/quantization/half.h>
#include <core/steps/layer_weights.h>
#include <core/transform/quantize/float32_layers.h>
#include <core/transform/quantize/weight_error.h>
#include <core/transform/quantize/written_values.h>
#include <core/transform/rewrite.h>

namespace lathe::steps {

namespace {

using namespace std::string_view_literals;
using tensor::DType;

constexpr WordChoice type{"type", std::array{std::pair{"bfloat16"sv, DType::BFloat16}, std::pair{"float16"sv, DType::Float16}}};

/// An operand that a layer or a product multiplies.
struct Factor {
    std::string node;
    std::size_t position = 0;
};

/// Puts operands and weights into half precision; each value and weight once.
class HalfLayers {
public:
    HalfLayers(StepOutcome& outcome, DType dtype) : m_outcome(outcome), m_dtype(dtype), m_editor(outcome.graph) {}

    [[nodiscard]] graph::Editor& editor() { return m_editor; }

    base::Result<> store(const std::string& name, graph::ValueId weight) {
        const graph::Value& value = m_outcome.graph.value(weight);
        if (value.data.dtype() != DType::Float32) return {}; // stored by a reader before
        const auto before = transform::finiteValues(value);
        if (!before) return base::forward(before, {"while.storingWeight", {{"layer", name}}});
        quantization::insertHalfWeight(m_editor, weight, m_dtype);
        const tensor::Tensor after = m_outcome.graph.value(weight).data.to(DType::Float32);
        const transform::WeightError error = transform::weightError(*before, after.values<float>());
        m_errors[name].signal += error.signal;
        m_errors[name].noise += error.noise;
        return {};
    }

    void round(graph::ValueId value, const Factor& factor) {
        for (const graph::Editor::Use& use : m_editor.uses(value)) {
            if (use.node != nullptr && use.node->name == factor.node && use.operand == static_cast<int>(factor.position))
                m_readers[value].push_back(use);
        }
    }

    void finish() {
        for (const auto& [value, readers] : m_readers)
            quantization::insertHalfRounding(m_editor, value, m_dtype, readers);
        m_editor.finish();
        for (const auto& [name, error] : m_errors) {
            error.writeTo(m_outcome.layers[name]);
            m_outcome.layers[name]["bits"] = halfBits;
        }
    }

private:
    static constexpr double halfBits = 16;
    StepOutcome& m_outcome;
    DType m_dtype;
    graph::Editor m_editor;
    std::map<graph::ValueId, std::vector<graph::Editor::Use>> m_readers;
    std::map<std::string, transform::WeightError> m_errors;
};

/// Products of the main block that may compute in half precision, with the float32 operands that they multiply.
std::vector<Factor> factorsOfProducts(const graph::Graph& graph, const Step& step, const std::unordered_set<graph::ValueId>& written) {
    std::vector<Factor> factors;
    for (const graph::Node& node : graph.main.nodes) {
        if (!fits(step.where, node.name) || node.results.empty()) continue;
        const graph::Call product(node);
        for (const std::string_view role : graph::factorRoles(node)) {
            const auto value = product.value(role);
            const bool isFloat = value && graph.value(*value).dtype == DType::Float32;
            if (isFloat && !written.contains(*value)) factors.push_back({node.name, *product.op()->position(role)});
        }
    }
    return factors;
}

base::Result<> apply(StepOutcome& outcome, const Step& step, StepContext& context) {
    const DType dtype = type.of(step);
    const std::vector<std::string> layers = layersToQuantize(outcome, step);
    transform::computeInFloat32(outcome.graph, layers);
    const auto written = transform::writtenValues(outcome.graph);
    std::vector<StoredWeights> stored = embeddingsToQuantize(outcome, step);
    for (StoredWeights& layer : recurrentLayersToQuantize(outcome, step)) {
        outcome.note(layer.name, {"quantize.recurrentHalf", {{"layer", layer.name}}});
        stored.push_back(std::move(layer));
    }
    std::vector<Factor> factors = factorsOfProducts(outcome.graph, step, written);
    std::set<std::string> changed(layers.begin(), layers.end());
    HalfLayers half(outcome, dtype);
    graph::Editor& editor = half.editor();
    for (const std::string& name : layers) {
        if (context.job().isCancelled()) return base::Job::cancelled();
        const graph::Call layer(*editor.findNode(name));
        if (auto result = half.store(name, *layer.value("weight")); !result) return result;
        if (const auto input = graph::mainInput(layer.node()); input && written.contains(*input))
            outcome.note(name, {"quantize.writtenInput", {{"layer", name}}});
        else
            factors.push_back({name, 0});
    }
    for (const StoredWeights& each : stored) {
        changed.insert(each.name);
        for (const graph::ValueId weight : each.weights) {
            if (context.job().isCancelled()) return base::Job::cancelled();
            if (auto result = half.store(each.name, weight); !result) return result;
        }
    }
    for (const Factor& factor : factors) {
        const graph::ValueId value = editor.findNode(factor.node)->operands[factor.position].value();
        changed.insert(factor.node);
        if (outcome.graph.value(value).kind != graph::ValueKind::Weight)
            half.round(value, factor);
        else if (auto result = half.store(factor.node, value); !result)
            return result;
    }
    half.finish();
    outcome.figures["changed_nodes"] = static_cast<double>(changed.size());
    return {};
}

} // namespace

StepDefinition quantizeHalf() {
    return {
        .spec = {"quantize.half", {type.spec(), keepParameter()}},
        .apply = &apply,
        .brief = [](const Step& step) { return "half " + std::string(tensor::name(type.of(step))); },
        .nothingChanged = {"quantize.noLayer", {}},
    };
}

} // namespace lathe::steps
