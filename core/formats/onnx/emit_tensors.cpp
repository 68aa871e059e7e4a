// Shapes, parts and comparisons, and what attention is made of. An integer of ours (a size) is a vector of one element in ONNX,
// so that lists of them are joined.
#include <array>
#include <cmath>
#include <limits>
#include <optional>

#include <core/formats/exported_program/types.h>
#include <core/formats/onnx/emit.h>
#include <core/formats/onnx/message_writer.h>

namespace lathe::formats::onnx {

namespace {

using tensor::DType;

/// to(x, dtype, …) and to(x, device, dtype, …); the others only where the types are known.
void convertType(Emission& emission, const Node& node) {
    const auto from = knownType(emission, node.operands[0]);
    auto wanted = emission.graph().value(node.results.front()).dtype;
    const std::size_t dtypeAt = node.op == "aten::to.device" ? 2 : 1;
    if (!wanted && node.op.starts_with("aten::to.")) wanted = dtypeFromSchema(schemaScalarType(integerAt(node, dtypeAt, -1)).value_or(0));
    if (!wanted) throw CannotEmit{"converts to a type that is not known"};
    if (from == wanted) return emission.alias(node.results.front(), input(emission, node, 0));
    emission.addTo(emission.result(node), "Cast", {input(emission, node, 0)},
                   {integerAttribute("to", static_cast<std::int64_t>(elementTypeOf(*wanted)))});
}

void slice(Emission& emission, const Node& node) {
    const auto border = [&](std::size_t index, std::int64_t otherwise) {
        const bool isGiven = index < node.operands.size() && !node.operands[index].isNone();
        return isGiven ? one(emission, node.operands[index]) : emission.integers({otherwise});
    };
    emission.addTo(emission.result(node), "Slice",
                   {input(emission, node, 0), border(2, 0), border(3, std::numeric_limits<std::int64_t>::max()),
                    emission.integers({integerAt(node, 1, 0)}), border(4, 1)});
}

void select(Emission& emission, const Node& node) {
    emission.addTo(emission.result(node), "Gather", {input(emission, node, 0), scalar(emission, node.operands.at(2), DType::Int64)},
                   {integerAttribute("axis", integerAt(node, 1, 0))});
}

void indexSelect(Emission& emission, const Node& node) {
    emission.addTo(emission.result(node), "Gather", {input(emission, node, 0), input(emission, node, 2)},
                   {integerAttribute("axis", integerAt(node, 1, 0))});
}

void gatherElements(Emission& emission, const Node& node) {
    emission.addTo(emission.result(node), "GatherElements", {input(emission, node, 0), input(emission, node, 2)},
                   {integerAttribute("axis", integerAt(node, 1, 0))});
}

/// x[…, i, j]: one index is a Gather along its dimension; several in front pick elements together.
void index(Emission& emission, const Node& node) {
    const auto* list = std::get_if<std::vector<Operand>>(&node.operands.at(1).content);
    if (!list) throw CannotEmit{"picks by a list that is computed while the model runs"};
    std::vector<Operand> indices;
    std::size_t first = 0;
    for (std::size_t axis = 0; axis < list->size(); ++axis) {
        if ((*list)[axis].isNone()) continue;
        if (indices.empty()) first = axis;
        indices.push_back((*list)[axis]);
        if (knownType(emission, indices.back()) == DType::Bool) throw CannotEmit{"picks by a mask, whose number of results is not known"};
    }
    if (indices.size() == 1)
        return emission.addTo(emission.result(node), "Gather", {input(emission, node, 0), emission.name(indices[0])},
                              {integerAttribute("axis", static_cast<std::int64_t>(first))});
    if (first != 0 || indices.size() != list->size()) throw CannotEmit{"picks by indices of dimensions that are not the first ones"};
    // All as large as all together.
    std::string zero;
    for (const Operand& each : indices) {
        const std::string none = emission.add(
            "Mul", {asType(emission, each, DType::Int64), emission.name(Operand(graph::Literal(std::int64_t{0})), DType::Int64)});
        zero = zero.empty() ? none : emission.add("Add", {zero, none});
    }
    std::vector<std::string> columns;
    for (const Operand& each : indices)
        columns.push_back(
            emission.add("Unsqueeze", {emission.add("Add", {asType(emission, each, DType::Int64), zero}), emission.integers({-1})}));
    emission.addTo(emission.result(node), "GatherND",
                   {input(emission, node, 0), emission.add("Concat", columns, {integerAttribute("axis", -1)})});
}

void expand(Emission& emission, const Node& node) {
    Operand sizes = node.operands.at(1);
    // -1 leaves a dimension as it is; ONNX has 1 for that.
    if (auto literal = sizes.literal<Integers>()) {
        for (std::int64_t& size : *literal)
            size = size == -1 ? 1 : size;
        sizes = Operand(graph::Literal(*literal));
    } else if (auto* list = std::get_if<std::vector<Operand>>(&sizes.content)) {
        for (Operand& size : *list)
            size = size.literal<std::int64_t>() == -1 ? Operand(graph::Literal(std::int64_t{1})) : size;
    }
    emission.addTo(emission.result(node), "Expand", {input(emission, node, 0), emission.integerVector(sizes)});
}

void expandAs(Emission& emission, const Node& node) {
    emission.addTo(emission.result(node), "Expand", {input(emission, node, 0), emission.add("Shape", {input(emission, node, 1)})});
}

void transpose(Emission& emission, const Node& node) {
    const auto rank = rankOf(emission, node.operands[0]);
    if (!rank) throw CannotEmit{"swaps two dimensions of an unknown number"};
    std::int64_t a = integerAt(node, 1, 0), b = integerAt(node, 2, 1);
    a = a < 0 ? a + *rank : a;
    b = b < 0 ? b + *rank : b;
    if (a < 0 || b < 0 || a >= *rank || b >= *rank) throw CannotEmit{"swaps dimensions that do not exist"};
    Integers order;
    for (std::int64_t axis = 0; axis < *rank; ++axis)
        order.push_back(axis == a ? b : axis == b ? a : axis);
    emission.addTo(emission.result(node), "Transpose", {input(emission, node, 0)}, {integersAttribute("perm", order)});
}

void squeeze(Emission& emission, const Node& node) {
    const auto list = node.operands.at(1).literal<Integers>();
    const Integers axes = list ? *list : Integers{integerAt(node, 1, 0)};
    emission.addTo(emission.result(node), "Squeeze", {input(emission, node, 0), emission.integers(axes)});
}

/// Without every dimension of size 1.
void squeezeAll(Emission& emission, const Node& node) {
    Integers axes;
    for (std::int64_t axis = 0; axis < knownRank(emission, node.operands[0]); ++axis) {
        if (sizeOf(emission, node.operands[0], axis) == 1) axes.push_back(axis);
    }
    if (axes.empty()) return sameValue(emission, node);
    emission.addTo(emission.result(node), "Squeeze", {input(emission, node, 0), emission.integers(axes)});
}

void reshapeAs(Emission& emission, const Node& node) {
    emission.addTo(emission.result(node), "Reshape", {input(emission, node, 0), emission.add("Shape", {input(emission, node, 1)})});
}

/// The second operand with the shape and type of the first.
void copyInto(Emission& emission, const Node& node) {
    const DType dtype = resultType(emission, node, node.operands[0]);
    emission.addTo(emission.result(node), "Expand",
                   {asType(emission, node.operands.at(1), dtype), emission.add("Shape", {input(emission, node, 0)})});
}

void stack(Emission& emission, const Node& node) {
    const std::int64_t axis = integerAt(node, 1, 0);
    std::vector<std::string> parts;
    for (const std::string& element : listOf(emission, node.operands.at(0)))
        parts.push_back(emission.add("Unsqueeze", {element, emission.integers({axis})}));
    emission.addTo(emission.result(node), "Concat", parts, {integerAttribute("axis", axis)});
}

/// arange(end), arange(start, end), arange(start, end, step).
void arange(Emission& emission, const Node& node) {
    const DType dtype = emission.graph().value(node.results.front()).dtype.value_or(DType::Int64);
    const Operand zero(graph::Literal(std::int64_t{0})), unit(graph::Literal(std::int64_t{1}));
    const bool hasStart = node.op != "aten::arange", hasStep = node.op == "aten::arange.start_step";
    emission.addTo(emission.result(node), "Range",
                   {scalar(emission, hasStart ? node.operands[0] : zero, dtype), scalar(emission, node.operands[hasStart ? 1 : 0], dtype),
                    scalar(emission, hasStep ? node.operands[2] : unit, dtype)});
}

/// zeros, ones, new_ones and full: a constant spread over a shape.
void filled(Emission& emission, const Node& node) {
    const bool isNew = node.op.starts_with("aten::new_");
    const DType dtype = emission.graph().value(node.results.front()).dtype.value_or(DType::Float32);
    Operand value =
        node.op == "aten::full" ? node.operands.at(1) : Operand(graph::Literal(std::int64_t{node.op.ends_with("ones") ? 1 : 0}));
    if (const auto flag = value.literal<bool>()) value = Operand(graph::Literal(std::int64_t{*flag ? 1 : 0}));
    emission.addTo(emission.result(node), "Expand",
                   {scalar(emission, value, dtype), emission.integerVector(node.operands.at(isNew ? 1 : 0))});
}

/// zeros_like, ones_like and full_like: as large as the operand.
void filledLike(Emission& emission, const Node& node) {
    const DType dtype = resultType(emission, node, node.operands[0]);
    const Operand value =
        node.op == "aten::full_like" ? node.operands.at(1) : Operand(graph::Literal(std::int64_t{node.op == "aten::ones_like" ? 1 : 0}));
    emission.addTo(emission.result(node), "Expand", {scalar(emission, value, dtype), emission.add("Shape", {input(emission, node, 0)})});
}

template<const char* Op>
void compare(Emission& emission, const Node& node) {
    const DType dtype = knownType(emission, node.operands[0]).value_or(typeOf(emission, node.operands[1]));
    emission.addTo(emission.result(node), Op, {asType(emission, node.operands[0], dtype), asType(emission, node.operands[1], dtype)});
}

void notEqual(Emission& emission, const Node& node) {
    const DType dtype = knownType(emission, node.operands[0]).value_or(typeOf(emission, node.operands[1]));
    const std::string equal = emission.add("Equal", {asType(emission, node.operands[0], dtype), asType(emission, node.operands[1], dtype)});
    emission.addTo(emission.result(node), "Not", {equal});
}

constexpr char andName[] = "And", orName[] = "Or";

template<const char* Op>
void logical(Emission& emission, const Node& node) {
    emission.addTo(emission.result(node), Op,
                   {asType(emission, node.operands[0], DType::Bool), asType(emission, node.operands[1], DType::Bool)});
}

/// & and | of booleans, which they are where nobody has said it: masks. Of integers the bits.
template<const char* Op>
void bitwise(Emission& emission, const Node& node) {
    if (knownType(emission, node.operands[0]).value_or(DType::Bool) != DType::Bool) throw CannotEmit{"joins the bits of integers"};
    logical<Op>(emission, node);
}

void logicalNot(Emission& emission, const Node& node) {
    emission.addTo(emission.result(node), "Not", {asType(emission, node.operands[0], DType::Bool)});
}

void where(Emission& emission, const Node& node) {
    const DType dtype = resultType(emission, node, node.operands[1]);
    emission.addTo(emission.result(node), "Where",
                   {input(emission, node, 0), asType(emission, node.operands[1], dtype), asType(emission, node.operands[2], dtype)});
}

void maskedFill(Emission& emission, const Node& node) {
    const DType dtype = resultType(emission, node, node.operands[0]);
    emission.addTo(emission.result(node), "Where",
                   {input(emission, node, 1), asType(emission, node.operands[2], dtype), asType(emission, node.operands[0], dtype)});
}

/// A number of the graph as a tensor without dimensions, and back.
void numberToTensor(Emission& emission, const Node& node) {
    emission.alias(node.results.front(), scalar(emission, node.operands[0], DType::Int64));
}
void tensorToInteger(Emission& emission, const Node& node) {
    emission.addTo(emission.result(node), "Reshape", {asType(emission, node.operands[0], DType::Int64), emission.integers({1})});
}
/// A number of whatever type the tensor has.
void tensorToNumber(Emission& emission, const Node& node) {
    emission.addTo(emission.result(node), "Reshape", {input(emission, node, 0), emission.integers({1})});
}

template<const char* Op>
void integers(Emission& emission, const Node& node) {
    emission.addTo(emission.result(node), Op, {one(emission, node.operands[0]), one(emission, node.operands[1])});
}

/// Checks of sizes, which the runtime does itself.
void nothing(Emission& /*emission*/, const Node& /*node*/) {}

/// softmax(q · kᵀ · scale + mask) · v.
void attention(Emission& emission, const Node& node) {
    const auto& query = emission.graph().value(node.operands[0].value());
    const auto rank = rankOf(emission, node.operands[1]);
    const bool isCausal = flagAt(node, 5, false), sharesHeads = flagAt(node, 7, false);
    if (sharesHeads || numberAt(node, 4, 0) != 0) throw CannotEmit{"is attention with dropout or shared heads"};
    const bool hasScale = node.operands.size() > 6 && !node.operands[6].isNone();
    if (!rank || *rank < 2 || !query.shape || (!hasScale && query.shape->back().size < 1))
        throw CannotEmit{"is attention over heads of an unknown size"};
    const double scale = hasScale ? numberAt(node, 6, 1) : 1 / std::sqrt(static_cast<double>(query.shape->back().size));
    const DType dtype = typeOf(emission, node.operands[0]);
    Integers order;
    for (std::int64_t axis = 0; axis < *rank; ++axis)
        order.push_back(axis < *rank - 2 ? axis : 2 * *rank - 3 - axis);
    const std::string keys = emission.add("Transpose", {input(emission, node, 1)}, {integersAttribute("perm", order)});
    const std::string scaled = emission.add("Mul", {input(emission, node, 0), number(emission, scale, dtype)});
    std::string scores = emission.add("MatMul", {scaled, keys});
    if (node.operands.size() > 3 && !node.operands[3].isNone()) {
        std::string mask = input(emission, node, 3);
        if (knownType(emission, node.operands[3]) == DType::Bool)
            mask = emission.add("Where",
                                {mask, number(emission, 0, dtype), number(emission, -std::numeric_limits<double>::infinity(), dtype)});
        scores = emission.add("Add", {scores, mask});
    }
    if (isCausal) { // query i sees the keys up to i
        const std::string lengths =
            emission.add("Concat", {sizeVector(emission, node.operands[0], -2), sizeVector(emission, node.operands[1], -2)},
                         {integerAttribute("axis", 0)});
        const std::string all = emission.add("Expand", {number(emission, 1), lengths});
        const std::string seen = castTo(emission, emission.add("Trilu", {all}, {integerAttribute("upper", 0)}), DType::Bool);
        scores = emission.add("Where", {seen, scores, number(emission, -std::numeric_limits<double>::infinity(), dtype)});
    }
    const std::string weights = emission.add("Softmax", {scores}, {integerAttribute("axis", -1)});
    emission.addTo(emission.result(node), "MatMul", {weights, input(emission, node, 2)});
}

constexpr char equalName[] = "Equal", lessName[] = "Less", lessEqualName[] = "LessOrEqual", greaterName[] = "Greater",
               greaterEqualName[] = "GreaterOrEqual", maxName[] = "Max", minName[] = "Min", addName[] = "Add", subName[] = "Sub",
               mulName[] = "Mul", divName[] = "Div";

constexpr std::array entries{
    EmitEntry{"aten::to.dtype", convertType},
    EmitEntry{"aten::to.dtype_layout", convertType},
    EmitEntry{"aten::to.device", convertType},
    EmitEntry{"aten::_to_copy", convertType},
    EmitEntry{"aten::type_as", convertType},
    EmitEntry{"aten::alias", sameValue},
    EmitEntry{"aten::lift_fresh_copy", sameValue},
    EmitEntry{"aten::lift_fresh", sameValue},
    EmitEntry{"aten::detach_", sameValue},
    EmitEntry{"aten::view_as", reshapeAs},
    EmitEntry{"aten::reshape_as", reshapeAs},
    EmitEntry{"aten::broadcast_to", expand},
    EmitEntry{"aten::copy", copyInto},
    EmitEntry{"aten::masked_fill.Tensor", maskedFill},
    EmitEntry{"aten::squeeze", squeezeAll},
    EmitEntry{"aten::slice.Tensor", slice},
    EmitEntry{"aten::select.int", select},
    EmitEntry{"aten::index_select", indexSelect},
    EmitEntry{"aten::gather", gatherElements},
    EmitEntry{"aten::index.Tensor", index},
    EmitEntry{"aten::expand", expand},
    EmitEntry{"aten::expand_as", expandAs},
    EmitEntry{"aten::transpose.int", transpose},
    EmitEntry{"aten::swapaxes", transpose},
    EmitEntry{"aten::swapdims", transpose},
    EmitEntry{"aten::ge.int", integers<greaterEqualName>},
    EmitEntry{"aten::gt.int", integers<greaterName>},
    EmitEntry{"aten::le.int", integers<lessEqualName>},
    EmitEntry{"aten::lt.int", integers<lessName>},
    EmitEntry{"aten::eq.int", integers<equalName>},
    EmitEntry{"aten::_assert_scalar", nothing},
    EmitEntry{"aten::sym_constrain_range_for_size", nothing},
    EmitEntry{"aten::squeeze.dim", squeeze},
    EmitEntry{"aten::squeeze.dims", squeeze},
    EmitEntry{"aten::stack", stack},
    EmitEntry{"aten::arange", arange},
    EmitEntry{"aten::arange.start", arange},
    EmitEntry{"aten::arange.start_step", arange},
    EmitEntry{"aten::zeros", filled},
    EmitEntry{"aten::ones", filled},
    EmitEntry{"aten::full", filled},
    EmitEntry{"aten::new_ones", filled},
    EmitEntry{"aten::new_zeros", filled},
    EmitEntry{"aten::zeros_like", filledLike},
    EmitEntry{"aten::ones_like", filledLike},
    EmitEntry{"aten::full_like", filledLike},
    EmitEntry{"aten::eq.Scalar", compare<equalName>},
    EmitEntry{"aten::eq.Tensor", compare<equalName>},
    EmitEntry{"aten::ne.Scalar", notEqual},
    EmitEntry{"aten::ne.Tensor", notEqual},
    EmitEntry{"aten::lt.Scalar", compare<lessName>},
    EmitEntry{"aten::lt.Tensor", compare<lessName>},
    EmitEntry{"aten::le.Scalar", compare<lessEqualName>},
    EmitEntry{"aten::le.Tensor", compare<lessEqualName>},
    EmitEntry{"aten::gt.Scalar", compare<greaterName>},
    EmitEntry{"aten::gt.Tensor", compare<greaterName>},
    EmitEntry{"aten::ge.Scalar", compare<greaterEqualName>},
    EmitEntry{"aten::ge.Tensor", compare<greaterEqualName>},
    EmitEntry{"aten::maximum", promoted<maxName>},
    EmitEntry{"aten::minimum", promoted<minName>},
    EmitEntry{"aten::logical_and", logical<andName>},
    EmitEntry{"aten::logical_or", logical<orName>},
    EmitEntry{"aten::__and__.Tensor", bitwise<andName>},
    EmitEntry{"aten::__or__.Tensor", bitwise<orName>},
    EmitEntry{"aten::bitwise_and.Tensor", bitwise<andName>},
    EmitEntry{"aten::bitwise_or.Tensor", bitwise<orName>},
    EmitEntry{"aten::logical_not", logicalNot},
    EmitEntry{"aten::where.self", where},
    EmitEntry{"aten::where.ScalarOther", where},
    EmitEntry{"aten::where.ScalarSelf", where},
    EmitEntry{"aten::where.Scalar", where},
    EmitEntry{"aten::masked_fill.Scalar", maskedFill},
    EmitEntry{"prim::NumToTensor.Scalar", numberToTensor},
    EmitEntry{"aten::Int.Tensor", tensorToInteger},
    EmitEntry{"aten::IntImplicit", tensorToInteger},
    EmitEntry{"aten::ScalarImplicit", tensorToNumber},
    EmitEntry{"aten::item", tensorToNumber},
    EmitEntry{"aten::add.int", integers<addName>},
    EmitEntry{"aten::sub.int", integers<subName>},
    EmitEntry{"aten::mul.int", integers<mulName>},
    EmitEntry{"aten::floordiv.int", integers<divName>},
    EmitEntry{"aten::scaled_dot_product_attention", attention},
};

} // namespace

std::span<const EmitEntry> tensorEmitters() { return entries; }

} // namespace lathe::formats::onnx
