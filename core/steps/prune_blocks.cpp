#include <core/steps/prune_blocks.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>

#include <core/graph/node_index.h>
#include <core/graph/operators/operator.h>
#include <core/steps/parameters.h>
#include <core/steps/prune_parameters.h>
#include <core/transform/prune/ranking.h>
#include <core/transform/prune/residual_blocks.h>

namespace lathe::steps {

namespace {

using graph::ValueId;
using transform::ResidualBlock;

constexpr NumberParameter blockRatio{"ratio", 0.25, 0, 0.99};
constexpr IntegerParameter samples{"samples", 256, 1, 1'000'000};

/// The mean cosine of what a block gets and gives.
class Cosine {
public:
    void add(const tensor::Tensor& before, const tensor::Tensor& after) {
        if (before.shape() != after.shape() || before.shape().empty()) return;
        const tensor::Tensor wholeBefore = before.contiguous(), wholeAfter = after.contiguous();
        const auto x = wholeBefore.values<float>(), y = wholeAfter.values<float>();
        const auto count = static_cast<std::size_t>(before.shape().front());
        const std::size_t size = count == 0 ? 0 : x.size() / count;
        for (std::size_t sample = 0; sample < count; ++sample) {
            double xx = 0, xy = 0, yy = 0;
            for (std::size_t at = sample * size; at < (sample + 1) * size; ++at) {
                xx += static_cast<double>(x[at]) * static_cast<double>(x[at]);
                xy += static_cast<double>(x[at]) * static_cast<double>(y[at]);
                yy += static_cast<double>(y[at]) * static_cast<double>(y[at]);
            }
            m_sum += xx > 0 && yy > 0 ? xy / std::sqrt(xx * yy) : xx == yy ? 1 : 0;
            m_count += 1;
        }
    }
    /// 0: the block changes nothing.
    [[nodiscard]] double influence() const { return m_count > 0 ? 1 - m_sum / m_count : 1; }

private:
    double m_sum = 0, m_count = 0;
};

base::Result<std::vector<double>> influences(const graph::Graph& graph, const std::vector<ResidualBlock>& blocks, std::int64_t count,
                                             StepContext& context) {
    std::vector<ValueId> observed;
    std::map<ValueId, std::vector<std::size_t>> readers; // by x: the blocks that get it
    std::map<ValueId, std::size_t> sums;
    for (std::size_t at = 0; at < blocks.size(); ++at) {
        for (const ValueId id : {blocks[at].stream, blocks[at].result}) {
            if (std::ranges::find(observed, id) == observed.end()) observed.push_back(id);
        }
        readers[blocks[at].stream].push_back(at);
        sums[blocks[at].result] = at;
    }
    std::vector<Cosine> cosines(blocks.size());
    std::vector<tensor::Tensor> got(blocks.size()); // of the batch that is running
    const auto seen = context.observe(graph, observed, count, [&](ValueId id, const tensor::Tensor& values) {
        if (const auto sum = sums.find(id); sum != sums.end()) {
            if (!got[sum->second].isNull()) cosines[sum->second].add(got[sum->second], values);
            got[sum->second] = {};
        }
        if (const auto waiting = readers.find(id); waiting != readers.end()) {
            const tensor::Tensor copy =
                tensor::Tensor::of<float>(values.shape(), values.toFloats()); // theirs is valid during the call only
            for (const std::size_t block : waiting->second)
                got[block] = copy;
        }
    });
    if (!seen) return base::forward(seen);
    std::vector<double> found;
    for (const Cosine& cosine : cosines)
        found.push_back(cosine.influence());
    return found;
}

std::string number(double value) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.3g", value);
    return text.data();
}

base::Result<> apply(StepOutcome& outcome, const Step& step, StepContext& context) {
    std::vector<ResidualBlock> blocks = transform::residualBlocks(outcome.graph);
    const graph::NodeIndex nodes(outcome.graph);
    std::erase_if(blocks, [&](const ResidualBlock& block) {
        const bool isSkipped = std::ranges::any_of(
            block.branch, [&](const std::string& node) { return graph::isWeighted(nodes.find(node)->op) && pruneSkip.of(step, node); });
        if (isSkipped) outcome.notes.push_back({"blocks.skipped", {{"block", block.name}}});
        return isSkipped;
    });
    if (blocks.empty()) return {};
    if (context.isPreview()) {
        outcome.figures.erase("changed_nodes"); // only a run tells
        outcome.notes.push_back(
            {"blocks.chosenWhenRun", {{"dropped", transform::shareOf(blockRatio.of(step), blocks.size())}, {"all", blocks.size()}}});
        return {};
    }
    if (context.data() == StepContext::Data::Random) outcome.notes.push_back({"blocks.randomData", {}});
    const auto scores = influences(outcome.graph, blocks, samples.of(step), context);
    if (!scores) return base::forward(scores);
    std::vector<ResidualBlock> dropped;
    const auto goes = transform::lowest(*scores, transform::shareOf(blockRatio.of(step), blocks.size()));
    for (std::size_t at = 0; at < blocks.size(); ++at) {
        const bool isDropped = std::ranges::find(goes, at) != goes.end();
        outcome.notes.push_back(
            {isDropped ? "blocks.dropped" : "blocks.kept", {{"block", blocks[at].name}, {"influence", number((*scores)[at])}}});
        if (isDropped) dropped.push_back(blocks[at]);
    }
    transform::dropBranches(outcome.graph, dropped);
    outcome.figures["changed_nodes"] = static_cast<double>(dropped.size());
    return {};
}

} // namespace

StepDefinition pruneBlocks() {
    return {
        .spec = {"prune.blocks", {blockRatio.spec(), samples.spec(), pruneSkip.spec()}},
        .apply = &apply,
        .brief = [](const Step& step) -> std::string {
            return "drop " + std::to_string(std::lround(blockRatio.of(step) * 100)) + " % of blocks";
        },
        .nothingChanged = {"blocks.noneDropped", {}},
        .needsData = [](const Step&) -> base::Message {
            return {"blocks.needsData", {}};
        },
    };
}

} // namespace lathe::steps
