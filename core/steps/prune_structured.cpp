#include <core/steps/prune_structured.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <set>

#include <core/graph/operators/operator.h>
#include <core/steps/left_out.h>
#include <core/steps/parameters.h>
#include <core/steps/prune_parameters.h>
#include <core/transform/prune/channel_scores.h>
#include <core/transform/prune/constant_channels.h>
#include <core/transform/prune/criteria/batch_norm_scale.h>
#include <core/transform/prune/criteria/fisher.h>
#include <core/transform/prune/criteria/geometric_median.h>
#include <core/transform/prune/criteria/l1_norm.h>
#include <core/transform/prune/criteria/l2_norm.h>
#include <core/transform/prune/criteria/lamp.h>
#include <core/transform/prune/criteria/mean_activation.h>
#include <core/transform/prune/criteria/random_order.h>
#include <core/transform/prune/criteria/taylor.h>
#include <core/transform/prune/criteria/zero_share.h>
#include <core/transform/prune/fast_widths.h>
#include <core/transform/prune/latency_target.h>
#include <core/transform/prune/selection.h>
#include <core/transform/prune/shared_constants.h>

namespace lathe::steps {

namespace {

using namespace std::string_view_literals;

using transform::Candidate;
using transform::ChannelScores;
using transform::DependencyGroup;
using transform::LayerNorms;
using transform::ShareOf;

constexpr WordChoice criterion{
    "criterion", std::array{std::pair{"l1"sv, &transform::l1Norm}, std::pair{"l2"sv, &transform::l2Norm},
                            std::pair{"lamp"sv, &transform::lamp}, std::pair{"batch_norm"sv, &transform::batchNormScale},
                            std::pair{"geometric_median"sv, &transform::geometricMedian}, std::pair{"apoz"sv, &transform::zeroShare},
                            std::pair{"mean_activation"sv, &transform::meanActivation}, std::pair{"taylor"sv, &transform::taylor},
                            std::pair{"fisher"sv, &transform::fisher}, std::pair{"random"sv, &transform::randomOrder}}};
enum class Scope { Layer, Global };
constexpr WordChoice scope{"scope", std::array{std::pair{"layer"sv, Scope::Layer}, std::pair{"global"sv, Scope::Global}}};
constexpr WordChoice ratioOf{"ratio_of",
                             std::array{std::pair{"channels"sv, ShareOf::Channels}, std::pair{"parameters"sv, ShareOf::Parameters},
                                        std::pair{"macs"sv, ShareOf::Macs}, std::pair{"latency"sv, ShareOf::Latency}}};
constexpr IntegerParameter minimum{"minimum", 1, 1, 1'000'000};
constexpr IntegerParameter roundTo{"round_to", 1, 1, 64};
constexpr FlagParameter layerNorms{"layer_norms", false};
constexpr FlagParameter measureWidths{"measure_widths", false};
constexpr IntegerParameter samples{"samples", 256, 1, 1'000'000};

/// The ratio of a group: what one of its layers says for itself counts more than the step's.
struct GroupRatio {
    double ratio = 0;
    std::string decider; ///< the layer whose own ratio it is; empty: the step's
};

GroupRatio ratioFor(const DependencyGroup& group, const Step& step) {
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
void noteGroup(StepOutcome& outcome, const Step& step, const DependencyGroup& group, const GroupRatio& ratio, std::size_t kept) {
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
            } else if (group.channels <= minimum.of(step)) {
                noteKept(outcome, step, layer, group.channels, {"prune.isProtected", {{"minimum", minimum.of(step)}}});
            } else if (measureWidths.of(step) && outcome.layerNotes.contains(layer)) {
                continue; // why is said
            } else if (ratioOf.of(step) == ShareOf::Latency) {
                noteKept(outcome, step, layer, group.channels, {"prune.noTimeToGain", {}});
            } else if (roundTo.of(step) > 1) {
                noteKept(outcome, step, layer, group.channels, {"prune.roundedUp", {{"multiple", roundTo.of(step)}}});
            } else {
                noteKept(outcome, step, layer, group.channels, {"prune.othersMatterLess", {}});
            }
        } else if (isDecidedElsewhere) {
            outcome.note(layer,
                         {"prune.keepsSomeChannels", {{"layer", layer}, {"kept", kept}, {"channels", channels}, {"reason", coupled}}});
        }
    }
}

