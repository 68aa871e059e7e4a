#include <core/runtime/lowering/lower.h>

#include <algorithm>
#include <array>
#include <set>
#include <unordered_map>
#include <utility>

#include <core/graph/operands.h>
#include <core/graph/operators/arithmetic.h>
#include <core/graph/operators/convolution.h>
#include <core/graph/operators/linear.h>
#include <core/graph/operators/quantization.h>
#include <core/graph/operators/shape.h>
#include <core/quantization/qdq.h>
#include <core/runtime/lowering/activation_range.h>
#include <core/runtime/lowering/byte_operators.h>
#include <core/runtime/lowering/memory_order.h>
#include <core/runtime/lowering/qdq_nodes.h>

namespace lathe::runtime {

namespace {

using graph::Node;
using graph::ValueId;

/// The bytes that a float value is the dequantized form of.
struct Twin {
    ValueId bytes = -1;
    ActivationGrid grid;
};

bool isLayer(const std::string& op) { return op == op::conv2d || op == op::linear || op == op::conv2dRelu || op == op::linearRelu; }

bool isQdq(std::string_view op) { return graph::isOfFamily(op, graph::Family::Quantization); }

class IntegerLowering {
public:
    explicit IntegerLowering(const graph::Graph& graph) : m_original(graph), m_uses(graph) { m_lowered.graph = graph; }

    Lowered run() {
        m_lowered.graph.main.nodes.clear();
        for (const Node& node : m_original.main.nodes)
            lowerNode(node);
        removeUnused();
        keepChannelsLast();
        explainSimulated();
        return std::move(m_lowered);
    }

private:
    void lowerNode(const Node& node) {
        if (m_done.contains(&node)) return;
        if (node.op == op::dequantizePerTensor && lowerDequantize(node)) return;
        if (node.op == op::quantizePerTensor && lowerQuantize(node)) return;
        if (dequantizesWeight(m_original, node)) {
            emit(node, {node.op, {node.name}, "", false}).op = op::dequantizedWeight;
            m_pure.insert(node.name);
            return;
        }
        if (isLayer(node.op) && lowerLayer(node)) return;
        if (node.op == op::add && lowerAddition(node)) return;
        if (lowerByteOperator(node)) return;
        if (isQdq(node.op)) m_pure.insert(node.name);
        m_lowered.graph.main.nodes.push_back(node);
    }

    /// Every reader of the integers is a dequantize node of the same grid, so nobody sees how they are stored.
    bool onlyDequantized(ValueId integers, const ActivationGrid& grid) const {
        return std::all_of(m_uses.uses(integers).begin(), m_uses.uses(integers).end(), [&](const graph::UseIndex::Use& use) {
            return use.node && isInMain(*use.node) && use.node->op == op::dequantizePerTensor &&
                   graph::isRole(*use.node, use.operand, "input") && activationGrid(*use.node) == grid;
        });
    }

    bool lowerQuantize(const Node& node) {
        const auto grid = activationGrid(node);
        const auto input = graph::mainInput(node);
        if (!grid || !input || !onlyDequantized(node.results[0], *grid)) return false;
        const auto twin = m_twins.find(*input);
        if (twin != m_twins.end() && twin->second.grid == *grid) {
            m_bytes[node.results[0]] = {twin->second.bytes, *grid};
            coverBy(twin->second.bytes, node.name);
            return true;
        }
        Node& quantize = emit(node, {node.op, {node.name}, "", false});
        quantize.op = op::quantizeBytes;
        quantize.operands.resize(1);
        m_pure.insert(node.name);
        m_lowered.grids[node.name] = *grid;
        m_maker[node.results[0]] = node.name;
        m_bytes[node.results[0]] = {node.results[0], *grid};
        return true;
    }

    bool lowerDequantize(const Node& node) {
        const auto input = graph::mainInput(node);
        const auto bytes = input ? m_bytes.find(*input) : m_bytes.end();
        if (bytes == m_bytes.end()) return false;
        addTwin(node.results[0], bytes->second, node.name);
        return true;
    }

