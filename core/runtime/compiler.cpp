#include <core/runtime/program_torch.h>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <core/graph/operands.h>
#include <core/graph/operators/names.h>
#include <core/graph/operators/operator.h>
#include <core/graph/separable_batch.h>
#include <core/runtime/control_flow_torch.h>
#include <core/runtime/kernels/choose_kernel_torch.h>
#include <core/runtime/kernels/kernel_choices.h>
#include <core/runtime/kernels/time_kernels_torch.h>
#include <core/runtime/lowering/memory_order.h>
#include <core/runtime/lowering/restored_weights.h>
#include <core/runtime/lowering/simulation.h>

namespace lathe::runtime {

namespace {

/// Everything that a node reads, in its blocks too.
void collectReads(const graph::Node& node, std::set<graph::ValueId>& ids) {
    const auto note = [&](const graph::Operand& operand) { graph::forEachValue(operand, [&](graph::ValueId id) { ids.insert(id); }); };
    for (const graph::Operand& operand : node.operands)
        note(operand);
    for (const graph::Block& block : node.blocks) {
        for (const graph::Node& inner : block.nodes)
            collectReads(inner, ids);
        for (const graph::Operand& output : block.outputs)
            note(output);
    }
}

/// For each node of a block, the values that can be freed after it: those defined in this very block (a loop's body may read values from
/// around it again) and read neither later nor as an output of the block.
std::vector<std::vector<graph::ValueId>> releases(const graph::Block& block) {
    std::map<graph::ValueId, std::size_t> last;
    for (const graph::ValueId input : block.inputs)
        last[input] = 0;
    for (std::size_t index = 0; index < block.nodes.size(); ++index) {
        for (const graph::ValueId result : block.nodes[index].results)
            last[result] = index;
        std::set<graph::ValueId> reads;
        collectReads(block.nodes[index], reads);
        for (const graph::ValueId id : reads) {
            if (const auto found = last.find(id); found != last.end()) found->second = index;
        }
    }
    std::set<graph::ValueId> outputs;
    for (const graph::Operand& output : block.outputs)
        graph::forEachValue(output, [&](graph::ValueId id) { outputs.insert(id); });
    for (const graph::ValueId id : outputs)
        last.erase(id);
    std::vector<std::vector<graph::ValueId>> released(block.nodes.size());
    if (block.nodes.empty()) return released;
    for (const auto& [id, index] : last)
        released[index].push_back(id);
    return released;
}

class Compiler {
public:
    /// `original`: before it was lowered.
    Compiler(const KernelContext& context, const graph::Graph& original, Program& program) : m_context(context), m_program(program) {
        graph::forEachNode(original, [this](const graph::Node& node) { m_originals.emplace(node.name, &node); });
    }

    /// Weights that instructions hold themselves and whose slots nobody reads.
    [[nodiscard]] std::set<graph::ValueId> heldOnly() const {
        std::set<graph::ValueId> ids = m_held;
        for (const graph::ValueId id : m_read)
            ids.erase(id);
        return ids;
    }

    /// What the instructions of a plan that chooses by time compute, and how: equal where it takes the same time.
    [[nodiscard]] std::string form() const { return std::to_string(m_nodes) + " nodes, " + std::to_string(m_hash); }

    base::Result<Sequence> compile(const graph::Block& block) {
        Sequence sequence;
        auto released = releases(block);
        for (std::size_t index = 0; index < block.nodes.size(); ++index) {
            const graph::Node& node = block.nodes[index];
            Step step;
            step.info = static_cast<int>(m_program.infos.size());
            step.results = node.results;
            step.release = std::move(released[index]);
            m_program.infos.push_back(describe(node));
            InstructionInfo info = m_program.infos.back();
            auto instruction = make(node, info);
            if (!instruction) return base::forward(instruction);
            noteWeights(node, info, **instruction);
            if (m_context.choices != nullptr) addToForm(formOf(m_context, node).value_or(node.op) + ", " + info.kernel);
            m_program.infos[static_cast<std::size_t>(step.info)] = std::move(info);
            step.instruction = std::move(*instruction);
            sequence.push_back(std::move(step));
        }
        return sequence;
    }

private:
    InstructionInfo describe(const graph::Node& node) const {
        InstructionInfo info;
        info.node = node.name;
        info.op = node.op;
        info.covers = {node.name};
        if (const auto found = m_context.lowered.nodes.find(node.name); found != m_context.lowered.nodes.end()) {
            info.op = found->second.op;
            info.covers = found->second.covers;
            info.reason = found->second.reason.text();
            info.isReal = !found->second.isSimulated;
        }
        return info;
    }

    /// What an instruction does not hold itself, it may read when it runs: of the node, and of those that the node stands for.
    void noteWeights(const graph::Node& node, const InstructionInfo& info, const Instruction& instruction) {
        const std::vector<graph::ValueId> held = instruction.heldWeights();
        std::set<graph::ValueId> reads;
        collectReads(node, reads);
        for (const std::string& covered : info.covers) {
            if (const auto found = m_originals.find(covered); found != m_originals.end()) collectReads(*found->second, reads);
        }
        for (const graph::ValueId id : reads) // packed by now, or not read before a call
            letGoOfWeight(m_context.lowered.graph.value(id));
        for (const graph::ValueId id : held)
            reads.erase(id);
        m_held.insert(held.begin(), held.end());
        m_read.insert(reads.begin(), reads.end());
    }

