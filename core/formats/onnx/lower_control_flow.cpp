// Branches and loops.
#include <algorithm>
#include <array>
#include <limits>

#include <core/formats/onnx/operators.h>

namespace lathe::formats::onnx {

namespace {

const GraphProto& bodyOf(const Call& call, std::string_view name) {
    const AttributeProto* attribute = call.attribute(name);
    if (!attribute || attribute->g.empty()) call.refuse(call.node().opType + " has no graph \"" + std::string(name) + "\".");
    return attribute->g.front();
}

void branch(Call& call) {
    const ValueId condition = call.emitScalar("aten::Bool.Tensor", {call.input(0)}, graph::TypeKind::Bool);
    const GraphProto &then = bodyOf(call, "then_branch"), &otherwise = bodyOf(call, "else_branch");
    std::vector<graph::Block> blocks(2);
    call.lowering().lowerBlock(then, blocks[0], [] {});
    call.lowering().lowerBlock(otherwise, blocks[1], [] {});
    const std::size_t count = call.node().outputs.size();
    if (blocks[0].outputs.size() != count || blocks[1].outputs.size() != count)
        call.refuse("The branches of If have not as many outputs as the node.");
    std::vector<Known> known;
    std::vector<graph::TypeKind> types;
    for (std::size_t index = 0; index < count; ++index) {
        const ValueId a = blocks[0].outputs[index].value(), b = blocks[1].outputs[index].value();
        const bool isSame = call.value(a).shape == call.value(b).shape;
        known.push_back({call.dtype(a), isSame ? call.value(a).shape : std::nullopt});
        types.push_back(call.value(a).type);
    }
    const auto results = call.emitMany("prim::If", {condition}, count);
    call.lowering().block().nodes.back().blocks = std::move(blocks);
    for (std::size_t index = 0; index < count; ++index) {
        graph::Value& value = call.lowering().graph.value(results[index]);
        value.type = types[index];
        value.dtype = known[index].dtype;
        value.shape = known[index].shape;
        call.output(index, results[index]);
    }
}

/// prim::Loop with tensors that are carried from one iteration to the next, and lists that collect one element each time.
class LoopBuilder {
public:
    LoopBuilder(Call& call, const GraphProto& body) : m_call(call), m_body(body), m_lowering(call.lowering()) {}

    void carry(ValueId initial) { m_carried.push_back(initial); }
    void collect(std::size_t count) {
        for (std::size_t index = 0; index < count; ++index)
            m_lists.push_back(m_call.emitScalar("prim::ListConstruct", {}, graph::TypeKind::TensorList));
    }