    /// `value` is the float form of `twin`; the node that makes it is emitted too and removed in the end if nobody reads floats.
    void addTwin(ValueId value, const Twin& twin, const std::string& name) {
        m_twins[value] = twin;
        Node dequantize;
        dequantize.op = op::dequantizeBytes;
        dequantize.name = name;
        dequantize.operands = {twin.bytes};
        dequantize.results = {value};
        emit(dequantize, {std::string(op::dequantizePerTensor), {name}, "", false});
        m_pure.insert(name);
    }

    bool lowerByteOperator(const Node& node) {
        const ByteOperator kind = byteOperator(node);
        if (kind == ByteOperator::None) return false;
        const auto twin = m_twins.find(*graph::mainInput(node));
        if (twin == m_twins.end()) return false;
        const Twin input = twin->second;
        if (node.op == op::relu && (m_reluDone.contains(&node) || input.grid.zeroPoint == input.grid.minimum)) {
            for (const std::string& name : coversWithInput(node))
                coverBy(input.bytes, name);
            addTwin(node.results[0], input, node.name + ".dequantize");
            return true;
        }
        if (kind == ByteOperator::Averaging && quantizedOn(node.results[0]) != input.grid) return false;
        const ValueId result = m_lowered.graph.addResult(node.name + ".bytes");
        emit(onBytes(node, input.bytes, result), {node.op, coversWithInput(node), "", false});
        m_pure.insert(node.name);
        m_maker[result] = node.name;
        addTwin(node.results[0], {result, input.grid}, node.name + ".dequantize");
        return true;
    }

    /// The one grid on which all readers quantize a value; nothing when somebody needs the float.
    std::optional<ActivationGrid> quantizedOn(ValueId value) const {
        std::optional<ActivationGrid> common;
        for (const graph::UseIndex::Use& use : m_uses.uses(value)) {
            if (!use.node || use.node->op != op::quantizePerTensor || !graph::isRole(*use.node, use.operand, "input")) return std::nullopt;
            const auto grid = activationGrid(*use.node);
            if (!grid || !onlyDequantized(use.node->results[0], *grid) || (common && *common != *grid)) return std::nullopt;
            common = grid;
        }
        return common;
    }

    const Node* onlyReader(ValueId value) const {
        const auto& uses = m_uses.uses(value);
        return uses.size() == 1 && uses[0].node && uses[0].operand == 0 && isInMain(*uses[0].node) ? uses[0].node : nullptr;
    }
    const Node* onlyReader(ValueId value, std::string_view op) const {
        const Node* reader = onlyReader(value);
        return reader && reader->op == op ? reader : nullptr;
    }
    /// layer → quantize → dequantize → relu, nothing else reading in between: the layer can cut off at zero itself.
    const Node* reluBehindQuantization(ValueId value) const {
        const Node* quantize = quantizedOn(value) ? onlyReader(value, op::quantizePerTensor) : nullptr;
        const Node* dequantize = quantize ? onlyReader(quantize->results[0], op::dequantizePerTensor) : nullptr;
        return dequantize ? onlyReader(dequantize->results[0], op::relu) : nullptr;
    }
    bool isInMain(const Node& node) const {
        const auto& nodes = m_original.main.nodes;
        return !nodes.empty() && &node >= nodes.data() && &node < nodes.data() + nodes.size();
    }

    /// Follows a value through operators that commute with quantization to the grid on which it ends up.
    std::optional<ActivationGrid> gridAhead(ValueId value) const {
        for (;;) {
            if (const auto grid = quantizedOn(value)) return grid;
            const Node* reader = onlyReader(value);
            if (!reader || byteOperator(*reader) != ByteOperator::Exact) return std::nullopt;
            value = reader->results[0];
        }
    }

    bool lowerLayer(const Node& node) {
        Int8Layer layer;
        if (!readLayer(node, layer)) return false;
        std::vector<std::string> covers = coversWithInput(node);
        ValueId input = *graph::mainInput(node);
        ValueId result = node.results[0];
        if (const auto twin = m_twins.find(input); twin != m_twins.end()) {
            layer.input = twin->second.grid;
            input = twin->second.bytes;
            if (!layer.isConvolution) input = beforeFlatten(*graph::mainInput(node), input, layer, covers);
        } else if (const auto dynamic = readDynamic(input);
                   dynamic && !(layer.isConvolution && dynamic->grid.granularity == quantization::Granularity::Token)) {
            covers.insert(covers.end(), {dynamic->choose->name, dynamic->quantize->name, dynamic->dequantize->name});
            layer.input = dynamic->grid;
            input = dynamic->input;
        } else {
            return false;
        }
        covers.push_back(m_uses.producer(*graph::Call(node).value("weight"))->name);
        Node lowered = node;
        lowered.op = op::int8Layer;
        lowered.operands = {input};
        emitLayer(std::move(lowered), std::move(layer), result, {node.op, covers, "", false});
        return true;
    }

