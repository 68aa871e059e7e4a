#include <core/formats/quantized_lowering.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include <core/base/unique_names.h>
#include <core/formats/import_report.h>
#include <core/formats/quantized_grid.h>
#include <core/formats/quantized_operators.h>
#include <core/formats/tracked_grids.h>
#include <core/graph/operands.h>
#include <core/graph/operators/names.h>
#include <core/graph/operators/operator.h>
#include <core/quantization/insert_qdq.h>

namespace lathe::formats {

namespace {

namespace op = graph::op;
using graph::Graph;
using graph::Literal;
using graph::Node;
using graph::Operand;
using graph::ValueId;
using tensor::DType;
using Grid = quantization::TensorGrid;

Operand integer(std::int64_t value) { return Literal(value); }

bool isTensor(graph::TypeKind type) { return type == graph::TypeKind::Tensor || type == graph::TypeKind::TensorList; }

/// Reads a number out of a tensor: what scripted modules do with scales and zero points that are buffers.
bool readsNumber(const std::string& op) {
    return op == "aten::Float.Tensor" || op == "aten::FloatImplicit" || op == "aten::Int.Tensor" || op == "aten::IntImplicit" ||
           op == "aten::item" || op == "aten::ScalarImplicit";
}

class QuantizedLowering {
public:
    QuantizedLowering(Graph& graph, const QuantizedWeights& weights, std::vector<ImportProblem>& problems)
        : m_graph(graph), m_weights(weights), m_problems(problems) {
        for (const graph::Value& value : graph.values)
            m_valueNames.insert(value.name);
        graph::forEachNode(graph, [this](const Node& node) {
            m_nodeNames.insert(node.name);
            for (const Operand& operand : node.operands)
                count(operand);
            for (const graph::Block& block : node.blocks) {
                for (const Operand& output : block.outputs)
                    count(output);
            }
        });
        for (const Operand& output : graph.main.outputs)
            count(output);
    }

    void run() {
        lowerBlock(m_graph.main, m_main);
        m_graph.main.nodes = std::move(m_main);
        removeUnused();
    }

private:
    using Nodes = std::vector<Node>;

    // ---- small things

    void count(const Operand& operand) {
        graph::forEachValue(operand, [this](ValueId id) { ++m_uses[id]; });
    }

    void addProblem(const Node& node, std::string reason) {
        m_problems.push_back({node.op, node.scope, placeOf(node.source), std::move(reason)});
    }

    ValueId newValue(const std::string& name, std::optional<DType> dtype) {
        const ValueId id = m_graph.addResult(m_valueNames.take(name));
        m_graph.value(id).dtype = dtype;
        return id;
    }

    /// A node beside `origin` with one new result that is called after it.
    ValueId add(Nodes& nodes, const Node& origin, std::string_view op, const std::string& name, std::vector<Operand> operands,
                DType dtype = DType::Float32) {
        Node node;
        node.op = op;
        node.name = m_nodeNames.take(name);
        node.scope = origin.scope;
        node.source = origin.source;
        node.operands = std::move(operands);
        node.results = {newValue(node.name + "_out", dtype)};
        nodes.push_back(std::move(node));
        return nodes.back().results.front();
    }

    std::optional<double> number(const Operand& operand) const {
        if (const auto real = operand.literal<double>()) return real;
        if (const auto whole = operand.literal<std::int64_t>()) return static_cast<double>(*whole);
        if (!operand.isValue()) return std::nullopt;
        if (const auto known = m_numbers.find(operand.value()); known != m_numbers.end()) return known->second;
        const graph::Value& value = m_graph.value(operand.value());
        if (value.kind != graph::ValueKind::Weight || value.data.elementCount() != 1) return std::nullopt;
        return value.data.to(DType::Float64).values<double>().front();
    }

    std::optional<Grid> grid(Grid range, const Operand& scale, const Operand& zeroPoint) const {
        const auto step = number(scale), zero = number(zeroPoint);
        if (!step || !zero || !(*step > 0) || !std::isfinite(*step) || !(std::abs(*zero) < 1e9)) return std::nullopt;
        range.scale = *step;
        range.zeroPoint = static_cast<std::int64_t>(*zero);
        return range;
    }

    // ---- blocks

