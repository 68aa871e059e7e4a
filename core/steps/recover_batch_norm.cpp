#include <core/steps/recover_batch_norm.h>

#include <map>
#include <vector>

#include <core/graph/operators/names.h>
#include <core/graph/operators/normalization.h>
#include <core/steps/parameters.h>
#include <core/transform/recover/channel_statistics.h>
#include <core/transform/rewrite.h>

namespace lathe::steps {

namespace {

constexpr IntegerParameter samples{"samples", 1024, 2, 1'000'000};

struct Statistics {
    graph::ValueId mean, variance;
    transform::ChannelStatistics seen = {};
};

void store(graph::Graph& graph, graph::ValueId weight, const std::vector<double>& values) {
    transform::setNumbers(graph, weight, {values.begin(), values.end()});
}

base::Result<> apply(StepOutcome& outcome, const Step& step, StepContext& context) {
    graph::Graph measured = outcome.graph; // whose norms use their batches
    std::map<graph::ValueId, std::vector<std::size_t>> readers;
    std::vector<Statistics> statistics;
    graph::forEachNode(measured, [&](graph::Node& node) {
        if (node.op != graph::op::batchNorm) return;
        const graph::BatchNorm norm(node);
        const auto isWeight = [&](const graph::Operand& operand) {
            return operand.isValue() && measured.value(operand.value()).kind == graph::ValueKind::Weight;
        };
        if (!norm.input().isValue() || !isWeight(norm.mean()) || !isWeight(norm.variance())) return;
        const graph::ValueId mean = norm.mean().value(), variance = norm.variance().value(), input = norm.input().value();
        std::size_t at = 0; // calls of the same norm share its statistics
        while (at < statistics.size() && statistics[at].mean != mean)
            ++at;
        if (at == statistics.size()) statistics.push_back({mean, variance});
        readers[input].push_back(at);
        graph::setOperand(node, "training", graph::Literal(true));
    });
    if (statistics.empty()) return {};
    if (context.isPreview()) {
        outcome.figures.erase("changed_nodes"); // only a run tells
        return {};
    }

    std::vector<graph::ValueId> observed;
    for (const auto& [input, norms] : readers)
        observed.push_back(input);
    const auto seen = context.observe(measured, observed, samples.of(step), [&](graph::ValueId id, const tensor::Tensor& values) {
        for (const std::size_t at : readers.at(id))
            statistics[at].seen.add(values, 1);
    });
    if (!seen) return base::forward(seen);
    for (const Statistics& norm : statistics) {
        if (norm.seen.count() < 2) continue;
        store(outcome.graph, norm.mean, norm.seen.means());
        store(outcome.graph, norm.variance, norm.seen.variances());
        outcome.figures["changed_nodes"] += 1;
    }
    if (context.data() == StepContext::Data::Random) outcome.notes.push_back({"recover.randomData", {}});
    return {};
}

} // namespace

StepDefinition recoverBatchNorm() {
    return {
        .spec = {"recover.batch_norm", {samples.spec()}},
        .apply = &apply,
        .brief = [](const Step&) -> std::string { return "re-estimate"; },
        .nothingChanged = {"recover.noBatchNorm", {}},
        .needsData = [](const Step&) -> base::Message {
            return {"recover.batchNormNeedsData", {}};
        },
    };
}

} // namespace lathe::steps
