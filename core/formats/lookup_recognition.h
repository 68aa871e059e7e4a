#pragma once

#include <core/graph/graph.h>

namespace lathe::formats {

/// Makes lookups (lathe::lookup) of what withLookupsInAten() writes for them, so that a model that was exported with shared weights is
/// opened with shared weights: an aten::gather along the second dimension of a float table of at most 256 columns, by indices that do not
/// depend on the model's inputs. However these are unpacked, they are computed here once, and packed again. Of the main block.
void recognizeLookups(graph::Graph& graph);

} // namespace lathe::formats
