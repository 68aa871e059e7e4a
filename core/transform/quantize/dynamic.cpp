#include <core/transform/quantize/dynamic.h>

#include <map>

#include <core/graph/node_index.h>
#include <core/graph/ops.h>
#include <core/transform/quantize/insert_qdq.h>
#include <core/transform/quantize/layer_weights.h>

namespace lathe::transform {

base::Result<> quantizeDynamic(StepOutcome& outcome, const recipe::Step& step, const StepServices& services, const base::Job& job) {
    std::vector<std::string> layers;
    std::map<graph::ValueId, std::vector<std::string>> readers; // layers that read the same value share its quantization
    std::vector<std::string> wanted = layersToQuantize(outcome, step);
    const graph::NodeIndex nodes(outcome.graph);
    for (std::string& name : wanted) {
        const graph::Node& layer = *nodes.find(name);
        if (!graph::isLinear(layer.op)) {
            outcome.note(name, "\"" + name + "\" stays float: dynamic quantization is for linear layers.");
        } else if (layer.operands[0].isValue()) {
            readers[layer.operands[0].value()].push_back(name);
            layers.push_back(std::move(name));
        }
    }
    if (auto result = quantizeWeights(outcome, step, layers, job); !result) return result;
    const auto embeddings = quantizeEmbeddings(outcome, step, job);
    if (!embeddings) return base::forward(embeddings);
    const auto setting = step.parameter("activations.range").get<std::string>();
    const IntegerRange range = activationRange(setting, services.cpuHasVnni);
    const bool isPerToken = step.parameter("activations.granularity") == "token";
    graph::Editor editor(outcome.graph);
    for (const auto& [input, names] : readers) {
        if (job.isCancelled()) return base::Job::cancelled();
        if (isPerToken)
            insertPerTokenQdq(editor, input, names);
        else
            insertDynamicQdq(editor, input, names, range);
    }
    editor.finish();
    if (!layers.empty() && range.high < 255 && setting == "auto" && !isPerToken)
        outcome.notes.emplace_back("Activations use 7 bits (0..127): this CPU has no VNNI.");
    outcome.figures["changed_nodes"] = static_cast<double>(layers.size() + *embeddings);
    return {};
}

} // namespace lathe::transform
