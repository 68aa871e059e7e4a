#pragma once

#include <core/graph/editor.h>
#include <core/transform/quantize/quantizer.h>

namespace lathe::transform {

/// Scale, zero point and integers of an activation; stored as uint8.
struct ActivationQuantization {
    QuantizationParameters parameters;
    IntegerRange range;
};

/// Puts quantize → dequantize behind `value` in the main block and lets all its readers read the dequantized value; outputs of the model
/// keep the original. Returns the dequantized value.
graph::ValueId insertActivationQdq(graph::Editor& editor, graph::ValueId value, const ActivationQuantization& quantization);

/// The same with scale and zero point chosen from each input at run time; `range` within uint8. Only `layers` (nodes whose first operand is
/// `value`) read the dequantized value: a residual branch, say, keeps its floats.
graph::ValueId insertDynamicQdq(graph::Editor& editor, graph::ValueId value, const std::vector<std::string>& layers, IntegerRange range);

/// The same with scale and zero point chosen at run time for each row along the last dimension, on int8's -128 … 127: "per token", where a
/// row is a token's vector. One word with large numbers no longer makes the steps of all others coarse.
graph::ValueId insertPerTokenQdq(graph::Editor& editor, graph::ValueId value, const std::vector<std::string>& layers);

/// Replaces the float weight by its integers and puts a dequantize node before the first layer that reads it. One scale for each channel
/// when `quantized` has several, otherwise one for the tensor.
void insertWeightDequantize(graph::Editor& editor, graph::ValueId weight, const QuantizedWeight& quantized);

} // namespace lathe::transform
