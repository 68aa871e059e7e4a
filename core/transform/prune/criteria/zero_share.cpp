#include <core/transform/prune/criteria/zero_share.h>

namespace lathe::transform {

namespace {

std::vector<double> scores(const std::vector<const GroupActivity*>& seen, std::size_t channels) {
    return meanOfChannels(seen, channels, &GroupActivity::nonzero);
}

} // namespace

const Criterion zeroShare{.ofActivity = &scores, .isComparable = true, .missing = "prune.noActivity"};

} // namespace lathe::transform