    /// Gives the grids of the outputs.
    std::vector<std::optional<Grid>> lowerBlock(graph::Block& block, Nodes& target) {
        const Nodes nodes = std::move(block.nodes);
        for (const Node& source : nodes) {
            Node node = source;
            for (Operand& operand : node.operands)
                operand = resolve(operand, source);
            lowerNode(source, std::move(node), target);
        }
        std::vector<std::optional<Grid>> grids;
        for (Operand& output : block.outputs) {
            const Grid* grid = m_grids.of(output);
            grids.push_back(grid == nullptr ? std::nullopt : std::optional(*grid));
            output = resolve(output, target.empty() ? Node{} : target.back());
        }
        return grids;
    }

    /// What stands for an operand now: dequantized tensors are the numbers that they hold, stored integers get a dequantize node.
    Operand resolve(Operand operand, const Node& reader) {
        if (auto* list = std::get_if<std::vector<Operand>>(&operand.content)) {
            for (Operand& element : *list)
                element = resolve(std::move(element), reader);
        }
        if (!operand.isValue()) return operand;
        if (const auto found = m_replaced.find(operand.value()); found != m_replaced.end()) return found->second;
        if (m_weights.tensors.contains(operand.value()) && !m_weights.layers.contains(operand.value()))
            return dequantized(operand.value(), reader);
        return operand;
    }

    /// `source` has the operands of the original graph, which tell what is a quantized tensor and what was made float by dequantizing it;
    /// `node` has those that stand for them.
    void lowerNode(const Node& source, Node node, Nodes& target) {
        if (!node.blocks.empty()) return lowerControlFlow(source, std::move(node), target);
        if (lowerConversion(node)) return;
        if (readsNumber(node.op) && node.operands.size() == 1) {
            if (const auto known = number(node.operands[0])) {
                m_numbers[node.results[0]] = *known;
                m_removable.insert(node.name);
            }
        } else if (node.op == "aten::quantize_per_tensor" || node.op == "aten::quantize_per_tensor.tensor_qparams") {
            if (lowerQuantize(node, target)) return;
            addProblem(node,
                       "The scale or zero point of this quantization is only known while the model runs, or its type is not of 8 bits.");
        } else if (node.op.starts_with("aten::dequantize.")) {
            if (lowerDequantize(source, node)) return;
        } else if (node.op.starts_with("quantized::")) {
            if (lowerLayer(node, target) || lowerScalar(source, node, target) || lowerOperator(source, node, target)) return;
            addProblem(node, node.op + " computes with quantized tensors in a way that Lathe has no counterpart for.");
        } else if (!m_grids.follow(source) &&
                   std::ranges::any_of(source.operands, [this](const Operand& operand) { return m_grids.holdsQuantized(operand); })) {
            if (lowerOperator(source, node, target)) return;
            if (!givesNoTensor(node)) addProblem(node, node.op + " is applied to a quantized tensor, for which Lathe has no counterpart.");
        }
        target.push_back(std::move(node));
    }

    /// Dynamic layers only take and give float32, and convert their result to what they were given.
    bool lowerConversion(const Node& node) {
        constexpr std::int64_t float32 = 6; // c10::ScalarType::Float
        if (node.operands.empty() || std::ranges::find(m_floats, node.operands[0]) == m_floats.end()) return false;
        if (node.op == "prim::dtype") {
            m_replaced[node.results[0]] = integer(float32);
            return true;
        }
        if (node.op != "aten::to.dtype" || node.operands[1].literal<std::int64_t>() != float32) return false;
        m_replaced[node.results[0]] = node.operands[0];
        return true;
    }

    /// Operators that only ask for sizes and the like.
    bool givesNoTensor(const Node& node) const {
        return std::ranges::none_of(node.results, [this](ValueId id) { return isTensor(m_graph.value(id).type); });
    }

