#pragma once

#include <core/steps/step_definition.h>

namespace lathe::steps {

/// Drops whole residual blocks: x + f(x) becomes x, and f goes (transform/prune/residual_blocks.h). Of n blocks ⌊n · ratio⌋ go, those that
/// change what they get least: 1 − the mean cosine of x and x + f(x) over the samples, each sample's values as one vector. X. Men et al.,
/// ShortGPT: Layers in Large Language Models are More Redundant Than You Expect, arXiv:2403.03853 (block influence, ranked once); for
/// convolutional networks as in stochastic depth, G. Huang et al., ECCV 2016. Blocks with a projection, which change the shape, stay. A
/// block of which a layer is skipped stays. Needs data, no labels; a preview leaves the graph as it is. Notes for each block what its
/// influence is and whether it goes.
[[nodiscard]] StepDefinition pruneBlocks();

} // namespace lathe::steps