    /// Takes in the activation that alone reads `result`, and the grid on which that is quantized.
    void emitLayer(Node lowered, Int8Layer layer, ValueId result, Origin origin) {
        const Node* reader = onlyReader(result);
        if (const auto range = reader ? activationRange(*reader) : std::nullopt) {
            layer.activation = limited(layer.activation, *range);
            origin.covers.push_back(reader->name);
            m_done.insert(reader);
            result = reader->results[0];
        } else if (const Node* later = reluBehindQuantization(result)) {
            layer.activation = limited(layer.activation, *activationRange(*later));
            m_reluDone.insert(later);
        }
        layer.output = gridAhead(result);
        lowered.results = {layer.output ? m_lowered.graph.addResult(lowered.name + ".bytes") : result};
        const std::string name = lowered.name;
        const ValueId bytes = lowered.results[0];
        emit(lowered, std::move(origin));
        if (layer.output) {
            m_maker[bytes] = name;
            addTwin(result, {bytes, *layer.output}, name + ".dequantize");
        } else {
            m_floatLayers[result] = name;
        }
        m_lowered.layers[name] = std::move(layer);
    }

    /// A layer whose float result only goes into this sum of two values of the same sizes adds the other value itself.
    bool lowerAddition(const Node& node) {
        const graph::Addition addition(node);
        if (!addition.left().isValue() || !addition.right().isValue()) return false;
        const ValueId left = addition.left().value(), right = addition.right().value();
        if (!addition.isPlain() || left == right || !haveSameShape(left, right)) return false;
        auto& nodes = m_lowered.graph.main.nodes;
        const auto layerAt = [&](ValueId value) {
            const auto found = m_floatLayers.find(value);
            if (found == m_floatLayers.end() || m_uses.uses(value).size() != 1 || m_lowered.layers.at(found->second).addsResidual)
                return nodes.end();
            if (m_lowered.layers.at(found->second).activation != ActivationRange{}) return nodes.end();
            return nodes.begin() + static_cast<std::ptrdiff_t>(m_placeOf.at(found->second));
        };
        // The later of two layers, so that the other's result is there.
        const auto leftLayer = layerAt(left), rightLayer = layerAt(right);
        const bool takesRight = leftLayer == nodes.end() || (rightLayer != nodes.end() && rightLayer > leftLayer);
        const auto found = takesRight ? rightLayer : leftLayer;
        if (found == nodes.end()) return false;
        Node lowered = std::exchange(*found, Node{}); // an empty place, until removeUnused()
        Int8Layer layer = std::move(m_lowered.layers.at(lowered.name));
        Origin origin = std::move(m_lowered.origins.at(lowered.name));
        m_floatLayers.erase(takesRight ? right : left);
        const ValueId other = takesRight ? left : right;
        layer.addsResidual = true;
        if (const auto twin = m_twins.find(other); twin != m_twins.end()) {
            layer.residual = twin->second.grid;
            lowered.operands.emplace_back(twin->second.bytes);
            addProducer(other, origin.covers);
        } else {
            lowered.operands.emplace_back(other);
        }
        origin.covers.push_back(node.name);
        emitLayer(std::move(lowered), std::move(layer), node.results[0], std::move(origin));
        return true;
    }

    bool haveSameShape(ValueId left, ValueId right) const {
        const graph::Value &first = m_original.value(left), &second = m_original.value(right);
        const auto isKnown = [](const graph::Dim& dim) { return dim.size >= 0 || !dim.symbol.empty(); };
        return first.shape && second.shape && *first.shape == *second.shape && std::ranges::all_of(*first.shape, isKnown) &&
               first.dtype == tensor::DType::Float32 && second.dtype == tensor::DType::Float32;
    }

