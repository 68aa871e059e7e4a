#include <core/runtime/control_flow_torch.h>

namespace lathe::runtime {

namespace {

class If final : public Instruction {
public:
    If(OperandList operands, BlockCode whenTrue, BlockCode whenFalse, std::vector<graph::ValueId> results)
        : m_operands(std::move(operands)), m_whenTrue(std::move(whenTrue)), m_whenFalse(std::move(whenFalse)),
          m_results(std::move(results)) {}

    void run(Execution& execution) override {
        torch::jit::Stack stack;
        m_operands.push(execution.slots(), stack);
        const BlockCode& block = stack.at(0).toBool() ? m_whenTrue : m_whenFalse;
        execution.run(block.steps);
        stack.clear();
        block.outputs.push(execution.slots(), stack);
        for (std::size_t index = 0; index < m_results.size(); ++index)
            execution.slot(m_results[index]) = std::move(stack.at(index));
    }

private:
    OperandList m_operands;
    BlockCode m_whenTrue;
    BlockCode m_whenFalse;
    std::vector<graph::ValueId> m_results;
};

class Loop final : public Instruction {
public:
    Loop(OperandList operands, BlockCode body, std::vector<graph::ValueId> results)
        : m_operands(std::move(operands)), m_body(std::move(body)), m_results(std::move(results)) {}

    void run(Execution& execution) override {
        torch::jit::Stack stack;
        m_operands.push(execution.slots(), stack);
        const std::int64_t maximumTrips = stack.at(0).toInt();
        bool goesOn = stack.at(1).toBool();
        std::vector<c10::IValue> carried(std::make_move_iterator(stack.begin() + 2), std::make_move_iterator(stack.end()));
        for (std::int64_t trip = 0; goesOn && trip < maximumTrips; ++trip) {
            execution.slot(m_body.inputs.at(0)) = trip;
            for (std::size_t index = 0; index < carried.size(); ++index)
                execution.slot(m_body.inputs.at(index + 1)) = std::move(carried[index]);
            execution.run(m_body.steps);
            stack.clear();
            m_body.outputs.push(execution.slots(), stack);
            goesOn = stack.at(0).toBool();
            for (std::size_t index = 0; index < carried.size(); ++index)
                carried[index] = std::move(stack.at(index + 1));
        }
        for (std::size_t index = 0; index < m_results.size(); ++index)
            execution.slot(m_results[index]) = std::move(carried.at(index));
    }

private:
    OperandList m_operands;
    BlockCode m_body;
    std::vector<graph::ValueId> m_results;
};

} // namespace

std::unique_ptr<Instruction> makeIf(OperandList operands, BlockCode whenTrue, BlockCode whenFalse, std::vector<graph::ValueId> results) {
    return std::make_unique<If>(std::move(operands), std::move(whenTrue), std::move(whenFalse), std::move(results));
}

std::unique_ptr<Instruction> makeLoop(OperandList operands, BlockCode body, std::vector<graph::ValueId> results) {
    return std::make_unique<Loop>(std::move(operands), std::move(body), std::move(results));
}

} // namespace lathe::runtime
