#include <core/transform/factorize/factorization.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <functional>

#include <core/transform/factorize/canonical_polyadic.h>
#include <core/transform/factorize/low_rank.h>
#include <core/transform/factorize/tucker.h>

namespace lathe::transform {

namespace {

/// An order of three indices: element (a, b, c) of the result is the one at a·strides[0] + b·strides[1] + c·strides[2].
std::vector<float> arranged(std::span<const float> values, const std::array<std::int64_t, 3>& sizes,
                            const std::array<std::int64_t, 3>& strides) {
    std::vector<float> result;
    result.reserve(values.size());
    for (std::int64_t a = 0; a < sizes[0]; ++a) {
        for (std::int64_t b = 0; b < sizes[1]; ++b) {
            for (std::int64_t c = 0; c < sizes[2]; ++c)
                result.push_back(values[static_cast<std::size_t>(a * strides[0] + b * strides[1] + c * strides[2])]);
        }
    }
    return result;
}

/// [x, y, z] → [x, z, y].
std::vector<float> lastSwapped(std::span<const float> values, std::int64_t x, std::int64_t y, std::int64_t z) {
    return arranged(values, {x, z, y}, {y * z, 1, z});
}

/// Two layers with `rank` channels of each group in between: each group is a matrix of low rank.
class TwoFactors : public Factorization {
public:
    TwoFactors(Filters filters) : m_filters(std::move(filters)) { m_filters.values.clear(); }

    [[nodiscard]] const std::vector<double>& energies() const final { return m_energies; }
    [[nodiscard]] std::vector<Factor> factors(std::int64_t rank) const final {
        std::vector<Factor> made = sizes(rank);
        for (const LowRank& group : m_groups) {
            const std::vector<float> right = group.rightFactor(rank), left = leftFilters(group.leftFactor(rank), rank);
            made[0].filters.values.insert(made[0].filters.values.end(), right.begin(), right.end());
            made[1].filters.values.insert(made[1].filters.values.end(), left.begin(), left.end());
        }
        return made;
    }
    [[nodiscard]] std::vector<float> approximation(std::int64_t rank) const final {
        std::vector<float> values;
        for (const LowRank& group : m_groups) {
            const std::vector<float> part = fromMatrix(group.product(rank));
            values.insert(values.end(), part.begin(), part.end());
        }
        return values;
    }

protected:
    /// Of all groups, in their order.
    void take(LowRank group) {
        if (m_groups.empty()) {
            m_energies = group.energies;
        } else {
            m_energies.resize(std::min(m_energies.size(), group.energies.size()));
            std::transform(m_energies.begin(), m_energies.end(), group.energies.begin(), m_energies.begin(), std::plus<>());
        }
        m_groups.push_back(std::move(group));
    }
    /// The left factor of a group as the filters of the second layer.
    [[nodiscard]] virtual std::vector<float> leftFilters(std::vector<float> left, std::int64_t rank) const = 0;
    /// A group's filters from the matrix that was taken apart.
    [[nodiscard]] virtual std::vector<float> fromMatrix(std::vector<float> matrix) const = 0;

    [[nodiscard]] const Filters& layer() const { return m_filters; }
    [[nodiscard]] const std::vector<LowRank>& groups() const { return m_groups; }

private:
    Filters m_filters;
    std::vector<LowRank> m_groups;
    std::vector<double> m_energies;
};

class ChannelFactors final : public TwoFactors {
public:
    ChannelFactors(const Filters& filters, const LayerMoments& moments) : TwoFactors(filters) {
        const std::int64_t rows = filters.outputs, columns = filters.inputs * filters.kernelSize();
        const bool hasBias = moments.bias.has_value();
        const auto numbers = [&](const SecondMoment& seen, std::int64_t first, std::int64_t size) {
            return hasBias ? seen.covariance(first, size) : seen.moment(first, size);
        };
        const bool tellsInputs = moments.inputs != nullptr && filters.kernelSize() == 1;
        std::vector<double> mean; // of the outputs without bias
        for (std::int64_t group = 0; group < filters.groups; ++group) {
            const std::span<const float> weights = filters.group(group);
            if (tellsInputs) {
                take(lowRankForInputs(weights, rows, columns, numbers(*moments.inputs, group * columns, columns)));
                const std::vector<double> inputs = moments.inputs->mean();
                for (std::int64_t row = 0; row < rows; ++row) {
                    double sum = 0;
                    for (std::int64_t i = 0; i < columns; ++i)
                        sum += static_cast<double>(weights[static_cast<std::size_t>(row * columns + i)]) *
                               inputs[static_cast<std::size_t>(group * columns + i)];
                    mean.push_back(sum);
                }
            } else if (moments.outputs != nullptr) {
                take(lowRankOfOutputs(weights, rows, columns, numbers(*moments.outputs, group * rows, rows)));
            } else {
                take(lowRank(weights, rows, columns));
            }
        }
        if (!hasBias || (!tellsInputs && moments.outputs == nullptr)) return;
        m_bias = moments.bias;
        m_mean = std::move(mean);
        if (tellsInputs) return;
        m_mean = moments.outputs->mean();
        for (std::size_t i = 0; i < m_mean.size(); ++i)
            m_mean[i] -= static_cast<double>((*m_bias)[i]);
    }

