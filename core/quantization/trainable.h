#pragma once

#include <string>
#include <vector>

#include <core/base/result.h>
#include <core/graph/graph.h>

namespace lathe::quantization {

/// Has it a quantize or dequantize node?
[[nodiscard]] bool isQuantized(const graph::Graph& graph);

/// A quantized model in the form in which it can be trained. Each weight that is stored as integers is a float parameter again, of the same
/// name, which is rounded to its grid wherever it is read, and its scales are a parameter too. Gradients pass the rounding as if it were
/// not there (straight through; Bengio et al. 2013, arXiv:1308.3432); the scales have those of LSQ (Esser et al. 2020, arXiv:1902.08153),
/// divided by √(numbers of a scale · largest integer). Activations are rounded as before, on grids that stay, because operators that only
/// move numbers share theirs. The outputs are those of the quantized model.
struct TrainableForm {
    struct Weight {
        std::string name;  ///< of the integers and of the floats
        std::string scale; ///< the parameter: one number, or one for each channel
    };
    graph::Graph graph;
    std::vector<Weight> weights;
};

/// Errors: Unsupported when a grid is chosen while the model runs, when integers are read by anything but a dequantize node, or when a grid
/// is not known: a sentence that names the node.
[[nodiscard]] base::Result<TrainableForm> trainableForm(const graph::Graph& quantized);

/// Rounds what was trained (`trained`: form.graph with other numbers) to the integers of the quantized model that the form was made of, and
/// stores scales and all other weights. The scales must be above 0.
void storeTrained(const TrainableForm& form, const graph::Graph& trained, graph::Graph& quantized);

} // namespace lathe::quantization
