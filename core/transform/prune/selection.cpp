#include <core/transform/prune/selection.h>

#include <algorithm>
#include <functional>
#include <numeric>

#include <core/graph/layers.h>
#include <core/graph/parameters.h>
#include <core/transform/prune/ranking.h>

namespace lathe::transform {

namespace {

std::size_t keptOf(std::size_t channels, std::size_t wanted, std::size_t minimum, std::size_t multiple) {
    const std::size_t least = std::max({wanted, minimum, std::size_t{1}});
    return std::min((least + multiple - 1) / multiple * multiple, channels);
}

class Selector {
public:
    Selector(std::span<const Candidate> candidates, const SelectionOptions& options) : m_candidates(candidates), m_options(options) {
        for (std::size_t at = 0; at < candidates.size(); ++at) {
            if (candidates[at].ratio) continue;
            const std::vector<double>& scores = candidates[at].scores;
            m_channels += scores.size();
            if (!options.isGlobal) continue;
            const double mean =
                std::accumulate(scores.begin(), scores.end(), 0.0) / static_cast<double>(std::max<std::size_t>(scores.size(), 1));
            const double unit = options.isNormalized && mean > 0 ? mean : 1;
            for (std::size_t channel = 0; channel < scores.size(); ++channel)
                m_order.emplace_back(scores[channel] / unit, at);
        }
        std::ranges::stable_sort(m_order, {}, &std::pair<double, std::size_t>::first);
    }

    Selection byChannels() const {
        return {m_options.isGlobal ? together(shareOf(m_options.ratio, m_channels)) : each(m_options.ratio), true};
    }

    /// The least that does: what is left gets smaller with each step (of thousandths of each group, or channels of the list).
    base::Result<Selection> by(const Left& left, bool givesBack) const {
        constexpr std::size_t thousandths = 1000;
        const auto at = [&](std::size_t step) -> base::Result<Selection> {
            return judged(m_options.isGlobal ? together(step) : each(static_cast<double>(step) / static_cast<double>(thousandths)), left);
        };
        std::size_t low = 0, high = m_options.isGlobal ? m_channels : thousandths;
        auto enough = at(high);
        if (!enough || !enough->isReached) return enough;
        while (low < high) {
            const std::size_t middle = low + (high - low) / 2;
            auto tried = at(middle);
            if (!tried) return tried;
            if (tried->isReached) {
                high = middle;
                enough = std::move(tried);
            } else {
                low = middle + 1;
            }
        }
        if (high == 0 || !givesBack) return enough;
        const auto wider = at(high - 1);
        if (!wider) return wider;
        return givenBack(std::move(*enough), wider->choices, left);
    }

private:
    std::vector<GroupChoice> each(double ratio) const {
        std::vector<GroupChoice> choices;
        for (const Candidate& candidate : m_candidates) {
            const double own = candidate.ratio.value_or(ratio);
            choices.push_back(withoutLowest(candidate, keptChannels(candidate.scores.size(), own, m_options.minimum, m_options.multiple)));
        }
        return choices;
    }

    /// Without the first so many of the common list.
    std::vector<GroupChoice> together(std::size_t removed) const {
        std::vector<std::size_t> counts(m_candidates.size(), 0);
        for (std::size_t at = 0; at < removed; ++at)
            ++counts[m_order[at].second];
        std::vector<GroupChoice> choices;
        for (std::size_t at = 0; at < m_candidates.size(); ++at) {
            const Candidate& candidate = m_candidates[at];
            const std::size_t all = candidate.scores.size();
            const std::size_t kept = candidate.ratio ? keptChannels(all, *candidate.ratio, m_options.minimum, m_options.multiple)
                                                     : keptOf(all, all - counts[at], m_options.minimum, m_options.multiple);
            choices.push_back(withoutLowest(candidate, kept));
        }
        return choices;
    }

