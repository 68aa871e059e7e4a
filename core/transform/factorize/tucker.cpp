#include <core/transform/factorize/tucker.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <numeric>

#include <core/transform/factorize/row_major.h>
#include <core/transform/factorize/slices.h>
#include <core/transform/factorize/spectrum.h>

namespace lathe::transform {

namespace {

using Eigen::MatrixXd;

/// Of the outputs, seen through a basis of the inputs.
Spectrum outputBasis(const Slices& slices, const MatrixXd* inputs) {
    MatrixXd sum = MatrixXd::Zero(slices.front().rows(), slices.front().rows());
    for (const MatrixXd& slice : slices) {
        const MatrixXd seen = inputs == nullptr ? slice : slice * *inputs;
        sum += seen * seen.transpose();
    }
    return Spectrum(sum);
}

Spectrum inputBasis(const Slices& slices, const MatrixXd* outputs) {
    MatrixXd sum = MatrixXd::Zero(slices.front().cols(), slices.front().cols());
    for (const MatrixXd& slice : slices) {
        const MatrixXd seen = outputs == nullptr ? slice : outputs->transpose() * slice;
        sum += seen.transpose() * seen;
    }
    return Spectrum(sum);
}

class Tucker final : public Factorization {
public:
    Tucker(Filters filters, int rounds) : m_filters(std::move(filters)), m_rounds(rounds) {
        m_outputEnergies.assign(static_cast<std::size_t>(m_filters.outputs), 0);
        m_inputEnergies.assign(static_cast<std::size_t>(m_filters.inputs), 0);
        for (std::int64_t group = 0; group < m_filters.groups; ++group) {
            const Slices slices = slicesOf(m_filters, group);
            m_outputs.push_back(outputBasis(slices, nullptr));
            m_inputs.push_back(inputBasis(slices, nullptr));
            const auto add = [](std::vector<double>& sum, const Eigen::VectorXd& part) {
                std::transform(sum.begin(), sum.end(), part.data(), sum.begin(), std::plus<>());
            };
            add(m_outputEnergies, m_outputs.back().values);
            add(m_inputEnergies, m_inputs.back().values);
        }
    }

    [[nodiscard]] const std::vector<double>& energies() const override { return m_outputEnergies; }

    [[nodiscard]] std::vector<Factor> sizes(std::int64_t rank) const override {
        const std::int64_t inputs = inputRank(rank);
        const std::vector<std::int64_t> point(m_filters.kernel.size(), 1);
        return {{Factor::Kernel::Point, {m_filters.groups, inputs, m_filters.inputs, point}},
                {Factor::Kernel::Whole, {m_filters.groups, rank, inputs, m_filters.kernel}},
                {Factor::Kernel::Point, {m_filters.groups, m_filters.outputs, rank, point}}};
    }

    [[nodiscard]] std::vector<Factor> factors(std::int64_t rank) const override {
        std::vector<Factor> made = sizes(rank);
        for (std::int64_t group = 0; group < m_filters.groups; ++group) {
            const Slices slices = slicesOf(m_filters, group);
            const auto [outputs, inputs] = bases(slices, group, rank);
            append(made[0].filters.values, inputs.transpose());
            const std::vector<float> core = valuesOf(coreOf(slices, outputs, inputs));
            made[1].filters.values.insert(made[1].filters.values.end(), core.begin(), core.end());
            append(made[2].filters.values, outputs);
        }
        return made;
    }

    [[nodiscard]] std::vector<float> approximation(std::int64_t rank) const override {
        std::vector<float> values;
        for (std::int64_t group = 0; group < m_filters.groups; ++group) {
            Slices slices = slicesOf(m_filters, group);
            const auto [outputs, inputs] = bases(slices, group, rank);
            for (MatrixXd& slice : slices)
                slice = outputs * (outputs.transpose() * slice * inputs) * inputs.transpose();
            const std::vector<float> part = valuesOf(slices);
            values.insert(values.end(), part.begin(), part.end());
        }
        return values;
    }

private:
    [[nodiscard]] std::int64_t inputRank(std::int64_t rank) const {
        const auto sum = [](auto first, auto last) { return std::accumulate(first, last, 0.0); };
        const double total = sum(m_outputEnergies.begin(), m_outputEnergies.end());
        const double lost = sum(m_outputEnergies.begin() + rank, m_outputEnergies.end());
        // What is lost beyond a rank is added up from the small end, where it is exact.
        std::int64_t inputs = m_filters.inputs;
        double lostInputs = 0;
        while (inputs > 1) {
            lostInputs += m_inputEnergies[static_cast<std::size_t>(inputs - 1)];
            if (lostInputs > lost + 1e-12 * total) break;
            --inputs;
        }
        return inputs;
    }

    static Slices coreOf(const Slices& slices, const MatrixXd& outputs, const MatrixXd& inputs) {
        Slices core;
        for (const MatrixXd& slice : slices)
            core.push_back(outputs.transpose() * slice * inputs);
        return core;
    }

    struct Bases {
        MatrixXd outputs, inputs;
    };
    [[nodiscard]] Bases bases(const Slices& slices, std::int64_t group, std::int64_t rank) const {
        const std::int64_t inputs = inputRank(rank);
        Bases found{m_outputs[static_cast<std::size_t>(group)].vectors.leftCols(rank),
                    m_inputs[static_cast<std::size_t>(group)].vectors.leftCols(inputs)};
        for (int round = 0; round < m_rounds; ++round) {
            found.outputs = outputBasis(slices, &found.inputs).vectors.leftCols(rank);
            found.inputs = inputBasis(slices, &found.outputs).vectors.leftCols(inputs);
        }
        return found;
    }

    Filters m_filters;
    int m_rounds;
    std::vector<Spectrum> m_outputs, m_inputs; ///< of each group
    std::vector<double> m_outputEnergies, m_inputEnergies;
};

} // namespace

std::unique_ptr<Factorization> makeTucker(Filters filters, int rounds) { return std::make_unique<Tucker>(std::move(filters), rounds); }

} // namespace lathe::transform
