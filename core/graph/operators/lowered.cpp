#include <core/graph/operators/rows.h>

namespace lathe::graph {

namespace {

/// Tables of the lowered graph hold what is not an operand (core/runtime/lowering/lower.h).
constexpr OperatorRow rows[] = {
    {"lathe::quantize_bytes(Tensor input) -> Tensor"},
    {"lathe::dequantize_bytes(Tensor input) -> Tensor"},
    {"lathe::max_pool2d_bytes(Tensor self, int[2] kernel_size, int[2] stride, int[2] padding, int[2] dilation) -> Tensor"},
    {"lathe::table_bytes(Tensor input) -> Tensor"},
    {"lathe::sum_bytes(Tensor left, Tensor right) -> Tensor"},
    {"lathe::product_bytes(Tensor left, Tensor right) -> Tensor"},
    {"lathe::mean_bytes(Tensor input) -> Tensor"},
    {"lathe::concatenate_bytes(...) -> Tensor"},
    {"lathe::int8_layer(Tensor input, Tensor? residual=None) -> Tensor"},
    {"lathe::float_conv2d(Tensor input, Tensor? residual=None) -> Tensor"},
    {"lathe::float_linear(Tensor input, Tensor? residual=None) -> Tensor"},
    {"lathe::attention(...) -> Tensor"},
    {"lathe::dequantized_weight(...) -> Tensor"},
};

} // namespace

FamilyRows loweredRows() { return {Family::Lowered, rows}; }

} // namespace lathe::graph