    void lowerControlFlow(const Node& source, Node node, Nodes& target) {
        // A loop's block gets the iteration before what it carries, and gives the condition before it.
        const bool isLoop = node.op == "prim::Loop" && node.blocks.size() == 1;
        std::vector<std::vector<std::optional<Grid>>> grids;
        if (isLoop) {
            auto& carried = grids.emplace_back(1);
            for (std::size_t i = 1; i < node.blocks[0].inputs.size() && i + 1 < source.operands.size(); ++i) {
                const Grid* grid = m_grids.of(source.operands[i + 1]);
                carried.push_back(grid == nullptr ? std::nullopt : std::optional(*grid));
                if (grid != nullptr) m_grids.set(node.blocks[0].inputs[i], *grid);
            }
        }
        for (graph::Block& block : node.blocks) {
            Nodes inner;
            grids.push_back(lowerBlock(block, inner));
            block.nodes = std::move(inner);
        }
        bool isSame = true;
        for (std::size_t i = 0; i < node.results.size(); ++i) {
            const std::size_t position = isLoop ? i + 1 : i;
            const auto first = position < grids.front().size() ? grids.front()[position] : std::nullopt;
            for (const auto& each : grids)
                isSame = isSame && position < each.size() && each[position] == first;
            if (first) m_grids.set(node.results[i], *first);
        }
        if (!isSame) addProblem(node, "Its branches or iterations give tensors that are quantized differently.");
        target.push_back(std::move(node));
    }

    // ---- quantize and dequantize

    /// `value` rounded to the grid; the numbers that it then stands for are `result`.
    void addQdq(Nodes& target, const Node& origin, ValueId value, const Grid& grid, ValueId result) {
        const std::string name = m_graph.value(value).name;
        const ValueId integers =
            add(target, origin, op::quantizePerTensor, name + "_quantize", quantization::qdqOperands(value, grid), grid.dtype);
        Node dequantize;
        dequantize.op = op::dequantizePerTensor;
        dequantize.name = m_nodeNames.take(name + "_dequantize");
        dequantize.scope = origin.scope;
        dequantize.source = origin.source;
        dequantize.operands = quantization::qdqOperands(integers, grid);
        dequantize.results = {result};
        m_graph.value(result).name = m_valueNames.take(dequantize.name + "_out");
        m_graph.value(result).dtype = DType::Float32;
        target.push_back(std::move(dequantize));
        m_grids.set(result, grid);
    }

    bool lowerQuantize(const Node& node, Nodes& target) {
        if (node.operands.size() != 4 || !node.operands[0].isValue()) return false;
        const auto type = node.operands[3].literal<std::int64_t>();
        const auto range = type ? gridOfScalarType(*type) : std::nullopt;
        auto wanted = range ? grid(*range, node.operands[1], node.operands[2]) : std::nullopt;
        if (!wanted) return false;
        ValueId input = node.operands[0].value();
        // Our own exports cut activations to the part of eight bits that a grid uses.
        if (!target.empty() && target.back().op == "aten::clamp" && target.back().results[0] == input && m_uses[input] == 1 &&
            target.back().operands[0].isValue() && narrow(*wanted, target.back())) {
            input = target.back().operands[0].value();
            target.pop_back();
        }
        addQdq(target, node, input, *wanted, node.results[0]);
        return true;
    }

    bool narrow(Grid& grid, const Node& clamp) const {
        if (clamp.operands.size() != 3) return false;
        const auto low = number(clamp.operands[1]), high = number(clamp.operands[2]);
        const auto narrowed = low && high ? clamped(grid, *low, *high) : std::nullopt;
        if (narrowed) grid = *narrowed;
        return narrowed.has_value();
    }

    bool lowerDequantize(const Node& source, const Node& node) {
        if (node.operands.size() != 1 || node.results.size() != 1) return false;
        if (m_grids.ofFirst(source.operands[0]) == nullptr) return false;
        m_replaced[node.results[0]] = node.operands[0];
        return true;
    }

    /// The numbers of a stored weight. The node stands in the main block, before the first layer that needs it.
    Operand dequantized(ValueId weight, const Node& reader) {
        if (const auto known = m_dequantized.find(weight); known != m_dequantized.end()) return known->second;
        const auto stored = m_weights.tensors.find(weight);
        if (stored == m_weights.tensors.end()) return weight; // 16-bit storage
        const StoredQuantization& quantization = stored->second;
        const std::string name = m_graph.value(weight).name;
        const DType dtype = m_graph.value(weight).data.dtype();
        Grid range = wholeGrid(dtype);
        ValueId result = -1;
        if (!quantization.axis) {
            range.scale = quantization.scales.front();
            range.zeroPoint = quantization.zeroPoints.front();
            result = add(m_main, reader, op::dequantizePerTensor, name + "_dequantize", quantization::qdqOperands(weight, range));
        } else {
            const auto channels = static_cast<std::int64_t>(quantization.scales.size());
            const std::vector<float> scales(quantization.scales.begin(), quantization.scales.end());
            const ValueId scale = m_graph.addWeight(m_valueNames.take(name + "_scale"), tensor::Tensor::of({channels}, scales), false);
            const ValueId zeroPoint =
                m_graph.addWeight(m_valueNames.take(name + "_zero_point"), tensor::Tensor::of({channels}, quantization.zeroPoints), false);
            result = add(m_main, reader, op::dequantizePerChannel, name + "_dequantize",
                         {weight, scale, zeroPoint, integer(*quantization.axis), integer(range.minimum), integer(range.maximum),
                          Literal(std::string(tensor::name(dtype)))});
        }
        m_graph.value(result).shape = m_graph.value(weight).shape;
        m_dequantized.emplace(weight, result);
        return result;
    }

