// Operators of TorchScript that only build, take apart or rename values. TorchScript's own implementations need its graph, so they are
// here.
#include <core/runtime/kernels/structure/structure.h>

#include <ATen/core/Dict.h>

#include <core/graph/operators/list_names.h>
#include <core/graph/state.h>
#include <core/runtime/kernels/kernel_context_torch.h>
#include <core/runtime/operand_torch.h>

namespace lathe::runtime {

namespace {

c10::TypePtr elementType(graph::TypeKind kind) {
    switch (kind) {
    case graph::TypeKind::IntList:
        return c10::IntType::get();
    case graph::TypeKind::FloatList:
        return c10::FloatType::get();
    case graph::TypeKind::BoolList:
        return c10::BoolType::get();
    default:
        return nullptr; // tensors, or whatever the elements are
    }
}

Made makeListConstruct(const KernelContext& context, const graph::Node& node, InstructionInfo& info) {
    info.kernel = "list";
    const graph::ValueId result = node.results.front();
    return makeInstruction([operands = bindOperands(node.operands), type = elementType(context.lowered.graph.value(result).type),
                            result](Execution& execution) {
        torch::jit::Stack elements;
        operands.push(execution.slots(), elements);
        execution.slot(result) = makeList(elements, type);
    });
}

Made makeTupleConstruct(const KernelContext&, const graph::Node& node, InstructionInfo& info) {
    info.kernel = "tuple";
    return makeInstruction([operands = bindOperands(node.operands), result = node.results.front()](Execution& execution) {
        torch::jit::Stack elements;
        operands.push(execution.slots(), elements);
        execution.slot(result) = c10::ivalue::Tuple::create(std::move(elements));
    });
}

Made makeDictConstruct(const KernelContext&, const graph::Node& node, InstructionInfo& info) {
    info.kernel = "dictionary";
    return makeInstruction([operands = bindOperands(node.operands), result = node.results.front()](Execution& execution) {
        torch::jit::Stack elements;
        operands.push(execution.slots(), elements);
        const c10::TypePtr key = elements.empty() ? c10::TypePtr(c10::StringType::get()) : elements[0].type();
        const c10::TypePtr value =
            elements.size() < 2 || elements[1].isTensor() ? c10::TypePtr(c10::TensorType::get()) : elements[1].type();
        c10::impl::GenericDict dict(key, value);
        for (std::size_t index = 0; index + 1 < elements.size(); index += 2)
            dict.insert_or_assign(elements[index], elements[index + 1]);
        execution.slot(result) = dict;
    });
}

Made makeAppend(const KernelContext&, const graph::Node& node, InstructionInfo& info) {
    info.kernel = "append";
    return makeInstruction([operands = bindOperands(node.operands), results = node.results](Execution& execution) {
        torch::jit::Stack stack;
        operands.push(execution.slots(), stack);
        TORCH_CHECK(stack.size() == 2 && stack[0].isList(), "A list and an element are needed.");
        c10::impl::GenericList list = stack[0].toList();
        // A list that begins empty does not know what it is for; operators that read it ask.
        if (list.empty() && !stack[1].isNone()) list.unsafeSetElementType(stack[1].type());
        list.push_back(stack[1]);
        for (const graph::ValueId result : results)
            execution.slot(result) = list;
    });
}

Made makeUnpack(const KernelContext&, const graph::Node& node, InstructionInfo& info) {
    info.kernel = "unpack";
    return makeInstruction([operands = bindOperands(node.operands), results = node.results](Execution& execution) {
        torch::jit::Stack stack;
        operands.push(execution.slots(), stack);
        TORCH_CHECK(stack.size() == 1 && (stack[0].isTuple() || stack[0].isList()), "Only a tuple or list can be taken apart.");
        const std::vector<c10::IValue> elements = stack[0].isTuple() ? stack[0].toTupleRef().elements().vec() : stack[0].toListRef().vec();
        TORCH_CHECK(elements.size() == results.size(), "A list of ", elements.size(), " elements cannot be unpacked into ", results.size(),
                    ".");
        for (std::size_t index = 0; index < results.size(); ++index)
            execution.slot(results[index]) = elements[index];
    });
}

Made makeTupleIndex(const KernelContext&, const graph::Node& node, InstructionInfo& info) {
    info.kernel = "tuple element";
    return makeInstruction([operands = bindOperands(node.operands), result = node.results.front()](Execution& execution) {
        torch::jit::Stack stack;
        operands.push(execution.slots(), stack);
        TORCH_CHECK(stack.size() == 2 && stack[0].isTuple() && stack[1].isInt(), "A tuple and an index are needed.");
        const auto& elements = stack[0].toTupleRef().elements();
        const std::int64_t index = stack[1].toInt() < 0 ? stack[1].toInt() + static_cast<std::int64_t>(elements.size()) : stack[1].toInt();
        TORCH_CHECK(index >= 0 && index < static_cast<std::int64_t>(elements.size()), "The index ", index, " is outside a tuple of ",
                    elements.size(), ".");
        execution.slot(result) = elements[static_cast<std::size_t>(index)];
    });
}

/// prim::unchecked_cast, prim::Constant and their like: the value itself.
Made makeIdentity(const KernelContext&, const graph::Node& node, InstructionInfo& info) {
    info.kernel = "none";
    return makeInstruction([operands = bindOperands(node.operands), result = node.results.front()](Execution& execution) {
        torch::jit::Stack stack;
        operands.push(execution.slots(), stack);
        execution.slot(result) = stack.empty() ? c10::IValue() : stack.front();
    });
}

Made makeNothing(const KernelContext&, const graph::Node&, InstructionInfo& info) {
    info.kernel = "none";
    return makeInstruction([](Execution&) {});
}

Made makeListOrTuple(const KernelContext& context, const graph::Node& node, InstructionInfo& info) {
    return node.op == op::listConstruct ? makeListConstruct(context, node, info) : makeTupleConstruct(context, node, info);
}

} // namespace

KernelDefinition listOrTuple() {
    return {.id = "lathe.list",
            .words = "list",
            .ops = {op::listConstruct, op::tupleConstruct},
            .accepts = acceptsAll,
            .make = makeListOrTuple};
}
KernelDefinition dictionary() {
    return {.id = "lathe.dictionary", .words = "dictionary", .ops = {op::dictConstruct}, .accepts = acceptsAll, .make = makeDictConstruct};
}
KernelDefinition appended() {
    return {.id = "lathe.append", .words = "append", .ops = {op::append}, .accepts = acceptsAll, .make = makeAppend};
}
KernelDefinition unpacked() {
    return {.id = "lathe.unpack", .words = "unpack", .ops = {op::listUnpack, op::tupleUnpack}, .accepts = acceptsAll, .make = makeUnpack};
}
KernelDefinition tupleElement() {
    return {.id = "lathe.tuple_element", .words = "tuple element", .ops = {op::tupleIndex}, .accepts = acceptsAll, .make = makeTupleIndex};
}
KernelDefinition keptState() {
    return {.id = "lathe.keep_state", .words = "state", .ops = {graph::keepState}, .accepts = acceptsAll, .make = makeNothing};
}
KernelDefinition same() {
    return {.id = "lathe.same",
            .words = "the value itself",
            .ops = {op::uncheckedCast, op::constant},
            .accepts = acceptsAll,
            .make = makeIdentity};
}

} // namespace lathe::runtime
