#pragma once

#include <span>
#include <vector>

#include <QPointF>

namespace lathe::views {

/// The empirical distribution function: at each different sample the share of samples that are at most it. Samples need not be sorted;
/// those that are not finite are left out.
[[nodiscard]] std::vector<QPointF> empiricalDistribution(std::span<const double> samples);

/// Share of samples in each of `bins` equal bins from `from` to `to`; samples outside count in no bin, but in the whole.
[[nodiscard]] std::vector<double> histogramShares(std::span<const double> samples, double from, double to, int bins);

/// The sample below which `fraction` of them lie, linear between samples (Hyndman & Fan type 7); NaN without samples.
[[nodiscard]] double quantile(std::span<const double> samples, double fraction);

} // namespace lathe::views