    // ---- operators

    bool lowerOperator(const Node& source, const Node& node, Nodes& target) {
        const auto known = quantizedOperator(node.op, node.operands);
        if (!known) return false;
        const Grid* const input = m_grids.ofFirst(source.operands[0]);
        if (known->result == QuantizedResult::Plain) return appendAs(node, *known, target);
        if (known->result == QuantizedResult::Given) {
            const bool isInputs = known->scale.isNone();
            const Grid range = input != nullptr ? wholeGrid(input->dtype) : Grid{};
            const auto given = isInputs && input != nullptr ? std::optional(*input) : grid(range, known->scale, known->zeroPoint);
            if (!given) return keep(node, "The scale or zero point of its result is only known while the model runs.", target);
            emit(node, known->op, known->operands, known->hasRelu, *given, target);
            return true;
        }
        if (input == nullptr) return false;
        if (known->result == QuantizedResult::Exact && known->hasRelu) return false;
        if (known->result == QuantizedResult::Exact) {
            // The second result of sorting and of maxima is their place.
            const std::size_t count = node.op == "prim::ListUnpack" ? node.results.size() : 1;
            for (std::size_t i = 0; i < count; ++i)
                m_grids.set(node.results[i], *input);
            return appendAs(node, *known, target);
        }
        if (node.results.size() != 1) return false;
        Grid output = *input;
        if (node.op == "aten::cat" && m_grids.areOnOneGrid(source.operands[0])) {
            m_grids.set(node.results[0], output);
            return appendAs(node, *known, target);
        }
        if (node.op == "aten::clamp" && narrowBehind(source, node, target)) return true;
        if (known->result == QuantizedResult::Sigmoid || known->result == QuantizedResult::Tanh) {
            output = wholeGrid(output.dtype);
            const bool isTanh = known->result == QuantizedResult::Tanh;
            output.scale = (isTanh ? 2.0 : 1.0) / 256;
            output.zeroPoint = output.minimum + (isTanh ? 128 : 0);
        }
        emit(node, known->op, known->operands, known->hasRelu, output, target);
        return true;
    }

    /// The node stays as it is.
    bool keep(const Node& node, std::string reason, Nodes& target) {
        addProblem(node, std::move(reason));
        target.push_back(node);
        return true;
    }

    bool appendAs(const Node& node, const QuantizedOperator& known, Nodes& target) {
        Node changed = node;
        changed.op = known.op;
        changed.operands = known.operands;
        if (known.op == "aten::alias") {
            m_replaced[node.results[0]] = known.operands[0];
            return true;
        }
        target.push_back(std::move(changed));
        return true;
    }

    /// A clamp behind the rounding of a value that nobody else reads.
    bool narrowBehind(const Node& source, const Node& node, Nodes& target) {
        const ValueId input = source.operands[0].value();
        const bool isJustRounded = target.size() >= 2 && target.back().op == op::dequantizePerTensor && target.back().results[0] == input &&
                                   target[target.size() - 2].op == op::quantizePerTensor;
        if (!isJustRounded || m_uses[input] != 1) return false;
        Grid narrowed = *m_grids.of(input);
        if (!narrow(narrowed, node)) return false;
        for (std::size_t i = target.size() - 2; i < target.size(); ++i) {
            target[i].operands[3] = integer(narrowed.minimum);
            target[i].operands[4] = integer(narrowed.maximum);
        }
        m_grids.set(input, narrowed);
        m_grids.set(node.results[0], narrowed);
        m_replaced[node.results[0]] = Operand(input);
        return true;
    }

