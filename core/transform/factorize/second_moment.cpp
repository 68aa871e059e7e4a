#include <core/transform/factorize/second_moment.h>

#include <algorithm>
#include <cassert>
#include <cmath>

#include <Eigen/Core>

namespace lathe::transform {

namespace {

using Columns = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::ColMajor>;
using Rows = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

} // namespace

void SecondMoment::add(const tensor::Tensor& values, std::size_t axis) {
    const tensor::Shape& shape = values.shape();
    if (axis >= shape.size() || values.elementCount() == 0) return;
    const auto at = shape.begin() + static_cast<std::ptrdiff_t>(axis);
    const std::int64_t outer = tensor::elementCount({shape.begin(), at}), inner = tensor::elementCount({at + 1, shape.end()});
    if (m_channels == 0) {
        m_channels = *at;
        m_sums.assign(static_cast<std::size_t>(m_channels), 0);
        m_products.assign(static_cast<std::size_t>(m_channels * m_channels), 0);
    }
    if (*at != m_channels) return;

    // Sums of a few thousand products are exact enough in float; the sums of those are in double.
    constexpr std::int64_t block = 4096;
    Eigen::Map<Eigen::VectorXd> sums(m_sums.data(), m_channels);
    Eigen::Map<Eigen::MatrixXd> products(m_products.data(), m_channels, m_channels);
    Columns partly(m_channels, m_channels);
    const auto addSamples = [&](const auto& samples) { // [channels, samples]
        partly.setZero();
        partly.selfadjointView<Eigen::Lower>().rankUpdate(samples);
        products += partly.cast<double>();
        sums += samples.rowwise().sum().template cast<double>();
        m_count += samples.cols();
    };
    const float* data = values.values<float>().data();
    if (inner == 1) { // samples lie one behind the other
        for (std::int64_t first = 0; first < outer; first += block)
            addSamples(Eigen::Map<const Columns>(data + first * m_channels, m_channels, std::min(block, outer - first)));
        return;
    }
    for (std::int64_t image = 0; image < outer; ++image) {
        const Eigen::Map<const Rows> all(data + image * m_channels * inner, m_channels, inner);
        for (std::int64_t first = 0; first < inner; first += block)
            addSamples(all.middleCols(first, std::min(block, inner - first)));
    }
}

bool SecondMoment::isFinite() const {
    // A channel that was not finite once has no finite sum any more.
    return std::ranges::all_of(m_sums, [](double sum) { return std::isfinite(sum); }) &&
           std::ranges::all_of(m_products, [](double sum) { return std::isfinite(sum); });
}

std::vector<double> SecondMoment::mean() const {
    std::vector<double> means(m_sums);
    for (double& mean : means)
        mean /= static_cast<double>(std::max<std::int64_t>(m_count, 1));
    return means;
}

std::vector<double> SecondMoment::moment(std::int64_t first, std::int64_t size) const {
    assert(m_count > 0 && first >= 0 && first + size <= m_channels);
    std::vector<double> block(static_cast<std::size_t>(size * size));
    const Eigen::Map<const Eigen::MatrixXd> products(m_products.data(), m_channels, m_channels);
    Eigen::Map<Eigen::MatrixXd> wanted(block.data(), size, size);
    wanted = products.block(first, first, size, size).selfadjointView<Eigen::Lower>();
    wanted /= static_cast<double>(m_count);
    return block;
}

std::vector<double> SecondMoment::covariance(std::int64_t first, std::int64_t size) const {
    std::vector<double> block = moment(first, size);
    const std::vector<double> means = mean();
    Eigen::Map<Eigen::MatrixXd> wanted(block.data(), size, size);
    const Eigen::Map<const Eigen::VectorXd> part(means.data() + first, size);
    wanted -= part * part.transpose();
    return block;
}

} // namespace lathe::transform
