#include <core/transform/factorize/canonical_polyadic.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>

#include <Eigen/Cholesky>

#include <core/transform/factorize/low_rank.h>
#include <core/transform/factorize/row_major.h>
#include <core/transform/factorize/slices.h>
#include <core/transform/factorize/spectrum.h>

namespace lathe::transform {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;

/// Σ outputs[o, r] · inputs[i, r] · kernel[k, r]: a column for each term.
struct Terms {
    MatrixXd outputs, inputs, kernel;

    [[nodiscard]] Index size() const { return outputs.cols(); }
    [[nodiscard]] bool isFinite() const { return outputs.allFinite() && inputs.allFinite() && kernel.allFinite(); }
    [[nodiscard]] Terms first(Index count) const { return {outputs.leftCols(count), inputs.leftCols(count), kernel.leftCols(count)}; }
    [[nodiscard]] Slices slices() const {
        Slices made;
        for (Index at = 0; at < kernel.rows(); ++at)
            made.push_back(outputs * kernel.row(at).asDiagonal() * inputs.transpose());
        return made;
    }
    /// Equally large factors keep their digits when they are rounded.
    void balance() {
        for (Index term = 0; term < size(); ++term) {
            const double a = outputs.col(term).norm(), b = inputs.col(term).norm(), c = kernel.col(term).norm();
            if (a * b * c <= 0) continue;
            const double each = std::cbrt(a * b * c);
            outputs.col(term) *= each / a;
            inputs.col(term) *= each / b;
            kernel.col(term) *= each / c;
        }
    }
};

/// All terms of the first guess, the largest first; `energies` are what they add to the sum of squares.
Terms guess(const Slices& slices, std::vector<double>& energies) {
    const Index places = std::ssize(slices), rows = slices.front().rows(), columns = slices.front().cols();
    MatrixXd products(places, places);
    for (Index a = 0; a < places; ++a) {
        for (Index b = 0; b < places; ++b)
            products(a, b) = slices[static_cast<std::size_t>(a)].cwiseProduct(slices[static_cast<std::size_t>(b)]).sum();
    }
    const Spectrum kernels(products);
    std::vector<LowRank> parts;
    std::vector<std::pair<std::int64_t, std::int64_t>> order; // of which part which term
    for (Index part = 0; part < places; ++part) {
        RowMajor sum = RowMajor::Zero(rows, columns);
        for (Index at = 0; at < places; ++at)
            sum += kernels.vectors(at, part) * slices[static_cast<std::size_t>(at)];
        std::vector<float> numbers;
        append(numbers, sum);
        parts.push_back(lowRank(numbers, rows, columns));
        for (std::int64_t term = 0; term < parts.back().size(); ++term)
            order.emplace_back(part, term);
    }
    const auto energy = [&](const auto& at) {
        return parts[static_cast<std::size_t>(at.first)].energies[static_cast<std::size_t>(at.second)];
    };
    std::ranges::stable_sort(order, std::greater<>(), energy);
    const auto count = static_cast<Index>(order.size());
    Terms terms{MatrixXd(rows, count), MatrixXd(columns, count), MatrixXd(places, count)};
    energies.clear();
    for (Index at = 0; at < count; ++at) {
        const auto& [part, term] = order[static_cast<std::size_t>(at)];
        const LowRank& from = parts[static_cast<std::size_t>(part)];
        terms.outputs.col(at) = Eigen::Map<const RowMajor>(from.left.data(), rows, from.size()).col(term);
        terms.inputs.col(at) = Eigen::Map<const RowMajor>(from.right.data(), from.size(), columns).row(term).transpose();
        terms.kernel.col(at) = kernels.vectors.col(part);
        energies.push_back(energy(order[static_cast<std::size_t>(at)]));
    }
    return terms;
}

MatrixXd gram(const MatrixXd& matrix) { return matrix.transpose() * matrix; }

/// The factor that is best with the two others, of which `others` is the product of their Gram matrices, element by element.
MatrixXd best(const MatrixXd& seen, MatrixXd others) {
    others.diagonal().array() += 1e-10 * others.trace() / static_cast<double>(others.rows()) + 1e-300; // terms may become alike
    return others.ldlt().solve(seen.transpose()).transpose();
}

/// One round of alternating least squares. What is lost then, as a sum of squares less that of the filters, which never changes.
double improve(const Slices& slices, Terms& terms) {
    const auto places = [&](const auto& visit) {
        for (std::size_t at = 0; at < slices.size(); ++at)
            visit(slices[at], static_cast<Index>(at));
    };
    MatrixXd seen = MatrixXd::Zero(terms.outputs.rows(), terms.size());
    places([&](const MatrixXd& slice, Index at) { seen += slice * terms.inputs * terms.kernel.row(at).asDiagonal(); });
    terms.outputs = best(seen, gram(terms.inputs).cwiseProduct(gram(terms.kernel)));
    seen = MatrixXd::Zero(terms.inputs.rows(), terms.size());
    places([&](const MatrixXd& slice, Index at) { seen += slice.transpose() * terms.outputs * terms.kernel.row(at).asDiagonal(); });
    terms.inputs = best(seen, gram(terms.outputs).cwiseProduct(gram(terms.kernel)));
    seen = MatrixXd(terms.kernel.rows(), terms.size());
    places([&](const MatrixXd& slice, Index at) { seen.row(at) = (slice * terms.inputs).cwiseProduct(terms.outputs).colwise().sum(); });
    const MatrixXd others = gram(terms.outputs).cwiseProduct(gram(terms.inputs));
    terms.kernel = best(seen, others);
    return others.cwiseProduct(gram(terms.kernel)).sum() - 2 * seen.cwiseProduct(terms.kernel).sum();
}

class CanonicalPolyadic final : public Factorization {
public:
    explicit CanonicalPolyadic(Filters filters) : m_filters(std::move(filters)) {
        for (std::int64_t group = 0; group < m_filters.groups; ++group) {
            m_slices.push_back(slicesOf(m_filters, group));
            std::vector<double> energies;
            m_guesses.push_back(guess(m_slices.back(), energies));
            // Terms that are nothing but roundoff are left out: a group may have fewer than another.
            m_energies.resize(group == 0 ? energies.size() : std::min(m_energies.size(), energies.size()));
            std::transform(m_energies.begin(), m_energies.end(), energies.begin(), m_energies.begin(), std::plus<>());
        }
    }