    /// The node's result before it is rounded; `node` keeps its name.
    ValueId emitFloat(const Node& node, const std::string& floatOp, std::vector<Operand> operands, Nodes& target) {
        Node changed = node;
        changed.op = floatOp;
        changed.operands = std::move(operands);
        graph::Value& original = m_graph.value(node.results[0]);
        const std::string name = original.name;
        original.name = m_valueNames.take(name + "_rounded");
        m_valueNames.release(name);
        changed.results = {newValue(name, DType::Float32)};
        target.push_back(std::move(changed));
        return target.back().results.front();
    }

    void emit(const Node& node, const std::string& floatOp, std::vector<Operand> operands, bool hasRelu, const Grid& output,
              Nodes& target) {
        ValueId value = emitFloat(node, floatOp, std::move(operands), target);
        if (hasRelu) value = add(target, node, op::relu, node.name + "_relu", {value});
        addQdq(target, node, value, output, node.results[0]);
    }

    bool lowerScalar(const Node& source, const Node& node, Nodes& target) {
        const bool isSum = node.op.starts_with("quantized::add_scalar") || node.op.starts_with("quantized::add.Scalar") ||
                           node.op.starts_with("quantized::add_relu.Scalar");
        const bool isProduct = node.op.starts_with("quantized::mul_scalar") || node.op.starts_with("quantized::mul.Scalar") ||
                               node.op.starts_with("quantized::mul_relu.Scalar");
        if ((!isSum && !isProduct) || node.operands.size() != 2) return false;
        const Grid* input = m_grids.of(source.operands[0]);
        const auto scalar = number(node.operands[1]);
        if (input == nullptr || !scalar || !std::isfinite(*scalar)) return false;
        const auto [output, amount] = isSum ? plusScalar(*input, *scalar) : timesScalar(*input, *scalar);
        std::vector<Operand> operands{node.operands[0], Literal(amount)};
        if (isSum) operands.push_back(integer(1));
        emit(node, isSum ? "aten::add.Scalar" : "aten::mul.Scalar", std::move(operands), node.op.find("_relu") != std::string::npos, output,
             target);
        return true;
    }

    // ---- layers

    bool lowerLayer(const Node& node, Nodes& target) {
        const auto layer = quantizedLayer(node.op, node.operands);
        if (!layer || !layer->weight.isValue() || node.results.size() != 1) return false;
        const ValueId weight = layer->weight.value();
        const auto packed = m_weights.layers.find(weight);
        if (packed == m_weights.layers.end()) return false;
        std::optional<Grid> output;
        if (!layer->isDynamic && !layer->isFloat) {
            output = grid(Grid{}, layer->scale, layer->zeroPoint);
            if (!output) return keep(node, "The scale or zero point of its result is only known while the model runs.", target);
        }
        const Operand bias = packed->second.bias ? Operand(*packed->second.bias) : Operand();
        if (layer->dimensions == 1) removeHeight(weight);
        std::vector<Operand> operands{layer->input, dequantized(weight, node), bias};
        if (layer->isDynamic) operands[0] = dynamicInput(layer->input, layer->reducesRange, node, target);
        if (layer->dimensions > 0) addGeometry(*layer, packed->second, operands);

        if (output && !layer->hasAddition) {
            emit(node, layer->op, std::move(operands), layer->hasRelu, *output, target);
            return true;
        }
        ValueId value = emitFloat(node, layer->op, std::move(operands), target);
        if (layer->hasAddition) value = add(target, node, "aten::add.Tensor", node.name + "_add", {value, layer->addend, integer(1)});
        if (layer->hasRelu) value = add(target, node, op::relu, node.name + "_relu", {value});
        if (output)
            addQdq(target, node, value, *output, node.results[0]);
        else
            m_replaced[node.results[0]] = value;
        if (!output) m_floats.insert(m_floats.end(), {layer->input, Operand(value)});
        return true;
    }

    /// The weight of a one-dimensional convolution without the axis that packing adds.
    void removeHeight(ValueId weight) {
        graph::Value& value = m_graph.value(weight);
        tensor::Shape shape = value.data.shape();
        if (shape.size() != 4 || shape[2] != 1) return;
        shape.erase(shape.begin() + 2);
        value.data = tensor::Tensor(value.data.dtype(), shape, value.data.storage(), value.data.byteOffset());
        value.shape = graph::dims(shape);
    }

