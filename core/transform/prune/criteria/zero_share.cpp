#include <core/transform/prune/criteria/zero_share.h>

#include <algorithm>

namespace lathe::transform {

namespace {

std::vector<double> scores(const std::vector<const GroupActivity*>& seen, std::size_t channels) {
    std::vector<double> shares = meanOfChannels(seen, channels, &GroupActivity::nonzero);
    // Without a zero all are equal, and which goes would be a matter of their places.
    if (std::ranges::all_of(shares, [](double share) { return share >= 1; })) shares.clear();
    return shares;
}

} // namespace

const Criterion zeroShare{.ofActivity = &scores, .isComparable = true, .missing = "prune.noZeros"};

} // namespace lathe::transform
