// Sequences, which are lists of tensors, and optional values, which are what they hold: a model that runs knows what it was given.
#include <algorithm>
#include <array>

#include <core/formats/onnx/sequence.h>
#include <core/graph/operators/list_names.h>
#include <core/graph/operators/names.h>

namespace lathe::formats::onnx {

namespace {

using graph::TypeKind;

ValueId listOf(Call& call, Operands elements) {
    return call.emitScalar(std::string(graph::op::listConstruct), std::move(elements), TypeKind::TensorList);
}

ValueId joined(Call& call, ValueId a, ValueId b) { return call.emitScalar("aten::add.t", {a, b}, TypeKind::TensorList); }

/// The elements from `begin` to in front of `end`.
ValueId part(Call& call, ValueId list, Operand begin, Operand end) {
    return call.emitScalar("aten::slice.t", {list, std::move(begin), std::move(end), integer(1)}, TypeKind::TensorList);
}

ValueId sequence(Call& call, std::size_t index) {
    const ValueId list = call.input(index);
    if (call.value(list).type != TypeKind::TensorList) call.refuse("An input of " + call.node().opType + " is no sequence of tensors.");
    return list;
}

/// One number, as an operand for an int.
Operand position(Call& call, std::size_t index) {
    if (const auto known = call.knownNumbers(index); known && known->elements.size() == 1) return known->elements.front();
    return call.emitScalar("aten::Int.Tensor", {call.input(index)}, TypeKind::Int);
}

void sequenceEmpty(Call& call) { call.output(0, listOf(call, {})); }

void sequenceConstruct(Call& call) {
    Operands elements;
    for (std::size_t index = 0; index < call.inputCount(); ++index)
        elements.emplace_back(call.input(index));
    call.output(0, listOf(call, std::move(elements)));
}

void sequenceAt(Call& call) {
    const ValueId list = sequence(call, 0);
    call.output(0, call.emit(std::string(graph::op::element), {list, position(call, 1)}));
}

void sequenceLength(Call& call) {
    const ValueId length = call.emitScalar("aten::len.t", {sequence(call, 0)}, TypeKind::Int);
    call.output(0, Numbers{{Operand(length)}, true});
}

void sequenceInsert(Call& call) {
    const ValueId list = sequence(call, 0), one = listOf(call, {call.input(1)});
    if (!call.has(2)) return call.output(0, joined(call, list, one));
    const Operand at = position(call, 2);
    call.output(0, joined(call, joined(call, part(call, list, none(), at), one), part(call, list, at, none())));
}

void sequenceErase(Call& call) {
    const ValueId list = sequence(call, 0);
    if (!call.has(1)) return call.output(0, part(call, list, none(), integer(-1)));
    Operand at = position(call, 1);
    const auto known = at.literal<std::int64_t>();
    if (known == -1) return call.output(0, part(call, list, none(), integer(-1)));
    if (!known) {
        // Counted from the front, wherever it was counted from.
        const ValueId length = call.emitScalar("aten::len.t", {list}, TypeKind::Int);
        at = call.emitScalar("aten::remainder.int", {at, length}, TypeKind::Int);
    }
    const Operand behind = known ? integer(*known + 1) : Operand(call.emitScalar("aten::add.int", {at, integer(1)}, TypeKind::Int));
    call.output(0, joined(call, part(call, list, none(), at), part(call, list, behind, none())));
}

void splitToSequence(Call& call) {
    const ValueId x = call.input(0);
    const Operand axis = integer(call.integerAttribute("axis", 0));
    if (!call.has(1)) {
        const bool keeps = call.integerAttribute("keepdims", 1) != 0;
        const Operands operands = keeps ? Operands{x, integer(1), axis} : Operands{x, axis};
        return call.output(0, call.emitScalar(keeps ? "aten::split.Tensor" : "aten::unbind.int", operands, TypeKind::TensorList));
    }
    const auto known = call.knownNumbers(1);
    const bool isSize = known ? known->isScalar : call.needRank(call.input(1)) == 0;
    if (isSize) return call.output(0, call.emitScalar("aten::split.Tensor", {x, position(call, 1), axis}, TypeKind::TensorList));
    call.output(0, call.emitScalar("aten::split_with_sizes", {x, call.integerList(1), axis}, TypeKind::TensorList));
}

void concatFromSequence(Call& call) {
    if (!call.attribute("axis")) call.refuse("ConcatFromSequence has no axis.");
    const bool isNew = call.integerAttribute("new_axis", 0) != 0;
    const ValueId list = sequence(call, 0);
    call.output(0, call.emit(isNew ? "aten::stack" : "aten::cat", {list, integer(call.integerAttribute("axis", 0))}));
}

void optional(Call& call) {
    if (!call.has(0)) call.refuse("Optional makes a value that is not there, which Lathe has not.");
    call.output(0, call.input(0));
}

void optionalHasElement(Call& call) {
    const std::array is{std::byte{call.has(0) ? std::uint8_t{1} : std::uint8_t{0}}};
    call.output(0, call.weight("has_element", tensor::Tensor(DType::Bool, {}, tensor::Storage::copyOf(is))));
}

void optionalGetElement(Call& call) { call.output(0, call.input(0)); }

constexpr std::array entries{
    OperatorEntry{"SequenceEmpty", sequenceEmpty},
    OperatorEntry{"SequenceConstruct", sequenceConstruct},
    OperatorEntry{"SequenceAt", sequenceAt},
    OperatorEntry{"SequenceLength", sequenceLength},
    OperatorEntry{"SequenceInsert", sequenceInsert},
    OperatorEntry{"SequenceErase", sequenceErase},
    OperatorEntry{"SplitToSequence", splitToSequence},
    OperatorEntry{"ConcatFromSequence", concatFromSequence},
    OperatorEntry{"Optional", optional},
    OperatorEntry{"OptionalHasElement", optionalHasElement},
    OperatorEntry{"OptionalGetElement", optionalGetElement},
};

} // namespace

std::span<const OperatorEntry> sequenceOperators() { return entries; }

} // namespace lathe::formats::onnx
