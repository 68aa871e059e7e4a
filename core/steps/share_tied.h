#pragma once

#include <core/steps/step_definition.h>

namespace lathe::steps {

/// Weights that are alike become one, which is stored once (tied, as input and output embeddings are: O. Press, L. Wolf, Using the Output
/// Embedding to Improve Language Models, EACL 2017, arXiv:1608.05859). With `tolerance` 0 only equal ones; else those whose difference has
/// at most that share of the larger norm become their mean. For matrices that any operator reads, of one shape and dtype. Per layer whose
/// weight changed: loss, sqnr_db.
[[nodiscard]] StepDefinition shareTied();

} // namespace lathe::steps
