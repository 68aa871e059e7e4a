#include <core/transform/prune/latency_target.h>

#include <algorithm>
#include <set>

#include <core/graph/operators/operator.h>

namespace lathe::transform {

namespace {

constexpr double sameTime = 1.03;
/// What all groups together may cost more so that they keep channels, as a share of the model's time.
constexpr double worthNothing = 0.03;

/// Predicts what a call takes.
class Prediction {
public:
    Prediction(const graph::Graph& graph, std::span<const Candidate> candidates, const SelectionOptions& options, const TimeGraphs& time,
               const base::Job& job)
        : m_graph(graph), m_candidates(candidates), m_options(options), m_times(time), m_job(job) {
        for (const Candidate& candidate : candidates)
            m_affected.emplace_back(candidate.group->affected.begin(), candidate.group->affected.end());
    }

    /// What is not the layers' of the time that the dense model takes.
    base::Result<> learn(double denseMs) {
        const auto layers = layersMs(m_graph);
        if (!layers) return base::forward(layers);
        m_fixed = std::min(m_times.callMs(), denseMs);
        m_between = std::max(denseMs - m_fixed - *layers, 0.0);
        m_numbers = std::max(numbersBetween(m_graph), 1.0);
        m_all = std::max(m_fixed + *layers + m_between, 1e-9);
        return {};
    }

    /// The share that is left with widths that are rounded up as they may be.
    base::Result<double> left(std::vector<GroupChoice>& choices) {
        if (m_job.isCancelled()) return base::Job::cancelled();
        for (std::size_t at = 0; at < choices.size(); ++at) {
            if (!m_candidates[at].ratio) choices[at] = withoutLowest(m_candidates[at], roundedUp(at, keptOf(choices[at]), 1));
        }
        return shareOf(choices);
    }

    /// Gives back the channels that cost nothing, or together at most this share of the model's time; returns what is left then.
    base::Result<double> giveBack(std::vector<GroupChoice>& choices, double share) {
        for (std::size_t at = 0; at < choices.size(); ++at) {
            if (m_job.isCancelled()) return base::Job::cancelled();
            if (m_candidates[at].ratio) continue;
            const double ms = share * m_all / static_cast<double>(m_candidates.size());
            if (auto given = giveBack(choices, at, ms); !given) return base::forward(given);
        }
        return shareOf(choices);
    }

private:
    static std::size_t keptOf(const GroupChoice& choice) { return static_cast<std::size_t>(std::ranges::count(choice.isRemoved, false)); }

    /// To a multiple of so many steps of the group's widths.
    [[nodiscard]] std::size_t roundedUp(std::size_t at, std::size_t kept, std::size_t steps) const {
        constexpr std::size_t mostWidths = 8;
        const std::size_t all = m_candidates[at].scores.size();
        std::size_t step = std::max<std::size_t>(m_options.multiple, 1);
        while (step * mostWidths < all)
            step *= 2;
        step *= steps;
        return std::min((kept + step - 1) / step * step, all);
    }

    base::Result<double> shareOf(const std::vector<GroupChoice>& choices) {
        const graph::Graph sized = Removal(choices).sizesOf(m_graph);
        const auto layers = layersMs(sized);
        if (!layers) return base::forward(layers);
        return (m_fixed + *layers + m_between * numbersBetween(sized) / m_numbers) / m_all;
    }

    base::Result<> giveBack(std::vector<GroupChoice>& choices, std::size_t at, double ms) {
        const std::size_t all = choices[at].isRemoved.size(), kept = keptOf(choices[at]);
        if (kept == all) return {};
        const std::set<std::size_t> widths{kept, roundedUp(at, kept + 1, 1), roundedUp(at, kept + 1, 2), all};
        std::vector<GroupChoice> others = choices;
        std::vector<std::pair<double, std::size_t>> tried; // what the group's layers take with each
        std::vector<graph::Graph> layers;
        std::vector<std::size_t> ends;
        for (const std::size_t width : widths) {
            others[at] = withoutLowest(m_candidates[at], width);
            appendLayers(layers, Removal(others).sizesOf(m_graph), &m_affected[at]);
            ends.push_back(layers.size());
        }
        const auto times = m_times.of(layers); // all at once: they are compared
        if (!times) return base::forward(times);
        std::size_t layer = 0, end = 0;
        for (const std::size_t width : widths) {
            double sum = 0;
            for (; layer < ends[end]; ++layer)
                sum += (*times)[layer];
            tried.emplace_back(sum, width);
            ++end;
        }
        const double fastest = std::ranges::min(tried).first;
        const double most = std::max(fastest * sameTime, fastest + ms);
        for (const auto& [takes, width] : tried) { // from the narrowest to the widest
            if (takes <= most) choices[at] = withoutLowest(m_candidates[at], width);
        }
        return {};
    }