    /// FNV-1a, which is the same in each process.
    void addToForm(std::string_view text) {
        ++m_nodes;
        for (const char letter : text)
            m_hash = (m_hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3;
    }

    Made make(const graph::Node& node, InstructionInfo& info) {
        if (graph::isOfFamily(node.op, graph::Family::ControlFlow)) return makeControlFlow(node, info);
        return makeByBestKernel(m_context, node, info);
    }

    Made makeControlFlow(const graph::Node& node, InstructionInfo& info) {
        const bool isIf = node.op == op::ifElse;
        const bool isWellFormed =
            isIf ? node.blocks.size() == 2 && node.operands.size() == 1 : node.blocks.size() == 1 && node.operands.size() >= 2;
        std::vector<BlockCode> blocks;
        for (const graph::Block& block : node.blocks) {
            const std::size_t carried = isIf ? 0 : node.operands.size() - 2;
            const bool fits =
                isIf ? block.inputs.empty() && block.outputs.size() == node.results.size()
                     : block.inputs.size() == carried + 1 && block.outputs.size() == carried + 1 && node.results.size() == carried;
            if (!isWellFormed || !fits) break;
            auto steps = compile(block);
            if (!steps) return base::forward(steps);
            blocks.push_back({block.inputs, std::move(*steps), bindOperands(block.outputs)});
        }
        if (!isWellFormed || blocks.size() != node.blocks.size())
            return base::failure(base::ErrorCode::Rejected,
                                 node.name + ": the blocks of " + node.op + " do not fit its operands and results.");
        info.kernel = isIf ? "branch" : "loop";
        if (isIf) return makeIf(bindOperands(node.operands), std::move(blocks[0]), std::move(blocks[1]), node.results);
        return makeLoop(bindOperands(node.operands), std::move(blocks[0]), node.results);
    }

    const KernelContext& m_context;
    Program& m_program;
    std::unordered_map<std::string_view, const graph::Node*> m_originals; ///< by name
    std::set<graph::ValueId> m_held, m_read;
    std::size_t m_nodes = 0;
    std::uint64_t m_hash = 0xcbf29ce484222325;
};

} // namespace

void Execution::run(const Sequence& sequence) {
    for (const Step& step : sequence) {
        m_current = &step;
        if (m_watcher) m_watcher->before(step);
        step.instruction->run(*this);
        if (m_watcher) m_watcher->after(step, m_slots);
        for (const graph::ValueId id : step.release)
            slot(id) = c10::IValue();
    }
}

namespace {

/// Nothing where the user has turned them off.
std::optional<KernelChoices> usualChoices(int threads) {
    KernelChoices::Source source = KernelChoices::usualSource(threads);
    return source.file.empty() ? std::nullopt : std::optional<KernelChoices>(std::move(source));
}

/// Nothing is lowered. Images may lie with their channels last (weights.cpp), which a view does not take; reshape gives the same numbers.
Lowered lowerForTraining(const graph::Graph& graph) {
    Lowered lowered = keepSimulated(graph, base::Message("kernel.training", {}));
    graph::forEachNode(lowered.graph, [](graph::Node& node) {
        if (node.op == graph::op::view) node.op = graph::op::reshape;
    });
    return lowered;
}

Lowered lowerFor(const graph::Graph& graph, const PlanOptions& options, bool fusesFloatLayers) {
    if (options.training) return lowerForTraining(graph);
    if (options.quantization == QuantizationMode::Simulated) return keepSimulated(graph, base::Message("kernel.simulationAsked", {}));
    if (options.device.kind != Device::Kind::Cpu) return keepSimulated(graph, base::Message("kernel.cpuOnly", {}));
    return lower(graph, fusesFloatLayers);
}

} // namespace

base::Result<Program> compileProgram(const graph::Graph& original, const PlanOptions& options) {
    const auto restored = options.training ? std::nullopt : withRestoredWeights(original);
    const graph::Graph& graph = restored ? *restored : original;
    std::optional<KernelChoices> choices;
    const bool isOnCpu = options.device.kind == Device::Kind::Cpu && !options.training;
    if (options.choosesByTime && isOnCpu) choices = usualChoices(runtime::threads());
    Lowered lowered = lowerFor(graph, options, mayRoundDifferently(options, choices ? &*choices : nullptr));
    if (restored) noteRestoredWeights(lowered, original);
    Program program;
    program.inputs = graph.main.inputs;
    for (const graph::ValueId input : graph.main.inputs)
        program.inputTypes.push_back(graph.value(input).type);
    program.slots.resize(lowered.graph.values.size());
    program.weights.load(lowered.graph, options, program.slots);
    KernelContext context{lowered, options, torchDevice(options.device), program.slots};
    std::vector<bool> channelsLast;
    if (choices) context.choices = &*choices;
    if (choices || !options.library.empty()) {
        channelsLast = channelsLastValues(lowered.graph, true);
        for (const graph::ValueId input : lowered.graph.main.inputs) // as callers give them
            channelsLast[static_cast<std::size_t>(input)] = false;
        context.channelsLast = &channelsLast;
    }
    Compiler compiler(context, graph, program);
    auto main = compiler.compile(lowered.graph.main);
    if (choices) choices->save();
    if (!main) return base::forward(main);
    if (choices && graph::isBatchSeparable(graph)) program.passes.emplace(compiler.form());
    program.main = std::move(*main);
    std::set<graph::ValueId> held = compiler.heldOnly();
    for (const graph::Operand& output : lowered.graph.main.outputs)
        graph::forEachValue(output, [&](graph::ValueId id) { held.erase(id); });
    for (const graph::ValueId id : held)
        program.slots[static_cast<std::size_t>(id)] = c10::IValue();
    program.outputs = bindOperands(lowered.graph.main.outputs);
    for (std::size_t id = 0; id < lowered.graph.values.size(); ++id) {
        if (lowered.graph.values[id].kind != graph::ValueKind::Weight) program.cleared.push_back(static_cast<graph::ValueId>(id));
    }
    return program;
}

} // namespace lathe::runtime
