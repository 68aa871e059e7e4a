#include <core/steps/fuse_linear_relu.h>

#include <core/transform/fuse/linear_relu.h>

namespace lathe::steps {

StepDefinition fuseLinearRelu() {
    return {
        .spec = {"fuse.linear_relu", {}},
        .apply = [](StepOutcome& outcome, const Step&, StepContext&) -> base::Result<> {
            outcome.figures["changed_nodes"] = transform::fuseLinearRelu(outcome.graph);
            return {};
        },
        .brief = [](const Step&) -> std::string { return "fuse"; },
        .nothingChanged = {"fuse.noLinear", {}},
    };
}

} // namespace lathe::steps