    /// `bindInputs` gets the iteration number (a value of type Int) and the carried values as they are inside. The first `skipped` outputs
    /// of the body are no carried values: with one, it tells whether to go on. Returns carried values, then the lists.
    std::vector<ValueId> build(Operand trips, Operand condition, std::size_t skipped,
                               const std::function<void(ValueId, const std::vector<ValueId>&)>& bindInputs) {
        graph::Block block;
        const ValueId iteration = input(graph::TypeKind::Int);
        std::vector<ValueId> carried, lists;
        for (const ValueId initial : m_carried) {
            carried.push_back(input(m_call.value(initial).type));
            m_lowering.graph.value(carried.back()).dtype = m_call.dtype(initial);
            // Its size may change with each iteration.
            if (const auto rank = m_call.rank(initial))
                m_lowering.graph.value(carried.back()).shape = unknownDims(static_cast<std::size_t>(*rank));
        }
        for (std::size_t index = 0; index < m_lists.size(); ++index)
            lists.push_back(input(graph::TypeKind::TensorList));
        block.inputs.push_back(iteration);
        block.inputs.insert(block.inputs.end(), carried.begin(), carried.end());
        block.inputs.insert(block.inputs.end(), lists.begin(), lists.end());
        m_lowering.lowerBlock(m_body, block, [&] { bindInputs(iteration, carried); });

        const Operands outputs = std::move(block.outputs);
        if (outputs.size() != skipped + carried.size() + lists.size())
            m_call.refuse("The outputs of the body of " + m_call.node().opType + " do not fit the node.");
        m_lowering.fillBlock(block, [&] {
            block.outputs.clear();
            block.outputs.push_back(skipped > 0 ? Operand(m_call.emitScalar("aten::Bool.Tensor", {outputs[0]}, graph::TypeKind::Bool))
                                                : flag(true));
            block.outputs.insert(block.outputs.end(), outputs.begin() + static_cast<std::ptrdiff_t>(skipped),
                                 outputs.begin() + static_cast<std::ptrdiff_t>(skipped + carried.size()));
            for (std::size_t index = 0; index < lists.size(); ++index) {
                const ValueId one =
                    m_call.emitScalar("prim::ListConstruct", {outputs[skipped + carried.size() + index]}, graph::TypeKind::TensorList);
                block.outputs.emplace_back(m_call.emitScalar("aten::add.t", {lists[index], one}, graph::TypeKind::TensorList));
            }
        });
        Operands operands{std::move(trips), std::move(condition)};
        operands.insert(operands.end(), m_carried.begin(), m_carried.end());
        operands.insert(operands.end(), m_lists.begin(), m_lists.end());
        std::vector<ValueId> results = m_call.emitMany("prim::Loop", std::move(operands), m_carried.size() + m_lists.size());
        m_lowering.block().nodes.back().blocks.push_back(std::move(block));
        for (std::size_t index = 0; index < results.size(); ++index) {
            graph::Value& value = m_lowering.graph.value(results[index]);
            if (index >= m_carried.size()) {
                value.type = graph::TypeKind::TensorList;
                continue;
            }
            value.type = m_call.value(m_carried[index]).type;
            value.dtype = m_call.dtype(m_carried[index]);
            if (const auto rank = m_call.rank(m_carried[index])) value.shape = unknownDims(static_cast<std::size_t>(*rank));
        }
        return results;
    }

    /// dtype and number of dimensions of what a list holds, as far as the body says.
    Known elementOf(std::size_t output) const {
        if (output >= m_body.outputs.size() || !m_body.outputs[output].shape) return {};
        return {std::nullopt, unknownDims(m_body.outputs[output].shape->size() + 1)};
    }

private:
    ValueId input(graph::TypeKind type) {
        const ValueId id = m_lowering.newValue({}, type);
        m_lowering.graph.value(id).kind = graph::ValueKind::Input;
        return id;
    }