    base::Result<Selection> judged(std::vector<GroupChoice> choices, const Left& left) const {
        const auto share = left(choices);
        if (!share) return base::forward(share);
        return Selection{std::move(choices), *share <= 1 - m_options.ratio + 1e-9, *share};
    }

    /// As many groups as can be are as wide as one step before.
    base::Result<Selection> givenBack(Selection enough, const std::vector<GroupChoice>& wider, const Left& left) const {
        const std::vector<GroupChoice> narrow = enough.choices;
        const std::vector<std::size_t> order = lastTaken(wider, narrow);
        std::size_t some = 0, tooMany = order.size(); // with all of them it was not enough
        while (some + 1 < tooMany) {
            const std::size_t middle = some + (tooMany - some) / 2;
            std::vector<GroupChoice> choices = narrow;
            for (std::size_t at = 0; at < middle; ++at)
                choices[order[at]] = wider[order[at]];
            auto tried = judged(std::move(choices), left);
            if (!tried) return tried;
            if (tried->isReached) {
                some = middle;
                enough = std::move(*tried);
            } else {
                tooMany = middle;
            }
        }
        return enough;
    }

    /// The groups that are wider in `wider`, the one first whose channels between both score highest against the mean of the group.
    std::vector<std::size_t> lastTaken(const std::vector<GroupChoice>& wider, const std::vector<GroupChoice>& narrower) const {
        std::vector<std::pair<double, std::size_t>> taken;
        for (std::size_t at = 0; at < m_candidates.size(); ++at) {
            const std::vector<double>& scores = m_candidates[at].scores;
            double sum = 0, all = 0, count = 0;
            for (std::size_t channel = 0; channel < scores.size(); ++channel) {
                all += scores[channel];
                if (!narrower[at].isRemoved[channel] || wider[at].isRemoved[channel]) continue;
                sum += scores[channel];
                ++count;
            }
            if (count > 0) taken.emplace_back(all > 0 ? sum / count * static_cast<double>(scores.size()) / all : 0, at);
        }
        std::ranges::stable_sort(taken, std::greater<>{}, &std::pair<double, std::size_t>::first);
        std::vector<std::size_t> order;
        for (const auto& [score, at] : taken)
            order.push_back(at);
        return order;
    }

    std::span<const Candidate> m_candidates;
    const SelectionOptions& m_options;
    std::size_t m_channels = 0;                          ///< that are to be chosen from
    std::vector<std::pair<double, std::size_t>> m_order; ///< of all of them together: score and candidate, ascending
};

} // namespace

GroupChoice withoutLowest(const Candidate& candidate, std::size_t kept) {
    GroupChoice choice{candidate.group, std::vector<bool>(candidate.scores.size(), false)};
    for (const std::size_t channel : lowest(candidate.scores, candidate.scores.size() - kept))
        choice.isRemoved[channel] = true;
    return choice;
}

std::size_t keptChannels(std::size_t channels, double ratio, std::size_t minimum, std::size_t multiple) {
    return keptOf(channels, shareOf(1 - ratio, channels), minimum, multiple);
}

Selection select(const graph::Graph& graph, std::span<const Candidate> candidates, const SelectionOptions& options) {
    const Selector selector(candidates, options);
    if (options.of == ShareOf::Channels) return selector.byChannels();
    const auto cost = [&](const graph::Graph& of) {
        return options.of == ShareOf::Macs ? graph::macsPerSample(of).known : graph::parameterCount(of);
    };
    const auto before = static_cast<double>(std::max<std::int64_t>(cost(graph), 1));
    const auto left = [&](std::vector<GroupChoice>& choices) -> base::Result<double> {
        return static_cast<double>(cost(Removal(choices).sizesOf(graph))) / before;
    };
    return *selector.by(left, options.multiple > 1);
}

base::Result<Selection> selectBy(std::span<const Candidate> candidates, const SelectionOptions& options, const Left& left) {
    return Selector(candidates, options).by(left, true);
}

} // namespace lathe::transform
