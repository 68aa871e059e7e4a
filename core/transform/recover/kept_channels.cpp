#include <core/transform/recover/kept_channels.h>

#include <algorithm>

namespace lathe::transform {

namespace {

/// The first place for each, one behind the other.
std::optional<std::vector<std::size_t>> firstPlaces(const std::vector<double>& before, const std::vector<double>& after) {
    std::vector<std::size_t> places;
    std::size_t at = 0;
    for (const double number : after) {
        while (at < before.size() && before[at] != number)
            ++at;
        if (at == before.size()) return std::nullopt;
        places.push_back(at++);
    }
    return places;
}

} // namespace

std::optional<std::vector<std::size_t>> keptChannels(std::span<const double> before, std::span<const double> after) {
    const std::vector<double> all(before.begin(), before.end()), left(after.begin(), after.end());
    auto places = firstPlaces(all, left);
    // From behind they are the last places: the same ones only where there is no choice.
    auto last = firstPlaces({all.rbegin(), all.rend()}, {left.rbegin(), left.rend()});
    if (!places || !last) return std::nullopt;
    std::ranges::reverse(*last);
    for (std::size_t& place : *last)
        place = all.size() - 1 - place;
    return *places == *last ? places : std::nullopt;
}

} // namespace lathe::transform