/// Output channels of every layer, to be shown before and after.
void noteChannels(StepOutcome& outcome, const char* figure) {
    const graph::UseIndex uses(outcome.graph);
    graph::forEachNode(std::as_const(outcome.graph), [&](const graph::Node& node) {
        if (const auto channels = transform::channelsMadeBy(outcome.graph, uses, node))
            outcome.layers[node.name][figure] = static_cast<double>(*channels);
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

/// Shows the criterion the data that it needs.
base::Result<> showData(ChannelScores& scores, const transform::Criterion& by, StepOutcome& outcome, const Step& step,
                        StepContext& context) {
    if (by.needsActivity()) {
        if (context.data() == StepContext::Data::Random) outcome.notes.push_back({"prune.randomData", {}});
        const auto add = [&](graph::ValueId id, const tensor::Tensor& values) { scores.addActivity(id, values); };
        if (auto seen = context.observe(outcome.graph, scores.values(), samples.of(step), add); !seen) return seen;
    }
    if (by.needsGradients()) {
        const auto weights = scores.weights();
        if (!weights) return base::forward(weights);
        const auto add = [&](const std::vector<tensor::Tensor>& gradients) { scores.addGradients(gradients); };
        if (auto seen = context.gradients(outcome.graph, *weights, samples.of(step), 1, add); !seen) return seen;
    }
    return {};
}

/// Does the step leave the group alone? Then its layers have a note.
bool isLeftAlone(StepOutcome& outcome, const Step& step, const DependencyGroup& group) {
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
        return true;
    }
    if (group.obstacle.empty()) return false;
    for (const std::string& layer : group.producers)
        noteKept(outcome, step, layer, group.channels, group.obstacle);
    return true;
}

/// The groups that may lose channels, with their scores.
base::Result<std::vector<Candidate>> candidatesOf(StepOutcome& outcome, const Step& step, StepContext& context,
                                                  const std::vector<DependencyGroup>& groups, const transform::Criterion& by) {
    ChannelScores scores(outcome.graph, groups, by);
    if (auto shown = showData(scores, by, outcome, step, context); !shown) return base::forward(shown);
    std::vector<Candidate> candidates;
    for (std::size_t at = 0; at < groups.size(); ++at) {
        if (context.job().isCancelled()) return base::Job::cancelled();
        if (isLeftAlone(outcome, step, groups[at])) continue;
        auto found = scores.of(at);
        if (!found) return base::forward(found);
        if (found->empty()) {
            for (const std::string& layer : groups[at].producers)
                noteKept(outcome, step, layer, groups[at].channels, {by.missing, {}}, true);
            continue;
        }
        const GroupRatio ratio = ratioFor(groups[at], step);
        candidates.push_back({&groups[at], std::move(*found), ratio.decider.empty() ? std::nullopt : std::optional(ratio.ratio)});
    }
    return candidates;
}

/// Puts what was constant in the channels that go into the biases of those that read it.
void foldConstants(StepOutcome& outcome, std::vector<DependencyGroup>& groups, const std::vector<transform::GroupChoice>& choices,
                   StepContext& context) {
    using How = transform::FoldedConstants::How;
    const auto evaluate = [&](const graph::Graph& graph, const graph::Node& node) { return context.evaluate(graph, node); };
    for (const auto& [reader, channels, how] : transform::foldConstantChannels(outcome.graph, groups, choices, evaluate)) {
        const char* code = how == How::Exact           ? "prune.foldedConstants"
                           : how == How::ExceptAtEdges ? "prune.foldedExceptAtEdges"
                                                       : "prune.lostConstants";
        outcome.note(reader, {code, {{"layer", reader}, {"channels", channels}}});
    }
}

std::string threeDigits(double number) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.3g", number);
    return text.data();
}
std::string microseconds(double ms) { return threeDigits(ms * 1000); }

/// Rounds the widths to what is fast on this machine, with a note for each layer whose width is another one for that.
base::Result<> roundToFastWidths(StepOutcome& outcome, std::vector<transform::GroupChoice>& choices,
                                 const std::vector<Candidate>& candidates, StepContext& context) {
    const auto time = [&](const std::vector<graph::Graph>& graphs) { return context.times(graphs); };
    const auto widths = transform::roundToFastWidths(outcome.graph, candidates, choices, time, context.job());
    if (!widths) return base::forward(widths);
    for (const transform::FastWidth& width : *widths) {
        if (width.kept == width.wanted) continue;
        for (const std::string& layer : width.group->producers) {
            if (width.kept == static_cast<std::size_t>(width.group->channels)) {
                outcome.note(layer, {"prune.noWidthIsFaster",
                                     {{"layer", layer},
                                      {"kept", width.kept},
                                      {"dense", microseconds(width.denseMs)},
                                      {"wanted", width.wanted},
                                      {"time", microseconds(width.wantedMs)}}});
            } else {
                outcome.note(layer, {"prune.widthIsMeasured",
                                     {{"layer", layer},
                                      {"kept", width.kept},
                                      {"fast", microseconds(width.keptMs)},
                                      {"wanted", width.wanted},
                                      {"time", microseconds(width.wantedMs)}}});
            }
        }
    }
    return {};
}

/// Chooses by the time of a call, and says what was predicted and measured.
base::Result<std::vector<transform::GroupChoice>> chooseByLatency(StepOutcome& outcome, const std::vector<Candidate>& candidates,
                                                                  const transform::SelectionOptions& options, StepContext& context) {
    if (candidates.empty()) return std::vector<transform::GroupChoice>();
    const auto time = [&](const std::vector<graph::Graph>& graphs) { return context.times(graphs); };
    auto found = transform::selectToLatency(outcome.graph, candidates, options, time, context.job());
    if (!found) return base::forward(found);
    outcome.figures["predicted_latency"] = found->predicted;
    outcome.figures["measured_latency"] = found->measured;
    const std::vector<base::Message::Argument> told{{"ratio", percent(options.ratio)},
                                                    {"measured", percent(found->measured)},
                                                    {"predicted", percent(found->predicted)},
                                                    {"dense", threeDigits(found->denseMs)},
                                                    {"left", threeDigits(found->leftMs)}};
    if (found->isReached) {
        outcome.notes.push_back({"prune.latencyIsMeasured", told});
    } else {
        outcome.warnings.push_back({found->isAll ? "prune.latencyOutOfReach" : "prune.latencyIsMissed", told});
    }
    return std::move(found->choices);
}

/// Which channels of the candidates go.
base::Result<std::vector<transform::GroupChoice>> choose(StepOutcome& outcome, const Step& step, const std::vector<Candidate>& candidates,
                                                         bool isComparable, StepContext& context) {
    transform::SelectionOptions options{.ratio = pruneRatio.of(step),
                                        .of = ratioOf.of(step),
                                        .isGlobal = scope.of(step) == Scope::Global,
                                        .isNormalized = !isComparable,
                                        .minimum = static_cast<std::size_t>(minimum.of(step)),
                                        .multiple = static_cast<std::size_t>(roundTo.of(step))};
    if (options.of == ShareOf::Latency) {
        if (!context.isPreview()) return chooseByLatency(outcome, candidates, options, context);
        outcome.notes.push_back({"prune.latencyWhenRun", {}});
        options.of = ShareOf::Macs;
    }
    transform::Selection selection = transform::select(outcome.graph, candidates, options);
    if (!selection.isReached && !candidates.empty()) {
        outcome.warnings.push_back({options.of == ShareOf::Macs ? "prune.macsOutOfReach" : "prune.parametersOutOfReach",
                                    {{"ratio", percent(options.ratio)}, {"left", percent(selection.left)}}});
    }
    if (!measureWidths.of(step)) return std::move(selection.choices);
    if (context.isPreview()) {
        outcome.notes.push_back({"prune.widthsWhenRun", {}});
    } else if (auto rounded = roundToFastWidths(outcome, selection.choices, candidates, context); !rounded) {
        return base::forward(rounded);
    }
    return std::move(selection.choices);
}

base::Result<> pruneChannels(StepOutcome& outcome, const Step& step, StepContext& context) {
    transform::SharedConstants constants(outcome.graph);
    std::vector<DependencyGroup> groups =
        transform::dependencyGroups(outcome.graph, context.job(), layerNorms.of(step) ? LayerNorms::Follow : LayerNorms::Stop);
    if (context.job().isCancelled()) return base::Job::cancelled();
    const bool isGuess = context.isPreview() && criterion.of(step)->needsData();
    if (isGuess) outcome.notes.push_back({"prune.chosenWhenRun", {}});
    const transform::Criterion& by = isGuess ? transform::l2Norm : *criterion.of(step);
    const auto candidates = candidatesOf(outcome, step, context, groups, by);
    if (!candidates) return base::forward(candidates);

    const auto choices = choose(outcome, step, *candidates, by.isComparable, context);
    if (!choices) return base::forward(choices);
    std::set<std::string> changed;
    for (const transform::GroupChoice& choice : *choices) {
        const auto kept = static_cast<std::size_t>(std::ranges::count(choice.isRemoved, false));
        noteGroup(outcome, step, *choice.group, ratioFor(*choice.group, step), kept);
        if (kept < choice.isRemoved.size()) changed.insert(choice.group->affected.begin(), choice.group->affected.end());
    }
    if (changed.empty() && !hasShapes(outcome.graph)) outcome.warnings.push_back({"prune.nothingWithoutShapes", {}});

    noteChannels(outcome, "channels_before");
    if (!context.isPreview()) foldConstants(outcome, groups, *choices, context);
    for (const auto& [layer, error] : transform::Removal(*choices).applyTo(outcome.graph))
        error.writeTo(outcome.layers[layer]);
    constants.join();
    noteChannels(outcome, "channels_after");
    noteOtherWeights(outcome, Reaches::Stored, "prune.otherWeights", changed);
    outcome.figures["changed_nodes"] = static_cast<double>(changed.size());
    return {};
}

std::string brief(const Step& step) {
    const std::string text = "prune " + pruneBrief(criterion.word(step), step);
    switch (ratioOf.of(step)) {
    case ShareOf::Parameters:
        return text + " of parameters";
    case ShareOf::Macs:
        return text + " of MACs";
    case ShareOf::Latency:
        return text + " of latency";
    case ShareOf::Channels:
        break;
    }
    return text;
}

base::Message whyDataIsNeeded(const Step& step) {
    if (!criterion.of(step)->needsData()) return {};
    return {"prune.needsData", {{"criterion", criterion.word(step)}}};
}

} // namespace

StepDefinition pruneStructured() {
    return {
        .spec = {"prune.structured",
                 {pruneRatio.spec(), ratioOf.spec(), criterion.spec(), samples.spec(), scope.spec(), minimum.spec(), roundTo.spec(),
                  measureWidths.spec(), layerNorms.spec(), pruneSkip.spec()}},
        .apply = &pruneChannels,
        .brief = &brief,
        .nothingChanged = {"prune.noChannel", {}},
        .needsData = &whyDataIsNeeded,
    };
}

} // namespace lathe::steps
