#include <core/graph/operators/quantization.h>

#include <core/graph/operators/rows.h>

namespace lathe::graph {

namespace {

/// PyTorch registers these in Python, with the dtype as a number; ours are told by name.
constexpr OperatorRow rows[] = {
    {"quantized_decomposed::quantize_per_tensor(Tensor input, float scale, int zero_point, int quant_min, int quant_max, str dtype) -> "
     "Tensor",
     {.qdq = Qdq::Quantizes}},
    {"quantized_decomposed::dequantize_per_tensor(Tensor input, float scale, int zero_point, int quant_min, int quant_max, str dtype) -> "
     "Tensor",
     {.handsOn = true, .qdq = Qdq::Dequantizes}},
    {"quantized_decomposed::quantize_per_channel(Tensor input, Tensor scales, Tensor zero_points, int axis, int quant_min, int quant_max, "
     "str dtype) -> Tensor",
     {.qdq = Qdq::Quantizes}},
    {"quantized_decomposed::dequantize_per_channel(Tensor input, Tensor scales, Tensor zero_points, int axis, int quant_min, int "
     "quant_max, str dtype) -> Tensor",
     {.handsOn = true, .qdq = Qdq::Dequantizes}},
    {"quantized_decomposed::choose_qparams.tensor(Tensor input, int quant_min, int quant_max, float eps, str dtype) -> (Tensor, Tensor)",
     {.qdq = Qdq::ChoosesGrid}},
    {"quantized_decomposed::choose_qparams_symmetric.tensor(Tensor input, int quant_min, int quant_max, float eps, str dtype) -> (Tensor, "
     "Tensor)",
     {.qdq = Qdq::ChoosesGrid}},
    {"quantized_decomposed::quantize_per_tensor.tensor(Tensor input, Tensor scale, Tensor zero_point, int quant_min, int quant_max, str "
     "dtype) -> Tensor",
     {.qdq = Qdq::Quantizes}},
    {"quantized_decomposed::dequantize_per_tensor.tensor(Tensor input, Tensor scale, Tensor zero_point, int quant_min, int quant_max, str "
     "dtype) -> Tensor",
     {.handsOn = true, .qdq = Qdq::Dequantizes}},
    {"quantized_decomposed::choose_qparams_per_token_asymmetric(Tensor input, str dtype) -> (Tensor, Tensor)", {.qdq = Qdq::ChoosesGrid}},
    {"quantized_decomposed::quantize_per_token(Tensor input, Tensor scales, Tensor zero_points, int quant_min, int quant_max, str dtype) "
     "-> Tensor",
     {.qdq = Qdq::Quantizes}},
    {"quantized_decomposed::dequantize_per_token(Tensor input, Tensor scales, Tensor zero_points, int quant_min, int quant_max, str dtype) "
     "-> Tensor",
     {.handsOn = true, .qdq = Qdq::Dequantizes}},
};

} // namespace

FamilyRows quantizationRows() { return {Family::Quantization, rows}; }

const Operand& QdqCall::scale() const { return operand(has("scale") ? "scale" : "scales"); }
const Operand& QdqCall::zeroPoint() const { return operand(has("zero_point") ? "zero_point" : "zero_points"); }

std::optional<tensor::DType> QdqCall::dtype() const {
    const auto name = literal<std::string>("dtype");
    return name ? tensor::dtypeFromName(*name) : std::nullopt;
}

} // namespace lathe::graph