    /// All, or those with these names.
    static void appendLayers(std::vector<graph::Graph>& layers, const graph::Graph& sized, const std::set<std::string>* names) {
        graph::forEachNode(sized, [&](const graph::Node& node) {
            if (!graph::isWeighted(node.op) || (names != nullptr && !names->contains(node.name))) return;
            graph::Graph alone;
            alone.name = node.name;
            if (addLayer(alone, sized, node)) layers.push_back(std::move(alone));
        });
    }

    base::Result<double> layersMs(const graph::Graph& sized) {
        std::vector<graph::Graph> layers;
        appendLayers(layers, sized, nullptr);
        const auto times = m_times.of(layers);
        if (!times) return base::forward(times);
        double sum = 0;
        for (const double ms : *times)
            sum += ms;
        return sum;
    }

    /// In the results of everything that is no layer.
    static double numbersBetween(const graph::Graph& sized) {
        double numbers = 0;
        graph::forEachNode(sized, [&](const graph::Node& node) {
            if (graph::isWeighted(node.op)) return;
            for (const graph::ValueId result : node.results) {
                if (!sized.value(result).shape) continue;
                double count = 1;
                for (const graph::Dim& dim : *sized.value(result).shape)
                    count *= static_cast<double>(std::max<std::int64_t>(dim.size, 1));
                numbers += count;
            }
        });
        return numbers;
    }

    const graph::Graph& m_graph;
    std::span<const Candidate> m_candidates;
    const SelectionOptions& m_options;
    LayerTimes m_times;
    const base::Job& m_job;
    std::vector<std::set<std::string>> m_affected; ///< of each candidate
    double m_fixed = 0, m_between = 0, m_numbers = 1, m_all = 1;
};

bool areSame(const std::vector<GroupChoice>& a, const std::vector<GroupChoice>& b) {
    return std::ranges::equal(a, b, {}, &GroupChoice::isRemoved, &GroupChoice::isRemoved);
}

} // namespace

base::Result<LatencySelection> selectToLatency(const graph::Graph& graph, std::span<const Candidate> candidates,
                                               const SelectionOptions& options, const TimeGraphs& time, const base::Job& job) {
    const double wanted = 1 - options.ratio;
    const auto isEnough = [&](double measured) { return measured <= wanted * sameTime; };
    Prediction prediction(graph, candidates, options, time, job);
    const auto dense = time({graph});
    if (!dense) return base::forward(dense, {"while.timing", {{"what", graph.name}}});
    if (auto learned = prediction.learn(dense->front()); !learned) return base::forward(learned);
    const Left left = [&](std::vector<GroupChoice>& choices) { return prediction.left(choices); };

    constexpr int rounds = 8;
    std::vector<LatencySelection> tried;
    double goal = wanted, low = 0, high = 1; // low is enough, high is not
    for (int round = 0; round < rounds; ++round) {
        SelectionOptions towards = options;
        towards.ratio = 1 - goal;
        auto selection = selectBy(candidates, towards, left);
        if (!selection) return base::forward(selection);
        std::vector<GroupChoice> narrow = selection->choices;
        auto share = prediction.giveBack(selection->choices, selection->isReached ? worthNothing : 0); // else every bit counts
        if (share && selection->isReached && *share > goal) { // by what was given back, more has to go elsewhere
            towards.ratio = std::min(1 - goal + (*share - goal), 1.0);
            auto more = selectBy(candidates, towards, left);
            if (!more) return base::forward(more);
            if (more->isReached) {
                *selection = std::move(*more);
                share = prediction.giveBack(selection->choices, worthNothing);
            } else {
                selection->choices = std::move(narrow);
                share = selection->left;
            }
        }
        if (!share) return base::forward(share);
        selection->left = *share;
        const auto before =
            std::ranges::find_if(tried, [&](const LatencySelection& each) { return areSame(each.choices, selection->choices); });
        if (before != tried.end()) { // between goals that give the same there may be another one
            (before->isReached ? low : high) = goal;
            goal = (low + high) / 2;
            continue;
        }
        graph::Graph pruned = graph;
        static_cast<void>(Removal(selection->choices).applyTo(pruned));
        const auto both = time({graph, pruned});
        if (!both) return base::forward(both, {"while.timing", {{"what", graph.name}}});
        LatencySelection found{
            std::move(selection->choices), true, !selection->isReached, selection->left, (*both)[1] / (*both)[0], (*both)[0], (*both)[1]};
        found.isReached = isEnough(found.measured);
        tried.push_back(std::move(found));
        const LatencySelection& last = tried.back();
        if (last.predicted <= 0 || (last.isAll && !last.isReached)) break;
        if (last.isReached && last.measured * sameTime >= wanted) break; // as wanted
        (last.isReached ? low : high) = goal;
        goal = wanted * last.predicted / last.measured;
        if (goal <= low || goal >= high) goal = (low + high) / 2;
    }
    const auto isBetter = [](const LatencySelection& a, const LatencySelection& b) {
        if (a.isReached != b.isReached) return a.isReached;
        return a.isReached ? a.measured > b.measured : a.measured < b.measured;
    };
    return *std::ranges::min_element(tried, isBetter);
}

} // namespace lathe::transform
