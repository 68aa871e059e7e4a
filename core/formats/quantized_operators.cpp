#include <core/formats/quantized_operators.h>

#include <algorithm>
#include <unordered_map>

#include <core/graph/operators/operator.h>

namespace lathe::formats {

namespace {

using graph::Literal;
using graph::Operand;
using Operands = std::vector<Operand>;

Operand integer(std::int64_t value) { return Literal(value); }

/// The quantized kernels of aten's own operators.
std::optional<QuantizedResult> resultOf(std::string_view op) {
    const graph::Operator* known = graph::findOperator(op);
    switch (known != nullptr ? known->grid : graph::GridRule::None) {
    case graph::GridRule::Moves:
    case graph::GridRule::Cuts:
        return QuantizedResult::Exact;
    case graph::GridRule::Rounds:
        return QuantizedResult::Rounded;
    case graph::GridRule::Sigmoid:
        return QuantizedResult::Sigmoid;
    case graph::GridRule::Tanh:
        return QuantizedResult::Tanh;
    case graph::GridRule::Plain:
        return QuantizedResult::Plain;
    case graph::GridRule::None:
        break;
    }
    return std::nullopt;
}

/// An operator of the library "quantized" whose last operands are the scale and zero point of its result, or whose result stays on the
/// input's grid.
struct Translation {
    std::size_t operands; ///< that it has, scale and zero point included
    std::string_view op;
    Operands (*translate)(const Operands&);
    int grid = -1; ///< position of the scale; -1: the input's grid
    QuantizedResult sameGrid = QuantizedResult::Rounded;
};

Operands first(const Operands& in) { return {in[0]}; }
Operands firstTwo(const Operands& in) { return {in[0], in[1]}; }
Operands all(const Operands& in) { return in; }
Operands normalization(const Operands& in) {
    return {in[0], in[1], in[2], in[3], in[4], Literal(false), Literal(0.1), in[5], Literal(false)};
}

const std::unordered_map<std::string_view, Translation>& translations() {
    static const std::unordered_map<std::string_view, Translation> table{
        {"add",
         {4, "aten::add.Tensor",
          [](const Operands& in) {
              return Operands{in[0], in[1], integer(1)};
          },
          2}},
        {"mul", {4, "aten::mul.Tensor", firstTwo, 2}},
        {"matmul", {4, "aten::matmul", firstTwo, 2}},
        {"cat", {4, "aten::cat", firstTwo, 2}},
        {"batch_norm", {8, "aten::batch_norm", normalization, 6}},
        {"batch_norm1d", {8, "aten::batch_norm", normalization, 6}},
        {"batch_norm2d", {8, "aten::batch_norm", normalization, 6}},
        {"batch_norm3d", {8, "aten::batch_norm", normalization, 6}},
        {"layer_norm",
         {7, "aten::layer_norm", [](const Operands& in) { return Operands{in[0], in[1], in[2], in[3], in[4], Literal(false)}; }, 5}},
        {"group_norm",
         {7, "aten::group_norm", [](const Operands& in) { return Operands{in[0], in[1], in[2], in[3], in[4], Literal(false)}; }, 5}},
        {"instance_norm",
         {6, "aten::instance_norm",
          [](const Operands& in) {
              return Operands{in[0], in[1], in[2], Literal{}, Literal{}, Literal(true), Literal(0.0), in[3], Literal(false)};
          },
          4}},
        {"hardswish", {3, "aten::hardswish", first, 1}},
        {"sigmoid", {3, "aten::sigmoid", first, 1}},
        {"softmax",
         {4, "aten::softmax.int",
          [](const Operands& in) {
              return Operands{in[0], in[1], Literal{}};
          },
          2}},
        {"leaky_relu", {5, "aten::leaky_relu", firstTwo, 3}},
        {"elu",
         {6, "aten::elu",
          [](const Operands& in) {
              return Operands{in[0], in[3], in[4], in[5]};
          },
          1}},
        {"celu",
         {4, "aten::celu",
          [](const Operands& in) {
              return Operands{in[0], in[3]};
          },
          1}},
        {"prelu", {4, "aten::prelu", firstTwo, 2}},
        {"threshold", {3, "aten::threshold", all}},
        {"clamp", {3, "aten::clamp", all}},
        {"relu6",
         {2, "aten::hardtanh",
          [](const Operands& in) {
              return Operands{in[0], integer(0), integer(6)};
          }}},
        {"max_pool1d", {6, "aten::max_pool1d", all, -1, QuantizedResult::Exact}},
        {"max_pool2d", {6, "aten::max_pool2d", all, -1, QuantizedResult::Exact}},
        // In evaluation nothing is dropped; the grid is told, but is the input's.
        {"dropout", {5, "aten::alias", first, -1, QuantizedResult::Exact}},
    };
    return table;
}

/// "conv2d_relu" of "quantized::conv2d_relu.new"; nothing for other libraries.
std::optional<std::string_view> quantizedName(std::string_view op) {
    constexpr std::string_view library = "quantized::";
    if (!op.starts_with(library)) return std::nullopt;
    op.remove_prefix(library.size());
    return op.substr(0, op.find('.'));
}

bool takeEnding(std::string_view& name, std::string_view ending) {
    if (!name.ends_with(ending)) return false;
    name.remove_suffix(ending.size());
    return true;
}

} // namespace

std::optional<QuantizedOperator> quantizedOperator(const std::string& op, const Operands& operands) {
    if (operands.empty()) return std::nullopt;
    const auto same = [&](QuantizedResult result) { return QuantizedOperator{op, operands, false, result, {}, {}}; };
    if (const auto result = resultOf(op)) return same(*result);
    if (op.starts_with("aten::quantized_max_pool") && operands.size() == 6) {
        QuantizedOperator pooling = same(QuantizedResult::Exact);
        pooling.op.replace(0, std::string_view("aten::quantized_").size(), "aten::");
        return pooling;
    }
    auto name = quantizedName(op);
    if (!name || (op.find('.') != std::string::npos && !op.ends_with(".new"))) return std::nullopt;
    auto found = translations().find(*name);
    bool hasRelu = false;
    if (found == translations().end()) {
        hasRelu = takeEnding(*name, "_relu");
        found = translations().find(*name);
    }
    if (found == translations().end() || operands.size() != found->second.operands) return std::nullopt;
    const Translation& translation = found->second;
    QuantizedOperator result{std::string(translation.op), translation.translate(operands), hasRelu, translation.sameGrid, {}, {}};
    if (translation.grid >= 0) {
        result.result = QuantizedResult::Given;
        result.scale = operands[static_cast<std::size_t>(translation.grid)];
        result.zeroPoint = operands[static_cast<std::size_t>(translation.grid) + 1];
    }
    return result;
}

std::optional<QuantizedLayer> quantizedLayer(const std::string& op, const Operands& operands) {
    auto name = quantizedName(op);
    if (!name) return std::nullopt;
    QuantizedLayer layer;
    layer.isFloat = takeEnding(*name, "_dynamic_fp16");
    layer.isDynamic = takeEnding(*name, "_dynamic");
    layer.hasRelu = takeEnding(*name, "_relu");
    layer.hasAddition = takeEnding(*name, "_add");
    if (*name == "linear") {
        layer.op = "aten::linear";
    } else {
        layer.isTransposed = name->starts_with("conv_transpose");
        name->remove_prefix(std::min(name->size(), std::string_view(layer.isTransposed ? "conv_transpose" : "conv").size()));
        if (name->size() != 2 || (*name)[1] != 'd' || (*name)[0] < '1' || (*name)[0] > '3' || !op.starts_with("quantized::conv"))
            return std::nullopt;
        layer.dimensions = (*name)[0] - '0';
        layer.op = std::string(layer.isTransposed ? "aten::conv_transpose" : "aten::conv") + std::string(*name);
        if (layer.isTransposed && layer.dimensions > 1) layer.op += ".input";
    }
    const std::size_t weightAt = layer.hasAddition ? 2 : 1, rest = operands.size() - std::min(operands.size(), weightAt + 1);
    if (operands.size() <= weightAt) return std::nullopt;
    layer.input = operands[0];
    layer.weight = operands[weightAt];
    if (layer.hasAddition) layer.addend = operands[1];
    if (layer.isFloat) return rest == 0 ? std::optional(layer) : std::nullopt;
    if (layer.isDynamic) {
        layer.reducesRange = rest == 1 ? operands[weightAt + 1] : Operand(Literal(false));
        return rest <= 1 ? std::optional(layer) : std::nullopt;
    }
    // The oldest form repeats the geometry that is packed: six operands instead of two.
    if (rest != 2 && rest != 6) return std::nullopt;
    layer.scale = operands[operands.size() - 2];
    layer.zeroPoint = operands.back();
    return layer;
}

} // namespace lathe::formats
