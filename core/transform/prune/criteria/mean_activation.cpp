#include <core/transform/prune/criteria/mean_activation.h>

namespace lathe::transform {

namespace {

std::vector<double> scores(const std::vector<const GroupActivity*>& seen, std::size_t channels) {
    return meanOfChannels(seen, channels, &GroupActivity::magnitude);
}

} // namespace

const Criterion meanActivation{.ofActivity = &scores, .missing = "prune.noActivity"};

} // namespace lathe::transform
