#include <core/steps/prune_structured.h>

#include <algorithm>
#include <cmath>
#include <set>

#include <core/graph/editor.h>
#include <core/graph/layer_weight.h>
#include <core/graph/operators/convolution.h>
#include <core/steps/left_out.h>
#include <core/steps/parameters.h>
#include <core/steps/prune_parameters.h>
#include <core/transform/prune/dependency_groups.h>
#include <core/transform/prune/ranking.h>
#include <core/transform/prune/shared_constants.h>
#include <core/transform/prune/shrink.h>
#include <core/transform/quantize/weight_error.h>
#include <core/transform/rewrite.h>

namespace lathe::steps {

namespace {

using namespace std::string_view_literals;

using graph::ValueId;
using transform::ChannelMap;
using transform::CountLiteral;
using transform::DependencyGroup;
using transform::noChannel;
using transform::SliceRole;
using transform::ValueSlice;
using transform::WeightSlice;

enum class Criterion { L1, L2, Random };
constexpr WordChoice criterion{
    "criterion", std::array{std::pair{"l1"sv, Criterion::L1}, std::pair{"l2"sv, Criterion::L2}, std::pair{"random"sv, Criterion::Random}}};
enum class Scope { Layer };
constexpr WordChoice scope{"scope", std::array{std::pair{"layer"sv, Scope::Layer}}};
constexpr IntegerParameter roundTo{"round_to", 1, 1, 64};

/// A group and which of its channels go.
struct Decision {
    const DependencyGroup* group;
    std::vector<bool> isRemoved;
};

/// The ratio of a group: what one of its layers says for itself counts more than the step's.
struct GroupRatio {
    double ratio = 0;
    std::string decider; ///< the layer whose own ratio it is; empty: the step's
};

GroupRatio ratioOf(const DependencyGroup& group, const Step& step) {
    const auto common = pruneRatio.of(step);
    GroupRatio found{common, {}};
    for (const std::string& layer : group.producers) {
        const auto ratio = pruneRatio.of(step, layer);
        if (ratio != common && (found.decider.empty() || ratio < found.ratio)) found = {ratio, layer};
    }
    return found;
}

std::string percent(double ratio) { return std::to_string(std::lround(ratio * 100)) + " %"; }

/// A layer keeps all its channels, and why. A warning where that is another layer, or where its own ratio has no effect; that the layer in
/// front of an output keeps its channels is how it should be.
void noteKept(StepOutcome& outcome, const Step& step, const std::string& layer, std::int64_t channels, const base::Message& why,
              bool isHeld = false) {
    const base::Message message = channels == 1
                                      ? base::Message("prune.keepsChannel", {{"layer", layer}, {"channels", channels}, {"reason", why}})
                                      : base::Message("prune.keepsChannels", {{"layer", layer}, {"channels", channels}, {"reason", why}});
    outcome.note(layer, message);
    const auto wanted = pruneRatio.of(step, layer);
    const bool isOwn = wanted != pruneRatio.of(step);
    if (wanted > 0 && (isHeld || isOwn)) outcome.warnings.push_back(message);
}

/// Says of each layer of a group what it does not do that it was asked for.
void noteGroup(StepOutcome& outcome, const Step& step, const DependencyGroup& group, const GroupRatio& ratio, std::size_t kept,
               std::size_t multiple) {
    const auto channels = static_cast<std::size_t>(group.channels);
    for (const std::string& layer : group.producers) {
        const auto wanted = pruneRatio.of(step, layer);
        const bool isDecidedElsewhere = !ratio.decider.empty() && ratio.decider != layer && wanted != ratio.ratio;
        const base::Message coupled("prune.coupledWithRatio", {{"layer", ratio.decider}, {"ratio", percent(ratio.ratio)}});
        if (kept == channels) {
            if (isDecidedElsewhere) {
                noteKept(outcome, step, layer, group.channels, coupled, true);
            } else if (wanted == 0) {
                noteKept(outcome, step, layer, group.channels, {"prune.ratioIsZero", {}});
            } else if (channels == 1) {
                noteKept(outcome, step, layer, group.channels, {"prune.needsOneChannel", {}});
            } else {
                noteKept(outcome, step, layer, group.channels, {"prune.roundedUp", {{"multiple", multiple}}});
            }
        } else if (isDecidedElsewhere) {
            outcome.note(layer,
                         {"prune.keepsSomeChannels", {{"layer", layer}, {"kept", kept}, {"channels", channels}, {"reason", coupled}}});
        }
    }
}

std::size_t keptChannels(std::size_t channels, double ratio, std::size_t multiple) {
    const std::size_t wanted = transform::shareOf(1 - ratio, channels);
    const std::size_t rounded = (wanted + multiple - 1) / multiple * multiple;
    return std::clamp<std::size_t>(rounded, 1, channels);
}

base::Result<std::vector<double>> importance(const graph::Graph& graph, const DependencyGroup& group, Criterion by) {
    const auto channels = static_cast<std::size_t>(group.channels);
    if (by == Criterion::Random) return transform::randomScores(group.layer, channels);
    std::vector<double> scores(channels, 0);
    for (const WeightSlice& slice : group.weights) {
        const auto values = transform::finiteValues(graph.value(slice.weight));
        if (!values) return base::forward(values);
        if (slice.role == SliceRole::Vector) continue;
        const tensor::Shape& shape = graph.value(slice.weight).data.shape();
        const auto axis = shape.begin() + slice.axis;
        const auto inner = static_cast<std::size_t>(tensor::elementCount({axis + 1, shape.end()}));
        for (std::size_t i = 0; i < values->size(); ++i) {
            const std::int32_t channel = slice.channels[i / inner % slice.channels.size()];
            if (channel == noChannel) continue;
            const double value = std::fabs((*values)[i]);
            scores[static_cast<std::size_t>(channel)] += by == Criterion::L2 ? value * value : value;
        }
    }
    if (by == Criterion::L2) std::ranges::transform(scores, scores.begin(), [](double sum) { return std::sqrt(sum); });
    return scores;
}

std::vector<bool> removedIndices(const ChannelMap& channels, const std::vector<bool>& isRemoved) {
    std::vector<bool> indices(channels.size(), false);
    for (std::size_t i = 0; i < channels.size(); ++i)
        indices[i] = channels[i] != noChannel && isRemoved[static_cast<std::size_t>(channels[i])];
    return indices;
}

void merge(std::vector<bool>& into, const std::vector<bool>& from) {
    if (into.empty()) into.resize(from.size(), false);
    for (std::size_t i = 0; i < from.size(); ++i)
        into[i] = into[i] || from[i];
}

/// What all decisions together take from weights, values and literals. Two groups may meet in one dimension (behind a concatenation), so
/// nothing shrinks before everything is known.
struct Removals {
    std::map<ValueId, transform::RemovedIndices> weights, values;
    std::map<ValueId, std::string> weightOwners;
    struct Count {
        std::vector<bool> isRemoved;
        bool isFromEnd = false, isComputed = false;
    };
    std::map<std::pair<std::string, std::pair<int, int>>, Count> literals; // node, operand, element
};

Removals collect(const std::vector<Decision>& decisions) {
    Removals all;
    for (const auto& [group, isRemoved] : decisions) {
        for (const WeightSlice& slice : group->weights) {
            merge(all.weights[slice.weight][slice.axis], removedIndices(slice.channels, isRemoved));
            if (slice.role != SliceRole::Vector) all.weightOwners[slice.weight] = slice.node;
        }
        for (const ValueSlice& slice : group->values)
            merge(all.values[slice.value][slice.axis], removedIndices(slice.channels, isRemoved));
        for (const CountLiteral& literal : group->literals) {
            Removals::Count& count = all.literals[{literal.node, {literal.operand, literal.element}}];
            merge(count.isRemoved, removedIndices(literal.channels, isRemoved));
            count.isFromEnd = literal.isFromEnd;
            count.isComputed = literal.isComputed;
        }
    }
    return all;
}

void lower(graph::Operand& operand, int element, std::int64_t by) {
    if (auto* list = std::get_if<std::vector<graph::Operand>>(&operand.content)) {
        return lower((*list)[static_cast<std::size_t>(element)], -1, by);
    }
    auto& literal = std::get<graph::Literal>(operand.content);
    if (element < 0) {
        std::get<std::int64_t>(literal) -= by;
    } else {
        std::get<std::vector<std::int64_t>>(literal)[static_cast<std::size_t>(element)] -= by;
    }
}

void shrinkWeights(StepOutcome& outcome, const Removals& removals) {
    for (const auto& [weight, removed] : removals.weights) {
        transform::Shrunk shrunk = transform::shrink(outcome.graph.value(weight).data, removed);
        if (const auto owner = removals.weightOwners.find(weight); owner != removals.weightOwners.end()) {
            const std::vector<float> original = outcome.graph.value(weight).data.toFloats();
            transform::WeightError error = transform::weightError(original, original);
            error.noise = shrunk.removedSquares;
            error.writeTo(outcome.layers[owner->second]);
        }
        transform::setWeight(outcome.graph, weight, std::move(shrunk.tensor));
    }
}

void apply(StepOutcome& outcome, const Removals& removals) {
    shrinkWeights(outcome, removals);
    for (const auto& [value, removed] : removals.values) {
        for (const auto& [axis, isRemoved] : removed)
            (*outcome.graph.value(value).shape)[static_cast<std::size_t>(axis)].size -= std::ranges::count(isRemoved, true);
    }
    if (removals.literals.empty()) return;
    graph::Editor editor(outcome.graph);
    for (const auto& [place, count] : removals.literals) {
        graph::Node& node = *editor.findNode(place.first);
        const auto position = static_cast<std::size_t>(place.second.first);
        graph::Operand lowered = node.operands[position];
        const auto removed = std::ranges::count(count.isRemoved, true);
        if (count.isComputed) {
            auto& list = std::get<std::vector<graph::Operand>>(lowered.content);
            list[static_cast<std::size_t>(place.second.second)] =
                graph::Literal(static_cast<std::int64_t>(std::ssize(count.isRemoved) - removed));
        } else {
            lower(lowered, place.second.second, count.isFromEnd ? -removed : removed);
        }
        editor.setOperand(node, position, std::move(lowered));
    }
}

/// Output channels of every layer, to be shown before and after.
void noteChannels(StepOutcome& outcome, const char* figure) {
    const graph::UseIndex uses(outcome.graph);
    graph::forEachNode(std::as_const(outcome.graph), [&](const graph::Node& node) {
        const auto info = graph::weightOf(outcome.graph, uses, node);
        if (!info) return;
        const tensor::Shape& shape = outcome.graph.value(info->weight).data.shape();
        const auto axis = static_cast<std::size_t>(graph::filterAxis(node));
        outcome.layers[node.name][figure] = static_cast<double>(shape[axis]);
    });
}

/// Is the shape of any layer's result known?
bool hasShapes(const graph::Graph& graph) {
    bool found = false;
    graph::forEachNode(graph, [&](const graph::Node& node) {
        found = found || (graph::isWeighted(node.op) && !node.results.empty() && graph.value(node.results.front()).shape);
    });
    return found;
}

base::Result<> pruneChannels(StepOutcome& outcome, const Step& step, StepContext& context) {
    const auto multiple = static_cast<std::size_t>(roundTo.of(step));
    transform::SharedConstants constants(outcome.graph);
    const std::vector<DependencyGroup> groups = transform::dependencyGroups(outcome.graph, context.job());
    std::vector<Decision> decisions;
    for (const DependencyGroup& group : groups) {
        if (context.job().isCancelled()) break;
        const auto isSkipped = [&](const std::string& layer) { return pruneSkip.of(step, layer); };
        if (const auto skipped = std::ranges::find_if(group.producers, isSkipped); skipped != group.producers.end()) {
            for (const std::string& layer : group.producers) {
                if (!isSkipped(layer)) {
                    noteKept(outcome, step, layer, group.channels, {"prune.coupledWithSkipped", {{"layer", *skipped}}}, true);
                } else if (fits(step.where, layer)) {
                    outcome.note(layer, {"prune.skipped", {{"layer", layer}}});
                } else {
                    outcome.noteLeftOut(layer);
                }
            }
            continue;
        }
        if (!group.obstacle.empty()) {
            for (const std::string& layer : group.producers)
                noteKept(outcome, step, layer, group.channels, group.obstacle);
            continue;
        }
        const auto scores = importance(outcome.graph, group, criterion.of(step));
        if (!scores) return base::forward(scores, "while pruning " + group.layer);
        const GroupRatio ratio = ratioOf(group, step);
        const std::size_t kept = keptChannels(scores->size(), ratio.ratio, multiple);
        noteGroup(outcome, step, group, ratio, kept, multiple);
        Decision decision{&group, std::vector<bool>(scores->size(), false)};
        for (const std::size_t channel : transform::lowest(*scores, scores->size() - kept))
            decision.isRemoved[channel] = true;
        if (kept < scores->size()) decisions.push_back(std::move(decision));
    }
    if (context.job().isCancelled()) return base::Job::cancelled();
    if (decisions.empty() && !hasShapes(outcome.graph)) {
        outcome.warnings.push_back({"prune.nothingWithoutShapes", {}});
    }

    noteChannels(outcome, "channels_before");
    const Removals removals = collect(decisions);
    apply(outcome, removals);
    constants.join();
    noteChannels(outcome, "channels_after");
    std::set<std::string> changed;
    for (const Decision& decision : decisions)
        changed.insert(decision.group->affected.begin(), decision.group->affected.end());
    noteOtherWeights(outcome, Reaches::Layers, "prune.otherWeights", changed);
    outcome.figures["changed_nodes"] = static_cast<double>(changed.size());
    return {};
}

std::string brief(const Step& step) { return "prune " + pruneBrief(criterion.word(step), step); }

} // namespace

StepDefinition pruneStructured() {
    return {
        .spec = {"prune.structured", {pruneRatio.spec(), criterion.spec(), scope.spec(), roundTo.spec(), pruneSkip.spec()}},
        .apply = &pruneChannels,
        .brief = &brief,
        .nothingChanged = {"prune.noChannel", {}},
    };
}

} // namespace lathe::steps
