// What our operators become in ONNX: the way back of the lower_*.cpp files. The families stand in files of their own; here what changes the
// shape alone, and the table of all.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <unordered_map>

#include <core/formats/onnx/emit.h>
#include <core/formats/onnx/message_writer.h>
#include <core/formats/onnx/vision.h>
#include <core/graph/state.h>

namespace lathe::formats::onnx {

namespace {

/// Flatten for all but the batch; otherwise a Reshape, in which 0 keeps a dimension in front and -1 stands for those that are joined.
void flatten(Emission& emission, const Node& node) {
    std::int64_t first = integerAt(node, 1, 0), last = integerAt(node, 2, -1);
    const auto& shape = emission.graph().value(node.operands[0].value()).shape;
    if (shape) {
        const auto rank = static_cast<std::int64_t>(shape->size());
        first = first < 0 ? first + rank : first;
        last = last == rank - 1 ? -1 : last;
    }
    if (first == 1 && last == -1)
        return emission.addTo(emission.result(node), "Flatten", {input(emission, node, 0)}, {integerAttribute("axis", 1)});
    if (first < 0 || (last < 0 && last != -1)) throw CannotEmit{"flattens dimensions of an unknown number"};
    Integers sizes(static_cast<std::size_t>(first), 0);
    sizes.push_back(-1);
    for (std::int64_t axis = last + 1; last >= 0 && shape && axis < static_cast<std::int64_t>(shape->size()); ++axis)
        sizes.push_back((*shape)[static_cast<std::size_t>(axis)].size);
    const bool isKnown = (last == -1 || shape) && std::count(sizes.begin(), sizes.end(), -1) == 1;
    if (!isKnown) throw CannotEmit{"flattens dimensions before some whose size is not known"};
    emission.addTo(emission.result(node), "Reshape", {input(emission, node, 0), emission.integers(sizes)});
}

void reshape(Emission& emission, const Node& node) {
    emission.addTo(emission.result(node), "Reshape", {input(emission, node, 0), emission.integerVector(node.operands.at(1))});
}

/// A list that is made by a node of its own: reshape(x, ListConstruct(size(x, 0), -1)), cat(ListConstruct(a, b)).
void listConstruct(Emission& emission, const Node& node) {
    const graph::TypeKind type = emission.graph().value(node.results.front()).type;
    if (type == graph::TypeKind::TensorList) return emission.setList(node.results.front(), listOf(emission, Operand(node.operands)));
    if (type != graph::TypeKind::IntList) throw CannotEmit{"makes a list that ONNX has no value for"};
    emission.alias(node.results.front(), emission.integerVector(Operand(node.operands)));
}

/// A tuple, for who takes it apart; of one that the model returns the parts are returned. So are those of a dictionary.
void tupleConstruct(Emission& emission, const Node& node) {
    emission.setList(node.results.front(), listOf(emission, Operand(node.operands)));
}
void dictConstruct(Emission& emission, const Node& node) {
    for (const graph::UseIndex::Use& use : emission.uses().uses(node.results.front())) {
        if (use.node != nullptr) throw CannotEmit{"is a dictionary that is read in the model"};
    }
}

/// A size as a vector of one element, ready to be joined.
void size(Emission& emission, const Node& node) {
    const std::string shape = emission.add("Shape", {input(emission, node, 0)});
    const std::string index = emission.integers({integerAt(node, 1, 0)});
    emission.addTo(emission.result(node), "Gather", {shape, index}, {integerAttribute("axis", 0)});
}

void permute(Emission& emission, const Node& node) {
    const auto order = node.operands.at(1).literal<Integers>();
    if (!order) throw CannotEmit{"has an order that is computed while the model runs"};
    const auto rank = static_cast<std::int64_t>(order->size());
    Integers positive = *order;
    for (std::int64_t& axis : positive)
        axis = axis < 0 ? axis + rank : axis;
    emission.addTo(emission.result(node), "Transpose", {input(emission, node, 0)}, {integersAttribute("perm", positive)});
}

/// PyTorch joins a vector without elements, an empty cache, to tensors of any rank.
bool isNothing(const Emission& emission, const Operand& operand) {
    return rankOf(emission, operand) == 1 && sizeOf(emission, operand, 0) == 0;
}

void concat(Emission& emission, const Node& node) {
    const std::vector<std::string> axis{integerAttribute("axis", integerAt(node, 1, 0))};
    const auto* list = std::get_if<std::vector<Operand>>(&node.operands.at(0).content);
    if (!list) return emission.addTo(emission.result(node), "Concat", listOf(emission, node.operands[0]), axis);
    std::vector<std::string> parts;
    for (const Operand& element : *list) {
        if (isNothing(emission, element) && (parts.size() > 0 || &element != &list->back())) continue;
        parts.push_back(asType(emission, element, resultType(emission, node, element)));
    }
    if (parts.size() == 1) return emission.addTo(emission.result(node), "Identity", parts);
    emission.addTo(emission.result(node), "Concat", parts, axis);
}

/// An input and an output of the model, at its end; the buffer is written whoever else reads it.
void keepState(Emission& emission, const Node& node) { (void)input(emission, node, 0); }

void unsqueeze(Emission& emission, const Node& node) {
    emission.addTo(emission.result(node), "Unsqueeze", {input(emission, node, 0), emission.integers({integerAt(node, 1, 0)})});
}

constexpr std::array entries{
    EmitEntry{"aten::flatten.using_ints", flatten},
    EmitEntry{"aten::reshape", reshape},
    EmitEntry{"aten::view", reshape},
    EmitEntry{"aten::_unsafe_view", reshape},
    EmitEntry{"prim::ListConstruct", listConstruct},
    EmitEntry{"prim::TupleConstruct", tupleConstruct},
    EmitEntry{"prim::DictConstruct", dictConstruct},
    EmitEntry{"aten::size.int", size},
    EmitEntry{"aten::permute", permute},
    EmitEntry{"aten::cat", concat},
    EmitEntry{"aten::concat", concat},
    EmitEntry{"aten::unsqueeze", unsqueeze},
    EmitEntry{graph::keepState, keepState},
    EmitEntry{"aten::contiguous", sameValue},
    EmitEntry{"aten::dropout", sameValue},
    EmitEntry{"aten::dropout_", sameValue},
    EmitEntry{"aten::feature_dropout", sameValue},
    EmitEntry{"aten::alpha_dropout", sameValue},
    EmitEntry{"aten::detach", sameValue},
    EmitEntry{"aten::clone", sameValue},
};

const std::unordered_map<std::string_view, Emit>& table() {
    static const auto all = [] {
        std::unordered_map<std::string_view, Emit> emitters;
        for (const EmitEntry& entry : entries)
            emitters.emplace(entry.op, entry.emit);
        for (const auto more : {activationEmitters(), arithmeticEmitters(), arrangementEmitters(), convolutionEmitters(), layerEmitters(),
                                normalizationEmitters(), poolingEmitters(), quantizationEmitters(), recurrentEmitters(),
                                reductionEmitters(), resizeEmitters(), splitEmitters(), tensorEmitters(), visionEmitters()}) {
            for (const EmitEntry& entry : more)
                emitters.emplace(entry.op, entry.emit);
        }
        return emitters;
    }();
    return all;
}

} // namespace

void emitNode(Emission& emission, const Node& node) {
    const auto found = table().find(node.op);
    if (found == table().end()) throw CannotEmit{"has the operator " + node.op + ", which Lathe does not write as ONNX"};
    emission.startNode(node);
    found->second(emission, node);
}

} // namespace lathe::formats::onnx
