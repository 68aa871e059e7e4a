#include <core/transform/sparsify/sparsity_pattern.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

#include <core/transform/prune/ranking.h>

namespace lathe::transform {

namespace {

constexpr std::int64_t largestGroup = 16, largestBlock = 64;

std::optional<std::int64_t> numberOf(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

/// The blocks of a matrix: those that are complete.
struct Blocks {
    std::int64_t rows, inputs; ///< of a block
    std::int64_t down, across; ///< blocks of a group's outputs, of the channels at one place
    const WeightRows& sizes;

    Blocks(const SparsityPattern& pattern, const WeightRows& matrix)
        : rows(pattern.blockRows), inputs(pattern.blockInputs), down(matrix.outputs / rows), across(matrix.inputs / inputs), sizes(matrix) {
    }

    [[nodiscard]] std::int64_t inRow() const { return sizes.places * across; }
    [[nodiscard]] std::int64_t count() const { return sizes.groups * down * inRow(); }
    /// Calls with the position of each element of the block.
    template<class Visit>
    void forEachElement(std::int64_t block, const Visit& visit) const {
        const std::int64_t blockRow = block / inRow(), column = block % inRow();
        const std::int64_t firstRow = blockRow / down * sizes.outputs + blockRow % down * rows;
        const std::int64_t firstColumn = column / across * sizes.inputs + column % across * inputs;
        for (std::int64_t row = firstRow; row < firstRow + rows; ++row) {
            for (std::int64_t at = firstColumn; at < firstColumn + inputs; ++at)
                visit(static_cast<std::size_t>(row * sizes.columns() + at));
        }
    }
};

} // namespace

base::Result<SparsityPattern> sparsityPattern(std::string_view text) {
    if (text.empty()) return SparsityPattern{};
    const std::size_t at = text.find_first_of(":x");
    if (at != std::string_view::npos) {
        const auto first = numberOf(text.substr(0, at)), second = numberOf(text.substr(at + 1));
        if (first && second && *first > 0) {
            if (text[at] == ':' && *first < *second && *second <= largestGroup) return SparsityPattern{*first, *second};
            if (text[at] == 'x' && *second > 0 && *first <= largestBlock && *second <= largestBlock)
                return SparsityPattern{0, 0, *first, *second};
        }
    }
    return base::failure(base::ErrorCode::Rejected,
                         {"prune.wrongPattern", {{"pattern", std::string(text)}, {"group", largestGroup}, {"block", largestBlock}}});
}

std::int64_t denseWeights(const SparsityPattern& pattern, const WeightRows& sizes) {
    const std::int64_t inputs = sizes.inputs % (pattern.isNOfM() ? pattern.of : pattern.blockInputs);
    const std::int64_t outputs = pattern.isNOfM() ? 0 : sizes.outputs % pattern.blockRows;
    return static_cast<std::int64_t>(sizes.size()) - sizes.groups * sizes.places * (sizes.outputs - outputs) * (sizes.inputs - inputs);
}

std::vector<std::size_t> lowestOfGroups(const SparsityPattern& pattern, const WeightRows& sizes, std::span<const double> scores) {
    const auto m = static_cast<std::size_t>(pattern.of), goes = static_cast<std::size_t>(pattern.of - pattern.kept);
    std::vector<std::size_t> removed;
    const auto run = static_cast<std::size_t>(sizes.inputs);
    for (std::size_t first = 0; first < scores.size(); first += run) {
        for (std::size_t group = first; group + m <= first + run; group += m) {
            for (const std::size_t each : lowest(scores.subspan(group, m), goes))
                removed.push_back(group + each);
        }
    }
    return removed;
}

std::vector<double> blockScores(const SparsityPattern& pattern, const WeightRows& sizes, std::span<const double> scores) {
    if (pattern.isFree()) return {scores.begin(), scores.end()};
    const Blocks blocks(pattern, sizes);
    std::vector<double> result(static_cast<std::size_t>(blocks.count()), 0);
    for (std::size_t block = 0; block < result.size(); ++block) {
        blocks.forEachElement(static_cast<std::int64_t>(block), [&](std::size_t at) { result[block] += scores[at]; });
        result[block] /= static_cast<double>(blocks.rows * blocks.inputs);
    }
    return result;
}

std::int64_t blocksInRow(const SparsityPattern& pattern, const WeightRows& sizes) { return Blocks(pattern, sizes).inRow(); }

std::vector<std::size_t> elementsOfBlocks(const SparsityPattern& pattern, const WeightRows& sizes, std::span<const std::size_t> chosen) {
    if (pattern.isFree()) return {chosen.begin(), chosen.end()};
    const Blocks blocks(pattern, sizes);
    std::vector<std::size_t> elements;
    for (const std::size_t block : chosen)
        blocks.forEachElement(static_cast<std::int64_t>(block), [&](std::size_t at) { elements.push_back(at); });
    std::ranges::sort(elements);
    return elements;
}

} // namespace lathe::transform