    Call& m_call;
    const GraphProto& m_body;
    Lowering& m_lowering;
    std::vector<ValueId> m_carried, m_lists;
};

void loop(Call& call) {
    const GraphProto& body = bodyOf(call, "body");
    if (call.inputCount() < 2 || body.inputs.size() != call.inputCount() || body.outputs.size() + 1 < body.inputs.size())
        call.refuse("The inputs of the body of Loop do not fit the node.");
    const std::size_t carriedCount = call.inputCount() - 2;
    const std::size_t collected = body.outputs.size() - 1 - carriedCount;
    if (call.node().outputs.size() > carriedCount + collected) call.refuse("The outputs of the body of Loop do not fit the node.");
    Operand trips = integer(std::numeric_limits<std::int64_t>::max());
    if (call.has(0))
        trips = call.constant(0) ? integer(call.constantIntegers(0, "number of trips").at(0))
                                 : Operand(call.emitScalar("aten::Int.Tensor", {call.input(0)}, graph::TypeKind::Int));
    const Operand condition =
        call.has(1) ? Operand(call.emitScalar("aten::Bool.Tensor", {call.input(1)}, graph::TypeKind::Bool)) : flag(true);
    // Inside, the condition is true: otherwise the body would not run.
    const ValueId isTrue = call.weight("condition", tensor::Tensor(DType::Bool, {}, tensor::Storage::copyOf(std::array{std::byte{1}})));
    LoopBuilder builder(call, body);
    for (std::size_t index = 0; index < carriedCount; ++index)
        builder.carry(call.input(index + 2));
    builder.collect(collected);
    const auto results = builder.build(trips, condition, 1, [&](ValueId iteration, const std::vector<ValueId>& carried) {
        const ValueId number = call.emit("aten::scalar_tensor", {iteration, dtypeNumber(DType::Int64), none(), none(), none()},
                                         {DType::Int64, std::vector<Dim>{}});
        call.lowering().bind(body.inputs[0].name, number);
        call.lowering().bind(body.inputs[1].name, isTrue);
        for (std::size_t index = 0; index < carried.size(); ++index)
            call.lowering().bind(body.inputs[index + 2].name, carried[index]);
    });
    for (std::size_t index = 0; index < carriedCount; ++index)
        call.output(index, results[index]);
    for (std::size_t index = carriedCount; index < results.size(); ++index) {
        if (call.wantsOutput(index))
            call.output(index, call.emit("aten::stack", {results[index], integer(0)}, builder.elementOf(index + 1)));
    }
}

/// A loop over slices: trip i sees the i-th slice of each scanned input.
void scan(Call& call) {
    if (call.opset() < 9) call.refuse("Scan before opset 9, which has a batch dimension, is not known.");
    const GraphProto& body = bodyOf(call, "body");
    const auto scanned = static_cast<std::size_t>(std::clamp<std::int64_t>(call.integerAttribute("num_scan_inputs", 0), 0, 65536));
    if (scanned == 0 || scanned > call.inputCount() || body.inputs.size() != call.inputCount())
        call.refuse("The inputs of the body of Scan do not fit the node.");
    const std::size_t carriedCount = call.inputCount() - scanned;
    if (body.outputs.size() < carriedCount || call.node().outputs.size() > body.outputs.size())
        call.refuse("The outputs of the body of Scan do not fit the node.");
    const std::size_t collected = body.outputs.size() - carriedCount;
    const auto list = [&](std::string_view name, std::size_t count) {
        Integers values = call.integersAttribute(name).value_or(Integers(count, 0));
        if (values.size() != count) call.refuse("The attribute " + std::string(name) + " of Scan has the wrong length.");
        return values;
    };
    const Integers axes = list("scan_input_axes", scanned), directions = list("scan_input_directions", scanned);
    const Integers outAxes = list("scan_output_axes", collected), outDirections = list("scan_output_directions", collected);
    std::vector<ValueId> sources;
    for (std::size_t index = 0; index < scanned; ++index) {
        ValueId source = call.input(carriedCount + index);
        if (directions[index] != 0) source = call.emit("aten::flip", {source, integers({axes[index]})}, call.known(source));
        sources.push_back(source);
    }
    const Operand trips = call.size(sources.front(), axes.front());
    LoopBuilder builder(call, body);
    for (std::size_t index = 0; index < carriedCount; ++index)
        builder.carry(call.input(index));
    builder.collect(collected);
    const auto results = builder.build(trips, flag(true), 0, [&](ValueId iteration, const std::vector<ValueId>& carried) {
        for (std::size_t index = 0; index < carried.size(); ++index)
            call.lowering().bind(body.inputs[index].name, carried[index]);
        for (std::size_t index = 0; index < sources.size(); ++index) {
            auto shape = call.value(sources[index]).shape;
            if (shape) shape->erase(shape->begin() + call.axisOf(axes[index], sources[index]));
            call.lowering().bind(
                body.inputs[carried.size() + index].name,
                call.emit("aten::select.int", {sources[index], integer(axes[index]), iteration}, {call.dtype(sources[index]), shape}));
        }
    });
    for (std::size_t index = 0; index < carriedCount; ++index)
        call.output(index, results[index]);
    for (std::size_t index = 0; index < collected; ++index) {
        if (!call.wantsOutput(carriedCount + index)) continue;
        const Known known = builder.elementOf(carriedCount + index);
        ValueId stacked = call.emit("aten::stack", {results[carriedCount + index], integer(outAxes[index])}, known);
        if (outDirections[index] != 0) stacked = call.emit("aten::flip", {stacked, integers({outAxes[index]})}, known);
        call.output(carriedCount + index, stacked);
    }
}

constexpr std::array entries{
    OperatorEntry{"If", branch},
    OperatorEntry{"Loop", loop},
    OperatorEntry{"Scan", scan},
};

} // namespace

std::span<const OperatorEntry> controlFlowOperators() { return entries; }

} // namespace lathe::formats::onnx
