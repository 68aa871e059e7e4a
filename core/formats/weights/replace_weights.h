#pragma once

#include <string>
#include <vector>

#include <core/formats/weights/weights_file.h>
#include <core/graph/graph.h>

namespace lathe::formats {

/// How a weight of the model and one of the file do not fit.
struct WeightDifference {
    enum class Kind {
        Missing,    ///< the file has no weight of this name
        Unexpected, ///< the model has none
        Shape,
        DType,
    } kind = Kind::Missing;
    std::string name;
    std::string model, file; ///< "6x1x5x5" or "float32", of each; empty where there is none
    bool operator==(const WeightDifference&) const = default;
};

/// "missing", "unexpected", "shape", "dtype".
[[nodiscard]] const char* name(WeightDifference::Kind kind);

/// Puts the weights of a file in place of the model's, by name. What does not fit stays as it was and is listed: first by the model's
/// order, then what the model has no place for.
[[nodiscard]] std::vector<WeightDifference> replaceWeights(graph::Graph& graph, const NamedTensors& weights);

/// Weights that do not fit make figures meaningless: Rejected with the first of them and how many there are. What the model has no place
/// for (counters of batch norm, a head that was cut off) is no error.
[[nodiscard]] base::Result<> requireFit(const std::vector<WeightDifference>& differences);

} // namespace lathe::formats