    /// Float images need not be put in the usual order where nothing minds.
    void keepChannelsLast() {
        const std::vector<bool> mayBeChannelsLast = channelsLastValues(m_lowered.graph);
        for (const auto& [value, name] : m_floatLayers)
            m_lowered.layers.at(name).keepsChannelsLast = mayBeChannelsLast[static_cast<std::size_t>(value)];
        for (const Node& node : m_lowered.graph.main.nodes) {
            if (node.op == op::dequantizeBytes && mayBeChannelsLast[static_cast<std::size_t>(node.results[0])])
                m_lowered.channelsLast.insert(node.name);
        }
    }

    bool readLayer(const Node& node, Int8Layer& layer) const {
        const graph::Call call(node);
        const auto input = call.value("input"), weight = call.value("weight");
        if (!input || !weight) return false;
        const Node* dequantize = m_uses.producer(*weight);
        if (!dequantize || !readWeight(m_original, *dequantize, layer)) return false;
        if (!call.op()->unfused.empty()) layer.activation.low = 0;
        const bool isConvolution = graph::isConvolution(node.op);
        if (isConvolution && !readGeometry(node, layer)) return false;
        if (m_original.value(layer.weight).data.shape().size() != (isConvolution ? 4u : 2u)) return false;
        if (!call.operand("bias").isNone()) {
            layer.bias = call.value("bias");
            if (!layer.bias) return false;
            const graph::Value& bias = m_original.value(*layer.bias);
            if (bias.kind != graph::ValueKind::Weight || bias.data.dtype() != tensor::DType::Float32) return false;
        }
        return true;
    }

    /// flatten(1) in front of a linear layer costs a copy when the bytes are channels-last; the layer's kernel reads them in the right
    /// order instead.
    ValueId beforeFlatten(ValueId value, ValueId bytes, Int8Layer& layer, std::vector<std::string>& covers) const {
        const Node* flatten = m_uses.producer(value);
        if (!flatten || flatten->op != op::flatten || !graph::Flatten(*flatten).keepsBatch()) return bytes;
        const auto image = graph::mainInput(*flatten);
        const auto twin = image ? m_twins.find(*image) : m_twins.end();
        if (twin == m_twins.end()) return bytes;
        layer.flattens = true;
        covers.push_back(flatten->name);
        addProducer(*image, covers);
        return twin->second.bytes;
    }

    /// What a layer's kernel quantizes itself, over the range of each input.
    std::optional<quantization::Qdq> readDynamic(ValueId input) const {
        auto found = quantization::matchQdq(m_uses, input);
        if (!found || !found->grid.isDynamic) return std::nullopt;
        const IntegerRange& range = found->grid.range;
        const bool isByte = range.dtype == tensor::DType::UInt8 || range.dtype == tensor::DType::Int8;
        return isByte && range.steps() <= 255 ? found : std::nullopt;
    }

    Node& emit(const Node& node, Origin origin) {
        m_lowered.origins[node.name] = std::move(origin);
        m_placeOf[node.name] = m_lowered.graph.main.nodes.size();
        m_lowered.graph.main.nodes.push_back(node);
        return m_lowered.graph.main.nodes.back();
    }

    void addProducer(ValueId value, std::vector<std::string>& covers) const {
        const Node* producer = m_uses.producer(value);
        if (producer && producer->op == op::dequantizePerTensor) covers.push_back(producer->name);
    }
    /// The node and the dequantize node in front of it.
    std::vector<std::string> coversWithInput(const Node& node) const {
        std::vector<std::string> covers = {node.name};
        if (const ValueId input = *graph::mainInput(node); m_twins.contains(input)) addProducer(input, covers);
        return covers;
    }
    void coverBy(ValueId bytes, const std::string& name) {
        if (const auto maker = m_maker.find(bytes); maker != m_maker.end()) m_lowered.origins[maker->second].covers.push_back(name);
    }