    static void addGeometry(const QuantizedLayer& layer, const PackedLayer& packed, std::vector<Operand>& operands) {
        const auto list = [&](std::vector<std::int64_t> numbers) {
            const auto wanted = static_cast<std::size_t>(layer.dimensions);
            if (numbers.size() > wanted) numbers.erase(numbers.begin(), numbers.end() - layer.dimensions);
            return Operand(Literal(std::move(numbers)));
        };
        operands.push_back(list(packed.stride));
        operands.push_back(list(packed.padding));
        if (layer.isTransposed) {
            operands.insert(operands.end(), {list(packed.outputPadding), integer(packed.groups), list(packed.dilation)});
        } else {
            operands.insert(operands.end(), {list(packed.dilation), integer(packed.groups)});
        }
    }

    /// A float input on the grid of its own range, made once for all layers that read it.
    Operand dynamicInput(const Operand& input, const Operand& reducesRange, const Node& node, Nodes& target) {
        constexpr double epsilon = 1.1920928955078125e-07; // float32's
        if (!input.isValue()) return input;
        const std::int64_t maximum = reducesRange.literal<bool>() == true ? 127 : 255;
        const auto key = std::pair(input.value(), maximum);
        if (const auto known = m_dynamic.find(key); known != m_dynamic.end()) return known->second;
        const std::string name = m_graph.value(input.value()).name;
        const Operand low = integer(0), high = integer(maximum), dtype = Literal(std::string(tensor::name(DType::UInt8)));
        const ValueId scale =
            add(target, node, op::chooseQparams, name + "_choose_qparams", {input, low, high, Literal(epsilon), dtype}, DType::Float64);
        const ValueId zeroPoint = newValue(m_graph.value(scale).name + "1", DType::Int64);
        target.back().results.push_back(zeroPoint);
        const ValueId integers =
            add(target, node, op::quantizePerTensorDynamic, name + "_quantize", {input, scale, zeroPoint, low, high, dtype}, DType::UInt8);
        const ValueId result =
            add(target, node, op::dequantizePerTensorDynamic, name + "_dequantize", {integers, scale, zeroPoint, low, high, dtype});
        if (&target == &m_main) m_dynamic.emplace(key, result);
        return result;
    }

    /// Readers of scales whose number was taken.
    void removeUnused() {
        std::set<ValueId> read;
        const auto note = [&](const Operand& operand) { graph::forEachValue(operand, [&](ValueId id) { read.insert(id); }); };
        graph::forEachNode(m_graph, [&](const Node& node) {
            for (const Operand& operand : node.operands)
                note(operand);
            for (const graph::Block& block : node.blocks) {
                for (const Operand& output : block.outputs)
                    note(output);
            }
        });
        for (const Operand& output : m_graph.main.outputs)
            note(output);
        const auto remove = [&](const auto& self, graph::Block& block) -> void {
            std::erase_if(block.nodes,
                          [&](const Node& node) { return m_removable.contains(node.name) && !read.contains(node.results.front()); });
            for (Node& node : block.nodes) {
                for (graph::Block& inner : node.blocks)
                    self(self, inner);
            }
        };
        remove(remove, m_graph.main);
    }

    Graph& m_graph;
    const QuantizedWeights& m_weights;
    std::vector<ImportProblem>& m_problems;
    Nodes m_main;
    base::UniqueNames m_nodeNames, m_valueNames;
    std::set<std::string> m_removable;
    std::map<ValueId, int> m_uses; ///< in the original graph
    std::map<ValueId, Operand> m_replaced, m_dequantized;
    TrackedGrids m_grids;
    std::vector<Operand> m_floats;                                 ///< float32, because a dynamic layer takes or gives it
    std::map<ValueId, double> m_numbers;                           ///< that were read from weights
    std::map<std::pair<ValueId, std::int64_t>, ValueId> m_dynamic; ///< dequantized inputs of dynamic layers by input and highest integer
};

} // namespace

void lowerQuantizedOperators(Graph& graph, const QuantizedWeights& weights, std::vector<ImportProblem>& problems) {
    QuantizedLowering(graph, weights, problems).run();
}

} // namespace lathe::formats
