#include <core/runtime/kernels/attention/attention_inputs_torch.h>

#include <core/graph/operands.h>

namespace lathe::runtime {

std::optional<AttentionInputs> attentionInputs(const Attention& attention, const std::vector<graph::ValueId>& operands,
                                               Execution& execution) {
    std::vector<at::Tensor> given;
    for (const graph::ValueId id : operands)
        given.push_back(execution.tensor(id));
    AttentionInputs inputs;
    inputs.isOfThree = given[0].dim() == 3;
    for (std::size_t at = 0; at < (attention.hasMask ? 4U : 3U); ++at) {
        const bool isAlike = given[at].dim() == given[0].dim() && (given[at].dim() == 3 || given[at].dim() == 4);
        const at::ScalarType type = attention.isBfloat16 && at < 3 ? at::kBFloat16 : at::kFloat;
        if (!isAlike || given[at].scalar_type() != type || given[at].numel() == 0) return std::nullopt;
        if (inputs.isOfThree) given[at] = given[at].unsqueeze(1);
    }
    inputs.query = given[0];
    inputs.key = attention.isKeyTransposed ? given[1] : given[1].transpose(2, 3);
    inputs.value = given[2];
    for (const std::int64_t axis : {0, 1}) {
        if (inputs.key.size(axis) != inputs.query.size(axis) || inputs.value.size(axis) != inputs.query.size(axis)) return std::nullopt;
    }
    if (inputs.key.size(2) != inputs.query.size(3) || inputs.value.size(2) != inputs.key.size(3)) return std::nullopt;
    if (attention.hasMask) {
        inputs.mask = given[3];
        const std::int64_t products[] = {inputs.query.size(0), inputs.query.size(1), inputs.query.size(2), inputs.key.size(3)};
        for (std::int64_t axis = 0; axis < 4; ++axis) {
            if (inputs.mask->size(axis) != 1 && inputs.mask->size(axis) != products[axis]) return std::nullopt;
        }
    }
    inputs.factor = attention.factor;
    if (attention.hasNumber) {
        const double number = given.back().item<double>();
        inputs.factor = attention.divides ? inputs.factor / number : inputs.factor * number;
    }
    return inputs;
}

std::vector<graph::ValueId> operandsOf(const graph::Node& node) {
    std::vector<graph::ValueId> operands;
    for (const graph::Operand& operand : node.operands)
        graph::forEachValue(operand, [&](graph::ValueId id) { operands.push_back(id); });
    return operands;
}

} // namespace lathe::runtime
