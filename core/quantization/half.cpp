#include <core/quantization/half.h>

#include <algorithm>
#include <vector>

#include <core/graph/operators/call.h>
#include <core/graph/operators/conversion.h>
#include <core/graph/operators/names.h>

namespace lathe::quantization {

using graph::Editor;
using graph::Node;
using graph::ValueId;
using tensor::DType;

std::optional<HalfRounding> matchHalfRounding(const graph::UseIndex& uses, ValueId widened) {
    HalfRounding found;
    found.widen = uses.producer(widened);
    if (found.widen == nullptr || graph::conversionDtype(*found.widen) != DType::Float32) return std::nullopt;
    const auto half = graph::mainInput(*found.widen);
    found.narrow = half ? uses.producer(*half) : nullptr;
    const auto dtype = found.narrow == nullptr ? std::nullopt : graph::conversionDtype(*found.narrow);
    const auto input = found.narrow == nullptr ? std::nullopt : graph::mainInput(*found.narrow);
    if (!dtype || !graph::isHalf(*dtype) || !input) return std::nullopt;
    found.half = *half;
    found.input = *input;
    found.dtype = *dtype;
    return found;
}

namespace {

/// A node that converts `value`, and its result.
std::pair<Node, ValueId> conversion(Editor& editor, const std::string& name, ValueId value, DType dtype) {
    Node node = editor.makeNode(graph::op::toDtype, name + "_" + std::string(tensor::name(dtype)), graph::conversionOperands(value, dtype));
    const ValueId result = node.results.front();
    editor.graph().value(result).dtype = dtype;
    editor.graph().value(result).shape = editor.graph().value(value).shape;
    return {std::move(node), result};
}

} // namespace

ValueId insertHalfRounding(Editor& editor, ValueId value, DType dtype, std::span<const Editor::Use> readers) {
    const std::string name = editor.graph().value(value).name;
    auto [narrow, half] = conversion(editor, name, value, dtype);
    const Node* producer = editor.producer(value);
    const Node& first = producer == nullptr || !editor.isInMain(*producer) ? editor.insertFirst(editor.graph().main, std::move(narrow))
                                                                           : editor.insertBehind(*producer, std::move(narrow));
    auto [widen, widened] = conversion(editor, name, half, DType::Float32);
    editor.insertBehind(first, std::move(widen));
    editor.redirect({readers.begin(), readers.end()}, widened);
    return widened;
}

void insertHalfWeight(Editor& editor, ValueId weight, DType dtype) {
    graph::Graph& graph = editor.graph();
    const Node* reader = editor.firstReader(weight);
    if (reader == nullptr) return;
    const std::vector<Editor::Use> readers = editor.uses(weight);
    std::vector<float> values(graph.value(weight).data.values<float>().begin(), graph.value(weight).data.values<float>().end());
    if (dtype == DType::Float16)
        std::ranges::transform(values, values.begin(), [](float value) { return std::clamp(value, -65504.0F, 65504.0F); });
    graph::Value& stored = graph.value(weight);
    stored.data = tensor::Tensor::of(stored.data.shape(), values).to(dtype);
    stored.dtype = dtype;
    auto [widen, widened] = conversion(editor, stored.name, weight, DType::Float32);
    editor.insertBefore(*reader, std::move(widen));
    editor.redirect(readers, widened);
}

} // namespace lathe::quantization
