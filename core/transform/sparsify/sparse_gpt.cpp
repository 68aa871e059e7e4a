#include <core/transform/sparsify/sparse_gpt.h>

#include <algorithm>

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include <core/transform/prune/ranking.h>

namespace lathe::transform {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using RowsOfFloats = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

constexpr std::int64_t blockSize = 128;

/// Columns among which is chosen at once.
struct Chunk {
    std::int64_t first;
    WeightRows sizes; ///< as if they were a layer of their own
};

std::vector<Chunk> chunksOf(const SparsityPattern& pattern, const WeightRows& rows) {
    std::vector<Chunk> chunks;
    const auto add = [&](std::int64_t first, std::int64_t inputs, std::int64_t places) {
        chunks.push_back({first, {1, rows.outputs, inputs, places}});
    };
    if (pattern.isFree()) {
        for (std::int64_t first = 0; first < rows.columns(); first += blockSize)
            add(first, std::min(blockSize, rows.columns() - first), 1);
        return chunks;
    }
    const std::int64_t width =
        pattern.isNOfM() ? pattern.of : std::max<std::int64_t>(blockSize / pattern.blockInputs, 1) * pattern.blockInputs;
    const std::int64_t together = pattern.isNOfM() ? 1 : std::max<std::int64_t>(width / rows.inputs, 1); // places
    for (std::int64_t place = 0; place < rows.places; place += together) {
        const std::int64_t places = std::min(together, rows.places - place);
        for (std::int64_t at = 0; at<rows.inputs; at += places> 1 ? rows.inputs : width)
            add(place * rows.inputs + at, places > 1 ? rows.inputs : std::min(width, rows.inputs - at), places);
    }
    return chunks;
}

/// U with UᵀU = (moment + damping)⁻¹, upper triangular.
MatrixXd inverseFactor(const std::vector<double>& moment, Index size) {
    // From behind: with the order of the columns turned round, moment = L·Lᵀ; U is the inverse of L, turned back.
    MatrixXd turned = Eigen::Map<const MatrixXd>(moment.data(), size, size).reverse();
    const double mean = turned.trace() / static_cast<double>(size);
    turned.diagonal().array() += mean > 0 ? mean / 100 : 1;
    const Eigen::LLT<MatrixXd> factor(turned);
    const MatrixXd inverse = factor.matrixL().solve(MatrixXd::Identity(size, size));
    return inverse.reverse();
}

/// Chooses for one chunk after the other; shares are of all so far, so that roundings do not add up.
class Choice {
public:
    Choice(const SparsityPattern& pattern, double ratio) : m_pattern(pattern), m_ratio(ratio) {}

    /// Positions in the chunk, row by row.
    std::vector<std::size_t> of(const WeightRows& sizes, const std::vector<double>& scores) {
        if (m_pattern.isNOfM()) return lowestOfGroups(m_pattern, sizes, scores);
        const std::vector<double> blocks = blockScores(m_pattern, sizes, scores);
        m_seen += blocks.size();
        const std::vector<std::size_t> chosen = lowest(blocks, shareOf(m_ratio, m_seen) - m_taken);
        m_taken += chosen.size();
        return elementsOfBlocks(m_pattern, sizes, chosen);
    }

private:
    const SparsityPattern& m_pattern;
    double m_ratio;
    std::size_t m_seen = 0, m_taken = 0;
};

/// One group's weights, [outputs, columns].
void pruneGroup(MatrixXd& weights, const std::vector<double>& moment, const std::vector<Chunk>& chunks, Choice& choice) {
    const Index all = weights.cols();
    const MatrixXd factor = inverseFactor(moment, all);
    for (auto chunk = chunks.begin(); chunk != chunks.end();) {
        const Index first = chunk->first;
        auto end = chunk;
        Index last = first;
        while (end != chunks.end() && last - first < blockSize)
            last += (end++)->sizes.columns();
        MatrixXd errors = MatrixXd::Zero(weights.rows(), last - first);
        for (; chunk != end; ++chunk) {
            const Index width = chunk->sizes.columns();
            std::vector<double> scores;
            scores.reserve(chunk->sizes.size());
            for (Index row = 0; row < weights.rows(); ++row) {
                for (Index column = chunk->first; column < chunk->first + width; ++column) {
                    const bool isAlwaysZero = moment[static_cast<std::size_t>(column * all + column)] == 0; // the damping hides that
                    const double score = weights(row, column) / factor(column, column);
                    scores.push_back(isAlwaysZero ? 0 : score * score);
                }
            }
            std::vector<std::vector<Index>> goes(static_cast<std::size_t>(width)); // rows, by column
            for (const std::size_t at : choice.of(chunk->sizes, scores))
                goes[at % static_cast<std::size_t>(width)].push_back(static_cast<Index>(at) / width);
            for (Index column = chunk->first; column < chunk->first + width; ++column) {
                auto error = errors.col(column - first);
                for (const Index row : goes[static_cast<std::size_t>(column - chunk->first)]) {
                    error(row) = weights(row, column) / factor(column, column);
                    weights(row, column) = 0;
                }
                const Index behind = last - column - 1;
                if (behind > 0) weights.middleCols(column + 1, behind).noalias() -= error * factor.row(column).segment(column + 1, behind);
            }
        }
        if (last < all) weights.rightCols(all - last).noalias() -= errors * factor.block(first, last, last - first, all - last);
    }
}

} // namespace

std::vector<float> sparseGpt(const WeightRows& rows, std::vector<float> matrix, const InputMoment& moment, const SparsityPattern& pattern,
                             double ratio) {
    const std::vector<Chunk> chunks = chunksOf(pattern, rows);
    Choice choice(pattern, ratio);
    for (std::int64_t group = 0; group < rows.groups; ++group) {
        Eigen::Map<RowsOfFloats> stored(matrix.data() + group * rows.outputs * rows.columns(), rows.outputs, rows.columns());
        MatrixXd weights = stored.cast<double>();
        pruneGroup(weights, moment.moment(group), chunks, choice);
        stored = weights.cast<float>();
    }
    return matrix;
}

} // namespace lathe::transform
