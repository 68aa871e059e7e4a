#include <core/steps/factorize.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <set>

#include <core/graph/editor.h>
#include <core/graph/layer_weight.h>
#include <core/graph/operators/convolution.h>
#include <core/graph/operators/linear.h>
#include <core/graph/operators/names.h>
#include <core/steps/left_out.h>
#include <core/steps/parameters.h>
#include <core/steps/prune_parameters.h>
#include <core/transform/factorize/rank.h>
#include <core/transform/factorize/replace_layer.h>
#include <core/transform/quantize/weight_error.h>
#include <core/transform/rewrite.h>

namespace lathe::steps {

namespace {

using namespace std::string_view_literals;
using graph::ValueId;
using transform::FactorizationMethod;
using transform::SecondMoment;

constexpr WordChoice method{
    "method",
    std::array{std::pair{"channel"sv, FactorizationMethod::Channel}, std::pair{"channel_in_front"sv, FactorizationMethod::ChannelInFront},
               std::pair{"spatial"sv, FactorizationMethod::Spatial}, std::pair{"tucker"sv, FactorizationMethod::Tucker},
               std::pair{"cp"sv, FactorizationMethod::CanonicalPolyadic}},
    Reach::Layer};
enum class Target { Parameters, Macs, Energy, Rank };
constexpr WordChoice target{"target",
                            std::array{std::pair{"parameters"sv, Target::Parameters}, std::pair{"macs"sv, Target::Macs},
                                       std::pair{"energy"sv, Target::Energy}, std::pair{"rank"sv, Target::Rank}},
                            Reach::Layer};
constexpr NumberParameter share{"share", 0.5, 0.01, 1, Reach::Layer};
constexpr NumberParameter energy{"energy", 0.95, 0.01, 1, Reach::Layer};
constexpr IntegerParameter rank{"rank", 16, 1, 1'000'000, Reach::Layer};
enum class Criterion { Activations, Weights };
constexpr WordChoice criterion{"criterion",
                               std::array{std::pair{"activations"sv, Criterion::Activations}, std::pair{"weights"sv, Criterion::Weights}}};
constexpr IntegerParameter samples{"samples", 256, 1, 1'000'000'000};
constexpr IntegerParameter rounds{"tucker_rounds", 2, 0, 100};

/// A layer that is taken apart.
struct Candidate {
    std::string layer;
    ValueId weight = -1;
    std::optional<ValueId> bias;
    std::int64_t groups = 1;
    bool isTransposed = false;
    std::size_t dimensions = 0; ///< of the kernel; 0: linear
    FactorizationMethod method{};

    // What samples are to tell, when they are.
    ValueId observed = -1;
    bool isInput = false; ///< what it reads, not what it gives
};

/// The sizes of a convolution, if all are constant: what factors are made of.
bool hasConstantGeometry(const graph::Convolution& layer) {
    if (layer.op()->position("output_padding") && !layer.integers("output_padding") && !layer.integer("output_padding")) return false;
    return layer.stride() && layer.padding() && layer.dilation() && layer.groups() && layer.transposed();
}

/// The layers of the main block that the step takes apart; each other one is noted.
std::vector<Candidate> findCandidates(StepOutcome& outcome, const Step& step) {
    const graph::Graph& graph = outcome.graph;
    const graph::UseIndex uses(graph);
    std::set<std::string> mainNodes;
    for (const graph::Node& node : graph.main.nodes)
        mainNodes.insert(node.name);
    std::vector<Candidate> candidates;
    graph::forEachNode(graph, [&](const graph::Node& node) {
        if (!graph::isWeighted(node.op)) return;
        const auto note = [&](const char* code) { outcome.note(node.name, base::Message(code, {{"layer", node.name}})); };
        if (pruneSkip.of(step, node.name)) {
            fits(step.where, node.name) ? note("prune.skipped") : outcome.noteLeftOut(node.name);
            return;
        }
        const auto info = graph::layerWeightOf(graph, uses, node);
        if (info && info->lookup != nullptr) return note("factorize.sharesNumbers");
        if (!info || !graph::Call(node).value("input")) return note("layer.weightIsComputed");
        if (info->dequantize != nullptr) return note("quantize.alreadyQuantized");
        if (!mainNodes.contains(node.name)) return note("factorize.standsInBranch");
        if (uses.uses(info->weight).size() > 1) return note("factorize.sharesWeight");
        if (!info->bias && !graph::Call(node).operand("bias").isNone()) return note("layer.weightIsComputed");
        Candidate candidate{node.name, info->weight, info->bias};
        candidate.method = FactorizationMethod::Channel;
        if (graph::isConvolution(node.op)) {
            const graph::Convolution convolution(node);
            if (!hasConstantGeometry(convolution)) return note("factorize.geometryIsComputed");
            candidate.groups = *convolution.groups();
            candidate.isTransposed = convolution.isTransposed();
            candidate.dimensions = graph.value(info->weight).data.shape().size() - 2;
            candidate.method = method.of(step, node.name);
            const tensor::Shape& shape = graph.value(info->weight).data.shape();
            const transform::Filters sizes{.kernel = {shape.begin() + 2, shape.end()}};
            if (sizes.kernelSize() == 1) candidate.method = FactorizationMethod::Channel; // there the others are the same
            if (!transform::applies(candidate.method, sizes)) return note("factorize.kernelHasOneSide");
        }
        candidates.push_back(std::move(candidate));
    });
    return candidates;
}

/// The graph in which layers stand apart from their ReLU, with what is to be observed of each candidate: what it gives, or what it reads
/// where that has fewer channels.
graph::Graph observedGraph(const graph::Graph& graph, std::vector<Candidate>& candidates) {
    graph::Graph seen = graph;
    graph::Editor editor(seen);
    for (Candidate& candidate : candidates) {
        if (candidate.method != FactorizationMethod::Channel) continue;
        graph::Node& node = *editor.findNode(candidate.layer);
        const tensor::Shape& shape = seen.value(candidate.weight).data.shape();
        const std::int64_t kernel = tensor::elementCount({shape.begin() + 2, shape.end()});
        const bool hasFewerInputs = shape[0] > shape[1] * candidate.groups && kernel == 1 && !candidate.isTransposed;
        if (hasFewerInputs) {
            candidate.isInput = true;
            candidate.observed = *graph::Call(node).value("input");
            continue;
        }
        const std::string_view unfused = graph::unfusedOperator(node.op);
        candidate.observed = node.results.front();
        if (unfused == node.op) continue;
        node.op = unfused;
        const ValueId raw = editor.addResult(node.name + "_unfused");
        seen.value(raw).dtype = seen.value(candidate.observed).dtype;
        seen.value(raw).shape = seen.value(candidate.observed).shape;
        graph::Node relu = editor.makeNode(graph::op::relu, node.name + "_relu", {raw}, 0);
        relu.results = {candidate.observed};
        editor.setResults(node, {raw});
        editor.insertBehind(node, std::move(relu));
        candidate.observed = raw;
    }
    editor.finish();
    return seen;
}

using Moments = std::map<ValueId, SecondMoment>;

/// How the values vary that the candidates are judged by.
base::Result<Moments> observe(StepOutcome& outcome, std::vector<Candidate>& candidates, const Step& step, StepContext& context) {
    Moments moments;
    if (context.isPreview() || criterion.of(step) == Criterion::Weights) return moments;
    if (std::ranges::none_of(candidates, [](const Candidate& each) { return each.method == FactorizationMethod::Channel; })) return moments;
    if (context.data() != StepContext::Data::Real) {
        outcome.notes.push_back({"factorize.noActivations", {}});
        return moments;
    }
    const graph::Graph seen = observedGraph(outcome.graph, candidates);
    std::map<ValueId, std::size_t> behindChannels; // dimensions that follow that of the channels
    std::vector<ValueId> values;
    for (const Candidate& candidate : candidates) {
        if (candidate.observed >= 0 && behindChannels.emplace(candidate.observed, candidate.dimensions).second)
            values.push_back(candidate.observed);
    }
    auto observed = context.observe(seen, values, samples.of(step), [&](ValueId id, const tensor::Tensor& batch) {
        const std::size_t behind = behindChannels.at(id);
        if (batch.shape().size() > behind) moments[id].add(batch, batch.shape().size() - behind - 1);
    });
    if (!observed) return base::forward(observed, {"while.observingOutputs", {}});
    for (const auto& [id, moment] : moments) {
        if (!moment.isFinite()) return base::failure(base::ErrorCode::Rejected, {"step.wasNotFinite", {{"value", seen.value(id).name}}});
    }
    return moments;
}

/// Parameters, or MACs where those count and are known.
struct Cost {
    transform::FactorCost of;
    std::int64_t before = 0;
};

std::optional<std::vector<std::int64_t>> places(const graph::Graph& graph, const graph::Operand& value, std::size_t dimensions) {
    const auto shape = value.isValue() ? graph.value(value.value()).shape : std::nullopt;
    if (!shape || shape->size() <= dimensions) return std::nullopt;
    std::vector<std::int64_t> sizes;
    for (auto dim = shape->end() - static_cast<std::ptrdiff_t>(dimensions); dim != shape->end(); ++dim) {
        if (dim->size < 0) return std::nullopt;
        sizes.push_back(dim->size);
    }
    return sizes;
}

/// In multiply-accumulates; nothing without shapes. Of linear layers they are the parameters.
std::optional<Cost> macsOf(const graph::Graph& graph, const graph::Node& node, const Candidate& candidate,
                           const transform::Filters& filters) {
    if (candidate.dimensions == 0) return Cost{&transform::parameters, filters.parameters()};
    const auto inputs = places(graph, graph::Call(node).operand("input"), candidate.dimensions);
    const auto outputs = places(graph, node.results.front(), candidate.dimensions);
    if (!inputs || !outputs) return std::nullopt;
    const bool isTransposed = candidate.isTransposed;
    const auto macs = [inputs = *inputs, outputs = *outputs, isTransposed](const std::vector<transform::Factor>& factors) {
        return transform::macs(factors, inputs, outputs, isTransposed);
    };
    return Cost{macs, filters.parameters() * tensor::elementCount(isTransposed ? *inputs : *outputs)};
}

Cost costOf(StepOutcome& outcome, const graph::Node& node, const Candidate& candidate, const transform::Filters& filters, bool countsMacs) {
    const Cost parameters{&transform::parameters, filters.parameters()};
    if (!countsMacs) return parameters;
    if (const auto macs = macsOf(outcome.graph, node, candidate, filters)) return *macs;
    outcome.note(candidate.layer, {"factorize.macsUnknown", {{"layer", candidate.layer}}});
    return parameters;
}

std::int64_t rankOf(const transform::Factorization& factorization, const Step& step, const std::string& layer, const Cost& cost) {
    switch (target.of(step, layer)) {
    case Target::Energy:
        return transform::rankForEnergy(factorization, energy.of(step, layer));
    case Target::Rank:
        return std::min(rank.of(step, layer), factorization.largestRank());
    case Target::Parameters:
    case Target::Macs:
        break;
    }
    return transform::rankForCost(factorization, cost.of, share.of(step, layer) * static_cast<double>(cost.before));
}

base::Result<> replace(StepOutcome& outcome, graph::Editor& editor, const Step& step, const Candidate& candidate, const Moments& moments) {
    const auto values = transform::finiteValues(outcome.graph.value(candidate.weight));
    if (!values) return base::forward(values, {"while.factorizing", {{"layer", candidate.layer}}});
    graph::Node& node = *editor.findNode(candidate.layer);
    const transform::Filters filters =
        transform::filtersOf(outcome.graph.value(candidate.weight).data, candidate.groups, candidate.isTransposed);
    if (filters.parameters() == 0) return {};

    transform::LayerMoments seen;
    const auto found = moments.find(candidate.observed);
    const std::int64_t channels = candidate.groups * (candidate.isInput ? filters.inputs : filters.outputs);
    const bool isSeen = found != moments.end() && found->second.count() > 0 && found->second.channels() == channels;
    if (isSeen) (candidate.isInput ? seen.inputs : seen.outputs) = &found->second;
    if (isSeen && candidate.bias) seen.bias = outcome.graph.value(*candidate.bias).data.toFloats();
    const auto factorization = transform::factorize(filters, candidate.method, seen, static_cast<int>(rounds.of(step)));

    const Cost cost = costOf(outcome, node, candidate, filters, target.of(step, candidate.layer) == Target::Macs);
    const std::int64_t chosen = rankOf(*factorization, step, candidate.layer, cost);
    const auto sizes = factorization->sizes(chosen);
    auto& figures = outcome.layers[candidate.layer];
    figures["rank"] = static_cast<double>(chosen * candidate.groups);
    figures["parameters_before"] = static_cast<double>(filters.parameters());
    if (cost.of(sizes) >= cost.before || transform::parameters(sizes) >= filters.parameters()) {
        figures["rank"] = static_cast<double>(factorization->largestRank() * candidate.groups);
        figures["parameters_after"] = figures["parameters_before"];
        outcome.note(candidate.layer, {"factorize.wouldGrow",
                                       {{"layer", candidate.layer},
                                        {"rank", chosen * candidate.groups},
                                        {"before", filters.parameters()},
                                        {"after", transform::parameters(sizes)}}});
        return {};
    }
    figures["parameters_after"] = static_cast<double>(transform::parameters(sizes));
    transform::weightError(filters.values, factorization->approximation(chosen)).writeTo(figures);
    if (isSeen) figures["output_error"] = transform::lostEnergy(*factorization, chosen);
    transform::replaceLayer(editor, node, factorization->factors(chosen), factorization->bias(chosen));
    outcome.figures["changed_nodes"] += 1;
    return {};
}

base::Result<> apply(StepOutcome& outcome, const Step& step, StepContext& context) {
    std::vector<Candidate> candidates = findCandidates(outcome, step);
    noteOtherWeights(outcome, Reaches::Layers, "factorize.otherWeights");
    const auto moments = observe(outcome, candidates, step, context);
    if (!moments) return base::forward(moments);
    graph::Editor editor(outcome.graph);
    double done = 0;
    for (const Candidate& candidate : candidates) {
        if (context.job().isCancelled()) return base::Job::cancelled();
        if (auto result = replace(outcome, editor, step, candidate, *moments); !result) return result;
        context.job().report({.phase = "factorize", .fraction = ++done / static_cast<double>(candidates.size())});
    }
    editor.finish();
    return {};
}

std::string brief(const Step& step) {
    const auto percent = [](double part) { return std::to_string(std::lround(part * 100)) + " %"; };
    switch (target.of(step)) {
    case Target::Energy:
        return "factorize energy " + percent(energy.of(step));
    case Target::Rank:
        return "factorize rank " + std::to_string(rank.of(step));
    case Target::Parameters:
    case Target::Macs:
        break;
    }
    return "factorize " + percent(share.of(step));
}

} // namespace

std::optional<LayerSpectrum> layerSpectrum(const graph::Graph& graph, const Step& step, const std::string& layer) {
    constexpr std::int64_t mostPoints = 126;
    StepOutcome outcome{graph, {}, {}, {}};
    const std::vector<Candidate> candidates = findCandidates(outcome, step);
    const auto found = std::ranges::find(candidates, layer, &Candidate::layer);
    if (found == candidates.end()) return std::nullopt;
    const graph::Value& weight = graph.value(found->weight);
    if (!transform::finiteValues(weight)) return std::nullopt;
    const transform::Filters filters = transform::filtersOf(weight.data, found->groups, found->isTransposed);
    if (filters.parameters() == 0) return std::nullopt;
    const auto factorization = transform::factorize(filters, found->method, {}, static_cast<int>(rounds.of(step)));
    const graph::Node& node = *graph.findNode(layer);
    const auto macs = macsOf(graph, node, *found, filters);
    const std::int64_t largest = factorization->largestRank();

    LayerSpectrum spectrum;
    spectrum.rank = rankOf(*factorization, step, layer, costOf(outcome, node, *found, filters, target.of(step, layer) == Target::Macs));
    spectrum.before = {largest, 1, filters.parameters(), macs ? std::optional(macs->before) : std::nullopt};
    std::set<std::int64_t> ranks{spectrum.rank, largest};
    for (std::int64_t at = 1; at <= std::min(largest, mostPoints); ++at)
        ranks.insert(largest <= mostPoints ? at : std::max<std::int64_t>(1, at * largest / mostPoints));
    for (const std::int64_t each : ranks) {
        const std::vector<transform::Factor> sizes = factorization->sizes(each);
        spectrum.points.push_back({each, 1 - transform::lostEnergy(*factorization, each), transform::parameters(sizes),
                                   macs ? std::optional(macs->of(sizes)) : std::nullopt});
    }
    return spectrum;
}

StepDefinition factorize() {
    return {
        .spec = {"factorize",
                 {target.spec(), share.spec(), energy.spec(), rank.spec(), criterion.spec(), method.spec(), rounds.spec(), samples.spec(),
                  pruneSkip.spec()}},
        .apply = &apply,
        .brief = &brief,
        .nothingChanged = {"factorize.noLayer", {}},
    };
}

} // namespace lathe::steps
