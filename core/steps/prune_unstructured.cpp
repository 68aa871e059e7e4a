#include <core/steps/prune_unstructured.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <core/graph/layer_weight.h>
#include <core/graph/operators/call.h>
#include <core/graph/operators/convolution.h>
#include <core/steps/input_moments.h>
#include <core/steps/left_out.h>
#include <core/steps/parameters.h>
#include <core/steps/prune_parameters.h>
#include <core/transform/prune/ranking.h>
#include <core/transform/quantize/weight_error.h>
#include <core/transform/rewrite.h>
#include <core/transform/sparsify/sparse_gpt.h>
#include <core/transform/sparsify/sparsity_pattern.h>
#include <core/transform/sparsify/wanda.h>

namespace lathe::steps {

namespace {

using namespace std::string_view_literals;
using transform::InputMoment;
using transform::SparsityPattern;

enum class Criterion { L1, Random, Taylor, Wanda, SparseGpt };
constexpr WordChoice criterion{"criterion", std::array{std::pair{"l1"sv, Criterion::L1}, std::pair{"random"sv, Criterion::Random},
                                                       std::pair{"taylor"sv, Criterion::Taylor}, std::pair{"wanda"sv, Criterion::Wanda},
                                                       std::pair{"sparsegpt"sv, Criterion::SparseGpt}}};
enum class Scope { Global, Layer };
constexpr WordChoice scope{"scope", std::array{std::pair{"global"sv, Scope::Global}, std::pair{"layer"sv, Scope::Layer}}};
constexpr TextParameter patternText{"pattern", Reach::Layer};
constexpr IntegerParameter samples{"samples", 256, 1, 1'000'000'000};

bool looksAtInputs(Criterion by) { return by == Criterion::Wanda || by == Criterion::SparseGpt; }

struct Candidate {
    std::string layer;
    graph::ValueId weight = -1;
    WeightReaders readers{}; ///< no values: what is read is not known
    double ratio = 0;
    std::string patternText{};
    SparsityPattern pattern{};
    std::vector<float> matrix{}; ///< in the order of WeightRows, as all below
    std::vector<double> scores{};

    [[nodiscard]] const transform::WeightRows& rows() const { return readers.input.rows; }
};

/// The matrix of a weight whose layer's geometry is computed in the model.
transform::WeightRows rowsOf(const tensor::Shape& shape, const graph::Node& node) {
    return transform::weightRows(shape, 1, graph::filterAxis(node) == 1);
}

base::Result<std::vector<Candidate>> findCandidates(StepOutcome& outcome, const Step& step, const base::Job& job) {
    const graph::UseIndex uses(outcome.graph);
    std::vector<const graph::Node*> nodes;
    graph::forEachNode(std::as_const(outcome.graph), [&](const graph::Node& node) { nodes.push_back(&node); });

    std::vector<Candidate> candidates;
    std::map<graph::ValueId, std::optional<std::size_t>> seen; // the candidate of each weight, if it is one
    for (const graph::Node* node : nodes) {
        if (job.isCancelled()) return base::Job::cancelled();
        const auto info = graph::isWeighted(node->op) ? graph::layerWeightOf(outcome.graph, uses, *node) : std::nullopt;
        if (!info) continue;
        if (info->lookup != nullptr && !pruneSkip.of(step, node->name)) {
            return base::failure(base::ErrorCode::Rejected, {"prune.mustBeBeforeSharing", {{"layer", node->name}}});
        }
        if (info->lookup != nullptr) continue;
        const auto input = graph::Call(*node).value("input");
        const auto geometry = layerInput(outcome.graph, *node, info->weight);
        const auto [known, isNew] = seen.emplace(info->weight, std::nullopt);
        if (!isNew) {
            if (!known->second) continue;
            WeightReaders& readers = candidates[*known->second].readers;
            if (readers.values.empty()) continue;
            if (input && geometry == readers.input) {
                readers.values.push_back(*input);
            } else {
                readers.values.clear();
            }
            continue;
        }
        if (pruneSkip.of(step, node->name)) {
            if (fits(step.where, node->name)) {
                outcome.note(node->name, {"prune.skipped", {{"layer", node->name}}});
            } else {
                outcome.noteLeftOut(node->name);
            }
            continue;
        }
        if (info->dequantize != nullptr) {
            return base::failure(base::ErrorCode::Rejected, {"prune.mustBeBeforeQuantization", {{"layer", node->name}}});
        }
        const graph::Value& weight = outcome.graph.value(info->weight);
        auto values = transform::finiteValues(weight);
        if (!values) return base::forward(values);
        Candidate candidate{node->name, info->weight, {info->weight}, pruneRatio.of(step, node->name), patternText.of(step, node->name)};
        candidate.readers.input = geometry ? *geometry : transform::LayerInput{rowsOf(weight.data.shape(), *node)};
        if (geometry && input) candidate.readers.values.push_back(*input);
        auto pattern = transform::sparsityPattern(candidate.patternText);
        if (!pattern) return base::forward(pattern);
        candidate.pattern = *pattern;
        candidate.matrix = candidate.rows().fromStored(*values);
        known->second = candidates.size();
        candidates.push_back(std::move(candidate));
    }
    return candidates;
}

void scoreByMagnitude(Candidate& candidate) {
    candidate.scores.assign(candidate.matrix.begin(), candidate.matrix.end());
    std::ranges::transform(candidate.scores, candidate.scores.begin(), [](double value) { return std::fabs(value); });
}

/// Σ (g·w)² over samples, in the place of scores: what the channels of prune.structured are judged by, for single weights.
base::Result<> scoreByGradients(const graph::Graph& graph, std::vector<Candidate>& candidates, const Step& step, StepContext& context) {
    std::vector<graph::ValueId> weights;
    for (Candidate& candidate : candidates) {
        weights.push_back(candidate.weight);
        candidate.scores.assign(candidate.matrix.size(), 0);
    }
    if (weights.empty()) return {};
    const auto result = context.gradients(graph, weights, samples.of(step), 1, [&](const std::vector<tensor::Tensor>& gradients) {
        for (std::size_t each = 0; each < candidates.size(); ++each) {
            Candidate& candidate = candidates[each];
            const std::vector<float> gradient = candidate.rows().fromStored(gradients[each].toFloats());
            for (std::size_t i = 0; i < gradient.size(); ++i) {
                const double change = static_cast<double>(gradient[i]) * static_cast<double>(candidate.matrix[i]);
                candidate.scores[i] += change * change;
            }
        }
    });
    if (!result) return base::forward(result, {"while.findingGradients", {}});
    return {};
}

/// Writes the layer's new matrix, and says what happened to it.
void apply(StepOutcome& outcome, const Candidate& candidate, const std::vector<float>& pruned, bool removesNone,
           const InputMoment* moment) {
    const std::int64_t all = std::ssize(pruned), dense = transform::denseWeights(candidate.pattern, candidate.rows());
    const auto note = [&](const char* code) { outcome.note(candidate.layer, {code, {{"layer", candidate.layer}}}); };
    if (dense > 0) {
        outcome.note(
            candidate.layer,
            {"prune.partStaysDense", {{"layer", candidate.layer}, {"dense", dense}, {"weights", all}, {"pattern", candidate.patternText}}});
    }
    const transform::WeightError error = transform::weightError(candidate.matrix, pruned);
    const auto zeros = static_cast<double>(std::ranges::count(pruned, 0.0F));
    auto& figures = outcome.layers[candidate.layer];
    error.writeTo(figures);
    figures["sparsity"] = pruned.empty() ? 0 : zeros / static_cast<double>(all);
    if (moment != nullptr) {
        if (const auto lost = moment->outputError(candidate.matrix, pruned)) figures["output_error"] = *lost;
    }
    if (removesNone) {
        if (dense < all) note("prune.keepsWeights");
        return;
    }
    if (error.noise == 0) return note("prune.weightsAreZero");
    transform::setNumbers(outcome.graph, candidate.weight, candidate.rows().toStored(pruned));
    outcome.figures["changed_nodes"] += 1;
}

void apply(StepOutcome& outcome, const Candidate& candidate, const std::vector<std::size_t>& removed, const InputMoment* moment) {
    std::vector<float> pruned = candidate.matrix;
    for (const std::size_t i : removed)
        pruned[i] = 0;
    apply(outcome, candidate, pruned, removed.empty(), moment);
}

/// What goes where the blocks of `part` are compared with one another: all of a layer, or those of one row of them.
std::vector<std::size_t> removedBlocks(const Candidate& candidate, std::size_t part) {
    const std::vector<double> blocks = transform::blockScores(candidate.pattern, candidate.rows(), candidate.scores);
    std::vector<std::size_t> chosen;
    for (std::size_t first = 0; part > 0 && first < blocks.size(); first += part) {
        const std::span<const double> compared = std::span(blocks).subspan(first, std::min(part, blocks.size() - first));
        for (const std::size_t each : transform::lowest(compared, transform::shareOf(candidate.ratio, compared.size())))
            chosen.push_back(first + each);
    }
    return transform::elementsOfBlocks(candidate.pattern, candidate.rows(), chosen);
}

std::vector<std::size_t> removedOfLayer(const Candidate& candidate) {
    if (candidate.pattern.isNOfM()) return transform::lowestOfGroups(candidate.pattern, candidate.rows(), candidate.scores);
    return removedBlocks(candidate, candidate.scores.size());
}

std::vector<std::size_t> removedOfOutputs(const Candidate& candidate) {
    if (candidate.pattern.isNOfM()) return transform::lowestOfGroups(candidate.pattern, candidate.rows(), candidate.scores);
    return removedBlocks(candidate, static_cast<std::size_t>(transform::blocksInRow(candidate.pattern, candidate.rows())));
}

/// Ranks the blocks of all these candidates, which have one pattern, as one long list; returns what goes of each.
std::vector<std::vector<std::size_t>> removedTogether(const std::vector<const Candidate*>& candidates, double ratio) {
    std::vector<double> scores;
    std::vector<std::size_t> ends;
    for (const Candidate* candidate : candidates) {
        const std::vector<double> blocks = transform::blockScores(candidate->pattern, candidate->rows(), candidate->scores);
        scores.insert(scores.end(), blocks.begin(), blocks.end());
        ends.push_back(scores.size());
    }
    const std::vector<std::size_t> removed = transform::lowest(scores, transform::shareOf(ratio, scores.size()));
    std::vector<std::vector<std::size_t>> elements;
    std::size_t first = 0;
    auto next = removed.begin();
    for (std::size_t each = 0; each < candidates.size(); ++each) {
        std::vector<std::size_t> blocks;
        for (; next != removed.end() && *next < ends[each]; ++next)
            blocks.push_back(*next - first);
        first = ends[each];
        elements.push_back(transform::elementsOfBlocks(candidates[each]->pattern, candidates[each]->rows(), blocks));
    }
    return elements;
}

/// By the scores that the candidates have, which can be compared across layers.
base::Result<> pruneRanked(StepOutcome& outcome, const std::vector<Candidate>& candidates, const Step& step, const base::Job& job) {
    const bool isGlobal = scope.of(step) == Scope::Global;
    const double ratio = pruneRatio.of(step);
    const auto pattern = transform::sparsityPattern(patternText.of(step));
    if (!pattern) return base::forward(pattern);
    std::vector<const Candidate*> together;
    for (const Candidate& candidate : candidates) {
        if (isGlobal && !pattern->isNOfM() && candidate.ratio == ratio && candidate.pattern == *pattern) together.push_back(&candidate);
    }
    const std::vector<std::vector<std::size_t>> ofTogether = removedTogether(together, ratio);
    std::size_t next = 0;
    for (const Candidate& candidate : candidates) {
        if (job.isCancelled()) return base::Job::cancelled();
        const bool isRanked = next < together.size() && together[next] == &candidate;
        apply(outcome, candidate, isRanked ? ofTogether[next++] : removedOfLayer(candidate), nullptr);
    }
    return {};
}

void pruneByInputs(StepOutcome& outcome, Candidate& candidate, Criterion by, const InputMoment& moment) {
    const bool hasMoments = InputMoment::bytes(candidate.rows()) <= mostMomentBytes;
    if (by == Criterion::SparseGpt && hasMoments) {
        const auto pruned = transform::sparseGpt(candidate.rows(), candidate.matrix, moment, candidate.pattern, candidate.ratio);
        apply(outcome, candidate, pruned, pruned == candidate.matrix, &moment);
        return;
    }
    if (by == Criterion::SparseGpt) outcome.note(candidate.layer, {"prune.tooWideForSparseGpt", {{"layer", candidate.layer}}});
    candidate.scores = transform::wandaScores(candidate.rows(), candidate.matrix, moment.squares());
    apply(outcome, candidate, removedOfOutputs(candidate), &moment);
}

/// By what the layers read: as many of them in one pass over the samples as their moments have room. Later passes see what earlier ones
/// did.
base::Result<> pruneByInputs(StepOutcome& outcome, std::vector<Candidate>& candidates, const Step& step, StepContext& context) {
    const Criterion by = criterion.of(step);
    const bool hasSamples = context.data() == StepContext::Data::Real;
    if (!hasSamples && !context.isPreview()) outcome.notes.push_back({"prune.noActivations", {}});
    for (std::size_t first = 0, last = 0; first < candidates.size(); first = last) {
        std::vector<WeightReaders> readers;
        for (std::int64_t bytes = 0; last < candidates.size(); ++last) {
            bytes += std::min(InputMoment::bytes(candidates[last].rows()), mostMomentBytes);
            if (last > first && bytes > mostMomentBytes) break;
            readers.push_back(candidates[last].readers);
        }
        InputMoments moments;
        if (hasSamples) {
            auto observed = observeInputs(outcome.graph, readers, samples.of(step), context);
            if (!observed) return base::forward(observed);
            moments = std::move(*observed);
        }
        for (std::size_t each = first; each < last; ++each) {
            if (context.job().isCancelled()) return base::Job::cancelled();
            Candidate& candidate = candidates[each];
            const auto moment = moments.find(candidate.weight);
            if (moment != moments.end() && moment->second->count() > 0) {
                pruneByInputs(outcome, candidate, by, *moment->second);
            } else {
                if (hasSamples) outcome.note(candidate.layer, {"prune.byMagnitude", {{"layer", candidate.layer}}});
                scoreByMagnitude(candidate);
                apply(outcome, candidate, removedOfOutputs(candidate), nullptr);
            }
            candidate.matrix = {};
            candidate.scores = {};
            context.job().report({.phase = "prune", .fraction = static_cast<double>(each + 1) / static_cast<double>(candidates.size())});
        }
    }
    return {};
}

base::Result<> pruneByScores(StepOutcome& outcome, std::vector<Candidate>& candidates, const Step& step, StepContext& context) {
    const Criterion by = criterion.of(step);
    const bool hasGradients = by == Criterion::Taylor && context.data() == StepContext::Data::Real;
    if (by == Criterion::Taylor && !hasGradients && !context.isPreview()) outcome.notes.push_back({"prune.noActivations", {}});
    if (hasGradients) {
        if (auto scored = scoreByGradients(outcome.graph, candidates, step, context); !scored) return scored;
    }
    for (Candidate& candidate : candidates) {
        if (by == Criterion::Random) {
            candidate.scores = candidate.rows().fromStored(transform::randomScores(candidate.layer, candidate.matrix.size()));
        } else if (!hasGradients) {
            scoreByMagnitude(candidate);
        }
    }
    return pruneRanked(outcome, candidates, step, context.job());
}

base::Result<> pruneWeights(StepOutcome& outcome, const Step& step, StepContext& context) {
    auto candidates = findCandidates(outcome, step, context.job());
    if (!candidates) return base::forward(candidates);
    noteOtherWeights(outcome, Reaches::Layers, "prune.otherWeights");
    auto pruned = looksAtInputs(criterion.of(step)) ? pruneByInputs(outcome, *candidates, step, context)
                                                    : pruneByScores(outcome, *candidates, step, context);
    if (pruned && outcome.figures["changed_nodes"] > 0) outcome.notes.push_back({"prune.zerosAreNotFaster", {}});
    return pruned;
}

base::Result<> check(const Step& step) {
    if (const auto pattern = transform::sparsityPattern(patternText.of(step)); !pattern) return base::forward(pattern);
    for (const auto& [layer, settings] : step.layers) {
        const auto own = settings.find(patternText.key);
        if (own == settings.end()) continue;
        if (const auto pattern = transform::sparsityPattern(own->get<std::string>()); !pattern)
            return base::forward(pattern, {"for.layer", {{"layer", layer}}});
    }
    return {};
}

std::string brief(const Step& step) {
    std::string by = criterion.word(step);
    switch (criterion.of(step)) {
    case Criterion::L1:
    case Criterion::Taylor:
    case Criterion::Wanda:
        by.front() = static_cast<char>(by.front() - 'a' + 'A');
        break;
    case Criterion::SparseGpt:
        by = "SparseGPT";
        break;
    case Criterion::Random:
        break;
    }
    const std::string pattern = patternText.of(step);
    const auto parsed = transform::sparsityPattern(pattern);
    if (!parsed || !parsed->isNOfM()) by += " " + std::to_string(std::lround(pruneRatio.of(step) * 100)) + " %";
    return "sparsify " + by + (pattern.empty() ? "" : " " + pattern);
}

} // namespace

StepDefinition pruneUnstructured() {
    return {
        .spec = {"prune.unstructured",
                 {pruneRatio.spec(), criterion.spec(), patternText.spec(), scope.spec(), samples.spec(), pruneSkip.spec()}},
        .apply = &pruneWeights,
        .brief = &brief,
        .nothingChanged = {"prune.noWeight", {}},
        .check = &check,
    };
}

} // namespace lathe::steps
