#include <core/quantization/shared_weight.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>

#include <core/graph/operators/conversion.h>
#include <core/graph/operators/lookup.h>
#include <core/quantization/packed.h>
#include <core/quantization/qdq.h>

namespace lathe::quantization {

using graph::Literal;
using graph::Node;
using graph::ValueId;
using tensor::DType;

std::int64_t byteCount(const SharedWeight& shared) {
    return static_cast<std::int64_t>(packedSize(shared.indices.size(), shared.bits)) + shared.codebooks.byteCount();
}

tensor::Tensor restored(const SharedWeight& shared) {
    const tensor::Tensor codebooks = shared.codebooks.contiguous();
    const auto groups = static_cast<std::size_t>(codebooks.shape()[0]), numbers = static_cast<std::size_t>(codebooks.shape()[1]);
    const std::size_t count = shared.indices.size(), size = tensor::byteSize(codebooks.dtype());
    const std::size_t perGroup = groups == 0 ? 0 : count / groups;
    const std::byte* from = codebooks.storage()->bytes().data() + codebooks.byteOffset();
    std::vector<std::byte> bytes(count * size);
    for (std::size_t i = 0; i < count; ++i)
        std::memcpy(&bytes[i * size], from + (i / perGroup * numbers + shared.indices[i]) * size, size);
    return {codebooks.dtype(), shared.shape, tensor::Storage::copyOf(bytes)};
}

tensor::Tensor packedIndices(const SharedWeight& shared) {
    const std::vector<std::int8_t> values(shared.indices.begin(), shared.indices.end());
    const std::vector<std::uint8_t> bytes = pack(values, shared.bits);
    return tensor::Tensor::of({static_cast<std::int64_t>(bytes.size())}, bytes);
}

std::vector<graph::Operand> lookupOperands(ValueId indices, ValueId codebooks, const SharedWeight& shared) {
    return {indices, codebooks, Literal(static_cast<std::int64_t>(shared.bits)), Literal(std::vector<std::int64_t>(shared.shape))};
}

std::optional<SharedWeight> sharedWeightOf(const graph::Graph& graph, const Node& node) {
    const graph::Lookup lookup(node);
    const auto indices = lookup.indices(), codebooks = lookup.codebooks();
    const auto bits = lookup.bits();
    const auto shape = lookup.shape();
    if (node.op != graph::op::lookup || !indices || !codebooks || !bits || *bits < 2 || *bits > 8 || !shape) return std::nullopt;
    const graph::Value &packed = graph.value(*indices), &table = graph.value(*codebooks);
    if (packed.kind != graph::ValueKind::Weight || packed.data.dtype() != DType::UInt8 || packed.data.shape().size() != 1 ||
        table.kind != graph::ValueKind::Weight || !graph::isFloatingPoint(table.data.dtype()) || table.data.shape().size() != 2)
        return std::nullopt;
    const auto count = tensor::checkedElementCount(*shape);
    const std::int64_t groups = table.data.shape()[0], numbers = table.data.shape()[1];
    if (!count || shape->empty() || groups < 1 || numbers < 1 || shape->front() % groups != 0) return std::nullopt;
    const tensor::Tensor bytes = packed.data.contiguous();
    if (bytes.elementCount() != static_cast<std::int64_t>(packedSize(static_cast<std::size_t>(*count), static_cast<int>(*bits))))
        return std::nullopt;
    SharedWeight shared{static_cast<int>(*bits), {}, table.data, *shape};
    for (const std::int8_t index : unpack(bytes.values<std::uint8_t>(), static_cast<std::size_t>(*count), shared.bits, false))
        shared.indices.push_back(static_cast<std::uint8_t>(index));
    if (std::ranges::any_of(shared.indices, [&](std::uint8_t index) { return index >= numbers; })) return std::nullopt;
    return shared;
}

tensor::Tensor storedElements(const graph::Graph& graph, const graph::WeightInfo& weight) {
    const auto shared = weight.lookup == nullptr ? std::nullopt : sharedWeightOf(graph, *weight.lookup);
    return shared ? restored(*shared) : graph.value(weight.weight).data;
}

int storedBits(const graph::Graph& graph, const graph::WeightInfo& weight) {
    if (const auto shared = weight.lookup == nullptr ? std::nullopt : sharedWeightOf(graph, *weight.lookup)) return shared->bits;
    const auto range = weight.dequantize == nullptr ? std::nullopt : rangeOf(*weight.dequantize);
    if (range) return static_cast<int>(std::bit_width(static_cast<std::uint64_t>(range->steps())));
    return static_cast<int>(8 * tensor::byteSize(graph.value(weight.weight).data.dtype()));
}

void insertLookup(graph::Editor& editor, ValueId weight, const SharedWeight& shared) {
    graph::Graph& graph = editor.graph();
    const Node* first = editor.firstReader(weight);
    std::vector<graph::Editor::Use> readers = editor.uses(weight);
    std::erase_if(readers, [&](const graph::Editor::Use& use) { return use.node == nullptr && use.block == &graph.main; });
    assert(first != nullptr);
    const std::string name = graph.value(weight).name;
    const ValueId codebooks = editor.addWeight(name + "_codebook", shared.codebooks);
    graph::Value& stored = graph.value(weight);
    const auto dtype = stored.dtype;
    const auto shape = stored.shape;
    stored.data = packedIndices(shared);
    stored.dtype = stored.data.dtype();
    stored.shape = graph::dims(stored.data.shape());
    stored.isParameter = false;
    Node& node =
        editor.insertBefore(*first, editor.makeNode(graph::op::lookup, name + "_lookup", lookupOperands(weight, codebooks, shared)));
    graph::Value& result = graph.value(node.results.front());
    result.dtype = dtype;
    result.shape = shape;
    editor.redirect(readers, node.results.front());
}

} // namespace lathe::quantization