    [[nodiscard]] const std::vector<double>& energies() const override { return m_energies; }

    [[nodiscard]] std::vector<Factor> sizes(std::int64_t rank) const override {
        const std::vector<std::int64_t> point(m_filters.kernel.size(), 1);
        return {{Factor::Kernel::Point, {m_filters.groups, rank, m_filters.inputs, point}},
                {Factor::Kernel::Whole, {m_filters.groups * rank, 1, 1, m_filters.kernel}},
                {Factor::Kernel::Point, {m_filters.groups, m_filters.outputs, rank, point}}};
    }

    [[nodiscard]] std::vector<Factor> factors(std::int64_t rank) const override {
        std::vector<Factor> made = sizes(rank);
        for (const Terms& terms : found(rank)) {
            append(made[0].filters.values, terms.inputs.transpose());
            append(made[1].filters.values, terms.kernel.transpose());
            append(made[2].filters.values, terms.outputs);
        }
        return made;
    }

    [[nodiscard]] std::vector<float> approximation(std::int64_t rank) const override {
        std::vector<float> values;
        for (const Terms& terms : found(rank)) {
            const std::vector<float> part = valuesOf(terms.slices());
            values.insert(values.end(), part.begin(), part.end());
        }
        return values;
    }

private:
    /// The terms of each group. The last rank that was asked for is kept: factors and approximation are asked one behind the other.
    const std::vector<Terms>& found(std::int64_t rank) const {
        constexpr int mostRounds = 50;
        constexpr double worthwhile = 1e-4; // of the filters' energy
        if (rank == m_foundRank) return m_found;
        m_found.clear();
        for (std::size_t group = 0; group < m_slices.size(); ++group) {
            Terms terms = m_guesses[group].first(rank);
            double all = 0;
            for (const MatrixXd& slice : m_slices[group])
                all += slice.squaredNorm();
            double lost = 0; // that of the guess is not known; the first round is no worse
            for (int round = 0; round < mostRounds && all > 0; ++round) {
                Terms next = terms;
                const double after = improve(m_slices[group], next);
                if (!next.isFinite()) break;
                terms = std::move(next);
                if (round > 0 && lost - after < worthwhile * all) break;
                lost = after;
            }
            terms.balance();
            m_found.push_back(std::move(terms));
        }
        m_foundRank = rank;
        return m_found;
    }

    Filters m_filters;
    std::vector<Slices> m_slices; ///< of each group
    std::vector<Terms> m_guesses;
    std::vector<double> m_energies;
    mutable std::vector<Terms> m_found;
    mutable std::int64_t m_foundRank = 0;
};

} // namespace

std::unique_ptr<Factorization> makeCanonicalPolyadic(Filters filters) { return std::make_unique<CanonicalPolyadic>(std::move(filters)); }

} // namespace lathe::transform
