#include <core/engine/activation_error_torch.h>

#include <cmath>
#include <optional>

#include <ATen/core/Tensor.h>
#include <ATen/ops/clamp_min.h>
#include <ATen/ops/sub.h>
#include <ATen/ops/sum.h>

#include <core/graph/operators/call.h>

namespace lathe::engine {

namespace {

using graph::ValueId;

/// A float value and what is left of it after it was quantized.
struct Rounding {
    ValueId before = -1, after = -1;
    bool isCutAtZero = false; ///< a ReLU stands behind it: what is below zero does not count
};

/// The rounding that made the integers of this operand; nothing when it is float.
std::optional<Rounding> roundingOf(const graph::UseIndex& uses, const graph::Operand& operand) {
    const graph::Operand* at = &operand;
    std::optional<Rounding> found;
    bool isCutAtZero = false;
    while (at->isValue()) {
        const graph::Node* node = uses.producer(at->value());
        if (node == nullptr) break;
        if (graph::isDequantize(node->op)) {
            const auto integers = graph::mainInput(*node);
            const graph::Node* quantize = integers ? uses.producer(*integers) : nullptr;
            const auto before = quantize != nullptr && graph::isQuantize(quantize->op) ? graph::mainInput(*quantize) : std::nullopt;
            if (!before) break;
            found = Rounding{*before, at->value(), isCutAtZero};
            at = &graph::mainOperand(*quantize);
        } else if (graph::keepsQuantization(node->op)) {
            isCutAtZero = isCutAtZero || graph::findOperator(node->op)->grid == graph::GridRule::Cuts;
            at = &graph::mainOperand(*node);
        } else {
            break;
        }
    }
    return found;
}

double squares(const at::Tensor& tensor) { return tensor.to(at::kDouble).square().sum().item<double>(); }

} // namespace

base::Result<std::map<std::string, double>> activationSqnr(runtime::Plan& simulated, const graph::Graph& graph,
                                                           std::span<const c10::IValue> inputs) {
    const graph::UseIndex uses(graph);
    std::map<std::string, Rounding> layers;
    std::map<ValueId, at::Tensor> kept;    // values that are rounded later
    std::map<ValueId, Rounding> roundings; // by rounded value
    graph::forEachNode(graph, [&](const graph::Node& node) {
        if (!graph::isWeighted(node.op)) return;
        const auto rounding = roundingOf(uses, graph::mainOperand(node));
        if (!rounding) return;
        layers.emplace(node.name, *rounding);
        kept[rounding->before];
        roundings.emplace(rounding->after, *rounding);
    });
    if (layers.empty()) return std::map<std::string, double>();

    std::map<ValueId, double> sqnr; // by rounded value
    const auto outputs = simulated.runObserved(inputs, [&](ValueId id, const at::Tensor& value) {
        // A copy: operators that work in place may change it before it is compared.
        if (const auto wanted = kept.find(id); wanted != kept.end()) wanted->second = value.clone();
        const auto rounding = roundings.find(id);
        if (rounding == roundings.end()) return;
        at::Tensor before = kept.at(rounding->second.before), after = value;
        if (!before.defined() || before.sizes() != after.sizes()) return;
        if (rounding->second.isCutAtZero) {
            before = before.clamp_min(0);
            after = after.clamp_min(0);
        }
        const double noise = squares(before.to(at::kDouble).sub(after)), signal = squares(before);
        if (noise > 0 && signal > 0) sqnr[id] = 10 * std::log10(signal / noise);
    });
    if (!outputs) return base::forward(outputs);
    std::map<std::string, double> result;
    for (const auto& [layer, rounding] : layers) {
        if (const auto found = sqnr.find(rounding.after); found != sqnr.end() && std::isfinite(found->second))
            result.emplace(layer, found->second);
    }
    return result;
}

} // namespace lathe::engine
