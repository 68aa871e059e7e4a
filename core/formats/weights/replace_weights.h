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
        DType, ///< integers for floats, or numbers that the model's dtype cannot hold
    } kind = Kind::Missing;
    std::string name;
    std::string model, file; ///< "6x1x5x5" or "float32", of each; empty where there is none
    bool operator==(const WeightDifference&) const = default;
};

/// "missing", "unexpected", "shape", "dtype".
[[nodiscard]] const char* name(WeightDifference::Kind kind);

struct ReplacedWeights {
    std::vector<WeightDifference> differences;
    std::vector<std::string> notes; ///< sentences on what was matched by another name or cast to another dtype
};

/// Puts the weights of a file in place of the model's, by name (matchNames); floats of another width are cast to the model's dtype. A
/// weight that the file leaves out because it is another one's (tied) follows that one, a buffer that training does not
/// change (a table of positions) stays. What does not fit stays as it was and is listed:
/// first by the model's order, then what the model has no place for.
[[nodiscard]] ReplacedWeights replaceWeights(graph::Graph& graph, const NamedTensors& weights);

/// Weights that do not fit make figures meaningless: Rejected with the first of them and how many there are. What the model has no place
/// for (counters of batch norm, a head that was cut off) is no error.
[[nodiscard]] base::Result<> requireFit(const std::vector<WeightDifference>& differences);

} // namespace lathe::formats
