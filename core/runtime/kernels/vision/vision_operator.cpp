#include <memory>

#include <torch/csrc/jit/frontend/function_schema_parser.h>

#include <core/graph/operators/operator.h>
#include <core/runtime/kernels/vision/vision_operator_torch.h>
#include <core/runtime/operand_torch.h>

namespace lathe::runtime {

Made makeVisionOperator(const KernelContext& context, const graph::Node& node, InstructionInfo& info, std::string_view name,
                        at::Tensor (*compute)(const torch::jit::Stack& operands)) {
    const c10::FunctionSchema schema = torch::jit::parseSchema(graph::findOperator(node.op)->schema);
    if (node.results.size() != 1) return base::failure(base::ErrorCode::Rejected, node.name + ": " + node.op + " has one result.");
    auto bound = bindOperands(context.lowered.graph, node.operands, schema, context.device);
    if (!bound) return base::failure(bound.error().code, {"model.atNode", {{"node", node.name}, {"problem", bound.error().message}}});
    info.kernel = "Lathe " + std::string(name);
    return makeInstruction(
        [operands = std::make_shared<OperandList>(std::move(*bound)), compute, result = node.results.front()](Execution& execution) {
            torch::jit::Stack stack;
            operands->push(execution.slots(), stack);
            execution.slot(result) = compute(stack);
        });
}

} // namespace lathe::runtime