    [[nodiscard]] std::vector<Factor> sizes(std::int64_t rank) const override {
        const Filters& all = layer();
        const std::vector<std::int64_t> point(all.kernel.size(), 1);
        return {{Factor::Kernel::Whole, {all.groups, rank, all.inputs, all.kernel}},
                {Factor::Kernel::Point, {all.groups, all.outputs, rank, point}}};
    }
    [[nodiscard]] std::optional<std::vector<float>> bias(std::int64_t rank) const override {
        if (!m_bias) return std::nullopt;
        std::vector<float> corrected = *m_bias;
        std::size_t first = 0;
        for (const LowRank& group : groups()) {
            const auto mean = std::span(m_mean).subspan(first, static_cast<std::size_t>(group.rows));
            const std::vector<double> kept = group.projected(mean, rank);
            for (std::size_t i = 0; i < kept.size(); ++i)
                corrected[first + i] = static_cast<float>(static_cast<double>(corrected[first + i]) + mean[i] - kept[i]);
            first += kept.size();
        }
        return corrected;
    }

private:
    [[nodiscard]] std::vector<float> leftFilters(std::vector<float> left, std::int64_t /*rank*/) const override { return left; }
    [[nodiscard]] std::vector<float> fromMatrix(std::vector<float> matrix) const override { return matrix; }

    std::optional<std::vector<float>> m_bias;
    std::vector<double> m_mean; ///< of the outputs without bias, when there is a bias to be corrected
};

class ChannelInFrontFactors final : public TwoFactors {
public:
    explicit ChannelInFrontFactors(const Filters& filters) : TwoFactors(filters) {
        const std::int64_t kernel = filters.kernelSize();
        for (std::int64_t group = 0; group < filters.groups; ++group) // [outputs, kernel, inputs]
            take(lowRank(lastSwapped(filters.group(group), filters.outputs, filters.inputs, kernel), filters.outputs * kernel,
                         filters.inputs));
    }
    [[nodiscard]] std::vector<Factor> sizes(std::int64_t rank) const override {
        const Filters& all = layer();
        const std::vector<std::int64_t> point(all.kernel.size(), 1);
        return {{Factor::Kernel::Point, {all.groups, rank, all.inputs, point}},
                {Factor::Kernel::Whole, {all.groups, all.outputs, rank, all.kernel}}};
    }

private:
    [[nodiscard]] std::vector<float> leftFilters(std::vector<float> left, std::int64_t rank) const override {
        return lastSwapped(left, layer().outputs, layer().kernelSize(), rank);
    }
    [[nodiscard]] std::vector<float> fromMatrix(std::vector<float> matrix) const override {
        return lastSwapped(matrix, layer().outputs, layer().kernelSize(), layer().inputs);
    }
};

class SpatialFactors final : public TwoFactors {
public:
    explicit SpatialFactors(const Filters& filters) : TwoFactors(filters) {
        const std::int64_t rows = filters.inputs * filters.kernel[0];
        for (std::int64_t group = 0; group < filters.groups; ++group) // [outputs, width, inputs · height]
            take(lowRank(lastSwapped(filters.group(group), filters.outputs, rows, filters.kernel[1]), filters.outputs * filters.kernel[1],
                         rows));
    }
    [[nodiscard]] std::vector<Factor> sizes(std::int64_t rank) const override {
        const Filters& all = layer();
        return {{Factor::Kernel::Rows, {all.groups, rank, all.inputs, {all.kernel[0], 1}}},
                {Factor::Kernel::Columns, {all.groups, all.outputs, rank, {1, all.kernel[1]}}}};
    }

private:
    [[nodiscard]] std::vector<float> leftFilters(std::vector<float> left, std::int64_t rank) const override {
        return lastSwapped(left, layer().outputs, layer().kernel[1], rank);
    }
    [[nodiscard]] std::vector<float> fromMatrix(std::vector<float> matrix) const override {
        return lastSwapped(matrix, layer().outputs, layer().kernel[1], layer().inputs * layer().kernel[0]);
    }
};

} // namespace

bool applies(FactorizationMethod method, const Filters& filters) {
    if (method != FactorizationMethod::Spatial) return true;
    return filters.kernel.size() == 2 && filters.kernel[0] > 1 && filters.kernel[1] > 1;
}

std::unique_ptr<Factorization> factorize(Filters filters, FactorizationMethod method, const LayerMoments& moments, int rounds) {
    assert(applies(method, filters));
    switch (method) {
    case FactorizationMethod::Channel:
        break;
    case FactorizationMethod::ChannelInFront:
        return std::make_unique<ChannelInFrontFactors>(filters);
    case FactorizationMethod::Spatial:
        return std::make_unique<SpatialFactors>(filters);
    case FactorizationMethod::Tucker:
        return makeTucker(std::move(filters), rounds);
    case FactorizationMethod::CanonicalPolyadic:
        return makeCanonicalPolyadic(std::move(filters));
    }
    return std::make_unique<ChannelFactors>(filters, moments);
}

} // namespace lathe::transform
