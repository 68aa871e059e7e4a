#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <core/graph/graph.h>

namespace lathe::formats {

/// What an operator of PyTorch gives when its input is a quantized tensor.
enum class QuantizedResult {
    Exact,   ///< some of the input's numbers, on its grid: nothing is rounded
    Rounded, ///< new numbers, rounded to the input's grid
    Sigmoid, ///< … to the grid from 0 to 1, whatever the input's
    Tanh,    ///< … to the grid from -1 to 1
    Given,   ///< … to the grid that two operands tell
    Plain,   ///< no quantized tensor: a comparison, a size
};

/// One of PyTorch's operators on quantized tensors in float operators.
struct QuantizedOperator {
    std::string op;                       ///< in float
    std::vector<graph::Operand> operands; ///< of `op`
    bool hasRelu = false;                 ///< behind it, before rounding
    QuantizedResult result = QuantizedResult::Exact;
    graph::Operand scale, zeroPoint; ///< of Given; the scale may be None: the first input's grid
};

/// (op, operands) as float; nothing for operators that are unknown, those of layers (see QuantizedLayer) and those that take a scalar
/// (add_scalar, mul_scalar), whose grid depends on its value.
[[nodiscard]] std::optional<QuantizedOperator> quantizedOperator(const std::string& op, const std::vector<graph::Operand>& operands);

/// One of PyTorch's operators on packed weights.
struct QuantizedLayer {
    std::string op;     ///< in float: "aten::conv2d", "aten::conv_transpose2d.input", "aten::linear"
    int dimensions = 0; ///< of a convolution
    bool isTransposed = false, hasRelu = false, hasAddition = false;
    bool isDynamic = false; ///< its input is float and quantized while running, its result is float
    bool isFloat = false;   ///< only its weight is stored in 16 bits
    graph::Operand input, weight, scale, zeroPoint, reducesRange;
    graph::Operand addend; ///< quantized, added before ReLU
};

/// Nothing for operators that take no packed weight, and malformed ones.
[[nodiscard]] std::optional<QuantizedLayer> quantizedLayer(const std::string& op, const std::vector<graph::Operand>& operands);

} // namespace lathe::formats
