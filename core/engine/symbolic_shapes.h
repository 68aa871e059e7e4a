#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <core/base/result.h>
#include <core/data/dataset.h>
#include <core/graph/graph.h>

namespace lathe::engine {

/// A size that the file leaves free, but that had to be fixed.
struct FixedSize {
    std::string input; ///< of the model
    int axis = 0;      ///< counted with the batch
    std::int64_t size = 0;
    bool operator==(const FixedSize&) const = default;
};

/// Which free sizes of a model become symbols.
enum class FreeSizes {
    All,   ///< all; a size that is no sum, product or half of them is a symbol without a name
    Told,  ///< those that every size can be told with; the others are fixed
    Batch, ///< only the number of samples
};

/// Writes dtype and shape into every tensor value of the graph, with a symbol for every size that is free: those that `declared`, the model
/// as its file has it, leaves open, and "batch" where the data is fed in batches of any number (Dataset::callShape) and the file says
/// nothing. How other sizes follow from them is found by running the graph with several numbers for each ("2*batch", "s0 + 1", "s0//2",
/// "batch*length"). A free size with which the model does not run but for the one of the data is fixed, and returned. `declared` has the
/// graph's inputs in the same order. Errors: Rejected when the samples do not fit the model.
[[nodiscard]] base::Result<std::vector<FixedSize>> annotateWithSymbols(graph::Graph& graph, const graph::Graph& declared,
                                                                       const data::Dataset& dataset, FreeSizes wanted);

} // namespace lathe::engine
