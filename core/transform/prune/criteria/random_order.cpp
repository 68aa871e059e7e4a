#include <core/transform/prune/criteria/random_order.h>

#include <core/transform/prune/ranking.h>

namespace lathe::transform {

namespace {

std::vector<double> scores(const GroupWeights& weights) { return randomScores(weights.group->layer, weights.channels()); }

} // namespace

const Criterion randomOrder{.ofWeights = &scores, .isComparable = true};

} // namespace lathe::transform
