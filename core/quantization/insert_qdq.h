#pragma once

#include <string>
#include <vector>

#include <core/graph/editor.h>
#include <core/quantization/grid.h>

namespace lathe::quantization {

/// Puts quantize → dequantize behind `value` in the main block and lets all its readers read the dequantized value; outputs of the model
/// keep the original. Returns the dequantized value.
graph::ValueId insertQdq(graph::Editor& editor, graph::ValueId value, const TensorGrid& grid);

/// The same with scale and zero point chosen from each input at run time, for the whole of it or for each row along the last dimension
/// ("per token", where a row is a token's vector: one word with large numbers no longer makes the steps of all others coarse). Only
/// `layers` (nodes whose first operand is `value`) read the dequantized value: a residual branch, say, keeps its floats.
graph::ValueId insertDynamicQdq(graph::Editor& editor, graph::ValueId value, const std::vector<std::string>& layers, const Grid& grid);

/// Replaces the float weight by its integers and puts a dequantize node before the first layer that reads it. One scale for each index
/// along the grid's axis where there are several, otherwise one for the tensor. What reads the weight gets it in the dtype that it had.
void insertWeightDequantize(graph::Editor& editor, graph::ValueId weight, tensor::Tensor integers, const Grid& grid,
                            const GridNumbers& numbers);

/// The operands of a static per-tensor quantize or dequantize node.
[[nodiscard]] std::vector<graph::Operand> qdqOperands(graph::ValueId input, const TensorGrid& grid);

} // namespace lathe::quantization
