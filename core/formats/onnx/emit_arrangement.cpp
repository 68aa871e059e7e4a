// Operators that move, repeat and replace elements.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <core/formats/onnx/emit.h>
#include <core/formats/onnx/message_writer.h>

namespace lathe::formats::onnx {

namespace {

using tensor::DType;

constexpr std::int64_t toTheEnd = std::numeric_limits<std::int64_t>::max();

/// A list in an operand, or its only number.
Integers integersAt(const Node& node, std::size_t index) {
    if (index >= node.operands.size()) return {};
    if (const auto one = node.operands[index].literal<std::int64_t>()) return {*one};
    const auto list = node.operands[index].literal<Integers>();
    if (!list) throw CannotEmit{"has numbers that are computed while the model runs"};
    return *list;
}

/// What leaves at one end comes back at the other.
void roll(Emission& emission, const Node& node) {
    const Integers shifts = integersAt(node, 1), axes = integersAt(node, 2);
    std::string x = input(emission, node, 0);
    const auto rolled = [&](const std::string& whole, std::int64_t axis, std::int64_t shift) {
        if (shift == 0) return whole;
        return joined(emission, {sliced(emission, whole, axis, -shift, toTheEnd), sliced(emission, whole, axis, 0, -shift)}, axis);
    };
    if (axes.empty()) {
        const std::string flat = emission.add("Reshape", {x, emission.integers({-1})});
        return emission.addTo(emission.result(node), "Reshape", {rolled(flat, 0, shifts.at(0)), emission.add("Shape", {x})});
    }
    for (std::size_t index = 0; index < axes.size(); ++index) {
        std::int64_t shift = shifts.at(index);
        if (const auto size = sizeOf(emission, node.operands[0], axes[index]); size && *size > 0) shift %= *size;
        x = rolled(x, axes[index], shift);
    }
    emission.alias(node.results.front(), x);
}

/// repeat and tile; a dimension that one of them has not counts as 1.
void repeat(Emission& emission, const Node& node) {
    const std::int64_t rank = knownRank(emission, node.operands[0]);
    std::string x = input(emission, node, 0);
    if (const auto literal = node.operands.at(1).literal<Integers>()) {
        Integers times = *literal;
        while (std::ssize(times) < rank)
            times.insert(times.begin(), 1);
        if (std::ssize(times) > rank) {
            Integers front;
            for (std::int64_t axis = 0; axis < std::ssize(times) - rank; ++axis)
                front.push_back(axis);
            x = emission.add("Unsqueeze", {x, emission.integers(front)});
        }
        return emission.addTo(emission.result(node), "Tile", {x, emission.integers(times)});
    }
    const auto* list = std::get_if<std::vector<Operand>>(&node.operands[1].content);
    if (list == nullptr || std::ssize(*list) != rank) throw CannotEmit{"is repeated into more dimensions, as often as is computed"};
    emission.addTo(emission.result(node), "Tile", {x, emission.integerVector(node.operands[1])});
}

/// Each element so many times.
void repeatInterleave(Emission& emission, const Node& node) {
    const std::int64_t times = integersAt(node, 1).at(0);
    std::string x = input(emission, node, 0);
    if (!has(node, 2)) {
        const std::string column = emission.add("Reshape", {x, emission.integers({-1, 1})});
        return emission.addTo(emission.result(node), "Reshape",
                              {emission.add("Tile", {column, emission.integers({1, times})}), emission.integers({-1})});
    }
    const std::int64_t rank = knownRank(emission, node.operands[0]), given = integerAt(node, 2, 0), axis = given < 0 ? given + rank : given;
    Integers tiles(static_cast<std::size_t>(rank) + 1, 1);
    tiles[static_cast<std::size_t>(axis) + 1] = times;
    const std::string tiled =
        emission.add("Tile", {emission.add("Unsqueeze", {x, emission.integers({axis + 1})}), emission.integers(tiles)});
    const std::string shape =
        joined(emission, {shapePart(emission, x, 0, axis), emission.integers({-1}), shapePart(emission, x, axis + 1, rank)}, 0);
    emission.addTo(emission.result(node), "Reshape", {tiled, shape});
}

void triangle(Emission& emission, const Node& node) {
    const Operand offset = has(node, 1) ? node.operands[1] : Operand(graph::Literal(std::int64_t{0}));
    emission.addTo(emission.result(node), "Trilu", {input(emission, node, 0), scalar(emission, offset, tensor::DType::Int64)},
                   {integerAttribute("upper", node.op == "aten::triu" ? 1 : 0)});
}

void reordered(Emission& emission, const Node& node, const Integers& order) {
    emission.addTo(emission.result(node), "Transpose", {input(emission, node, 0)}, {integersAttribute("perm", order)});
}

/// movedim(x, from, to): the others keep their order.
void moveDimension(Emission& emission, const Node& node) {
    const std::int64_t rank = knownRank(emission, node.operands[0]);
    const auto positive = [rank](Integers axes) {
        for (std::int64_t& axis : axes)
            axis = axis < 0 ? axis + rank : axis;
        return axes;
    };
    const Integers from = positive(integersAt(node, 1)), to = positive(integersAt(node, 2));
    Integers order(static_cast<std::size_t>(rank), -1);
    for (std::size_t index = 0; index < from.size(); ++index)
        order.at(static_cast<std::size_t>(to.at(index))) = from[index];
    std::int64_t next = 0;
    for (std::int64_t& place : order) {
        while (std::ranges::find(from, next) != from.end())
            ++next;
        if (place < 0) place = next++;
    }
    reordered(emission, node, order);
}

/// t, numpy_T: the dimensions backwards. mT: the last two swapped.
void transposeAll(Emission& emission, const Node& node) {
    Integers order;
    for (std::int64_t axis = knownRank(emission, node.operands[0]) - 1; axis >= 0; --axis)
        order.push_back(axis);
    reordered(emission, node, order);
}
void transposeLast(Emission& emission, const Node& node) {
    Integers order;
    for (std::int64_t axis = 0; axis < knownRank(emission, node.operands[0]); ++axis)
        order.push_back(axis);
    if (order.size() > 1) std::swap(order[order.size() - 1], order[order.size() - 2]);
    reordered(emission, node, order);
}

/// diagonal(x, offset, a, b): its elements become the last dimension.
void diagonal(Emission& emission, const Node& node) {
    const std::int64_t rank = knownRank(emission, node.operands[0]), offset = integerAt(node, 1, 0);
    const auto axisAt = [&](std::size_t index, std::int64_t otherwise) {
        const std::int64_t axis = integerAt(node, index, otherwise);
        return axis < 0 ? axis + rank : axis;
    };
    const std::int64_t a = axisAt(2, 0), b = axisAt(3, 1);
    const std::int64_t rows = knownSize(emission, node.operands[0], a), columns = knownSize(emission, node.operands[0], b);
    Integers order;
    for (std::int64_t axis = 0; axis < rank; ++axis) {
        if (axis != a && axis != b) order.push_back(axis);
    }
    order.insert(order.end(), {a, b});
    const std::string turned = emission.add("Transpose", {input(emission, node, 0)}, {integersAttribute("perm", order)});
    const std::string shape = joined(emission, {shapePart(emission, turned, 0, rank - 2), emission.integers({rows * columns})}, 0);
    const std::string flat = emission.add("Reshape", {turned, shape});
    Integers places;
    for (std::int64_t row = std::max<std::int64_t>(0, -offset); row < rows && row + offset < columns; ++row)
        places.push_back(row * columns + row + offset);
    emission.addTo(emission.result(node), "Gather", {flat, emission.integers(places)}, {integerAttribute("axis", -1)});
}

void flip(Emission& emission, const Node& node) {
    std::string x = input(emission, node, 0);
    for (const std::int64_t axis : integersAt(node, 1))
        x = sliced(emission, x, axis, -1, std::numeric_limits<std::int64_t>::min(), -1);
    emission.alias(node.results.front(), x);
}

void oneHot(Emission& emission, const Node& node) {
    const std::int64_t classes = integerAt(node, 1, -1);
    if (classes < 1) throw CannotEmit{"has as many classes as the largest input says"};
    emission.addTo(emission.result(node), "OneHot", {input(emission, node, 0), wholeNumber(emission, classes), emission.integers({0, 1})},
                   {integerAttribute("axis", -1)});
}

void unflatten(Emission& emission, const Node& node) {
    const std::int64_t rank = knownRank(emission, node.operands[0]), given = integerAt(node, 1, 0), axis = given < 0 ? given + rank : given;
    const std::string x = input(emission, node, 0);
    const std::string shape =
        joined(emission,
               {shapePart(emission, x, 0, axis), emission.integerVector(node.operands.at(2)), shapePart(emission, x, axis + 1, rank)}, 0);
    emission.addTo(emission.result(node), "Reshape", {x, shape});
}

/// scatter(x, axis, index, source or number), scatter_add, scatter_reduce.
void scatter(Emission& emission, const Node& node) {
    const DType dtype = typeOf(emission, node.operands[0]);
    std::string reduction = node.op == "aten::scatter_add" ? "add" : "none";
    if (node.op == "aten::scatter.reduce" || node.op == "aten::scatter.value_reduce" || node.op == "aten::scatter_reduce.two") {
        const std::string how = node.operands.at(4).literal<std::string>().value_or("");
        if (how != "add" && how != "sum" && how != "multiply" && how != "prod") throw CannotEmit{"puts elements together as " + how};
        if (node.op == "aten::scatter_reduce.two" && !flagAt(node, 5, true)) throw CannotEmit{"leaves out what was there"};
        reduction = how == "add" || how == "sum" ? "add" : "mul";
    }
    const std::string index = input(emission, node, 2), indexShape = emission.add("Shape", {index});
    std::string source;
    if (node.operands.at(3).isLiteral()) {
        source = emission.add("Expand", {emission.name(node.operands[3], dtype), indexShape});
    } else { // it may be larger than the index
        const std::int64_t rank = knownRank(emission, node.operands[3]);
        Integers starts(static_cast<std::size_t>(rank), 0), axes;
        for (std::int64_t axis = 0; axis < rank; ++axis)
            axes.push_back(axis);
        source = emission.add("Slice",
                              {asType(emission, node.operands[3], dtype), emission.integers(starts), indexShape, emission.integers(axes)});
    }
    emission.addTo(emission.result(node), "ScatterElements", {input(emission, node, 0), index, source},
                   {integerAttribute("axis", integerAt(node, 1, 0)), textAttribute("reduction", reduction)});
}

/// index_put(x, indices of the first dimensions, values, adds): one row of indices for each element.
void indexPut(Emission& emission, const Node& node) {
    const auto* list = std::get_if<std::vector<Operand>>(&node.operands.at(1).content);
    if (!list || list->empty()) throw CannotEmit{"writes by a list that is computed while the model runs"};
    std::string zero;
    for (const Operand& each : *list) {
        if (each.isNone()) throw CannotEmit{"writes by indices of dimensions that are not the first ones"};
        const DType dtype = knownType(emission, each).value_or(DType::Int64);
        if (dtype == DType::Bool && list->size() == 1) { // where the mask is true; only numbers can be spread over it
            if (flagAt(node, 3, false) ||
                sizeOf(emission, node.operands.at(2), 0).value_or(rankOf(emission, node.operands[2]) == 0 ? 1 : 0) != 1)
                throw CannotEmit{"writes several values by a mask"};
            std::string mask = emission.name(each);
            const std::int64_t rank = knownRank(emission, node.operands[0]), masked = knownRank(emission, each);
            Integers behind;
            for (std::int64_t axis = masked; axis < rank; ++axis)
                behind.push_back(axis);
            if (!behind.empty()) mask = emission.add("Unsqueeze", {mask, emission.integers(behind)});
            return emission.addTo(emission.result(node), "Where", {mask, input(emission, node, 2), input(emission, node, 0)});
        }
        const std::string none = emission.add("Mul", {asType(emission, each, DType::Int64), wholeNumber(emission, 0)});
        zero = zero.empty() ? none : emission.add("Add", {zero, none});
    }
    std::vector<std::string> columns;
    for (const Operand& each : *list)
        columns.push_back(
            emission.add("Unsqueeze", {emission.add("Add", {asType(emission, each, DType::Int64), zero}), emission.integers({-1})}));
    const std::string x = input(emission, node, 0), rows = joined(emission, columns, -1);
    const std::string shape = joined(
        emission, {emission.add("Shape", {zero}), shapePart(emission, x, std::ssize(*list), knownRank(emission, node.operands[0]))}, 0);
    const std::string values = emission.add("Expand", {asType(emission, node.operands.at(2), typeOf(emission, node.operands[0])), shape});
    emission.addTo(emission.result(node), "ScatterND", {x, rows, values},
                   {textAttribute("reduction", flagAt(node, 3, false) ? "add" : "none")});
}

/// slice_scatter(x, source, axis, first, last, step) and select_scatter(x, source, axis, index): the source in the place of a part.
void sliceScatter(Emission& emission, const Node& node) {
    const std::int64_t axis = integerAt(node, 2, 0), step = integerAt(node, 5, 1);
    const std::int64_t first = has(node, 3) ? integerAt(node, 3, 0) : 0;
    std::int64_t last = has(node, 4) ? integerAt(node, 4, toTheEnd) : toTheEnd;
    std::vector<std::string> parts;
    const std::string x = input(emission, node, 0);
    if (step != 1) { // the places of the elements along the dimension, for each row
        const std::string size = emission.add("Squeeze", {sizeVector(emission, node.operands[0], axis)});
        const std::string all = emission.add("Range", {wholeNumber(emission, 0), size, wholeNumber(emission, 1)});
        const std::int64_t rank = knownRank(emission, node.operands[0]), at = axis < 0 ? axis + rank : axis;
        Integers others;
        for (std::int64_t other = 0; other < rank; ++other) {
            if (other != at) others.push_back(other);
        }
        std::string places = sliced(emission, all, 0, first, last, step);
        if (!others.empty()) places = emission.add("Unsqueeze", {places, emission.integers(others)});
        const std::string source = input(emission, node, 1);
        return emission.addTo(emission.result(node), "ScatterElements",
                              {x, emission.add("Expand", {places, emission.add("Shape", {source})}), source},
                              {integerAttribute("axis", at)});
    }
    if (first != 0) parts.push_back(sliced(emission, x, axis, 0, first));
    parts.push_back(input(emission, node, 1));
    if (const auto size = sizeOf(emission, node.operands[0], axis); size && last >= *size) last = toTheEnd;
    if (last != toTheEnd) parts.push_back(sliced(emission, x, axis, last, toTheEnd));
    emission.alias(node.results.front(), parts.size() == 1 ? parts.front() : joined(emission, parts, axis));
}
/// diagonal_scatter(x, source, offset, a, b): both dimensions come first, and the source's last one.
void diagonalScatter(Emission& emission, const Node& node) {
    const std::int64_t rank = knownRank(emission, node.operands[0]), offset = integerAt(node, 2, 0);
    const auto positive = [rank](std::int64_t axis) { return axis < 0 ? axis + rank : axis; };
    const std::int64_t first = positive(integerAt(node, 3, 0)), second = positive(integerAt(node, 4, 1));
    const std::int64_t rows = knownSize(emission, node.operands[0], first), columns = knownSize(emission, node.operands[0], second);
    Integers order{first, second}, back(static_cast<std::size_t>(rank)), lastFirst{rank - 2}, places;
    for (std::int64_t axis = 0; axis < rank; ++axis) {
        if (axis != first && axis != second) order.push_back(axis);
        if (axis + 2 < rank) lastFirst.push_back(axis);
    }
    for (std::size_t at = 0; at < order.size(); ++at)
        back[static_cast<std::size_t>(order[at])] = static_cast<std::int64_t>(at);
    for (std::int64_t row = std::max<std::int64_t>(0, -offset); row < rows && row + offset < columns; ++row)
        places.insert(places.end(), {row, row + offset});
    const std::string indices = emission.add("Reshape", {emission.integers(places), emission.integers({-1, 2})});
    const std::string x = emission.add("Transpose", {input(emission, node, 0)}, {integersAttribute("perm", order)});
    const std::string source = emission.add("Transpose", {input(emission, node, 1)}, {integersAttribute("perm", lastFirst)});
    emission.addTo(emission.result(node), "Transpose", {emission.add("ScatterND", {x, indices, source})},
                   {integersAttribute("perm", back)});
}
void selectScatter(Emission& emission, const Node& node) {
    const std::int64_t axis = integerAt(node, 2, 0), index = integerAt(node, 3, 0);
    const std::string x = input(emission, node, 0),
                      source = emission.add("Unsqueeze", {input(emission, node, 1), emission.integers({axis})});
    std::vector<std::string> parts;
    if (index != 0) parts.push_back(sliced(emission, x, axis, 0, index));
    parts.push_back(source);
    const auto size = sizeOf(emission, node.operands[0], axis);
    if (index != -1 && !(size && index == *size - 1)) parts.push_back(sliced(emission, x, axis, index + 1, toTheEnd));
    emission.alias(node.results.front(), joined(emission, parts, axis));
}

void narrow(Emission& emission, const Node& node) {
    const auto first = node.operands.at(2).literal<std::int64_t>(), length = node.operands.at(3).literal<std::int64_t>();
    if (!first || !length) throw CannotEmit{"takes a part that is computed while the model runs"};
    emission.alias(node.results.front(), sliced(emission, input(emission, node, 0), integerAt(node, 1, 0), *first,
                                                *first < 0 && *first + *length >= 0 ? toTheEnd : *first + *length));
}

void takeAlong(Emission& emission, const Node& node) {
    if (!has(node, 2)) throw CannotEmit{"takes elements of the whole, which ONNX has not"};
    emission.addTo(emission.result(node), "GatherElements", {input(emission, node, 0), input(emission, node, 1)},
                   {integerAttribute("axis", integerAt(node, 2, 0))});
}

void nonZero(Emission& emission, const Node& node) {
    emission.addTo(emission.result(node), "Transpose", {emission.add("NonZero", {input(emission, node, 0)})},
                   {integersAttribute("perm", {1, 0})});
}

constexpr std::array entries{
    EmitEntry{"aten::roll", roll},
    EmitEntry{"aten::repeat", repeat},
    EmitEntry{"aten::tile", repeat},
    EmitEntry{"aten::repeat_interleave.self_int", repeatInterleave},
    EmitEntry{"aten::triu", triangle},
    EmitEntry{"aten::tril", triangle},
    EmitEntry{"aten::movedim.int", moveDimension},
    EmitEntry{"aten::movedim.intlist", moveDimension},
    EmitEntry{"aten::moveaxis.int", moveDimension},
    EmitEntry{"aten::moveaxis.intlist", moveDimension},
    EmitEntry{"aten::t", transposeAll},
    EmitEntry{"aten::numpy_T", transposeAll},
    EmitEntry{"aten::mT", transposeLast},
    EmitEntry{"aten::adjoint", transposeLast},
    EmitEntry{"aten::diagonal", diagonal},
    EmitEntry{"aten::flip", flip},
    EmitEntry{"aten::one_hot", oneHot},
    EmitEntry{"aten::unflatten.int", unflatten},
    EmitEntry{"aten::scatter.src", scatter},
    EmitEntry{"aten::scatter.value", scatter},
    EmitEntry{"aten::scatter.reduce", scatter},
    EmitEntry{"aten::scatter.value_reduce", scatter},
    EmitEntry{"aten::scatter_add", scatter},
    EmitEntry{"aten::scatter_reduce.two", scatter},
    EmitEntry{"aten::index_put", indexPut},
    EmitEntry{"aten::slice_scatter", sliceScatter},
    EmitEntry{"aten::select_scatter", selectScatter},
    EmitEntry{"aten::diagonal_scatter", diagonalScatter},
    EmitEntry{"aten::narrow", narrow},
    EmitEntry{"aten::take_along_dim", takeAlong},
    EmitEntry{"aten::nonzero", nonZero},
};

} // namespace

std::span<const EmitEntry> arrangementEmitters() { return entries; }

} // namespace lathe::formats::onnx
