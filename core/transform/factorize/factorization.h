#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <core/transform/factorize/filters.h>
#include <core/transform/factorize/second_moment.h>

namespace lathe::transform {

/// What a layer is replaced by: layers one behind the other, with fewer channels in between.
enum class FactorizationMethod {
    Channel,        ///< fewer filters, then 1x1 to all outputs; of linear layers the singular value decomposition
    ChannelInFront, ///< 1x1 to fewer inputs, then the filters
    Spatial,        ///< kx1, then 1xk (M. Jaderberg et al., Speeding up Convolutional Neural Networks with Low Rank Expansions, BMVC 2014)
    Tucker, ///< 1x1, filters, 1x1 (Y.-D. Kim et al., Compression of Deep Convolutional Neural Networks …, ICLR 2016, arXiv:1511.06530)
    CanonicalPolyadic, ///< 1x1, a depthwise convolution, 1x1 (canonical_polyadic.h)
};

/// One of the layers that take the place of one.
struct Factor {
    enum class Kernel {
        Point,   ///< 1x1, stride 1
        Whole,   ///< the layer's kernel, stride, padding and dilation
        Rows,    ///< those of the first dimension alone
        Columns, ///< those of the second
    };
    Kernel kernel = Kernel::Point;
    Filters filters;
};

/// What samples told of a layer. Moments that are not known are nullptr.
struct LayerMoments {
    const SecondMoment* outputs = nullptr; ///< of the layer's results, before any ReLU
    const SecondMoment* inputs = nullptr;
    std::optional<std::vector<float>> bias{}; ///< the layer's; with it only what varies counts, and the bias takes in the rest
};

/// A layer taken apart once, to be put together with any rank. With several groups the rank is that of each.
class Factorization {
public:
    Factorization() = default;
    virtual ~Factorization() = default;
    Factorization(const Factorization&) = delete;
    Factorization& operator=(const Factorization&) = delete;

    [[nodiscard]] std::int64_t largestRank() const { return static_cast<std::int64_t>(energies().size()); }
    /// What each rank more adds, not rising: squared singular values, or shares of the outputs' variance where that counts.
    [[nodiscard]] virtual const std::vector<double>& energies() const = 0;
    /// The layers for a rank from 1 to largestRank(), without their values.
    [[nodiscard]] virtual std::vector<Factor> sizes(std::int64_t rank) const = 0;
    [[nodiscard]] virtual std::vector<Factor> factors(std::int64_t rank) const = 0;
    /// What they amount to, in the order of the layer's Filters.
    [[nodiscard]] virtual std::vector<float> approximation(std::int64_t rank) const = 0;
    /// The bias with which the outputs keep their mean; nothing when samples do not tell it.
    [[nodiscard]] virtual std::optional<std::vector<float>> bias(std::int64_t /*rank*/) const { return std::nullopt; }
};

/// Can the method be applied? Spatial: the kernel has two dimensions of more than one number.
[[nodiscard]] bool applies(FactorizationMethod method, const Filters& filters);

/// Takes finite filters apart; `applies` holds. Moments count for Channel alone. `rounds` of higher-order orthogonal iteration follow the
/// first guess (HOSVD) of Tucker (L. De Lathauwer et al., SIAM J. Matrix Anal. Appl. 21, 2000).
[[nodiscard]] std::unique_ptr<Factorization> factorize(Filters filters, FactorizationMethod method, const LayerMoments& moments = {},
                                                       int rounds = 2);

} // namespace lathe::transform