    /// Removes emitted nodes that nobody reads, last first, and empty places.
    void removeUnused() {
        auto& nodes = m_lowered.graph.main.nodes;
        std::unordered_map<ValueId, int> readers;
        const auto count = [&](const graph::Operand& operand, int by) {
            graph::forEachValue(operand, [&](ValueId id) { readers[id] += by; });
        };
        graph::forEachNode(m_lowered.graph, [&](const Node& node) {
            for (const graph::Operand& operand : node.operands)
                count(operand, 1);
            for (const graph::Block& block : node.blocks) {
                for (const graph::Operand& output : block.outputs)
                    count(output, 1);
            }
        });
        for (const graph::Operand& output : m_lowered.graph.main.outputs)
            count(output, 1);
        std::vector<Node> kept;
        for (auto node = nodes.rbegin(); node != nodes.rend(); ++node) {
            if (node->op.empty()) continue;
            const bool isRead = std::any_of(node->results.begin(), node->results.end(), [&](ValueId id) { return readers[id] > 0; });
            if (isRead || !m_pure.contains(node->name)) {
                kept.push_back(std::move(*node));
                continue;
            }
            m_lowered.origins.erase(node->name);
            for (const graph::Operand& operand : node->operands)
                count(operand, -1);
        }
        std::reverse(kept.begin(), kept.end());
        nodes = std::move(kept);
    }

    void explainSimulated();

    const graph::Graph& m_original;
    graph::UseIndex m_uses;
    Lowered m_lowered;
    std::unordered_map<ValueId, Twin> m_twins;              ///< by float value
    std::unordered_map<ValueId, Twin> m_bytes;              ///< by the integer value of a quantize node
    std::unordered_map<ValueId, std::string> m_floatLayers; ///< by float result: the layer that makes it
    std::unordered_map<std::string, std::size_t> m_placeOf; ///< of emitted nodes in the lowered graph
    std::unordered_map<ValueId, std::string> m_maker;       ///< by bytes: the emitted node that makes them
    std::set<const Node*> m_done;                           ///< nodes that an earlier one has taken in
    std::set<const Node*> m_reluDone;                       ///< relu nodes whose work the layer before does
    std::set<std::string> m_pure;                           ///< emitted nodes that may go when nobody reads them
};

/// The producers of a layer's input and weight, as far as they are quantization nodes.
struct LayerQuantization {
    const Node* input = nullptr;
    const Node* weight = nullptr;
};
LayerQuantization quantizationOf(const Node& node, const graph::UseIndex& uses) {
    const auto producer = [&](std::string_view role) -> const Node* {
        const auto value = graph::Call(node).value(role);
        const Node* made = value ? uses.producer(*value) : nullptr;
        return made && (graph::isDequantize(made->op) || made->op == op::dequantizeBytes || made->op == op::dequantizedWeight) ? made
                                                                                                                               : nullptr;
    };
    return {producer("input"), producer("weight")};
}

void IntegerLowering::explainSimulated() {
    const graph::UseIndex uses(m_lowered.graph);
    graph::forEachNode(m_lowered.graph, [&](const Node& node) {
        if (isQdq(node.op)) {
            m_lowered.origins[node.name] = {node.op, {node.name}, "no integer kernel takes this value", true};
        } else if (graph::isWeighted(node.op)) {
            const LayerQuantization quantization = quantizationOf(node, uses);
            if (!quantization.input && !quantization.weight) return;
            Origin& origin = m_lowered.origins[node.name];
            origin = {node.op, {node.name}, "", quantization.input != nullptr};
            if (!quantization.input)
                origin.reason = "only the weights are quantized: they are restored once, the arithmetic is float";
            else if (!quantization.weight)
                origin.reason = "its weights are not quantized: the arithmetic is float";
            else if (!isLayer(node.op))
                origin.reason = "no integer kernel for " + node.op + ": the arithmetic is float";
            else
                origin.reason = "its quantization is not of a form that integer kernels have: the arithmetic is float";
        }
    });
}

} // namespace

Lowered lower(const graph::Graph& graph) { return IntegerLowering(graph).run(); }

Lowered keepSimulated(const graph::Graph& graph, const std::string& reason) {
    Lowered lowered;
    lowered.graph = graph;
    const graph::UseIndex uses(graph);
    graph::forEachNode(graph, [&](const Node& node) {
        const LayerQuantization quantization = quantizationOf(node, uses);
        const bool isQuantizedLayer = graph::isWeighted(node.op) && (quantization.input || quantization.weight);
        if (isQuantizedLayer || isQdq(node.op)) lowered.origins[node.name] = {node.op, {node.name}, reason, true};
    });
    return lowered;
}

} // namespace lathe::runtime
